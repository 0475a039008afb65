// Proofs of possession (DPoP, RFC 9449): that whoever shows a bound token also holds the key that it is bound to.
import { hash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, errors, jwtVerify } from 'jose';
import type { Clock } from '../../base/clock.ts';
import { refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { SingleUse } from './single-use.ts';

/** A request as far as a proof speaks of it. */
export interface Presented {
  readonly method: string;
  /** Absolute, as the client addressed it; query and fragment do not count. */
  readonly url: string;
  /** The `DPoP` header. */
  readonly proof: string | undefined;
}

export interface Proofs {
  /**
   * Checks the proof that came with a request and uses it up.
   * @param token the access token that it was shown with; absent where one is asked for
   * @returns thumbprint of the key (RFC 7638), or refusal `identity_proof_invalid`
   */
  check(presented: Presented | undefined, token?: string): Promise<{ readonly thumbprint: string } | Refusal>;
}

export const proofAlgorithms = ['ES256', 'EdDSA', 'PS256', 'RS256'] as const;
const maxProofLength = 4096;
/** How far the clocks of client and server may differ, in seconds. */
const windowSeconds = 60;

export function createProofs(once: SingleUse, clock: Clock): Proofs {
  return {
    async check(presented, token) {
      if (presented?.proof === undefined || presented.proof.length > maxProofLength) return invalid('no proof');
      try {
        // RFC 9449 §4.3, checks 2 to 7; EmbeddedJWK takes public keys only.
        const { payload, protectedHeader } = await jwtVerify(presented.proof, EmbeddedJWK, {
          typ: 'dpop+jwt',
          algorithms: [...proofAlgorithms],
          requiredClaims: ['jti', 'htm', 'htu', 'iat'],
          currentDate: new Date(clock.now()),
          clockTolerance: windowSeconds,
        });
        const { jti, htm, htu, iat, ath } = payload;
        if (htm !== presented.method) return invalid('another method'); // check 8
        if (typeof htu !== 'string' || !sameAddress(htu, presented.url)) return invalid('another address'); // check 9
        if (Math.abs(clock.now() / 1000 - iat!) > windowSeconds) return invalid('not made just now'); // check 11
        if (token !== undefined && ath !== hash('sha256', token, 'base64url')) return invalid('another token'); // check 12
        const thumbprint = await calculateJwkThumbprint(protectedHeader.jwk!);
        // Last, so that only its owner can use a proof up (§11.1).
        if (
          typeof jti !== 'string' ||
          !(await once.claim(['dpop', thumbprint, jti], (iat! + windowSeconds + 1) * 1000, true))
        )
          return invalid('used before');
        return { thumbprint };
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof TypeError) return invalid(error.message);
        throw error;
      }
    },
  };
}

function sameAddress(claimed: string, actual: string): boolean {
  const [left, right] = [URL.parse(claimed), URL.parse(actual)];
  if (left === null || right === null) return false;
  for (const url of [left, right]) [url.search, url.hash] = ['', ''];
  return left.href === right.href;
}

const invalid = (detail: string): Refusal => refuse('identity_proof_invalid', {}, { outcome: 'challenge', detail });
