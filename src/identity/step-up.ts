// Step-up: what a sign-in has to prove beyond who it is, asked for at the authorization request and looked for in every request after it.
import { errors, interactionPolicy } from 'oidc-provider';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Clock } from '../base/clock.ts';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Principal } from '../base/principal.ts';
import type { Accounts } from './accounts.ts';
import type { ConditionalAccess, Judgement } from './conditional-access/conditional-access.ts';
import type { Event, IdentityRecord, Origin } from './identity-record.ts';
import { contextScope, contextsAsked, scopeOf } from './scopes.ts';
import type { ScopeOffer } from './scopes.ts';
import type { Verified } from './verify.ts';

interface StepUpNeighbours {
  readonly access: ConditionalAccess | undefined;
  readonly offer: ScopeOffer;
  readonly accounts: Pick<Accounts, 'find'>;
  readonly record: Pick<IdentityRecord, 'write'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'>;
}

export interface StepUp {
  readonly offer: ScopeOffer;
  /** Reasons to send a person to the identity provider who is signed in here. */
  readonly checks: readonly interactionPolicy.Check[];
  /** What the authentication contexts of a sign-in are called in the configuration, for the `acr` of a session. */
  acrOf(contexts: readonly string[]): string | undefined;
  /** How old a sign-in for this authorization request may be, in seconds. */
  maxAgeOf(params: Readonly<Record<string, unknown>>): number | undefined;
  /** Whether a browser is to forget a sign-in for this resource. */
  forgets(resource: unknown): boolean;
  /** Lets a verified request pass, or says what its sign-in lacks. */
  admit(verified: Verified, resource: string, origin: Origin): Verified | Refusal;
  /** A client was told to ask for more than its grant holds. */
  demanded(principal: Principal, scope: string): void;
  /** @throws InvalidGrant where a refreshed token would be refused again for what the sign-in lacks */
  checkRefresh(context: KoaContextWithOIDC): Promise<void>;
}

type Session = InstanceType<Provider['Session']>;

// Some clients answer a challenge by a refresh before they sign in anew. They do so at once.
const demandMs = 15_000;
const maxDemands = 1000;
/** Addresses can change with every request: of one token no more are written down in a while, and the rest is counted. */
const maxNotes = 100;
const notesMs = 60_000;

interface Notes {
  readonly keys: Set<string>;
  sinceMs: number;
  unwritten: number;
}

export function createStepUp({ access, offer, accounts, record, clock, log }: StepUpNeighbours): StepUp {
  const spelling = new Map(offer.contexts.map((context) => [context.toLowerCase(), context]));
  const demands = new Map<string, { readonly scopes: readonly string[]; readonly atMs: number }>();
  const noted = new WeakMap<Principal, Notes>();

  const isStale = (session: Session, resource: string, contexts: readonly string[]): boolean => {
    const seconds = access?.freshnessSeconds(resource, contexts);
    return seconds !== undefined && clock.now() - (session.loginTs ?? 0) * 1000 > seconds * 1000;
  };

  const check = (reason: string, fails: (session: Session, resource: string, contexts: readonly string[]) => boolean) =>
    new interactionPolicy.Check(reason, 'the sign-in does not prove enough', 'login_required', ({ oidc }) => {
      const session = oidc.session!;
      if (session.accountId === undefined) return false; // the stock check for a session has its say
      return fails(session, String([oidc.params?.resource].flat()[0]), contextsAsked(oidc.params?.scope, offer));
    });

  /** Records what was said to a principal, and not again while its token says the same in every request. */
  function note(principal: Principal, event: Event, origin: Origin): void {
    const notes = noted.get(principal) ?? { keys: new Set(), sinceMs: clock.now(), unwritten: 0 };
    noted.set(principal, notes);
    const { keys, unwritten } = notes;
    const key = `${event.resource} ${origin.sourceIP} ${JSON.stringify(event.details)}`;
    if (keys.has(key)) return;
    if (keys.size >= maxNotes) {
      if (clock.now() - notes.sinceMs < notesMs) {
        notes.unwritten += 1;
        return;
      }
      keys.clear();
      notes.sinceMs = clock.now();
    }
    keys.add(key);
    notes.unwritten = 0;
    const details = { ...event.details, ...(unwritten > 0 && { notRecordedBefore: unwritten }) };
    record
      .write({ ...event, details, user: principal.id }, origin)
      .catch((error: unknown) => log.error({ err: error }, 'a refusal was not recorded'));
  }

  return {
    offer,
    checks: [
      check('contexts_missing', (session, _resource, contexts) => {
        const proven = contextsOf(session.acr);
        return contexts.some((context) => !proven.includes(context));
      }),
      check('contexts_stale', isStale),
    ],
    acrOf(contexts) {
      const proven = contexts.flatMap((context) => spelling.get(context.toLowerCase()) ?? []);
      return proven.length === 0 ? undefined : [...new Set(proven)].join(' ');
    },
    maxAgeOf: ({ resource, scope }) =>
      access?.freshnessSeconds(String([resource].flat()[0]), contextsAsked(scope, offer)),
    forgets: (resource) => typeof resource === 'string' && access?.forgets(resource) === true,
    admit(verified, resource, origin) {
      if (access === undefined) return verified;
      const { principal, signedInAtMs } = verified;
      const judgement = access.evaluate({
        principal,
        resource,
        sourceIP: origin.sourceIP,
        ...(signedInAtMs !== undefined && { signedInAtMs }),
      });
      const action = 'identity.conditionalAccess';
      for (const { policy, outcome, contexts } of judgement.reported)
        note(
          principal,
          { action, resource, result: 'allowed', details: { code: 'report_only', policy, wouldBe: outcome, contexts } },
          origin,
        );
      if (judgement.outcome === 'allow') return verified;
      const refusal = refusalOf(judgement, principal, resource);
      const { code, data, outcome } = refusal;
      const result = outcome === 'block' ? 'denied' : 'challenged';
      note(principal, { action, resource, result, details: { code, ...data } }, origin);
      return refusal;
    },
    demanded({ grantId }, scope) {
      if (grantId === undefined) return;
      demands.delete(grantId);
      if (demands.size >= maxDemands) demands.delete(demands.keys().next().value!);
      demands.set(grantId, { scopes: scope.split(' '), atMs: clock.now() });
    },
    async checkRefresh(context) {
      const token = context.oidc.entities.RefreshToken;
      if (token === undefined) return;
      const demand = demands.get(token.grantId ?? '');
      demands.delete(token.grantId ?? '');
      if (
        demand !== undefined &&
        clock.now() - demand.atMs < demandMs &&
        demand.scopes.some((scope) => !token.scopes.has(scope))
      )
        throw new errors.InvalidGrant('more was asked for than this grant holds: sign in again');
      const account = access && (await accounts.find(token.accountId ?? ''));
      if (access === undefined || account === undefined) return;
      const contexts = contextsOf(token.acr);
      const principal: Principal = { ...account, kind: 'user', clientId: token.clientId ?? '', contexts };
      const resource = String([context.oidc.params?.resource ?? token.resource].flat()[0]);
      const signedInAtMs = token.authTime === undefined ? undefined : token.authTime * 1000;
      const { outcome } = access.evaluate({
        principal,
        resource,
        sourceIP: context.ip,
        ...(signedInAtMs !== undefined && { signedInAtMs }),
      });
      // A new access token would prove as little as the old one; only a new sign-in helps.
      if (outcome === 'require') throw new errors.InvalidGrant('a policy asks for a new sign-in');
    },
  };
}

/** The authentication contexts in the `acr` of a session or token. */
export const contextsOf = (acr: string | undefined): readonly string[] =>
  acr === undefined || acr === '' ? [] : acr.split(' ');

function refusalOf(judgement: Judgement, principal: Principal, resource: string): Refusal {
  const { contexts, policies, maxAgeSeconds } = judgement;
  const policy = policies.join(', ');
  if (judgement.outcome === 'block')
    return refuse('identity_access_blocked', { policy }, { outcome: 'block', data: { policies } });
  // RFC 9470 §3
  const age = maxAgeSeconds === undefined ? {} : { max_age: maxAgeSeconds };
  if (contexts.length === 0)
    return refuse('identity_sign_in_stale', { policy }, { outcome: 'challenge', data: { policies, ...age } });
  const data = { ...demandFor(principal, resource, contexts), policies, ...age };
  return refuse('identity_step_up_required', { policy, contexts: contexts.join(', ') }, { outcome: 'challenge', data });
}

/**
 * What a client is to ask for: everything that its token holds, and what the sign-in has yet to prove. Whoever asks for this
 * loses nothing.
 */
export function demandFor(
  { scopes, contexts: proven = [] }: Principal,
  resource: string,
  lacking: readonly string[],
): { readonly scope: string; readonly acr_values: string } {
  const held = scopes ?? [scopeOf(resource)];
  const scope = [...new Set([...held, ...[...proven, ...lacking].map(contextScope)])].join(' ');
  return { scope, acr_values: lacking.join(' ') };
}
