// A Microsoft Graph stand-in for tests: beside an Entra stand-in, on its directory, believing its tokens alone; throttles and challenges on demand.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Entra } from './entra.ts';
import { applicationRoutes } from './entra/graph-applications.ts';
import { peopleRoutes } from './entra/graph-people.ts';
import { policyRoutes, someConditionalAccess } from './entra/graph-policies.ts';
import type { ConditionalAccess } from './entra/graph-policies.ts';
import { GraphError, challenge, errorBody, notFound, readBearer } from './entra/graph-protocol.ts';
import type { Asker } from './entra/graph-protocol.ts';
import { created, findRoute } from './entra/graph-routes.ts';
import { bodyOf, startHttpsServer } from './entra/https-server.ts';

export interface GraphRequest {
  readonly method: string;
  /** With the query, as received. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Graph extends AsyncDisposable {
  /** What `graphUrl` of the settings takes: `https://localhost:PORT`. */
  readonly url: string;
  readonly requests: GraphRequest[];
  readonly conditionalAccess: ConditionalAccess;
  /** Group ids on one page of `getMemberObjects`. */
  memberObjectsPage: number;
  /** The next `times` requests are answered 429 with `Retry-After`. */
  throttle(times: number, seconds: number): void;
  /** The next `times` requests are answered with this status. */
  fail(times: number, status: number): void;
  /** From now on tokens must carry this authentication context; others are answered 401 with a claims challenge. */
  demand(context: string | undefined): void;
}

/** Sessions that are revoked at the Entra stand-in are challenged here, where the client can take it (`cp1`). */
export async function startGraph(entra: Entra): Promise<Graph> {
  const { state } = entra;
  const requests: GraphRequest[] = [];
  const conditionalAccess = someConditionalAccess();
  const settings = { memberObjectsPage: 999 };
  const failures: GraphError[] = [];
  let demanded: string | undefined;
  const routes = {
    ...peopleRoutes(state, settings),
    ...applicationRoutes(state),
    ...policyRoutes(state, conditionalAccess),
  };
  const server = await startHttpsServer(entra.testAuthority, answer);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const { method = '', url: path = '/', headers } = request;
    requests.push({ method, path, headers, body });
    try {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      const asker = await readBearer(state, headers.authorization);
      requireContext(asker);
      await routed(response, request, asker, body);
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      const id = headers['client-request-id'];
      send(response, error.status, errorBody(error, typeof id === 'string' ? id : undefined), error.headers);
    }
  }

  async function routed(response: ServerResponse, request: IncomingMessage, asker: Asker, text: string) {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '/', server.origin);
    const eventual = headers['consistencylevel'] === 'eventual';
    const [, version, ...rest] = url.pathname.replace(/\((appId)='([\w-]+)'\)/, '/$1=$2').split('/');
    const below = { 'v1.0': '', beta: '/beta' }[version ?? ''];
    const route = below === undefined ? undefined : findRoute(routes, method, `${below}/${rest.join('/')}`);
    if (route === undefined) throw notFound(url.pathname);
    // A page of an action's answer is asked for like any other.
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    const result = await route.answer({ asker, url, eventual, id: route.id, other: route.other, body });
    if (result === undefined) return void response.writeHead(204).end();
    send(response, created in result ? 201 : 200, result);
  }

  function requireContext({ claims, signIn }: Asker): void {
    if (demanded === undefined || signIn === undefined) return;
    if (((claims['acrs'] as string[] | undefined) ?? []).includes(demanded)) return;
    const value = demanded;
    throw challenge(entra.origin, JSON.stringify({ access_token: { acrs: { essential: true, value } } }));
  }

  return {
    url: server.origin,
    requests,
    conditionalAccess,
    get memberObjectsPage() {
      return settings.memberObjectsPage;
    },
    set memberObjectsPage(size) {
      settings.memberObjectsPage = size;
    },
    throttle(times, seconds) {
      const text = 'Too many requests. Please retry after some time.';
      for (let count = 0; count < times; count++)
        failures.push(new GraphError(429, 'TooManyRequests', text, { 'retry-after': String(seconds) }));
    },
    fail(times, status) {
      for (let count = 0; count < times; count++)
        failures.push(new GraphError(status, 'UnknownError', 'Stand-in fault.'));
    },
    demand: (context) => void (demanded = context),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function send(
  response: ServerResponse,
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const type = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';
  response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(value));
}
