// Finds out who signs people in for an MCP server: its resource metadata (RFC 9728), then the authorization server's (RFC 8414, OIDC).
import type { AuthorizationServer } from 'oauth4webapi';
import { z } from 'zod';
import type { GuardedFetch } from './guarded-fetch.ts';
import { scopesOf } from './challenge.ts';

/** What a server, or the authorization server that it names, publishes cannot be used. The message is for the log. */
export class DiscoveryFault extends Error {}

export interface Resource {
  /** The server's own name for itself, as it wants to stand in tokens (RFC 8707). */
  readonly resource: string;
  /** Issuers of the authorization servers, as the server spells them. */
  readonly issuers: readonly [string, ...string[]];
  readonly scopes: string | undefined;
}

const address = z.url({ protocol: /^https?$/ }).max(2048);

const resourceDocument = z.object({
  resource: address,
  authorization_servers: z.array(address).min(1).max(16),
  scopes_supported: z.array(z.string()).optional(),
});

const serverDocument = z.looseObject({
  issuer: address,
  authorization_endpoint: address,
  token_endpoint: address,
  registration_endpoint: address.optional(),
  response_types_supported: z.array(z.string()).optional(),
  grant_types_supported: z.array(z.string()).optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
  id_token_signing_alg_values_supported: z.array(z.string()).optional(),
  scopes_supported: z.array(z.string()).optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
  client_id_metadata_document_supported: z.boolean().optional(),
});

/**
 * The resource metadata of an MCP server (MCP 2026-07-28, "Protected Resource Metadata Discovery Requirements").
 * @param named address from the server's challenge, if it gave one
 * @throws DiscoveryFault when there is none, or when it speaks for another server
 */
export async function discoverResource(
  serverUrl: string,
  named: string | undefined,
  { fetch }: Pick<GuardedFetch, 'fetch'>,
): Promise<Resource> {
  for (const url of named === undefined ? resourceLocations(serverUrl) : [named]) {
    const document = await fetchDocument(fetch, url);
    if (document === undefined) continue;
    const parsed = resourceDocument.safeParse(document);
    if (!parsed.success) throw new DiscoveryFault(`the resource metadata at ${url} is not valid`);
    const { resource, authorization_servers: issuers, scopes_supported: scopes } = parsed.data;
    if (!covers(resource, serverUrl))
      throw new DiscoveryFault(`the resource metadata at ${url} is that of ${resource}`);
    return {
      resource,
      issuers: issuers as [string, ...string[]],
      scopes: scopesOf(scopes?.join(' ')).join(' ') || undefined,
    };
  }
  throw new DiscoveryFault('the server publishes no resource metadata (RFC 9728)');
}

/**
 * The metadata of an authorization server (MCP 2026-07-28, "Authorization Server Metadata Discovery").
 * @throws DiscoveryFault when there is none, or when it must not be used
 */
export async function discoverAuthorizationServer(
  issuer: string,
  { fetch, check }: Pick<GuardedFetch, 'fetch' | 'check'>,
): Promise<AuthorizationServer> {
  for (const url of serverLocations(issuer)) {
    const document = await fetchDocument(fetch, url);
    if (document === undefined) continue;
    const parsed = serverDocument.safeParse(document);
    if (!parsed.success) throw new DiscoveryFault(`the authorization server metadata at ${url} is not valid`);
    const server = parsed.data as AuthorizationServer & z.infer<typeof serverDocument>;
    // RFC 8414 §3.3
    if (!sameIssuer(server.issuer, issuer))
      throw new DiscoveryFault(`the authorization server metadata at ${url} is that of ${server.issuer}`);
    // MCP 2026-07-28, "Authorization Code Protection": without the announcement, refuse to proceed.
    if (!server.code_challenge_methods_supported?.includes('S256'))
      throw new DiscoveryFault(`the authorization server ${issuer} does not announce PKCE with S256`);
    if (server.response_types_supported?.includes('code') === false)
      throw new DiscoveryFault(`the authorization server ${issuer} does not issue codes`);
    for (const endpoint of [server.authorization_endpoint, server.token_endpoint, server.registration_endpoint])
      if (endpoint !== undefined) check(endpoint);
    return server;
  }
  throw new DiscoveryFault(`the authorization server ${issuer} publishes no metadata`);
}

/** RFC 9728 §3.1: below the path first, then at the root. */
function resourceLocations(serverUrl: string): string[] {
  const { origin, pathname, search } = new URL(serverUrl);
  const root = `${origin}/.well-known/oauth-protected-resource`;
  const path = pathname.replace(/\/$/, '');
  return path === '' && search === '' ? [root] : [`${root}${path}${search}`, root];
}

function serverLocations(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const inserted = ['oauth-authorization-server', 'openid-configuration'].map(
    (name) => `${origin}/.well-known/${name}${path}`,
  );
  return path === '' ? inserted : [...inserted, `${origin}${path}/.well-known/openid-configuration`];
}

/** Whether tokens for a resource are tokens for the server: it is the server's own address, or one above it on the same origin. */
function covers(resource: string, serverUrl: string): boolean {
  const [above, below] = [new URL(resource), new URL(serverUrl)];
  if (above.origin !== below.origin || above.hash !== '') return false;
  if (above.search !== '' && above.search !== below.search) return false;
  const folder = above.pathname.replace(/\/?$/, '/');
  return below.pathname.replace(/\/?$/, '/').startsWith(folder);
}

/** A bare origin with and without its slash is one address (RFC 3986 §6.2.3), and spelled both ways in the wild. */
export const sameIssuer = (named: string, known: string): boolean =>
  named === known || (URL.parse(known)?.pathname === '/' && sameButSlash(named, known));

const sameButSlash = (one: string, other: string): boolean => one.replace(/\/$/, '') === other.replace(/\/$/, '');

/** Undefined where nothing is published: the next place is tried. */
async function fetchDocument(fetch: GuardedFetch['fetch'], url: string): Promise<unknown> {
  const answer = await fetch(url, { headers: { accept: 'application/json' } });
  // RFC 9728 and RFC 8414 want 200; where a path is not served, servers answer with all kinds of refusals.
  if (answer.status >= 500) throw new DiscoveryFault(`${url} answered with HTTP ${answer.status}`);
  if (answer.status !== 200) return undefined;
  try {
    return await answer.json();
  } catch {
    return undefined; // a page for everything that is unknown
  }
}
