// The two kinds of credentials that can be exchanged: client secrets, which Entra ID makes, and certificates, whose keys we make ourselves.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Graph } from '../../conditional-access/directory.ts';
import type { Proof } from '../credential.ts';
import { addKey, addSecret, entryOf, entryOfSecret, removeKey, removeSecret } from './own-keys.ts';
import type { CertificatePair, OwnKeys } from './own-keys.ts';
import type { RotationRow } from './rotation-row.ts';
import { selfSigned } from './self-signed.ts';

interface Making {
  readonly graph: Graph;
  readonly keys: OwnKeys;
  /** What is in use. */
  readonly current: string;
  readonly marker: string;
  readonly validUntilMs: number;
  readonly nowMs: number;
}

export interface CredentialKind {
  readonly name: 'secret' | 'certificate';
  /** The entry at Entra ID of a credential. */
  find(value: string, keys: OwnKeys): { readonly keyId: string } | undefined;
  /**
   * @param keep seals what was made; resolves once it is durable
   * @returns its name: a key id, or a thumbprint
   */
  create(making: Making, keep: (value: string) => Promise<void>): Promise<string>;
  proof(value: string): Proof;
  /** Whether a credential is the one that was made. */
  is(value: string, newKey: string | undefined, keys: OwnKeys): boolean;
  /** Key ids of what a rotation has made. */
  made(row: RotationRow, keys: OwnKeys): string[];
  remove(what: Pick<Making, 'graph' | 'keys' | 'current' | 'nowMs'> & { readonly keyId: string }): Promise<void>;
}

export const secretKind: CredentialKind = {
  name: 'secret',
  find: (value, { secrets }) => entryOfSecret(value, secrets),
  async create({ graph, keys, marker, validUntilMs }, keep) {
    const { keyId, secret } = await addSecret(graph, keys.objectId, marker, validUntilMs);
    await keep(secret);
    return keyId;
  },
  proof: (clientSecret) => ({ kind: 'secret', id: 'new', auth: { clientSecret } }),
  is: (value, newKey, { secrets }) => secrets.find(({ keyId }) => keyId === newKey)?.hint === value.slice(0, 3),
  made: ({ marker }, { secrets }) => secrets.flatMap((each) => (each.displayName === marker ? [each.keyId] : [])),
  remove: ({ graph, keys, keyId }) => removeSecret(graph, keys.objectId, keyId),
};

export const certificateKind: CredentialKind = {
  name: 'certificate',
  find: (value, { certificates }) => entryOf(pairOf(value).certificate, certificates),
  async create({ graph, keys, current, marker, validUntilMs, nowMs }, keep) {
    const { certificate, pem } = selfSigned('genkan', nowMs - 300_000, validUntilMs); // clocks differ
    await keep(pem.trimEnd()); // as it is read again
    await addKey(graph, keys.objectId, { added: certificate, by: pairOf(current), displayName: marker, nowMs });
    return thumbprintOf(certificate);
  },
  proof(value) {
    const { certificate, privateKey } = pairOf(value);
    const thumbprintSha256 = thumbprintOf(certificate);
    return { kind: 'certificate', id: thumbprintSha256, auth: { clientCertificate: { thumbprintSha256, privateKey } } };
  },
  is: (value, newKey) => thumbprintOf(pairOf(value).certificate) === newKey,
  made: ({ marker }, { certificates }) =>
    certificates.flatMap((each) => (each.displayName === marker ? [each.keyId] : [])),
  remove: ({ graph, keys, current, keyId, nowMs }) =>
    removeKey(graph, keys.objectId, { keyId, by: pairOf(current), nowMs }),
};

function pairOf(pem: string): CertificatePair {
  const privateKey = createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { certificate: new X509Certificate(pem), privateKey };
}

const thumbprintOf = ({ fingerprint256 }: X509Certificate): string => fingerprint256.replaceAll(':', '');
