// Sign-in with Entra ID: code flow with PKCE, state and nonce by MSAL; what comes back is judged here, and kept only for calls in the person's name.
import { createHash } from 'node:crypto';
import type { ConfidentialClientApplication, AuthenticationResult } from '@azure/msal-node';
import type { Clock } from '../../base/clock.ts';
import { GenkanError, describe } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Person } from '../accounts.ts';
import type { LegNeighbours, SignedIn, SignInLeg } from '../sign-in-leg.ts';
import type { Applications } from './applications.ts';
import { contextClaims, mergedClaims } from './claims-request.ts';
import type { EntraFetch } from './entra-fetch.ts';
import { calledOff, failureOf, failureOfCallback } from './failures.ts';
import { groupsAtGraph, hasMoreGroups } from './groups.ts';
import { tokensOf } from './holdings.ts';
import type { Holdings } from './holdings.ts';
import type { EntraSettings } from './settings.ts';
import type { IdClaims, TokenJudge } from './tokens.ts';

interface EntraLegNeighbours extends LegNeighbours {
  readonly applications: Applications;
  readonly judge: TokenJudge;
  readonly holdings: Holdings;
  readonly send: EntraFetch;
  readonly clock: Clock;
  readonly log: Log;
}

export function createEntraLeg(settings: EntraSettings, neighbours: EntraLegNeighbours): SignInLeg {
  const { applications, judge, holdings, send, clock, log, redirectUri } = neighbours;
  // Unqualified, a scope would be one of Microsoft Graph. MSAL adds openid, profile and offline_access.
  const scopes = settings.apiScope === undefined ? [] : [settings.apiScope];

  return {
    calledOff,

    async authorizationUrl({ state, nonce, verifier }, { fresh = false, contexts = [], claims }) {
      try {
        const { client } = await applications(settings.tenant);
        const demanded = mergedClaims(contextClaims(contexts), claims);
        const url = await client.getAuthCodeUrl({
          scopes,
          redirectUri,
          state,
          nonce,
          codeChallenge: createHash('sha256').update(verifier).digest('base64url'),
          codeChallengeMethod: 'S256',
          ...(fresh && { prompt: 'login' }),
          ...(demanded !== undefined && { claims: demanded }),
        });
        return new URL(url);
      } catch (cause) {
        throw told(cause);
      }
    },

    async redeem(callback, { nonce, verifier }) {
      const codes = callback.searchParams.getAll('code');
      const [code] = codes;
      if (code === undefined) throw told(failureOfCallback(callback));
      if (codes.length > 1)
        throw told(new GenkanError('identity_sign_in_failed', {}, { detail: 'more than one code' }));
      let owner: string | undefined;
      let tokens: string | undefined;
      const keep = async (): Promise<void> => {
        if (owner === undefined || settings.apiScope === undefined) return;
        // With a new sign-in nothing of before counts: neither tokens nor what was refused.
        await holdings.alone(owner, (held) => held.change({ tokens, refused: {}, signedInAtMs: clock.now() }));
      };
      try {
        const cache = tokensOf(undefined, (next) => ((tokens = next), keep()));
        const { client, proof } = await applications(settings.tenant, cache);
        const result = await client.acquireTokenByCode({
          code,
          scopes,
          redirectUri,
          codeVerifier: verifier,
          nonce,
        });
        const claims = await judge.idToken(result.idToken, nonce);
        const api = settings.apiScope === undefined ? undefined : await judge.apiToken(result.accessToken, claims);
        const groups = hasMoreGroups(claims) ? await allGroups(client, result) : objectIds(claims);
        owner = personId(claims);
        await keep();
        return {
          person: personOf(claims, groups),
          contexts: [...new Set([...claims.acrs, ...(api?.acrs ?? [])])],
          ...(claims.auth_time !== undefined && { authenticatedAtMs: claims.auth_time * 1000 }),
          evidence: { oid: claims.oid, tid: claims.tid, credential: { kind: proof.kind, id: proof.id } },
        } satisfies SignedIn;
      } catch (cause) {
        throw told(cause);
      }
    },
  };

  async function allGroups(
    client: ConfidentialClientApplication,
    { account }: AuthenticationResult,
  ): Promise<string[]> {
    try {
      // Without a resource it is a scope of Microsoft Graph, whichever cloud this is.
      const graph = await client.acquireTokenSilent({ account: account!, scopes: ['User.Read'] });
      return await groupsAtGraph(settings.graphUrl, graph.accessToken, send);
    } catch (cause) {
      const detail =
        cause instanceof GenkanError ? cause.message : failureOf(cause, 'identity_groups_unavailable').error.message;
      throw new GenkanError('identity_groups_unavailable', {}, { detail });
    }
  }

  function told(cause: unknown): GenkanError {
    const { error } = failureOf(cause, 'identity_sign_in_failed');
    const { message: problem, hint: advice } = describe(error.toRefusal(), 'en');
    log.warn({ code: error.code, reason: error.message, advice }, `sign-in failed: ${problem}`);
    return error;
  }
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Names are no ids: whoever may name a group could take on any right. Without all groups nobody comes in, as one of them may
 * forbid something.
 */
function objectIds({ groups = [] }: IdClaims): string[] {
  const named = groups.filter((group) => !guid.test(group)).length;
  if (named > 0)
    throw new GenkanError('identity_groups_named', {}, { detail: `${named} of ${groups.length} groups came by name` });
  return groups.map((id) => id.toLowerCase());
}

/** The id of a person at Entra ID. Names and addresses can be given to somebody else; these two cannot. */
const personId = ({ oid, tid }: Pick<IdClaims, 'oid' | 'tid'>): string => `${oid}@${tid}`;

/** App roles stand among the groups as `role:NAME`, which no object id can look like, so roles can be assigned to them. */
function personOf(claims: IdClaims, groups: readonly string[]): Person {
  return {
    id: personId(claims),
    name: claims.preferred_username ?? claims.name ?? claims.oid,
    groups: [...new Set([...groups, ...claims.roles.map((role) => `role:${role}`)])],
    displayName: claims.name,
  };
}
