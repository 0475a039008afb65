// A person's way to a server's authorization server and back: code flow with PKCE, bound to the browser that it was begun in.
import { createHash, timingSafeEqual } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import type { AuthorizationServer } from 'oauth4webapi';
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import { unguessableId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { ResolveSecret } from '../../base/secret.ts';
import { scopesOf, scopeUnion } from './challenge.ts';
import type { Connection } from './connection-store.ts';
import { discoverAuthorizationServer, discoverResource, DiscoveryFault } from './discovery.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { authenticationOf, callbackOf, chooseClient } from './oauth-client.ts';
import type { RegisteredClient } from './oauth-client.ts';
import type { AuthorizationSettings } from './settings.ts';
import type { TokenBook } from './token-book.ts';
import { isClientRefused, redeemCode } from './token-requests.ts';

/** A server that asks for sign-in, as the flow sees it. */
export interface Place {
  readonly server: string;
  readonly url: string;
  readonly settings: AuthorizationSettings;
  readonly guard: GuardedFetch;
  readonly book: TokenBook;
}

export interface SignIns {
  /**
   * Begins a sign-in and returns the address to send the browser to.
   * @param browser secret of the browser, kept in a cookie: only this browser can finish the sign-in
   * @throws GenkanError `upstream_sign_in_failed`
   */
  begin(person: string, place: Place, browser: string): Promise<URL>;
  /**
   * Ends a sign-in with what the browser came back with; the tokens are stored.
   * @param admit hears of the new connection before it can be used; when it fails there is none
   * @throws GenkanError `upstream_sign_in_expired`, `upstream_sign_in_other_person`, `upstream_sign_in_failed`
   */
  end(arrival: Arrival, admit: (connected: { readonly person: string }) => Promise<void>): Promise<void>;
}

/** A browser that came back from an authorization server. */
export interface Arrival {
  /** Whose address it came back to. */
  readonly server: string;
  readonly answer: URLSearchParams;
  readonly browser: string | undefined;
  /** Who is signed in at Genkan in that browser now, if anybody is. */
  readonly person: string | undefined;
}

interface Pending {
  readonly person: string;
  readonly place: Place;
  readonly browserHash: Buffer;
  readonly verifier: string;
  /** Recorded before the browser leaves; the answer is held against it (RFC 9207 §2.4). */
  readonly authorizationServer: AuthorizationServer;
  readonly client: RegisteredClient;
  readonly resource: string;
  readonly scope: string | undefined;
  readonly untilMs: number;
}

const pendingMs = 600_000;
const maxPending = 1000;
const maxPendingOfOne = 8;

export function createSignIns(neighbours: {
  readonly publicUrl: string;
  readonly secret: ResolveSecret;
  readonly clock: Clock;
  readonly log: Log;
}): SignIns {
  const { publicUrl, secret, clock, log } = neighbours;
  /** By hash of the state, oldest first. */
  const pending = new Map<string, Pending>();

  function remember(state: string, begun: Pending): void {
    const own = [...pending].filter(([, { person }]) => person === begun.person);
    for (const [key] of own.slice(0, Math.max(0, own.length - maxPendingOfOne + 1))) pending.delete(key);
    if (pending.size >= maxPending) pending.delete(pending.keys().next().value!);
    pending.set(hash(state).toString('base64'), begun);
  }

  /** A state is good for one return, whatever comes of it. */
  function take(state: string): Pending | undefined {
    const key = hash(state).toString('base64');
    const found = pending.get(key);
    pending.delete(key);
    return found !== undefined && found.untilMs > clock.now() ? found : undefined;
  }

  /**
   * Who has left as this client and never came back perhaps saw a page there that it is unknown: authorization servers forget
   * clients, and cannot tell us through the browser (RFC 6749 §4.1.2.1).
   */
  const isAwaited = (person: string, { server }: Place, { clientId }: RegisteredClient): boolean =>
    [...pending.values()].some(
      (each) => each.person === person && each.place.server === server && each.client.clientId === clientId,
    );

  async function prepare(person: string, place: Place): Promise<Omit<Pending, 'browserHash' | 'verifier' | 'untilMs'>> {
    const { settings, guard, book } = place;
    const known = await book.read(person);
    const resource = await discoverResource(place.url, known.wanted?.resourceMetadata, guard);
    const issuer = settings.issuer ?? resource.issuers[0];
    if (!resource.issuers.includes(issuer))
      throw new DiscoveryFault(`the server names another authorization server than the configured ${issuer}`);
    const authorizationServer = await discoverAuthorizationServer(issuer, guard);
    const scope = scopeFor(known, settings, resource.scopes, authorizationServer);
    const { client: former } = known.issuer === authorizationServer.issuer ? known : {};
    const mine = former && !isAwaited(person, place, former) ? former : undefined;
    const at = { home: { publicUrl, server: place.server }, guard, clock };
    const client = await chooseClient(authorizationServer, settings, mine, scope, at);
    // What another issuer gave is dropped now (MCP 2026-07-28, "Authorization Server Binding"). A new client is kept with the
    // tokens that it gets: until then it is not known to be of use, and those of the former one can still be refreshed.
    if (known.issuer !== undefined && known.issuer !== authorizationServer.issuer)
      await book.change(person, (now) => (now.issuer === known.issuer ? { url: now.url, wanted: now.wanted } : now));
    return { person, place, authorizationServer, client, resource: resource.resource, scope };
  }

  async function redeem(begun: Pending, answer: URLSearchParams): Promise<Connection> {
    const { place, authorizationServer: server, client, resource, scope, verifier } = begun;
    const valid = oauth.validateAuthResponse(server, { client_id: client.clientId }, answer, answer.get('state')!);
    const authentication = await authenticationOf(client, place.settings, secret);
    const at = { server, client, authentication, resource, guard: place.guard, nowMs: clock.now() };
    const redirectUri = callbackOf({ publicUrl, server: place.server });
    const tokens = await redeemCode(at, valid, { redirectUri, verifier, scope });
    const { issuer, token_endpoint: tokenEndpoint } = server;
    return { url: place.url, issuer, tokenEndpoint, resource, client, tokens };
  }

  function failed({ server }: Place, error: unknown): GenkanError {
    if (error instanceof GenkanError) return error;
    const reason = reasonOf(error);
    log.warn({ server, reason }, 'a sign-in at a server failed');
    return new GenkanError('upstream_sign_in_failed', { server }, { detail: reason });
  }

  return {
    async begin(person, place, browser) {
      try {
        const prepared = await prepare(person, place);
        const { authorizationServer, client, resource, scope } = prepared;
        const [state, verifier] = [unguessableId(), oauth.generateRandomCodeVerifier()];
        const url = new URL(authorizationServer.authorization_endpoint!);
        const parameters = {
          response_type: 'code',
          client_id: client.clientId,
          redirect_uri: callbackOf({ publicUrl, server: place.server }),
          state,
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          resource,
          ...(scope !== undefined && { scope }),
          // OpenID Connect §11: without it the scope is ignored.
          ...(scopesOf(scope).includes('offline_access') && { prompt: 'consent' }),
        };
        for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
        remember(state, { ...prepared, browserHash: hash(browser), verifier, untilMs: clock.now() + pendingMs });
        return url;
      } catch (error) {
        throw failed(place, error);
      }
    },

    async end({ server: cameTo, answer, browser, person }, admit) {
      const begun = take(answer.get('state') ?? '');
      if (begun === undefined) throw new GenkanError('upstream_sign_in_expired');
      if (browser === undefined || !timingSafeEqual(hash(browser), begun.browserHash))
        throw new GenkanError('upstream_sign_in_expired', {}, { detail: 'it was begun in another browser' });
      const { server } = begun.place;
      // RFC 9700 §4.4.2 (mix-up): a server must not get the code of another's authorization server, which need not name itself.
      if (cameTo !== server) throw failed(begun.place, new Error(`the answer came to the address of ${cameTo}`));
      if (person !== undefined && person !== begun.person)
        throw new GenkanError('upstream_sign_in_other_person', { server });
      try {
        const connection = await redeem(begun, answer);
        await admit({ person: begun.person });
        await begun.place.book.change(begun.person, () => connection);
      } catch (error) {
        if (isClientRefused(error) && begun.client.dynamic)
          await begun.place.book.change(begun.person, ({ client, ...rest }) =>
            client?.clientId === begun.client.clientId ? rest : { ...rest, client },
          );
        throw failed(begun.place, error);
      }
    },
  };
}

/** MCP 2026-07-28, "Scope Selection Strategy" and "Refresh Tokens". */
function scopeFor(
  { wanted, tokens }: Connection,
  { scopes: configured }: AuthorizationSettings,
  published: string | undefined,
  { scopes_supported: known }: AuthorizationServer,
): string | undefined {
  const asked = configured ? scopeUnion(configured.join(' '), tokens && wanted?.scope) : (wanted?.scope ?? published);
  return asked !== undefined && known?.includes('offline_access') ? scopeUnion(asked, 'offline_access') : asked;
}

// Messages of the library name the check that failed; their causes can hold whole answers, so they stay out.
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { error: told, cause } = error as { error?: unknown; cause?: unknown };
  const network = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : undefined;
  return [error.message, told, network]
    .filter((part) => typeof part === 'string')
    .join(' · ')
    .replace(/\p{C}/gu, '')
    .slice(0, 300);
}

const hash = (value: string): Buffer => createHash('sha256').update(value).digest();
