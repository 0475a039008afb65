// Acting in the name of who calls: tokens of the identity provider for one resource, and requests that carry them.
import { describe, GenkanError } from '../base/errors.ts';
import type { CallerTokens } from '../base/caller-tokens.ts';
import type { Connections } from '../upstream/authorization/connections.ts';
import { asCaller, createCallerCredential } from '../upstream/caller-identity/caller-credential.ts';
import { HttpStatusFault } from '../upstream/http-link.ts';
import type { AuthInfo } from './auth-info.ts';

/** What the SDK hands to a tool, which may lack it. */
export type OfCaller = Pick<AuthInfo, 'extra'> | { readonly extra?: Record<string, unknown> | undefined } | undefined;

export interface Behalf {
  /**
   * A token of the identity provider for one resource, in the name of who calls (on-behalf-of).
   * @param auth `authInfo` of the tool, or `auth` of the request
   * @param scopes of one resource, e.g. `https://graph.microsoft.com/User.Read`
   * @throws GenkanError `upstream_sign_in_required`, whose message has the address at which the person signs in again;
   *   `identity_caller_not_person` for agents; `identity_on_behalf_impossible`
   */
  tokenFor(auth: OfCaller, scopes: readonly string[]): Promise<string>;
  /**
   * `fetch` in the name of who calls. A token that is turned away is renewed once; what the resource demands of the sign-in
   * (claims challenge) is remembered for the next one. Redirects are not followed: the token is for this address alone.
   * @throws GenkanError as `tokenFor`, and `upstream_unavailable` when the resource does not take the token
   */
  fetchAs(auth: OfCaller, scopes: readonly string[], url: string | URL, init?: RequestInit): Promise<Response>;
}

/** Under which people sign in again, at `/connect/app`. */
const name = 'app';

export function createBehalf(callers: CallerTokens, connections: Connections, send: typeof fetch = fetch): Behalf {
  const desk = connections.forCallers(name);
  return {
    tokenFor: (auth, scopes) =>
      told(async () => {
        const person = personIn(auth);
        return (await asCaller(person, desk, () => callers.tokenFor(person, scopes))).token;
      }),
    fetchAs: (...asked) => told(() => fetchAs(...asked)),
  };

  async function fetchAs(
    auth: OfCaller,
    scopes: readonly string[],
    url: string | URL,
    init: RequestInit = {},
  ): Promise<Response> {
    const target = new URL(url);
    checkTarget(target, scopes);
    const credential = createCallerCredential(personIn(auth), scopes, callers, desk);
    for (let renewed = false; ; renewed = true) {
      const shown = await credential.header();
      const headers = new Headers(init.headers);
      headers.set('authorization', shown!);
      const answer = await send(target, { ...init, headers, redirect: 'manual' });
      if (answer.status !== 401) return answer;
      await answer.body?.cancel();
      const challenge = answer.headers.get('www-authenticate') ?? undefined;
      await credential.refused(new HttpStatusFault(target.host, answer.status, challenge), shown, renewed);
    }
  }
}

/** The SDK shows a tool's caller the message of what it throws: it has to say what to do, addresses included. */
async function told<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof GenkanError)) throw cause;
    const { code, params, data } = cause;
    const { message, hint } = describe({ code, params });
    throw new GenkanError(code, params, { cause, detail: `${message} ${hint}`, ...(data && { data }) });
  }
}

function personIn(auth: OfCaller): string {
  const user = auth?.extra?.['user'];
  if (typeof user === 'string' && user !== '') return user;
  throw new GenkanError('identity_caller_not_person', {}, { detail: 'the call came with no signed-in person' });
}

/** An address may come from a tool's arguments: the token goes to the resource that it is for, and nowhere in the clear. */
function checkTarget(target: URL, scopes: readonly string[]): void {
  // Of a name such as `api://notes/read` nobody can tell which address it is for: that is the author's to choose.
  const foreign = scopes.some((scope) => {
    const named = URL.parse(scope);
    return named?.protocol === 'https:' && named.origin !== target.origin;
  });
  if (target.protocol === 'https:' && !foreign) return;
  throw new GenkanError(
    'upstream_unavailable',
    { server: target.host },
    { detail: 'the token is not for this address' },
  );
}
