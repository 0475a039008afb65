// Proofs of possession (DPoP) made by hand, so that any part of one can be wrong.
import { hash } from 'node:crypto';
import { SignJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';

/** @param claims changes; `undefined` leaves a claim out */
export function makeProof(
  { privateKey, jwk }: { readonly privateKey: CryptoKey; readonly jwk: JWK },
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ jti: crypto.randomUUID(), iat: now, ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...header } as { alg: string })
    .sign(privateKey);
}

export const athOf = (token: string): string => hash('sha256', token, 'base64url');
