// Tokens with which servers are called in a person's name: on-behalf-of, from the person's own token for our API, which is kept fresh.
import type { AuthenticationResult } from '@azure/msal-node';
import type { CallerToken, CallerTokens } from '../../base/caller-tokens.ts';
import { SignInAgain } from '../../base/caller-tokens.ts';
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';
import type { IdentityRecord } from '../identity-record.ts';
import type { Applications } from './applications.ts';
import { mergedClaims } from './claims-request.ts';
import { failureOf } from './failures.ts';
import type { EntraFailure } from './failures.ts';
import { tokensOf } from './holdings.ts';
import type { Held, Holding, Holdings } from './holdings.ts';
import type { EntraSettings } from './settings.ts';

export interface EntraCallerTokens extends CallerTokens {
  /** Whether there is no token, for some resource or for all, before the person has signed in anew. */
  needsSignIn(person: string): Promise<boolean>;
  /** Lets go of what this process remembers of a person, whose holdings are no more. */
  forget(person: string): void;
}

interface CallerTokensNeighbours {
  readonly applications: Applications;
  readonly holdings: Holdings;
  readonly record: IdentityRecord;
  readonly clock: Clock;
}

const maxKept = 10_000;
/** Refreshed this long before the end, or in the last fifth of what lives shorter. */
const leadMs = 300_000;
/** After a failure that no sign-in mends, nobody is asked again for a while. */
const pauseMs = 10_000;
/** What is over by itself. */
const passing: ReadonlySet<ErrorCode> = new Set(['identity_provider_unavailable', 'state_lease_busy']);
const maxRefused = 20;
const nowhere = { sourceIP: '', userAgent: '' };

interface Kept {
  readonly token: CallerToken;
  readonly freshUntilMs: number;
}

export function createCallerTokens(
  { apiScope, clientId, authorityHost }: EntraSettings,
  { applications, holdings, record, clock }: CallerTokensNeighbours,
): EntraCallerTokens {
  const kept = new Map<string, Kept>();
  const fetching = new Map<string, Promise<CallerToken>>();
  const failed = new Map<string, { readonly error: GenkanError; readonly untilMs: number }>();
  /** What is under way, so that nothing of it is kept of somebody who is forgotten meanwhile. */
  const underWay = new Set<{ readonly person: string; forgotten: boolean }>();

  return {
    async tokenFor(person, scopes, renewed = false, claims) {
      const tenant = tenantOf(person);
      if (tenant === undefined) throw new GenkanError('identity_caller_not_person');
      if (apiScope === undefined)
        throw new GenkanError('identity_on_behalf_impossible', {}, { detail: 'identity.provider.apiScope is not set' });
      const asked = checked(scopes);
      const demanded = mergedClaims(claims);
      const key = JSON.stringify([person, ...asked]);
      const known = kept.get(key);
      if (!renewed && known !== undefined && clock.now() < known.freshUntilMs) return known.token;
      const under = `${renewed ? 'renewed' : 'any'} ${demanded ?? ''} ${key}`;
      const isGood = !renewed && known !== undefined && clock.now() < known.token.expiresAtMs;
      const failure = failed.get(under);
      if (failure !== undefined && (!renewed || demanded !== undefined) && clock.now() < failure.untilMs) {
        if (isGood) return known.token;
        // Signed in since then, at whichever process, they are asked no more for what they have just brought.
        const { signedInAtMs = 0 } = await holdings.read(person);
        if (signedInAtMs < failure.untilMs - pauseMs) throw failure.error;
      }
      const mine = fetching.get(under) ?? fetched(person, tenant, asked, { key, under, renewed, claims: demanded });
      fetching.set(under, mine);
      const done = mine.finally(() => {
        if (fetching.get(under) === mine) fetching.delete(under);
      });
      if (!isGood) return await done;
      // It is good for a while yet: fetched beside the call, which waits for nobody.
      done.catch(() => undefined);
      return known.token;
    },

    async needsSignIn(person) {
      if (tenantOf(person) === undefined || apiScope === undefined) return false;
      const { tokens, refused } = await holdings.read(person);
      return tokens === undefined || Object.keys(refused).length > 0;
    },

    forget(person) {
      for (const each of underWay) if (each.person === person) each.forgotten = true;
      for (const key of kept.keys()) if (key.startsWith(JSON.stringify([person]).slice(0, -1))) kept.delete(key);
    },
  };

  async function fetched(
    person: string,
    tenant: string,
    scopes: readonly string[],
    asking: { key: string; under: string; renewed: boolean; claims: string | undefined },
  ): Promise<CallerToken> {
    const { key, under, renewed, claims } = asking;
    const event = { action: 'identity.tokenOnBehalf', user: person, resource: scopes.join(' ') };
    const mine = { person, forgotten: false };
    underWay.add(mine);
    try {
      const { result, credential } = await holdings.alone(person, (held) => exchanged(held, tenant, scopes, claims));
      const token = { token: result.accessToken, expiresAtMs: result.expiresOn?.getTime() ?? clock.now() };
      await record.write({ ...event, result: 'allowed', details: { credential, renewed } }, nowhere);
      if (mine.forgotten) throw new SignInAgain('the person was forgotten meanwhile');
      const lifeMs = Math.max(0, token.expiresAtMs - clock.now());
      remember(kept, key, { token, freshUntilMs: token.expiresAtMs - Math.min(leadMs, lifeMs / 5) });
      failed.delete(under);
      return token;
    } catch (cause) {
      const { error } = failureOf(cause, 'identity_on_behalf_impossible');
      const details = { code: error.code, reason: error.message };
      record.refused({ ...event, result: 'failed', details }, nowhere);
      // Neither says anything of the person, nor does what one server demands of the others.
      if (!passing.has(error.code) && claims === undefined) kept.delete(key);
      // What only a sign-in mends is written down, but for what one server demands.
      if (!(error instanceof SignInAgain) || claims !== undefined)
        remember(failed, under, { error, untilMs: clock.now() + pauseMs });
      throw error;
    } finally {
      underWay.delete(mine);
    }
  }

  /** Alone with what the person holds, so that of two processes one refreshes and the other finds it done. */
  async function exchanged(held: Held, tenant: string, scopes: readonly string[], claims: string | undefined) {
    const scope = scopes.join(' ');
    const refused = held.now.refused[scope];
    if (refused !== undefined) throw awaited(refused, claims);
    const own = await ownToken(held, tenant, claims);
    const { client, proof } = await applications(tenant);
    try {
      const request = { oboAssertion: own, scopes: [...scopes], ...(claims !== undefined && { claims }) };
      const result = await client.acquireTokenOnBehalfOf(request);
      if (result === null) throw new GenkanError('identity_on_behalf_impossible', {}, { detail: 'no token was given' });
      return { result, credential: { kind: proof.kind, id: proof.id } };
    } catch (cause) {
      const failure = failureOf(cause, 'identity_on_behalf_impossible');
      const wanted = mergedClaims(claims, failure.claims);
      if (failure.isOver) throw await mended(failure, held, tenant, gone, wanted);
      // What the server demands says nothing of others that take the same token without it.
      const change = claims === undefined ? { refused: noted(held.now.refused, scope, wanted) } : {};
      throw await mended(failure, held, tenant, change, wanted);
    }
  }

  /** The person's token for our API, refreshed ahead of its end. */
  async function ownToken(held: Held, tenant: string, claims: string | undefined): Promise<string> {
    const { tokens, refused } = held.now;
    if (tokens === undefined) throw awaited(refused[apiScope!], claims);
    let unkept: Error | undefined;
    const keep = (next: string): Promise<void> =>
      held.change({ tokens: next }).catch((error: Error) => {
        throw (unkept = error);
      });
    const { client } = await applications(tenant, tokensOf(tokens, keep));
    const [account] = await client.getTokenCache().getAllAccounts();
    if (account === undefined) throw new SignInAgain('nothing is kept of the person', claims);
    const silently = (forceRefresh: boolean): Promise<AuthenticationResult> =>
      client.acquireTokenSilent({ account, scopes: [apiScope!], forceRefresh });
    try {
      const known = await silently(false);
      // Where Entra ID wants a token refreshed early (`refresh_in`), MSAL does that by itself and swallows what goes wrong.
      if (unkept !== undefined) throw unkept;
      const isLate = known.fromCache && (known.expiresOn?.getTime() ?? 0) - clock.now() < leadMs;
      return (isLate ? await silently(true) : known).accessToken;
    } catch (cause) {
      const failure = failureOf(cause, 'identity_on_behalf_impossible');
      const change = { ...gone, refused: noted(refused, apiScope!, failure.claims) };
      throw await mended(failure, held, tenant, change, mergedClaims(failure.claims, claims));
    }
  }

  /** What only the person can mend is written down, so that it is not tried again before they have. */
  async function mended(
    { error, needsPerson }: EntraFailure,
    held: Held,
    tenant: string,
    change: Partial<Holding>,
    wanted: string | undefined,
  ): Promise<GenkanError> {
    if (error.code === 'identity_consent_missing') return withConsentAddress(error, tenant);
    if (!needsPerson) return error;
    if (Object.keys(change).length > 0) await held.change(change);
    return new SignInAgain(error.message, wanted);
  }

  function withConsentAddress(error: GenkanError, tenant: string): GenkanError {
    const adminConsent = `${authorityHost}/${tenant}/adminconsent?client_id=${clientId}`;
    return new GenkanError(error.code, {}, { detail: error.message, data: { adminConsent } });
  }
}

type Refused = Holding['refused'];
const gone: Partial<Holding> = { tokens: undefined };
const awaited = (refusal: Refused[string] | undefined, claims: string | undefined): SignInAgain =>
  new SignInAgain('a sign-in is still awaited', mergedClaims(refusal?.claims, claims));

const noted = (refused: Refused, scope: string, claims: string | undefined): Refused =>
  Object.fromEntries([
    ...Object.entries(refused)
      .filter(([other]) => other !== scope)
      .slice(1 - maxRefused),
    [scope, claims === undefined ? {} : { claims }],
  ]);

const guidPattern = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const personPattern = new RegExp(`^${guidPattern}@(${guidPattern})$`);
const tenantOf = (person: string): string | undefined => personPattern.exec(person)?.[1];

/** One resource at a time, and everything consented (`.default`) or single scopes, never both: Entra ID refuses the mixture. */
function checked(scopes: readonly string[]): readonly string[] {
  const wrong = (detail: string): GenkanError => new GenkanError('identity_on_behalf_impossible', {}, { detail });
  if (scopes.length === 0 || scopes.length > 20) throw wrong(`${scopes.length} scopes`);
  if (scopes.some((scope) => !/^[a-z]+:\/\/\S+\/\S+$/i.test(scope))) throw wrong('scopes must name their resource');
  const resources = new Set(scopes.map((scope) => scope.slice(0, scope.lastIndexOf('/'))));
  if (resources.size > 1) throw wrong('scopes of more than one resource');
  if (scopes.length > 1 && scopes.some((scope) => scope.endsWith('/.default')))
    throw wrong('.default mixes with no other scope');
  return scopes.toSorted();
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  if (map.size >= maxKept) map.delete(map.keys().next().value!);
  map.set(key, value);
}
