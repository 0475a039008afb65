// The hot path of identity: is this bearer token one of ours, for this very resource, and does its grant still stand?
import { hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { errors, jwtVerify } from 'jose';
import type { Clock } from '../base/clock.ts';
import { refuse } from '../base/errors.ts';
import type { ErrorCode, Refusal } from '../base/errors.ts';
import { applicationId } from '../base/principal.ts';
import type { Principal } from '../base/principal.ts';
import type { Database } from '../state/database.ts';
import { everybody } from '../state/announce.ts';
import type { Accounts } from './accounts.ts';
import type { Agents } from './agents/agents.ts';
import type { Presented, Proofs } from './grants/proofs.ts';
import { readClaims } from './grants/token-claims.ts';
import type { Token } from './grants/token-claims.ts';
import type { Disabled } from './kill-switch/disabled.ts';
import { effectsIn } from './scopes.ts';

/** A token that was accepted. */
export interface Verified {
  readonly outcome: 'allow';
  readonly principal: Principal;
  /** When the token expires: milliseconds since the Unix epoch. */
  readonly expiresAtMs: number;
  /** When the person signed in, where the token says so. */
  readonly signedInAtMs?: number | undefined;
  /** The key that the token is bound to (RFC 7638). */
  readonly thumbprint?: string | undefined;
}

/** A token of ours that is good now, whatever it is good for. */
export interface Standing {
  readonly outcome: 'allow';
  readonly token: Token;
  readonly principal: Principal;
}

export interface VerifierNeighbours {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly disabled: Disabled;
  readonly agents: Pick<Agents, 'find'>;
  readonly proofs: Proofs;
  readonly publicKeys: ReadonlyMap<string, KeyObject>;
  readonly issuer: string;
  readonly clock: Clock;
  readonly verdictSeconds: number;
}

export interface Verifier {
  /**
   * Synchronous when the same token was accepted within the last `verdictSeconds`.
   * @param presented what a proof of possession must speak of; needed for tokens that are bound to a key. `shown before`
   *   where a request that was let in is looked at again: its proof is used up
   */
  verify(
    authorization: string | undefined,
    resource: string,
    presented?: Presented | 'shown before',
  ): Verified | Refusal | Promise<Verified | Refusal>;
  /** What a token of ours is worth now, whatever resource it is for. It proves nothing about who shows it. */
  inspect(token: string): Promise<Standing | Refusal>;
  /** Forgets every verdict that rests on a grant, or that a person or client was given. */
  forget(kind: 'principal' | 'client' | 'grant', subject: string): void;
  /** The grant that a token of ours rests on, if the client holds it; whether it still stands is not looked up. */
  grantOf(token: string, clientId: string): Promise<string | undefined>;
}

interface Verdict {
  readonly token: Token;
  /** Kind and subject of all that it rests on, as revocations name them. */
  readonly rests: readonly string[];
  readonly verified: Verified;
  /** Until then neither grant nor groups are looked up again. */
  readonly freshUntilMs: number;
}

type Who = Pick<Principal, 'id' | 'kind' | 'name' | 'groups' | 'disputedGroups'>;

const maxVerdicts = 10_000;
const maxTokenLength = 8192;

export function createVerifier(neighbours: VerifierNeighbours): Verifier {
  const { database, accounts, disabled, agents, clock, issuer } = neighbours;
  const verdicts = new Map<string, Verdict>();
  /** Keys of the verdicts that rest on something: a directory that changes thousands of people ends none by a search. */
  const resting = new Map<string, Set<string>>();
  const settling = new Map<string, Promise<Verified | Refusal>>();
  let generation = 0; // grows with every revocation, so that a look-up begun before it is not believed after it

  return {
    verify(authorization, resource, presented) {
      // Only the Authorization header, never query or body (RFC 6750 §2.1; OAuth 2.1 §5.2).
      const [, scheme, token] = /^(Bearer|DPoP) +([\x21-\x7e]+)$/i.exec(authorization ?? '') ?? [];
      if (token === undefined || token.length > maxTokenLength)
        return refuse('identity_token_missing', {}, { outcome: 'challenge' });
      const key = hash('sha256', token, 'base64url');
      if (scheme!.length === 'DPoP'.length) return withProof(token, key, resource, presented);
      const verdict = verdicts.get(key);
      if (verdict === undefined) return examine(token, key, resource, false);
      const refusal = unusable(verdict.token, resource, false);
      if (refusal !== undefined) return refusal;
      return clock.now() < verdict.freshUntilMs ? verdict.verified : settle(key, verdict.token);
    },
    async inspect(token) {
      const read = token.length > maxTokenLength ? unreadable : await readToken(token, neighbours);
      if ('outcome' in read) return read;
      const verdict = expired(read) ?? (await settle(hash('sha256', token, 'base64url'), read));
      return verdict.outcome === 'allow' ? { outcome: 'allow', token: read, principal: verdict.principal } : verdict;
    },
    forget(kind, subject) {
      generation += 1;
      if (subject === everybody) for (const key of [...verdicts.keys()]) drop(key);
      else for (const key of [...(resting.get(`${kind} ${subject}`) ?? [])]) drop(key);
    },
    async grantOf(token, clientId) {
      const read = token.length > maxTokenLength ? undefined : await readToken(token, neighbours);
      return read === undefined || 'outcome' in read || read.clientId !== clientId ? undefined : read.grantId;
    },
  };

  async function examine(token: string, key: string, resource: string, bound: boolean): Promise<Verified | Refusal> {
    const read = verdicts.get(key)?.token ?? (await readToken(token, neighbours));
    if ('outcome' in read) return read;
    const refusal = unusable(read, resource, bound);
    if (refusal !== undefined) return refusal;
    const known = verdicts.get(key);
    return known !== undefined && clock.now() < known.freshUntilMs ? known.verified : settle(key, read);
  }

  /** RFC 9449 §7.1: a bound token is good only together with a proof for this very request. */
  async function withProof(
    token: string,
    key: string,
    resource: string,
    presented: Presented | 'shown before' | undefined,
  ) {
    const verdict = await examine(token, key, resource, true);
    if (verdict.outcome !== 'allow' || presented === 'shown before') return verdict;
    const proof = await neighbours.proofs.check(presented, token);
    if ('outcome' in proof) return proof;
    if (proof.thumbprint !== verdict.thumbprint)
      return refuse('identity_proof_invalid', {}, { outcome: 'challenge', detail: 'another key' });
    return examine(token, key, resource, true); // while the proof was checked, anything may have been ended
  }

  function unusable(token: Token, resource: string, bound: boolean): Refusal | undefined {
    if (token.audience !== resource)
      return refuse(
        'identity_token_audience',
        { resource },
        { outcome: 'challenge', detail: `audience ${token.audience}` },
      );
    // Shown as if it were a bearer token, a bound one has most likely been stolen; the other way round nothing is proven.
    if (bound !== (token.thumbprint !== undefined)) return refuse('identity_token_bound', {}, { outcome: 'challenge' });
    return expired(token);
  }

  function expired(token: Token): Refusal | undefined {
    return clock.now() >= token.expiresAtMs
      ? refuse('identity_token_expired', {}, { outcome: 'challenge' })
      : undefined;
  }

  // Requests that come with one token at the same moment share one look-up, and one principal.
  function settle(key: string, token: Token): Promise<Verified | Refusal> {
    const begun = settling.get(key) ?? lookUp(key, token).finally(() => settling.delete(key));
    settling.set(key, begun);
    return begun;
  }

  /** Looks up what can change while a token lives: its grant, the person's groups, the agents that act. */
  async function lookUp(key: string, token: Token): Promise<Verified | Refusal> {
    const seen = generation;
    const [grants, who, kept] = await Promise.all([standingGrants(token.grantId), whoIs(token), keptOut(token)]);
    if (generation !== seen) return lookUp(key, token);
    if (kept !== undefined || grants === undefined || who === undefined) {
      drop(key);
      return refuse(kept ?? 'identity_grant_revoked', {}, { outcome: 'challenge' });
    }
    const principal: Principal = Object.freeze({
      ...who,
      ...provenBy(token),
      clientId: token.clientId,
      grantId: grants.at(-1)!,
      ...(grants.length > 1 && { derivedGrants: Object.freeze(grants.slice(0, -1)) }),
      ...(token.actors.length > 0 && { actors: Object.freeze(token.actors.map(applicationId)) }),
    });
    // What others remember about a principal stays good for as long as nothing about it has changed.
    const known = verdicts.get(key)?.verified;
    const verified: Verified =
      known !== undefined && isDeepStrictEqual(known.principal, principal)
        ? known
        : {
            outcome: 'allow',
            principal,
            expiresAtMs: token.expiresAtMs,
            thumbprint: token.thumbprint,
            signedInAtMs: token.authTime === undefined ? undefined : token.authTime * 1000,
          };
    drop(key); // an update moves it to the end, so that the oldest is the first to go
    if (verdicts.size >= maxVerdicts) drop(verdicts.keys().next().value!);
    const rests = [...restsOn(token), ...grants.map((grant) => `grant ${grant}`)];
    for (const each of rests) {
      const keys = resting.get(each) ?? new Set();
      resting.set(each, keys.add(key));
    }
    verdicts.set(key, { token, rests, verified, freshUntilMs: clock.now() + neighbours.verdictSeconds * 1000 });
    return verified;
  }

  function drop(key: string): void {
    for (const each of verdicts.get(key)?.rests ?? []) {
      const keys = resting.get(each);
      if (keys?.delete(key) === true && keys.size === 0) resting.delete(each);
    }
    verdicts.delete(key);
  }

  /** Everybody who stands in the token: the person or agent itself, the client, and whoever acts in between. */
  async function keptOut(token: Token): Promise<ErrorCode | undefined> {
    const kind = await disabled.among(principalsIn(token), clientsIn(token));
    return kind && (kind === 'client' ? 'identity_client_revoked' : 'identity_principal_disabled');
  }

  async function whoIs(token: Token): Promise<Who | undefined> {
    // Who acts for a person must still be registered, every one of them.
    for (const actor of token.actors) if ((await agents.find(actor)) === undefined) return undefined;
    if (isApplication(token)) {
      const agent = await agents.find(token.clientId);
      return (
        agent && { id: applicationId(agent.clientId), kind: 'application', name: agent.clientId, groups: noGroups }
      );
    }
    const account = await accounts.find(token.account);
    if (account === undefined) return undefined;
    const { id, name, groups, disputedGroups } = account;
    return { id, kind: 'user', name, groups: Object.freeze(groups), ...(disputedGroups && { disputedGroups }) };
  }

  /** A grant and those that it was derived from, if they all still stand: the last is the person's own. */
  async function standingGrants(grantId: string): Promise<string[] | undefined> {
    const grants: string[] = [];
    for (let next: string | null = grantId; next !== null;) {
      const row: { expires_at: number | null; grant_id: string | null } | undefined = await database
        .selectFrom('oidc_record')
        .select(['expires_at', 'grant_id'])
        .where('kind', '=', 'Grant')
        .where('id', '=', next)
        .executeTakeFirst();
      if (row === undefined || (row.expires_at !== null && row.expires_at <= clock.now())) return undefined;
      grants.push(next);
      next = row.grant_id;
    }
    return grants;
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
      return readClaims(payload);
    } catch (error) {
      const code = error instanceof errors.JWTExpired ? 'identity_token_expired' : 'identity_token_invalid';
      const detail = error instanceof errors.JOSEError ? `${error.code}: ${error.message}` : 'not readable';
      return refuse(code, {}, { outcome: 'challenge', detail });
    }
  }
}

/** What a token says about its sign-in, and which part of its resource it is good for. */
function provenBy({ contexts, scopes }: Token): Pick<Principal, 'contexts' | 'scopes'> {
  const effects = effectsIn(scopes);
  return {
    ...(contexts.length > 0 && { contexts: Object.freeze(contexts) }),
    ...(effects !== undefined && { scopes: Object.freeze(effects) }),
  };
}

const clientsIn = ({ clientId, actors }: Token): string[] => [...new Set([clientId, ...actors])];

/** Whoever is one of these keeps the token out: the person, and each client as the agent that it may be. */
const principalsIn = (token: Token): string[] => [token.account, ...clientsIn(token).map(applicationId)];

const restsOn = (token: Token): string[] => [
  ...principalsIn(token).map((id) => `principal ${id}`),
  ...clientsIn(token).map((id) => `client ${id}`),
];

/** RFC 9068 §2.2: the subject of a token without a person is the client. No person's id is a name of an agent. */
const isApplication = ({ account, clientId }: Token): boolean => account === clientId;
const noGroups: readonly string[] = Object.freeze([]);
const unreadable: Refusal = refuse('identity_token_invalid', {}, { outcome: 'challenge', detail: 'too long' });
