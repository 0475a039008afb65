// Tokens with which servers are called in a person's name: on-behalf-of, from the person's own token for our API, which is kept fresh.
import type { AuthenticationResult } from '@azure/msal-node';
import type { CallerToken, CallerTokens } from '../../base/caller-tokens.ts';
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { IdentityRecord } from '../identity-record.ts';
import type { SignInWish } from '../sign-in-leg.ts';
import type { Applications } from './applications.ts';
import { mergedClaims, readClaims } from './claims-request.ts';
import { failureOf } from './failures.ts';
import type { EntraFailure } from './failures.ts';
import { tokensOf } from './holdings.ts';
import type { Held, Holding, Holdings } from './holdings.ts';
import type { EntraSettings } from './settings.ts';

export interface EntraCallerTokens extends CallerTokens {
  /** What the next sign-in of a person has to bring; undefined while none is needed. */
  wishFor(person: string): Promise<SignInWish | undefined>;
  /** Lets go of what this process remembers of a person, whose holdings are no more. */
  forget(person: string): void;
}

export interface CallerTokensNeighbours {
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
    async tokenFor(person, scopes, renewed = false) {
      const tenant = tenantOf(person);
      if (tenant === undefined) throw new GenkanError('identity_caller_not_person');
      if (apiScope === undefined)
        throw new GenkanError('identity_on_behalf_impossible', {}, { detail: 'identity.provider.apiScope is not set' });
      const asked = checked(scopes);
      const key = JSON.stringify([person, ...asked]);
      const known = kept.get(key);
      if (!renewed && known !== undefined && clock.now() < known.freshUntilMs) return known.token;
      const failure = failed.get(key);
      if (!renewed && failure !== undefined && clock.now() < failure.untilMs) throw failure.error;
      const under = `${renewed ? 'renewed' : 'any'} ${key}`;
      const mine = fetching.get(under) ?? fetched(person, tenant, asked, key, renewed);
      fetching.set(under, mine);
      try {
        return await mine;
      } finally {
        if (fetching.get(under) === mine) fetching.delete(under);
      }
    },

    async demand(person, claims) {
      readClaims(claims);
      if (tenantOf(person) === undefined || apiScope === undefined) return;
      await holdings.alone(person, (held) => held.change({ demanded: mergedClaims(held.now.demanded, claims) }));
    },

    async wishFor(person) {
      if (tenantOf(person) === undefined || apiScope === undefined) return undefined;
      const { tokens, demanded, refused } = await holdings.read(person);
      if (tokens !== undefined && demanded === undefined && refused.length === 0) return undefined;
      return demanded === undefined ? {} : { claims: demanded };
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
    key: string,
    renewed: boolean,
  ): Promise<CallerToken> {
    const event = { action: 'identity.tokenOnBehalf', user: person, resource: scopes.join(' ') };
    const mine = { person, forgotten: false };
    underWay.add(mine);
    const earlier = kept.get(key);
    try {
      const { result, credential } = await holdings.alone(person, (held) => exchanged(held, tenant, scopes, renewed));
      const token = { token: result.accessToken, expiresAtMs: result.expiresOn?.getTime() ?? clock.now() };
      await record.write({ ...event, result: 'allowed', details: { credential, renewed } }, nowhere);
      if (mine.forgotten) throw again('the person was forgotten meanwhile');
      const lifeMs = Math.max(0, token.expiresAtMs - clock.now());
      remember(kept, key, { token, freshUntilMs: token.expiresAtMs - Math.min(leadMs, lifeMs / 5) });
      failed.delete(key);
      return token;
    } catch (cause) {
      const { error } = failureOf(cause, 'identity_on_behalf_impossible');
      const details = { code: error.code, reason: error.message };
      record.refused({ ...event, result: 'failed', details }, nowhere);
      kept.delete(key);
      const isDown = error.code === 'identity_provider_unavailable';
      const isGood = earlier !== undefined && clock.now() < earlier.token.expiresAtMs;
      if (isDown && isGood && !renewed && !mine.forgotten) {
        const { token } = earlier;
        remember(kept, key, { token, freshUntilMs: Math.min(token.expiresAtMs, clock.now() + pauseMs) });
        return token;
      }
      if (error.code !== 'identity_sign_in_again') remember(failed, key, { error, untilMs: clock.now() + pauseMs });
      throw error;
    } finally {
      underWay.delete(mine);
    }
  }

  /** Alone with what the person holds, so that of two processes one refreshes and the other finds it done. */
  async function exchanged(held: Held, tenant: string, scopes: readonly string[], renewed: boolean) {
    const { demanded, refused } = held.now;
    const scope = scopes.join(' ');
    if (refused.includes(scope)) throw again('a sign-in is still awaited');
    const own = await ownToken(held, tenant);
    const claims = renewed ? demanded : undefined;
    const { client, proof } = await applications(tenant);
    try {
      const request = { oboAssertion: own, scopes: [...scopes], ...(claims !== undefined && { claims }) };
      const result = await client.acquireTokenOnBehalfOf(request);
      if (result === null) throw new GenkanError('identity_on_behalf_impossible', {}, { detail: 'no token was given' });
      if (claims !== undefined) await held.change({ demanded: undefined });
      return { result, credential: { kind: proof.kind, id: proof.id } };
    } catch (cause) {
      const failure = failureOf(cause, 'identity_on_behalf_impossible');
      const refusedNow = {
        demanded: mergedClaims(demanded, failure.claims),
        refused: [...refused, scope].slice(-maxRefused),
      };
      throw await mended(failure, held, tenant, failure.isOver ? gone : refusedNow);
    }
  }

  /** The person's token for our API, refreshed ahead of its end. */
  async function ownToken(held: Held, tenant: string): Promise<string> {
    const { tokens } = held.now;
    if (tokens === undefined) throw again('a sign-in is still awaited');
    const { client } = await applications(
      tenant,
      tokensOf(tokens, (next) => held.change({ tokens: next })),
    );
    const [account] = await client.getTokenCache().getAllAccounts();
    if (account === undefined) throw again('nothing is kept of the person');
    const silently = (forceRefresh: boolean): Promise<AuthenticationResult> =>
      client.acquireTokenSilent({ account, scopes: [apiScope!], forceRefresh });
    try {
      const known = await silently(false);
      const isLate = known.fromCache && (known.expiresOn?.getTime() ?? 0) - clock.now() < leadMs;
      return (isLate ? await silently(true) : known).accessToken;
    } catch (cause) {
      const failure = failureOf(cause, 'identity_on_behalf_impossible');
      throw await mended(failure, held, tenant, { ...gone, demanded: failure.claims ?? held.now.demanded });
    }
  }

  /** What only the person can mend is written down, so that it is not tried again before they have. */
  async function mended(
    { error, needsPerson }: EntraFailure,
    held: Held,
    tenant: string,
    change: Partial<Holding>,
  ): Promise<GenkanError> {
    if (error.code === 'identity_consent_missing') return withConsentAddress(error, tenant);
    if (!needsPerson) return error;
    await held.change(change);
    return again(error.message);
  }

  function withConsentAddress(error: GenkanError, tenant: string): GenkanError {
    const adminConsent = `${authorityHost}/${tenant}/adminconsent?client_id=${clientId}`;
    return new GenkanError(error.code, {}, { detail: error.message, data: { adminConsent } });
  }
}

const gone: Partial<Holding> = { tokens: undefined };
const again = (detail: string): GenkanError => new GenkanError('identity_sign_in_again', {}, { detail });

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
