// A company's identity provider as far as it signs assertions and workload tokens; its keys are found through discovery.
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey } from 'jose';

export interface CompanyProvider {
  readonly issuer: string;
  readonly key: CryptoKey;
  /** Answers for the provider's addresses, and hands every other request on. */
  readonly fetch: typeof fetch;
  /** Addresses that were asked. */
  readonly asked: string[];
  /** Signs claims; `undefined` leaves a standard claim out. */
  sign(claims: Record<string, unknown>, header?: Record<string, unknown>, key?: CryptoKey): Promise<string>;
}

export async function createCompanyProvider(issuer = 'https://company.example'): Promise<CompanyProvider> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'company', alg: 'ES256', use: 'sig' };
  const asked: string[] = [];
  const elsewhere = globalThis.fetch;
  return {
    issuer,
    key: privateKey,
    asked,
    fetch(input, init) {
      const url = input instanceof Request ? input.url : String(input);
      if (!url.startsWith(issuer)) return elsewhere(input, init);
      asked.push(url);
      if (url === `${issuer}/.well-known/openid-configuration`)
        return Promise.resolve(Response.json({ issuer, jwks_uri: `${issuer}/keys` }));
      return Promise.resolve(
        url === `${issuer}/keys` ? Response.json({ keys: [jwk] }) : new Response(null, { status: 404 }),
      );
    },
    sign(claims, header = {}, key = privateKey) {
      const now = Math.floor(Date.now() / 1000);
      const all = { iss: issuer, iat: now, exp: now + 120, jti: crypto.randomUUID(), ...claims };
      return new SignJWT(all)
        .setProtectedHeader({ alg: 'ES256', kid: 'company', ...header } as { alg: string })
        .sign(key);
    },
  };
}
