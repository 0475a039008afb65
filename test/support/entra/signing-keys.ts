// The signing keys of the Entra stand-in: RS256, published with an issuer a key, rolled over on demand.
import { createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { SignJWT, decodeProtectedHeader } from 'jose';
import { createCertificate } from './certificates.ts';

/** The tenant of personal Microsoft accounts. */
export const personalTenant = '9188040d-6c67-4c5b-b112-36a304b66dad';

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly x5c: string;
  /** Tenant whose tokens this key may sign; absent for every tenant. */
  readonly tenant?: string;
}

/** What a stand-in before this one has given back: an RSA key is made slowly, and no two stand-ins have the same at a time. */
const spare: SigningKey[] = [];

function makeKey(): SigningKey {
  const { certificate, privateKey } = createCertificate({ name: 'accounts.accesscontrol.windows.net', key: 'rsa' });
  const kid = createHash('sha1').update(certificate.raw).digest('base64url'); // Entra's kid is its x5t
  const x5c = certificate.raw.toString('base64');
  return { kid, privateKey, publicKey: certificate.publicKey, x5c };
}

export function createSigningKeys() {
  const own: SigningKey[] = [];
  function createKey(): SigningKey {
    const key = spare.pop() ?? makeKey();
    own.push(key);
    return key;
  }
  let published: SigningKey[] = [createKey()];
  /** Only for tokens of personal accounts, as its `issuer` in the key set says. */
  const personal: SigningKey = { ...createKey(), tenant: personalTenant };
  let current = published[0]!;
  /** Signs instead of the current key, under the current key's name. */
  let forger: KeyObject | undefined;

  return {
    personal,
    /** Nothing is signed from now on. */
    giveBack: (): void => void spare.push(...own.splice(0)),
    current: (): SigningKey => current,
    /** @param withdraw the old key leaves the key set at once, as after a compromise */
    rotate(withdraw = false): SigningKey {
      current = createKey();
      published = withdraw ? [current] : [current, ...published];
      return current;
    },
    signWith(key: KeyObject | SigningKey | undefined): void {
      if (key !== undefined && 'kid' in key) current = key;
      else forger = key;
    },
    keySet(origin: string, tenant: string): object {
      const keys = [...published, personal].map((key) => ({
        kty: 'RSA',
        use: 'sig',
        kid: key.kid,
        x5t: key.kid,
        ...key.publicKey.export({ format: 'jwk' }),
        x5c: [key.x5c],
        cloud_instance_name: 'microsoftonline.com',
        issuer: `${origin}/${key.tenant ?? (/^[\da-f-]{36}$/.test(tenant) ? tenant : '{tenantid}')}/v2.0`,
      }));
      return { keys };
    },
    find: (kid: string | undefined): SigningKey | undefined => [...published, personal].find((key) => key.kid === kid),
    /** @param nonce makes the signature readable to the resource alone, as Microsoft Graph's tokens have it */
    async sign(claims: Record<string, unknown>, nonce?: string): Promise<string> {
      const header = { typ: 'JWT', alg: 'RS256', kid: current.kid, x5t: current.kid };
      const signed = nonce === undefined ? header : { ...header, nonce: hashed(nonce) };
      const token = await new SignJWT(claims).setProtectedHeader(signed).sign(forger ?? current.privateKey);
      if (nonce === undefined) return token;
      const sent = Buffer.from(JSON.stringify({ ...header, nonce })).toString('base64url');
      return [sent, ...token.split('.').slice(1)].join('.');
    },
  };
}
export type SigningKeys = ReturnType<typeof createSigningKeys>;

const hashed = (nonce: string): string => createHash('sha256').update(nonce).digest('base64url');

/** Undoes what makes a token of Microsoft Graph unreadable to everybody else. */
export function withHashedNonce(token: string): string {
  const [, ...rest] = token.split('.');
  const header = headerOf(token);
  if (typeof header?.['nonce'] !== 'string') return token;
  // The order of the members is that in which they were signed.
  const signed = JSON.stringify({ ...header, nonce: hashed(header['nonce']) });
  return [Buffer.from(signed).toString('base64url'), ...rest].join('.');
}

function headerOf(token: string): Record<string, unknown> | undefined {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return undefined;
  }
}
