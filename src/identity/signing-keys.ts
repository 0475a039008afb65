// The keys of the OAuth face: ES256 keys that sign access tokens, and the keys that sign cookies.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { keyFile } from '../state/key-files.ts';

const privateJwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
  kid: z.string(),
  alg: z.literal('ES256'),
  use: z.literal('sig'),
});
type PrivateJwk = z.infer<typeof privateJwk>;

export interface IdentityKeys {
  /** Private keys as a JWK set. The first signs, all verify. */
  readonly jwks: { readonly keys: PrivateJwk[] };
  readonly signingKey: KeyObject;
  readonly signingKeyId: string;
  readonly publicKeys: ReadonlyMap<string, KeyObject>;
  /** Keys for cookies and form tokens. The first signs, all verify. */
  readonly secrets: string[];
}

/**
 * Loads the keys from the keys directory, making them at the first start.
 * @throws ZodError when a key file was damaged: tokens must not silently be signed with something else
 */
export function loadKeys(directory: string): IdentityKeys {
  const read = (name: string, create: () => unknown): unknown =>
    JSON.parse(keyFile(path.join(directory, name), () => JSON.stringify(create())));
  const jwks = z
    .object({ keys: z.array(privateJwk).min(1) })
    .parse(read('oauth-signing.json', () => ({ keys: [newSigningKey()] })));
  const secrets = z
    .array(z.string().min(32))
    .min(1)
    .parse(read('cookie-secrets.json', () => [randomBytes(32).toString('base64url')]));
  return {
    jwks,
    signingKey: createPrivateKey({ key: jwks.keys[0]!, format: 'jwk' }),
    signingKeyId: jwks.keys[0]!.kid,
    publicKeys: new Map(jwks.keys.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })])),
    secrets,
  };
}

function newSigningKey(): PrivateJwk {
  const { x, y, d } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const thumbprint = JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }); // RFC 7638 §3
  const kid = createHash('sha256').update(thumbprint).digest('base64url');
  return { kty: 'EC', crv: 'P-256', x: x!, y: y!, d: d!, kid, alg: 'ES256', use: 'sig' };
}
