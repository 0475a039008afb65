// The OAuth scopes: one for using MCP servers, one for administering, and how a requested scope becomes a granted one.

export type ResourceScope = 'mcp' | 'admin';

/** Scopes that exist, for the metadata. `offline_access` asks for a refresh token. */
export const scopesSupported = ['mcp', 'admin', 'offline_access'] as const;

/** The one scope of a resource: `admin` for `{publicUrl}/api`, `mcp` for everything else. */
export const scopeOf = (resource: string): ResourceScope =>
  URL.parse(resource)?.pathname === '/api' ? 'admin' : 'mcp';

/**
 * The scope that a request for `resource` gets. Clients ask for nothing, or for the scopes of other servers
 * (`openid profile`); both would end in a refusal that no person could understand (RFC 6749 §3.3 lets the server choose).
 */
export function grantableScope(requested: string | undefined, resource: string): string {
  const offline = requested?.split(' ').includes('offline_access') ?? false;
  return offline ? `${scopeOf(resource)} offline_access` : scopeOf(resource);
}

/** Rewrites the scope of an authorization request; repeated parameters are left for the provider to refuse. */
export function withGrantableScope(query: URLSearchParams): URLSearchParams {
  const [resources, requested] = [query.getAll('resource'), query.getAll('scope')];
  if (resources.length !== 1 || requested.length > 1) return query;
  const shaped = new URLSearchParams(query);
  shaped.set('scope', grantableScope(requested[0], resources[0]!));
  return shaped;
}
