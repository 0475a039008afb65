// The hot path of identity: is this bearer token one of ours, for this very resource, and does its grant still stand?
import { hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import type { Clock } from '../base/clock.ts';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Database } from '../state/database.ts';
import type { Accounts } from './accounts.ts';
import { scopeOf } from './scopes.ts';

/** A token that was accepted. */
export interface Verified {
  readonly outcome: 'allow';
  readonly principal: Principal;
  /** When the token expires: milliseconds since the Unix epoch. */
  readonly expiresAtMs: number;
}

export interface VerifierNeighbours {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly publicKeys: ReadonlyMap<string, KeyObject>;
  readonly issuer: string;
  readonly clock: Clock;
  readonly verdictSeconds: number;
}

export interface Verifier {
  /** Synchronous when the same token was accepted within the last `verdictSeconds`. */
  verify(authorization: string | undefined, resource: string): Verified | Refusal | Promise<Verified | Refusal>;
  /** Forgets every verdict that rests on a grant. */
  forget(grantId: string): void;
  /** The grant that a token of ours rests on, if the client holds it; whether it still stands is not looked up. */
  grantOf(token: string, clientId: string): Promise<string | undefined>;
}

interface Token {
  readonly account: string;
  readonly clientId: string;
  readonly grantId: string;
  readonly audience: string;
  readonly expiresAtMs: number;
}

interface Verdict {
  readonly token: Token;
  readonly verified: Verified;
  /** Until then neither grant nor groups are looked up again. */
  readonly freshUntilMs: number;
}

const maxVerdicts = 10_000;
const maxTokenLength = 8192;

export function createVerifier(neighbours: VerifierNeighbours): Verifier {
  const { database, accounts, clock, issuer } = neighbours;
  const verdicts = new Map<string, Verdict>();
  const settling = new Map<string, Promise<Verified | Refusal>>();
  let generation = 0; // grows with every revocation, so that a look-up begun before it is not believed after it

  return {
    verify(authorization, resource) {
      // Only the Authorization header, never query or body (RFC 6750 §2.1; OAuth 2.1 §5.2).
      const token = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined || token.length > maxTokenLength)
        return refuse('identity_token_missing', {}, { outcome: 'challenge' });
      const key = hash('sha256', token, 'base64url');
      const verdict = verdicts.get(key);
      if (verdict === undefined) return examine(token, key, resource);
      const refusal = unusable(verdict.token, resource);
      if (refusal !== undefined) return refusal;
      return clock.now() < verdict.freshUntilMs ? verdict.verified : settle(key, verdict.token);
    },
    forget(grantId) {
      generation += 1;
      for (const [key, { token }] of verdicts) if (token.grantId === grantId) verdicts.delete(key);
    },
    async grantOf(token, clientId) {
      const read = token.length > maxTokenLength ? undefined : await readToken(token, neighbours);
      return read === undefined || 'outcome' in read || read.clientId !== clientId ? undefined : read.grantId;
    },
  };

  async function examine(token: string, key: string, resource: string): Promise<Verified | Refusal> {
    const read = await readToken(token, neighbours);
    if ('outcome' in read) return read;
    return unusable(read, resource) ?? settle(key, read);
  }

  function unusable(token: Token, resource: string): Refusal | undefined {
    if (token.audience !== resource)
      return refuse(
        'identity_token_audience',
        { resource },
        { outcome: 'challenge', detail: `audience ${token.audience}` },
      );
    if (clock.now() >= token.expiresAtMs) return refuse('identity_token_expired', {}, { outcome: 'challenge' });
    return undefined;
  }

  // Requests that come with one token at the same moment share one look-up, and one principal.
  function settle(key: string, token: Token): Promise<Verified | Refusal> {
    const begun = settling.get(key) ?? lookUp(key, token).finally(() => settling.delete(key));
    settling.set(key, begun);
    return begun;
  }

  /** Looks up what can change while a token lives: its grant and the person's groups. */
  async function lookUp(key: string, token: Token): Promise<Verified | Refusal> {
    const seen = generation;
    const [grant, account] = await Promise.all([grantStands(token.grantId), accounts.find(token.account)]);
    if (generation !== seen) return lookUp(key, token);
    if (!grant || account === undefined) {
      verdicts.delete(key);
      return refuse('identity_grant_revoked', {}, { outcome: 'challenge' });
    }
    const principal: Principal = Object.freeze({
      id: account.id,
      kind: 'user',
      name: account.name,
      groups: Object.freeze(account.groups),
      clientId: token.clientId,
      grantId: token.grantId,
    });
    // What others remember about a principal stays good for as long as nothing about it has changed.
    const known = verdicts.get(key)?.verified;
    const verified: Verified =
      known !== undefined && isDeepStrictEqual(known.principal, principal)
        ? known
        : { outcome: 'allow', principal, expiresAtMs: token.expiresAtMs };
    verdicts.delete(key); // an update moves it to the end, so that the oldest is the first to go
    if (verdicts.size >= maxVerdicts) verdicts.delete(verdicts.keys().next().value!);
    verdicts.set(key, { token, verified, freshUntilMs: clock.now() + neighbours.verdictSeconds * 1000 });
    return verified;
  }

  async function grantStands(grantId: string): Promise<boolean> {
    const row = await database
      .selectFrom('oidc_record')
      .select('expires_at')
      .where('kind', '=', 'Grant')
      .where('id', '=', grantId)
      .executeTakeFirst();
    return row !== undefined && (row.expires_at === null || row.expires_at > clock.now());
  }

  async function readToken(token: string, { publicKeys }: VerifierNeighbours): Promise<Token | Refusal> {
    try {
      const { payload } = await jwtVerify(
        token,
        ({ kid }) => {
          const publicKey = publicKeys.get(kid ?? '');
          if (publicKey === undefined) throw new errors.JWKSNoMatchingKey();
          return publicKey;
        },
        // RFC 9068 §4; one algorithm, so that neither `none` nor a public key used as an HMAC secret can pass.
        { algorithms: ['ES256'], typ: 'at+jwt', issuer, currentDate: new Date(clock.now()) },
      );
      return tokenOf(payload);
    } catch (error) {
      const code = error instanceof errors.JWTExpired ? 'identity_token_expired' : 'identity_token_invalid';
      const detail = error instanceof errors.JOSEError ? `${error.code}: ${error.message}` : 'not readable';
      return refuse(code, {}, { outcome: 'challenge', detail });
    }
  }
}

function tokenOf({ sub, aud, exp, client_id: clientId, grant, scope }: JWTPayload): Token | Refusal {
  // `aud` must be one string: a token for several resources could be replayed from one to another.
  const complete = [sub, aud, clientId, grant, scope].every((claim) => typeof claim === 'string' && claim !== '');
  if (!complete || typeof exp !== 'number')
    return refuse('identity_token_invalid', {}, { outcome: 'challenge', detail: 'claims are missing or not single' });
  const audience = aud as string;
  if (!(scope as string).split(' ').includes(scopeOf(audience)))
    return refuse('identity_scope_missing', { scope: scopeOf(audience) });
  return { account: sub!, clientId: clientId as string, grantId: grant as string, audience, expiresAtMs: exp * 1000 };
}
