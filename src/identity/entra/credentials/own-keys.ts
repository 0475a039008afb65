// The credentials of Genkan's own registration, through Microsoft Graph: which there are, adding one, taking one away.
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { SignJWT } from 'jose';
import { GenkanError } from '../../../base/errors.ts';
import type { Graph } from '../../conditional-access/directory.ts';

export interface SecretEntry {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly hint?: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
}

export interface KeyEntry {
  readonly keyId: string;
  readonly displayName: string | null;
  /** Thumbprint (SHA-1), in hex or in base64. */
  readonly customKeyIdentifier?: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
}

export interface OwnKeys {
  readonly objectId: string;
  readonly secrets: readonly SecretEntry[];
  readonly certificates: readonly KeyEntry[];
}

export interface CertificatePair {
  readonly certificate: X509Certificate;
  /** PEM. */
  readonly privateKey: string;
}

/** For whom a proof is meant: Azure AD Graph, which is behind this. @see https://learn.microsoft.com/graph/application-rollkey-prooftoken */
const proofAudience = '00000002-0000-0000-c000-000000000000';
const proofSeconds = 300;
const skewSeconds = 60;

/** @throws GenkanError */
export async function readOwnKeys(graph: Graph, clientId: string): Promise<OwnKeys> {
  const path = `/v1.0/applications?$select=id,passwordCredentials,keyCredentials&$filter=appId%20eq%20'${clientId}'`;
  const { value = [] } = (await graph.request('GET', path)) as {
    value?: { id: string; passwordCredentials?: SecretEntry[]; keyCredentials?: KeyEntry[] }[];
  };
  const [found] = value;
  if (found === undefined) throw new GenkanError('identity_application_unknown', {}, { detail: clientId });
  return { objectId: found.id, secrets: found.passwordCredentials ?? [], certificates: found.keyCredentials ?? [] };
}

export async function addSecret(
  graph: Graph,
  objectId: string,
  displayName: string,
  untilMs: number,
): Promise<{ keyId: string; secret: string }> {
  const endDateTime = new Date(untilMs).toISOString();
  const answer = (await graph.request('POST', `/v1.0/applications/${objectId}/addPassword`, {
    passwordCredential: { displayName, endDateTime },
  })) as { keyId: string; secretText: string };
  return { keyId: answer.keyId, secret: answer.secretText };
}

export async function removeSecret(graph: Graph, objectId: string, keyId: string): Promise<void> {
  await graph.request('POST', `/v1.0/applications/${objectId}/removePassword`, { keyId });
}

/** @param by a key that the registration knows already: it proves who asks */
export async function addKey(
  graph: Graph,
  objectId: string,
  {
    added,
    by,
    displayName,
    nowMs,
  }: { added: X509Certificate; by: CertificatePair; displayName: string; nowMs: number },
): Promise<void> {
  await graph.request('POST', `/v1.0/applications/${objectId}/addKey`, {
    keyCredential: { type: 'AsymmetricX509Cert', usage: 'Verify', key: added.raw.toString('base64'), displayName },
    passwordCredential: null,
    proof: await proofOf(objectId, by, nowMs),
  });
}

export async function removeKey(
  graph: Graph,
  objectId: string,
  { keyId, by, nowMs }: { keyId: string; by: CertificatePair; nowMs: number },
): Promise<void> {
  const proof = await proofOf(objectId, by, nowMs);
  await graph.request('POST', `/v1.0/applications/${objectId}/removeKey`, { keyId, proof });
}

function proofOf(objectId: string, { certificate, privateKey }: CertificatePair, nowMs: number): Promise<string> {
  const seconds = Math.floor(nowMs / 1000);
  const x5t = createHash('sha1').update(certificate.raw).digest('base64url');
  return new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', x5t })
    .setIssuer(objectId)
    .setAudience(proofAudience)
    .setNotBefore(seconds - skewSeconds)
    .setExpirationTime(seconds + proofSeconds)
    .sign(createPrivateKey(privateKey));
}

/** The entry of a certificate, however its thumbprint is written there. */
export const entryOf = (certificate: X509Certificate, entries: readonly KeyEntry[]): KeyEntry | undefined => {
  const thumbprint = createHash('sha1').update(certificate.raw).digest();
  const hex = thumbprint.toString('hex').toUpperCase();
  const ways = [hex, thumbprint.toString('base64'), Buffer.from(hex).toString('base64')];
  return entries.find(
    ({ customKeyIdentifier: id }) => typeof id === 'string' && (ways.includes(id) || id.toUpperCase() === hex),
  );
};

/** Graph tells the first three characters of a secret, and nothing more. Undefined where that fits none, or more than one. */
export function entryOfSecret(secret: string, entries: readonly SecretEntry[]): SecretEntry | undefined {
  const fitting = entries.filter(({ hint }) => hint === secret.slice(0, 3));
  return fitting.length === 1 ? fitting[0] : undefined;
}

export const isGone = (error: unknown): boolean =>
  error instanceof GenkanError && (error.data?.['status'] === 400 || error.data?.['status'] === 404);
