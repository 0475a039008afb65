// How Genkan proves to Entra ID which application it is. Everything is looked up anew for each request, so a rotated credential works at once.
import { createPrivateKey, hash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ManagedIdentityApplication } from '@azure/msal-node';
import type { NodeAuthOptions } from '@azure/msal-node';
import { decodeJwt } from 'jose';
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { ResolveSecret, SecretReference } from '../../base/secret.ts';
import { exchangeAudience } from './addresses.ts';
import { msalNetwork } from './entra-fetch.ts';
import type { EntraFetch } from './entra-fetch.ts';
import { readPkcs12 } from './pkcs12.ts';
import type { EntraSettings } from './settings.ts';
import { silent } from './silent.ts';

/** A credential as MSAL takes it, and as a record may name it. */
export interface Proof {
  readonly kind: 'secret' | 'certificate' | 'federatedToken' | 'managedIdentity';
  /** Thumbprint, subject or reference; never the secret. */
  readonly id: string;
  readonly auth: Pick<NodeAuthOptions, 'clientSecret' | 'clientCertificate' | 'clientAssertion'>;
}

interface CredentialNeighbours {
  readonly secret: ResolveSecret;
  readonly clock: Clock;
  /** Towards the identity endpoint of the machine itself. */
  readonly sendToMachine: EntraFetch;
}

/** @throws GenkanError `identity_credential_unusable`, `identity_credential_expired`, `config_secret_unavailable` */
export type Credential = () => Promise<Proof>;

const longestToken = 65_536;
const clockSkewMs = 300_000;

export function createCredential(
  { credential, authorityHost }: Pick<EntraSettings, 'credential' | 'authorityHost'>,
  { secret, clock, sendToMachine }: CredentialNeighbours,
): Credential {
  if ('secret' in credential)
    return async () => ({
      kind: 'secret',
      id: nameOf(credential.secret),
      auth: { clientSecret: await secret(credential.secret) },
    });

  if ('certificate' in credential) {
    const { certificate: parts } = credential;
    const keyPair = unpackedOnce();
    return async () => {
      const { certificate, privateKey } =
        'pkcs12' in parts
          ? keyPair(fromPkcs12, await secret(parts.pkcs12), parts.password && (await secret(parts.password)))
          : keyPair(
              fromPem,
              await secret(parts.certificate),
              await secret(parts.privateKey),
              parts.passphrase && (await secret(parts.passphrase)),
            );
      const thumbprintSha256 = certificate.fingerprint256.replaceAll(':', '');
      if (Date.parse(certificate.validTo) <= clock.now())
        throw new GenkanError('identity_credential_expired', {}, { detail: `certificate ${thumbprintSha256}` });
      if (Date.parse(certificate.validFrom) > clock.now() + clockSkewMs)
        throw unusable(`certificate ${thumbprintSha256} is not valid before ${certificate.validFrom}`);
      return {
        kind: 'certificate',
        id: thumbprintSha256,
        auth: { clientCertificate: { thumbprintSha256, privateKey } },
      };
    };
  }

  if ('federatedToken' in credential) {
    const { file } = credential.federatedToken;
    return async () => {
      const { token, subject } = await federatedToken(file, clock);
      return { kind: 'federatedToken', id: subject, auth: { clientAssertion: token } };
    };
  }

  const { clientId } = credential.managedIdentity;
  const identity = new ManagedIdentityApplication({
    ...(clientId !== undefined && { managedIdentityIdParams: { userAssignedClientId: clientId } }),
    system: { networkClient: msalNetwork(sendToMachine), loggerOptions: silent },
  });
  return async () => {
    try {
      const { accessToken } = await identity.acquireToken({ resource: exchangeAudience(authorityHost) });
      return { kind: 'managedIdentity', id: clientId ?? 'system-assigned', auth: { clientAssertion: accessToken } };
    } catch (cause) {
      throw unusable(`the managed identity gave no token: ${(cause as Error).message.slice(0, 200)}`, cause);
    }
  };
}

interface KeyPair {
  readonly certificate: X509Certificate;
  /** PKCS#8 as PEM, which is what MSAL signs with. */
  readonly privateKey: string;
}

/** Unpacking takes long on purpose, and everybody who opens a page of ours makes it happen. */
function unpackedOnce() {
  let last: { readonly digest: string; readonly pair: KeyPair } | undefined;
  return <Secrets extends readonly (string | undefined)[]>(
    unpack: (...secrets: Secrets) => KeyPair,
    ...secrets: Secrets
  ): KeyPair => {
    const digest = hash('sha256', JSON.stringify(secrets));
    if (last?.digest !== digest) last = { digest, pair: unpack(...secrets) };
    return last.pair;
  };
}

function fromPem(certificate: string, key: string, passphrase: string | undefined): KeyPair {
  return matching(
    () => new X509Certificate(certificate),
    () => createPrivateKey({ key, ...(passphrase !== undefined && { passphrase }) }),
  );
}

function fromPkcs12(base64: string, password = ''): KeyPair {
  const read = readable('PKCS#12', () => readPkcs12(Buffer.from(base64, 'base64'), password));
  return matching(
    () => read.certificate,
    () => read.privateKey,
  );
}

function matching(readCertificate: () => X509Certificate, readKey: () => ReturnType<typeof createPrivateKey>): KeyPair {
  const [certificate, key] = [readable('certificate', readCertificate), readable('private key', readKey)];
  if (key.asymmetricKeyType !== 'rsa') throw unusable('Entra ID takes RSA keys alone');
  if (!certificate.checkPrivateKey(key)) throw unusable('the private key does not belong to the certificate');
  return { certificate, privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function readable<Part>(what: string, read: () => Part): Part {
  try {
    return read();
  } catch (cause) {
    // What OpenSSL says names the failure, not the content.
    throw unusable(`the ${what} cannot be read: ${(cause as Error).message.slice(0, 200)}`);
  }
}

async function federatedToken(file: string, clock: Clock): Promise<{ token: string; subject: string }> {
  let token: string;
  try {
    token = (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw unusable(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unreadable'})`, cause);
  }
  if (token.length > longestToken) throw unusable(`${file} is too long for a token`);
  let claims;
  try {
    claims = decodeJwt(token);
  } catch {
    throw unusable(`${file} holds no token`);
  }
  if ((claims.exp ?? Infinity) * 1000 <= clock.now())
    throw new GenkanError('identity_credential_expired', {}, { detail: `the token in ${file} is no longer renewed` });
  return { token, subject: `${claims.iss ?? '?'} ${claims.sub ?? '?'}`.slice(0, 300) };
}

const unusable = (detail: string, cause?: unknown): GenkanError =>
  new GenkanError('identity_credential_unusable', {}, { detail, cause });

/** The reference itself names nothing that is secret. */
const nameOf = ({ source, ...place }: SecretReference): string => `${source} ${Object.values(place).join('/')}`;
