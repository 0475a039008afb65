// Who looks at a page: known by what their browser keeps, or sent to sign in, also where a policy asks for more than they have proved.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import { isRefusal } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import type { Accounts } from '../accounts.ts';
import { browserSecret } from '../cookies.ts';
import { pagePrefix } from '../federation.ts';
import type { Federation } from '../federation.ts';
import type { Origin } from '../identity-record.ts';
import { redirect } from '../page.ts';
import type { SignInWish } from '../sign-in-leg.ts';
import type { Verified } from '../verify.ts';
import { createPageSessions } from './page-session.ts';
import type { OpenSession } from './page-session.ts';

export interface Visitor {
  readonly principal: Principal;
  readonly origin: Origin;
}

/** What a sign-in for a page has brought. */
export interface Arrival {
  /** Principal id. */
  readonly person: string;
  /** Authentication contexts that it proved. */
  readonly contexts: readonly string[];
  /** When the person gave their credentials, where the provider says so. */
  readonly authenticatedAtMs?: number | undefined;
}

export interface Visitors {
  /** Who is signed in for pages; undefined when the browser was sent to sign in; a refusal where that would not help. */
  of(request: IncomingMessage, response: ServerResponse, url: URL): Promise<Visitor | Refusal | undefined>;
  /** Goes on with a page that a person had to sign in for. @param page as it was given to the federation */
  resume(response: ServerResponse, page: string, arrival: Arrival): void;
}

export interface VisitorsNeighbours {
  readonly federation: Pick<Federation, 'begin'>;
  readonly accounts: Pick<Accounts, 'find'>;
  /** When a person's sessions were ended last. */
  readonly endedAtMs: (person: string) => Promise<number | undefined>;
  /** Conditional access, as for the REST API. */
  readonly admit: (verified: Verified, resource: string, origin: Origin) => Verified | Refusal;
  readonly issuer: string;
  readonly secrets: readonly string[];
  /** Authentication context that proves a second factor; undefined where none is known. */
  readonly mfa: string | undefined;
  readonly originOf: (request: IncomingMessage) => Origin;
  readonly clock: Clock;
}

const longestPlace = 2400;
/** What a sign-in just now did not bring, the next one would not bring either. */
const pauseMs = 60_000;

export function createVisitors(neighbours: VisitorsNeighbours): Visitors {
  const { federation, accounts, endedAtMs, admit, issuer, secrets, mfa, originOf, clock } = neighbours;
  const sessions = createPageSessions(issuer, secrets, clock);

  async function standing(request: IncomingMessage): Promise<OpenSession | undefined> {
    const session = sessions.read(request);
    if (session === undefined) return undefined;
    const ended = await endedAtMs(session.person);
    return ended !== undefined && session.iatMs <= ended ? undefined : session;
  }

  /** A form would be lost on the way; its page is shown again. */
  async function signIn(
    request: IncomingMessage,
    response: ServerResponse,
    { pathname, search }: URL,
    wish: SignInWish & { readonly demanded?: true },
  ): Promise<void> {
    const { demanded, ...wanted } = wish;
    const asked = `${wanted.fresh === true ? 'fresh' : ''},${demanded === true ? 'demanded' : ''}`;
    const page = `${pagePrefix}${asked}:${pathname}${search}`.slice(0, longestPlace);
    redirect(response, (await federation.begin(page, browserSecret(request, response, issuer), wanted)).href);
  }

  return {
    async of(request, response, url) {
      const wish = url.searchParams.get('signin');
      const session = wish === null ? await standing(request) : undefined;
      const account = session && (await accounts.find(session.person));
      if (session === undefined || account === undefined) {
        // An address may ask for more of a sign-in than usual; where that is too little, the act is refused.
        const demanded = /^c[1-9]\d?$/.exec(wish ?? '')?.slice(0, 1);
        url.searchParams.delete('signin');
        const contexts = demanded ?? (mfa === undefined ? undefined : [mfa]);
        await signIn(request, response, url, { fresh: wish !== null, ...(contexts && { contexts }) });
        return undefined;
      }
      const { id, name, groups, disputedGroups } = account;
      const { contexts, signedInAtMs, untilMs: expiresAtMs } = session;
      const principal: Principal = {
        id,
        kind: 'user',
        name,
        groups,
        ...(disputedGroups && { disputedGroups }),
        contexts,
      };
      const origin = originOf(request);
      const admitted = admit({ outcome: 'allow', principal, expiresAtMs, signedInAtMs }, `${issuer}/api`, origin);
      if (!isRefusal(admitted)) return { principal: admitted.principal, origin };
      const isVain = session.demanded === true && clock.now() - session.iatMs < pauseMs;
      if (isVain || !helped.has(admitted.code)) return admitted;
      await signIn(request, response, url, { ...demandIn(admitted, contexts), demanded: true });
      return undefined;
    },
    resume(response, page, { person, contexts, authenticatedAtMs }) {
      const [asked, ...place] = page.slice(pagePrefix.length).split(':');
      const [fresh, demanded] = asked!.split(',');
      // Who asked for credentials and hears nothing of when they were given takes it that it was now.
      const atMs = authenticatedAtMs ?? (fresh === 'fresh' ? clock.now() : undefined);
      const signedInAtMs = atMs === undefined ? undefined : Math.min(atMs, clock.now());
      sessions.begin(response, { person, contexts, signedInAtMs, demanded: demanded === 'demanded' });
      redirect(response, place.join(':'));
    },
  };
}

/** Refusals after which another sign-in can help. */
const helped: ReadonlySet<string> = new Set(['identity_step_up_required', 'identity_sign_in_stale']);

/** What a refusal asks for (RFC 9470 §3), and what was proved already: nobody loses by stepping up. */
function demandIn({ data = {} }: Refusal, proven: readonly string[]): SignInWish {
  const { acr_values: lacking, max_age: maxAgeSeconds } = data;
  const asked = typeof lacking === 'string' ? lacking.split(' ') : [];
  const isStale = typeof maxAgeSeconds === 'number';
  return {
    fresh: isStale,
    contexts: [...new Set([...proven, ...asked])],
    ...(isStale && { maxAgeSeconds }),
  };
}
