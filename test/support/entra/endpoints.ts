// The endpoints of the Entra stand-in: which path means what, and how a refusal is answered.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AadstsError } from './aadsts.ts';
import { createAuthorization } from './authorize.ts';
import type { Reply, Visit } from './authorize.ts';
import { findClient } from './client-authentication.ts';
import { instanceDiscovery, openIdConfiguration } from './discovery.ts';
import { grants } from './grants.ts';
import { bodyOf } from './https-server.ts';
import { donePage, errorPage, userCodePage } from './pages.ts';
import { readScopes } from './scopes.ts';
import type { EntraState } from './state.ts';

const deviceSeconds = 900;

export function createEndpoints(state: EntraState) {
  const { origin, directory, orders, requests, counts } = state;
  const authorization = createAuthorization(state);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', origin);
    const form = request.method === 'POST' ? new URLSearchParams(await bodyOf(request)) : new URLSearchParams();
    const params = new URLSearchParams([...searchParams, ...form]);
    requests.push({ method: request.method ?? '', path: pathname, params, headers: request.headers });
    if (orders.down) return send(response, { status: 503, body: 'Service Unavailable' });
    const session = /(?:^|; )ESTSAUTH=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
    const [, asked = '', ...rest] = pathname.split('/');
    const known = [...directory.tenants.values()].find(
      ({ id, domain }) => id === asked.toLowerCase() || domain === asked,
    );
    const visit: Visit = { tenant: known?.id ?? asked, params, session };
    try {
      if (known === undefined && !['common', 'organizations', 'consumers'].includes(asked))
        throw new AadstsError(90002, `Tenant '${asked}' not found. Check to make sure you have the correct tenant ID.`);
      const reply = await route(`${request.method} /${rest.join('/')}`, visit, request);
      send(response, reply);
    } catch (error) {
      if (!(error instanceof AadstsError)) throw error;
      // A person stands there, not a program.
      if (rest.join('/') === 'oauth2/v2.0/authorize')
        return send(response, { ...page(errorPage(error.message)), status: 400 });
      const correlation = request.headers['client-request-id'];
      const after = error.extras.retryAfter;
      send(response, {
        ...json(error.status, error.body(origin, typeof correlation === 'string' ? correlation : undefined)),
        headers: { 'content-type': 'application/json', ...(after !== undefined && { 'retry-after': String(after) }) },
      });
    }
  }

  async function route(endpoint: string, visit: Visit, request: IncomingMessage): Promise<Reply> {
    const { tenant: asked, params } = visit;
    switch (endpoint) {
      case 'GET /v2.0/.well-known/openid-configuration':
      case 'GET /.well-known/openid-configuration':
        counts.discovery++;
        return json(200, openIdConfiguration(origin, asked, endpoint.includes('/v2.0/') ? 'v2' : 'v1'));
      case 'GET /discovery/instance':
        counts.discovery++;
        return json(200, instanceDiscovery(origin, params.get('authorization_endpoint')));
      case 'GET /discovery/v2.0/keys':
      case 'GET /discovery/keys':
        counts.keys++;
        return json(200, state.keys.keySet(origin, asked));
      case 'GET /oauth2/v2.0/authorize':
      case 'POST /oauth2/v2.0/authorize':
        counts.authorize++;
        return authorization.authorize(visit);
      case 'POST /stand-in/step':
        return authorization.step(visit);
      case 'GET /oauth2/deviceauth':
        return page(userCodePage(`/${asked}/oauth2/deviceauth`));
      case 'POST /oauth2/deviceauth':
        return authorization.device(visit);
      case 'POST /oauth2/v2.0/devicecode':
        return deviceCode(visit);
      case 'POST /oauth2/v2.0/token':
        counts.token++;
        return token(visit, request);
      case 'GET /oauth2/v2.0/logout':
        return signOut(visit);
      default:
        if (endpoint.endsWith(' /oauth2/v2.0/token'))
          throw new AadstsError(900561, 'The endpoint only accepts POST requests. Received a GET request.');
        return { status: 404, body: '' };
    }
  }

  async function token({ tenant: asked, params }: Visit, request: IncomingMessage): Promise<Reply> {
    const failure = state.failures.shift();
    if (failure !== undefined) throw failure;
    if (params.has('resource'))
      throw new AadstsError(
        9010010,
        "The resource parameter provided in the request doesn't match with the requested scopes.",
      );
    const type = params.get('grant_type');
    if (type === null)
      throw new AadstsError(900144, "The request body must contain the following parameter: 'grant_type'.");
    const grant = Object.hasOwn(grants, type) ? grants[type]! : undefined;
    if (grant === undefined)
      throw new AadstsError(70003, "The app requested an unsupported grant type '" + type + "'.");
    const { authorization: header } = request.headers;
    const reply = json(200, await grant(state, { form: params, tenant: asked, authorization: header }));
    return { ...reply, headers: { ...reply.headers, 'cache-control': 'no-store, no-cache', pragma: 'no-cache' } };
  }

  function deviceCode({ tenant: asked, params }: Visit): Reply {
    const client = findClient(state, params.get('client_id'), asked);
    const scope = params.get('scope') ?? '';
    readScopes(directory, client, scope);
    const [name, userCode] = [randomUUID(), randomUUID().slice(0, 8).toUpperCase()];
    const expiresAtMs = state.now() + deviceSeconds * 1000;
    const claims = params.get('claims') ?? undefined;
    state.deviceCodes.set(name, { client, tenant: asked, scope, userCode, claims, expiresAtMs, signIn: undefined });
    const address = `${origin}/common/oauth2/deviceauth`;
    return json(200, {
      user_code: userCode,
      device_code: name,
      verification_uri: address,
      expires_in: deviceSeconds,
      interval: 1,
      message: `To sign in, use a web browser to open the page ${address} and enter the code ${userCode} to authenticate.`,
    });
  }

  function signOut({ params, session }: Visit): Reply {
    if (session !== undefined) state.sessions.delete(session);
    const headers = { 'set-cookie': 'ESTSAUTH=; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=0' };
    const back = params.get('post_logout_redirect_uri');
    if (back === null) return page(donePage('You signed out of your account'), headers);
    return { status: 302, headers: { ...headers, location: back }, body: '' };
  }

  return { answer };
}

const json = (status: number, value: object): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
});
const page = (body: string, headers: Record<string, string> = {}): Reply => ({
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
  body,
});

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, headers).end(body);
}
