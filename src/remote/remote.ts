// A Genkan elsewhere, worked with in one's own name: its operations through its REST door, with a sign-in that is renewed and widened as it takes.
import * as oauth from 'oauth4webapi';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import type { Language } from '../base/text.ts';
import { routeOf } from '../operations/open-api.ts';
import type { AnyOperation } from '../operations/operation.ts';
import { operationOf } from '../operations/registry.ts';
import { outcomeOf } from '../operations/running.ts';
import type { RemoteOutcome } from '../operations/running.ts';
import { scopeUnion } from '../upstream/authorization/challenge.ts';
import type { GuardedFetch } from '../upstream/authorization/guarded-fetch.ts';
import { requestOptions } from '../upstream/authorization/oauth-client.ts';
import { proofsBy, remoteFault } from './authorization.ts';
import type { Authorization } from './authorization.ts';
import type { Grant, Login, Logins } from './logins.ts';

export interface Remote {
  /** Asks the person to sign in, whether or not they are. @returns who they are there */
  signIn(language: Language): Promise<Login['person']>;
  /** Ends the sign-in there, and forgets it in any case. @returns whose it was; undefined where nobody was signed in */
  signOut(): Promise<Login['person'] | undefined>;
  /** @throws GenkanError `remote_signed_out`, `remote_person_other`, and what `Authorization` throws */
  perform(operation: AnyOperation, input: unknown, language: Language): Promise<RemoteOutcome>;
}

interface RemoteNeighbours {
  readonly logins: Logins;
  readonly authorization: Authorization;
  /** For operations, which may take their time. */
  readonly guard: GuardedFetch;
  readonly clock: Clock;
  readonly tell: (text: string) => void;
}

interface Answer {
  readonly outcome: RemoteOutcome;
  /** The token is good for nothing (any more). */
  readonly isOver: boolean;
  /** What to ask for at a sign-in that proves more, or is younger. */
  readonly wants?: string;
}

/** A token is renewed this long before its end, lest it end on its way. */
const leadMs = 20_000;

/** @param url origin of the Genkan */
export function createRemote(url: string, neighbours: RemoteNeighbours): Remote {
  const { logins, authorization, guard, clock, tell } = neighbours;

  async function ask(grant: Grant, operation: AnyOperation, input: unknown, language: Language): Promise<Answer> {
    const headers = new Headers({
      'content-type': 'application/json',
      'accept-language': language,
      'user-agent': 'genkan-cli',
    });
    const client = { client_id: grant.clientId };
    try {
      const options = { ...requestOptions(guard), DPoP: await proofsBy(grant.key, client) };
      const address = new URL(url + routeOf(operation));
      const { access } = grant.tokens;
      const { response, challenges } = await oauth
        .protectedResourceRequest(access, 'POST', address, headers, JSON.stringify(input), options)
        .then((accepted) => ({ response: accepted, challenges: [] }), challengesOf);
      const outcome = outcomeOf(response.status, await response.text());
      const told = challenges.find(({ parameters }) => parameters.error !== undefined)?.parameters;
      const error = told?.error;
      // RFC 6750 §3.1; RFC 9470 §3
      const wants = error === 'insufficient_scope' || error === 'insufficient_user_authentication';
      return {
        outcome,
        isOver: response.status === 401 && !wants,
        ...(wants && { wants: scopeUnion(grant.tokens.scope, told?.scope) ?? '' }),
      };
    } catch (error) {
      throw isGarbled(error)
        ? new GenkanError('remote_unusable', { url, reason: 'its answer is no answer of Genkan' })
        : remoteFault(url, error);
    }
  }

  /**
   * The login as it is good for now.
   * @param refused the token that was turned away
   * @throws GenkanError `remote_signed_out`
   */
  async function current(refused?: string): Promise<Login> {
    const isGood = ({ tokens }: Login): boolean =>
      refused === undefined ? clock.now() < tokens.expiresAtMs - leadMs : tokens.access !== refused;
    const known = await logins.read(url);
    if (known !== undefined && isGood(known)) return known;
    return logins.inTurn(url, async () => {
      const now = await logins.read(url); // somebody else may have had the same wish
      if (now !== undefined && isGood(now)) return now;
      const tokens = now && (await authorization.renew(now));
      if (tokens === undefined) throw new GenkanError('remote_signed_out', { url });
      const next = { ...now!, tokens };
      await logins.write(url, next);
      return next;
    });
  }

  /** Puts what was newly granted in the place of what there was, which ends. @param must whose it has to be */
  async function enter(
    language: Language,
    { scope, must }: { readonly scope?: string; readonly must?: Login['person'] } = {},
  ): Promise<Login> {
    const clientId = (await logins.read(url))?.clientId;
    const whoAmI = (shown: Grant): Promise<Answer> => ask(shown, operationOf('me.show'), {}, language);
    let grant = await authorization.signIn({ clientId, scope });
    try {
      let answer = await whoAmI(grant);
      const { wants } = answer;
      if (wants !== undefined) {
        await authorization.revoke(grant);
        tell(`This sign-in is to prove more: ${wants}`);
        grant = await authorization.signIn({ clientId: grant.clientId, scope: wants });
        answer = await whoAmI(grant);
      }
      const { outcome } = answer;
      if (!outcome.ok)
        throw new GenkanError('remote_sign_in_failed', { url, reason: `${outcome.message} ${outcome.hint}` });
      const { id, name } = personIn.parse(outcome.output);
      // Nobody's work goes on in the name of whoever was at the browser at the time.
      if (must !== undefined && id !== must.id)
        throw new GenkanError('remote_person_other', { url, person: must.name, other: name });
      const login = { ...grant, person: { id, name } };
      const former = await logins.inTurn(url, async () => {
        const before = await logins.read(url);
        await logins.write(url, login);
        return before;
      });
      if (former !== undefined) await authorization.revoke(former).catch(() => undefined); // it ends by itself
      return login;
    } catch (error) {
      await authorization.revoke(grant).catch(() => undefined);
      throw error;
    }
  }

  return {
    signIn: async (language) => (await enter(language)).person,

    signOut: () =>
      logins.inTurn(url, async () => {
        const login = await logins.read(url);
        await logins.forget(url);
        if (login !== undefined) await authorization.revoke(login);
        return login?.person;
      }),

    async perform(operation, input, language) {
      let login = await current();
      let answer = await ask(login, operation, input, language);
      // Whoever was turned away at the door has done nothing yet, so it may be said again: once with a fresh token, and once
      // with a sign-in that proves more.
      if (answer.isOver) {
        const fresh = await current(login.tokens.access).catch((error: unknown) => {
          if (error instanceof GenkanError && error.code === 'remote_signed_out') return undefined;
          throw error;
        });
        if (fresh === undefined) return answer.outcome; // which says why: somebody may have been kept out
        login = fresh;
        answer = await ask(login, operation, input, language);
      }
      if (answer.wants !== undefined) {
        tell(`This takes a sign-in that proves more: ${answer.wants}`);
        login = await enter(language, { scope: answer.wants, must: login.person });
        answer = await ask(login, operation, input, language);
      }
      const { outcome } = answer;
      if (outcome.ok && !operation.output.safeParse(outcome.output).success)
        throw new GenkanError('remote_unusable', { url, reason: 'its answer is one of another version' });
      return outcome;
    },
  };
}

const personIn = z.object({ id: z.string().min(1), name: z.string() });

interface Challenged {
  readonly response: Response;
  readonly challenges: readonly oauth.WWWAuthenticateChallenge[];
}

function challengesOf(error: unknown): Challenged {
  if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
  return { response: error.response, challenges: error.cause };
}

/** Something came, and it was not what the REST door says. */
const isGarbled = (error: unknown): boolean => error instanceof SyntaxError || (error as Error).name === 'ZodError';
