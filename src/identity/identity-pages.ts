// Every path that identity answers, by name: metadata, OAuth endpoints, sign-in. What is not listed here does not exist.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Configuration, Provider } from 'oidc-provider';
import type { ActionPages } from './action-pages/action-pages.ts';
import type { Clock } from '../base/clock.ts';
import { GenkanError, errorTable, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { ConnectDesk, ConnectPages } from './connect-pages.ts';
import { errorPage } from './error-page.ts';
import { addressOfFailure, failureAt, holdsCode } from './failed-return.ts';
import { rewrittenForm } from './grants/rewritten-form.ts';
import { endpoints } from './oauth-provider.ts';
import { languageFor, sendPage } from './page.ts';
import { createRateWindow } from './rate-window.ts';
import { resourceMetadata } from './resource-metadata.ts';
import { withGrantableScope } from './scopes.ts';
import type { ScopeOffer } from './scopes.ts';
import type { IdentitySettings } from './settings.ts';
import type { SignIn } from './sign-in.ts';

interface PagesNeighbours {
  readonly provider: Provider;
  readonly signIn: SignIn;
  readonly connect: ConnectPages;
  readonly actions: ActionPages;
  readonly clientDocument: ConnectDesk['clientDocument'];
  readonly translateSignIn: (form: URLSearchParams) => Promise<URLSearchParams>;
  readonly issuer: string;
  readonly resources: () => readonly string[];
  readonly offer: ScopeOffer;
  readonly sourceAddress: (request: IncomingMessage) => string;
  readonly clock: Clock;
  readonly log: Log;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

const signInStepsPerMinute = 600; // one sign-in takes about four
const resourceDocuments = '/.well-known/oauth-protected-resource';
const serverDocuments = /^(\/\.well-known\/(?:oauth-authorization-server|openid-configuration))(\/.*)?$/;
const owned =
  /^\/(oauth\/|signin\/|auth\/callback$|connect\/|approvals\/|elevation$|\.well-known\/(oauth-protected-resource|oauth-authorization-server|openid-configuration)(\/|$))/;

/** Whether identity answers requests to this path. */
export const ownsPath = (path: string): boolean => owned.test(path);

/** Creates the handler for all paths that identity owns. It answers every request, also faulty ones. */
export function createIdentityPages(
  settings: IdentitySettings,
  neighbours: PagesNeighbours,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { provider, signIn, connect, actions, issuer, resources, offer, log } = neighbours;
  const { host } = new URL(issuer);
  const toProvider = provider.callback();
  // Machine endpoints; none of them looks at cookies, so any web page may call them (RFC 9700 §2.6).
  const open = new Map<string, Handler>([
    [endpoints.token, signedIn],
    [endpoints.revocation, signedIn],
    [endpoints.introspection, signedIn],
    [endpoints.pushed_authorization_request, limit(signInStepsPerMinute)(push)],
    [endpoints.jwks, toProvider],
    [endpoints.registration, limit(settings.registration.perMinute)(toProvider)],
  ]);

  const limitSignIns = limit(signInStepsPerMinute);

  return async (request, response) => {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'same-origin'); // `no-referrer` would make browsers hide the origin of our forms
    try {
      await route(request, response);
    } catch (error) {
      fail(request, response, error);
    }
  };

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The name in Host is what a DNS rebinding attack cannot choose.
    if (request.headers.host?.toLowerCase() !== host) throw new GenkanError('inspect_host_foreign');
    const { pathname } = new URL(request.url ?? '', issuer);
    const page = pageAt(pathname);
    if (page !== undefined) return page(request, response);
    const machine = open.get(pathname) ?? documentAt(pathname);
    if (machine === undefined) throw new GenkanError('gateway_path_unknown');
    if (!allowAnyOrigin(request, response)) await machine(request, response);
  }

  function pageAt(pathname: string): Handler | undefined {
    if (pathname === endpoints.authorization) return limitSignIns(authorize);
    if (/^\/oauth\/authorize\/[\w-]+$/.test(pathname)) return toProvider;
    if (pathname === '/auth/callback') return returning(limitSignIns(signIn.callback));
    if (actions.owns(pathname)) return limitSignIns(actions.handle);
    const returned = /^\/connect\/callback\/([a-z0-9-]{1,40})$/.exec(pathname)?.[1];
    if (returned !== undefined)
      return returning(limitSignIns((request, response) => connect.callback(request, response, returned)));
    const server = /^\/connect\/([a-z0-9-]{1,40})$/.exec(pathname)?.[1];
    if (server !== undefined)
      return limitSignIns(only('GET', (request, response) => connect.begin(request, response, server)));
    const uid = /^\/signin\/([\w-]+)$/.exec(pathname)?.[1];
    return uid === undefined ? undefined : limitSignIns((request, response) => signIn.interact(request, response, uid));
  }

  /** Where people come back to with codes: an error is shown where the address has none of them any more. */
  function returning(handler: Handler): Handler {
    return only('GET', async (request, response) => {
      const url = new URL(request.url!, issuer);
      const failure = failureAt(url);
      if (failure !== undefined) throw failure;
      try {
        await handler(request, response);
      } catch (error) {
        if (response.headersSent || !holdsCode(url)) throw error;
        const location = addressOfFailure(url, refusalOf(error));
        response.writeHead(303, { location, 'cache-control': 'no-store', 'content-length': 0 }).end();
      }
    });
  }

  function documentAt(pathname: string): Handler | undefined {
    const client = /^\/connect\/client-metadata\/([a-z0-9-]{1,40})\.json$/.exec(pathname)?.[1];
    if (client !== undefined)
      return only('GET', (request, response) => sendJson(request, response, 200, neighbours.clientDocument(client)));
    if (pathname.startsWith(resourceDocuments)) {
      const required = settings.dpop === 'required' && { dpop_bound_access_tokens_required: true };
      const document = resourceMetadata(pathname, issuer, resources(), offer, settings.dpop);
      const whole = { ...document, ...required };
      return document && only('GET', (request, response) => sendJson(request, response, 200, whole));
    }
    // Clients also look for the server's document below the path of a resource (RFC 8414 §3.1 with a path).
    const [, known, suffix = '/'] = serverDocuments.exec(pathname) ?? [];
    if (known === undefined || (suffix !== '/' && !resources().includes(`${issuer}${suffix}`))) return undefined;
    return (request, response) => toProvider(Object.assign(request, { url: known }), response);
  }

  async function signedIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    return toProvider(await rewrittenForm(request, neighbours.translateSignIn), response);
  }

  /** RFC 9126: what would else stand in the address of an authorization request. */
  async function push(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const shaped = await rewrittenForm(request, async (form) => {
      refuseOtherModes(form);
      return withGrantableScope(await neighbours.translateSignIn(form), offer);
    });
    return toProvider(shaped, response);
  }

  function authorize(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, issuer);
    refuseOtherModes(searchParams);
    return toProvider(
      Object.assign(request, { url: `${pathname}?${withGrantableScope(searchParams, offer).toString()}` }),
      response,
    );
  }

  /** What anybody may do and leaves something in the database, one address may only do so often. */
  function limit(perMinute: number): (handler: Handler) => Handler {
    const arrivals = createRateWindow(neighbours.clock, 60_000);
    return (handler) => (request, response) => {
      if (arrivals.count(neighbours.sourceAddress(request)) <= perMinute) return handler(request, response);
      response.setHeader('retry-after', '60');
      throw new GenkanError('identity_requests_too_many');
    };
  }

  function refusalOf(error: unknown): Refusal {
    if (error instanceof GenkanError) return error.toRefusal();
    log.error({ err: error }, 'identity fault');
    return refuse('gateway_fault');
  }

  function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const refusal = refusalOf(error);
    if (response.headersSent) return void response.destroy();
    const { pathname } = new URL(request.url ?? '', issuer);
    const retry =
      refusal.code === 'identity_provider_unavailable' && pathname.startsWith('/signin/') ? pathname : undefined;
    sendErrorPage(request, response, refusal, retry);
  }
}

// No client may use another, and the provider would say so by a page of its own, with script.
function refuseOtherModes(parameters: URLSearchParams): void {
  if (parameters.getAll('response_mode').some((mode) => mode !== 'query'))
    throw new GenkanError('identity_request_invalid', { reason: 'response_mode is not query' });
}

function sendErrorPage(request: IncomingMessage, response: ServerResponse, refusal: Refusal, retry?: string): void {
  if (!request.headers.accept?.includes('text/html')) {
    const row = errorTable[refusal.code];
    return sendJson(request, response, row.http, {
      error: 'oauth' in row ? row.oauth : 'invalid_request',
      code: refusal.code,
    });
  }
  const language = languageFor(request);
  sendPage(request, response, errorPage(refusal, language, retry), language);
}

/** Shows an error of the authorization server that must not be sent to a redirect URI. */
export const renderProviderError: NonNullable<Configuration['renderError']> = (context, out) => {
  const expired = out.error === 'invalid_request' && /expired|session/.test(out.error_description ?? '');
  const reason = [out.error, out.error_description].filter(Boolean).join(': ');
  const refusal = expired ? refuse('identity_sign_in_expired') : refuse('identity_request_invalid', { reason });
  const language = languageFor(context.req, context.oidc.params?.ui_locales as string | undefined);
  context.respond = false;
  sendPage(context.req, context.res, errorPage(refusal, language), language);
};

/** Lets any web page read the answer; `true` when the request was a preflight and is answered. */
function allowAnyOrigin(request: IncomingMessage, response: ServerResponse): boolean {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', 'WWW-Authenticate, Retry-After');
  if (request.method !== 'OPTIONS') return false;
  response
    .writeHead(204, {
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'Authorization, Content-Type, Accept, DPoP, MCP-Protocol-Version',
      'access-control-max-age': '3600',
    })
    .end();
  return true;
}

const only =
  (method: 'GET', handler: Handler): Handler =>
  (request, response) => {
    if (request.method === method || request.method === 'HEAD') return handler(request, response);
    response.writeHead(405, { allow: method }).end();
  };

function sendJson(request: IncomingMessage, response: ServerResponse, status: number, value: object): void {
  const body = Buffer.from(JSON.stringify(value));
  const cache = status === 200 ? 'public, max-age=300' : 'no-store';
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    'cache-control': cache,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
