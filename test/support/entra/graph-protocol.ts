// How the Microsoft Graph stand-in speaks: who may ask what, its errors, and as much OData as its routes need.
import { randomUUID } from 'node:crypto';
import { jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import { graphAppId } from './directory.ts';
import { withHashedNonce } from './signing-keys.ts';
import type { EntraState, SignIn } from './state.ts';

export class GraphError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export const notFound = (what: string): GraphError =>
  new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${what}' does not exist or one of its queried reference-property objects are not present.`,
  );
export const badRequest = (message: string): GraphError => new GraphError(400, 'Request_BadRequest', message);

export function errorBody(error: GraphError, clientRequestId: string | undefined): object {
  const id = randomUUID();
  const innerError = {
    date: new Date().toISOString().slice(0, 19),
    'request-id': id,
    'client-request-id': clientRequestId ?? id,
  };
  return { error: { code: error.code, message: error.message, innerError } };
}

/** Who asks, as the token says. */
export interface Asker {
  readonly claims: JWTPayload;
  /** Absent for an application on its own. */
  readonly signIn: SignIn | undefined;
  readonly permissions: ReadonlySet<string>;
}

const invalid = (message: string): GraphError =>
  new GraphError(401, 'InvalidAuthenticationToken', message, {
    'www-authenticate': `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="${graphAppId}"`,
  });

/** A challenge as of continuous access evaluation or an authentication context. */
export function challenge(origin: string, claims: string): GraphError {
  const encoded = Buffer.from(claims).toString('base64');
  return new GraphError(
    401,
    'InvalidAuthenticationToken',
    'Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp',
    {
      'www-authenticate': `Bearer realm="", authorization_uri="${origin}/common/oauth2/authorize", client_id="${graphAppId}", error="insufficient_claims", claims="${encoded}"`,
    },
  );
}

/** @throws GraphError 401 */
export async function readBearer(state: EntraState, authorization: string | undefined): Promise<Asker> {
  const [, token] = /^Bearer ([\w.-]+)$/.exec(authorization ?? '') ?? [];
  if (token === undefined) throw invalid('Access token is empty.');
  const key = (header: { kid?: string }) => {
    const known = state.keys.find(header.kid);
    if (known === undefined) throw invalid('Signing key is invalid.');
    return known.publicKey;
  };
  const graphUris = state.directory.graph.application.identifierUris;
  const options = {
    audience: [graphAppId, ...graphUris.flatMap((uri) => [uri, `${uri}/`])],
    algorithms: ['RS256'],
    currentDate: new Date(state.now()),
  };
  const verified = await jwtVerify(withHashedNonce(token), key, options).catch(
    (cause: { code?: string; claim?: string }) => {
      if (cause.code === 'ERR_JWT_EXPIRED') throw invalid('Lifetime validation failed, the token is expired.');
      throw invalid(
        cause.claim === 'aud' ? 'Access token validation failure. Invalid audience.' : 'Signature validation failed.',
      );
    },
  );
  const claims = verified.payload;
  if (claims.iss !== `https://sts.windows.net/${String(claims['tid'])}/`) throw invalid('Issuer validation failed.');
  const signIn = state.issued.get(String(claims['uti']));
  requireCurrent(state, claims, signIn);
  const listed =
    typeof claims['scp'] === 'string' ? claims['scp'].split(' ') : ((claims['roles'] as string[] | undefined) ?? []);
  return { claims, signIn, permissions: new Set(listed) };
}

/** Only a client that says it can take a challenge gets one; the others keep their token until it expires. */
function requireCurrent(state: EntraState, claims: JWTPayload, signIn: SignIn | undefined): void {
  const capable = ((claims['xms_cc'] as string[] | undefined) ?? []).some((each) => each.toLowerCase() === 'cp1');
  if (!capable || signIn === undefined) return;
  if (signIn.epoch === signIn.user.epoch && signIn.user.accountEnabled) return;
  const value = String(Math.floor(state.now() / 1000));
  throw challenge(state.origin, JSON.stringify({ access_token: { nbf: { essential: true, value } } }));
}

/** @throws GraphError 403 */
export function requireOneOf(
  { permissions, signIn }: Asker,
  delegated: readonly string[],
  application: readonly string[],
): void {
  if ((signIn === undefined ? application : delegated).some((each) => permissions.has(each))) return;
  throw new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}

/** `$filter`, of which only `name eq 'value'` is understood. */
export function filtered<T extends object>(items: readonly T[], query: URLSearchParams): T[] {
  const filter = query.get('$filter');
  if (filter === null) return [...items];
  const [, name = '', value = ''] = /^(\w+) eq '((?:[^']|'')*)'$/.exec(filter) ?? [];
  if (name === '') throw badRequest(`Unsupported or invalid query filter clause: '${filter}'.`);
  const wanted = value.replaceAll("''", "'").toLowerCase();
  return items.filter((item) => String((item as Record<string, unknown>)[name] ?? '').toLowerCase() === wanted);
}

/** `$select`; without it the properties that are given by default. */
export function selected(item: object, query: URLSearchParams, byDefault?: readonly string[]): Record<string, unknown> {
  const names =
    query
      .get('$select')
      ?.split(',')
      .map((name) => name.trim()) ?? byDefault;
  if (names === undefined) return { ...item };
  return Object.fromEntries(names.map((name) => [name, (item as Record<string, unknown>)[name] ?? null]));
}

/** A page of a list, with the address of the next one. */
export function paged(url: URL, items: readonly unknown[], byDefault: number): object {
  const start = Number(url.searchParams.get('$skiptoken') ?? 0);
  const size = Math.min(Number(url.searchParams.get('$top') ?? byDefault), 999);
  const context = `${url.origin}/v1.0/$metadata#${url.pathname.split('/').at(-1)}`;
  const page = { '@odata.context': context, value: items.slice(start, start + size) };
  if (start + size >= items.length) return page;
  const next = new URL(url);
  next.searchParams.set('$skiptoken', String(start + size));
  return { ...page, '@odata.nextLink': next.href };
}
