// What the claims of our own access tokens say, once the signature is known to be ours.
import type { JWTPayload } from 'jose';
import { refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import { holdsFor, scopeOf } from '../scopes.ts';
import type { Actor } from './access-tokens.ts';

export interface Token {
  /** `jti` */
  readonly id: string | undefined;
  /** The person, or the agent itself. */
  readonly account: string;
  readonly clientId: string;
  readonly grantId: string;
  readonly audience: string;
  readonly scopes: readonly string[];
  readonly issuedAtMs: number | undefined;
  readonly expiresAtMs: number;
  /** Who acts for the person, nearest first (RFC 8693 §4.1). */
  readonly actors: readonly string[];
  readonly act: Actor | undefined;
  /** The key that it is bound to (RFC 9449 §6.1). */
  readonly thumbprint: string | undefined;
  readonly authTime: number | undefined;
  readonly acr: string | undefined;
  /** Authentication contexts that the sign-in here proved. */
  readonly contexts: readonly string[];
}

export function readClaims(claims: JWTPayload): Token | Refusal {
  const {
    sub,
    aud,
    exp,
    iat,
    jti,
    client_id: clientId,
    grant,
    scope,
    act,
    cnf,
    auth_time: authTime,
    acr,
    acrs,
  } = claims;
  // `aud` must be one string: a token for several resources could be replayed from one to another.
  const complete = [sub, aud, clientId, grant, scope].every((claim) => typeof claim === 'string' && claim !== '');
  if (!complete || typeof exp !== 'number')
    return refuse('identity_token_invalid', {}, { outcome: 'challenge', detail: 'claims are missing or not single' });
  const audience = aud as string;
  const scopes = (scope as string).split(' ');
  if (!holdsFor(scopes, audience)) return refuse('identity_scope_missing', { scope: scopeOf(audience) });
  const thumbprint = (cnf as { readonly jkt?: string } | undefined)?.jkt;
  return {
    id: jti,
    account: sub!,
    clientId: clientId as string,
    grantId: grant as string,
    audience,
    scopes,
    issuedAtMs: iat === undefined ? undefined : iat * 1000,
    expiresAtMs: exp * 1000,
    actors: actorsIn(act as Actor | undefined),
    act: act as Actor | undefined,
    thumbprint,
    authTime: authTime as number | undefined,
    acr: acr as string | undefined,
    contexts: Array.isArray(acrs) ? (acrs as string[]) : [],
  };
}

const actorsIn = (act: Actor | undefined): string[] => (act === undefined ? [] : [act.sub, ...actorsIn(act.act)]);
