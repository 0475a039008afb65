// The OAuth scopes: what a client may do, what a sign-in has to prove, and how a requested scope becomes a granted one.

/** What a whole resource needs. */
type ResourceScope = 'mcp' | 'admin';

/** Parts of `mcp`, by what calls do. */
export const effectScopes = ['mcp:read', 'mcp:write', 'mcp:destroy'] as const;

/** Scopes that exist by themselves. `offline_access` asks for a refresh token. */
export const scopesSupported = ['mcp', ...effectScopes, 'admin', 'offline_access'] as const;

/** What is offered besides. */
export interface ScopeOffer {
  /** Clients that do not say what they need get to read, and step up when they do more. */
  readonly least: boolean;
  /** Authentication contexts that a client may ask to be proven, by `auth:{context}`. */
  readonly contexts: readonly string[];
}

export const wholeOffer: ScopeOffer = { least: false, contexts: [] };

/** An authentication context as it may stand in a scope (RFC 6749 §3.3) and in `acr_values`. */
export const contextPattern = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/;

const contextPrefix = 'auth:';

/** The one scope of a resource: `admin` for `{publicUrl}/api`, `mcp` for everything else. */
export const scopeOf = (resource: string): ResourceScope =>
  URL.parse(resource)?.pathname === '/api' ? 'admin' : 'mcp';

/** The scope that a client of a resource is told to ask for first. */
export const firstScopeOf = (resource: string, { least }: ScopeOffer): string =>
  least && scopeOf(resource) === 'mcp' ? 'mcp:read' : scopeOf(resource);

export const contextScope = (context: string): string => `${contextPrefix}${context}`;

/** The authentication contexts that a scope asks for, as far as they are offered. */
export function contextsAsked(scope: unknown, { contexts }: ScopeOffer): string[] {
  const asked = new Set(typeof scope === 'string' ? scope.split(' ') : []);
  return contexts.filter((context) => asked.has(contextScope(context)));
}

/** Scopes that a person agrees to: what a sign-in proves is no permission. */
export const permissionsIn = (scopes: readonly string[]): string[] =>
  scopes.filter((scope) => !scope.startsWith(contextPrefix) && scope !== 'offline_access');

/** What the calls of a token may do; undefined for everything. @returns undefined as well where the scope holds for nothing, see `holdsFor` */
export const effectsIn = (scopes: readonly string[]): readonly string[] | undefined =>
  scopes.includes('mcp') || scopes.includes('admin')
    ? undefined
    : effectScopes.filter((scope) => scopes.includes(scope));

/** Whether a token with these scopes may be used at a resource at all. */
export const holdsFor = (scopes: readonly string[], resource: string): boolean =>
  scopes.includes(scopeOf(resource)) ||
  (scopeOf(resource) === 'mcp' && effectScopes.some((scope) => scopes.includes(scope)));

/**
 * The scope that a request for `resource` gets. Clients ask for nothing, or for the scopes of other servers
 * (`openid profile`); both would end in a refusal that no person could understand (RFC 6749 §3.3 lets the server choose).
 */
export function grantableScope(requested: string | undefined, resource: string, offer = wholeOffer): string {
  const asked = requested?.split(' ') ?? [];
  return [
    ...permissionsAsked(asked, resource, offer),
    ...contextsAsked(requested, offer).map(contextScope),
    ...(asked.includes('offline_access') ? ['offline_access'] : []),
  ].join(' ');
}

function permissionsAsked(asked: readonly string[], resource: string, offer: ScopeOffer): string[] {
  const whole = scopeOf(resource);
  if (whole === 'admin' || asked.includes(whole)) return [whole];
  const parts = effectScopes.filter((scope) => asked.includes(scope));
  if (parts.length === 0) return [firstScopeOf(resource, offer)];
  // Without reading nobody can find what to write to.
  return [...new Set(['mcp:read', ...parts])];
}

/** Rewrites the scope of an authorization request; repeated parameters are left for the provider to refuse. */
export function withGrantableScope(query: URLSearchParams, offer = wholeOffer): URLSearchParams {
  const [resources, requested] = [query.getAll('resource'), query.getAll('scope')];
  if (resources.length !== 1 || requested.length > 1) return query;
  const shaped = new URLSearchParams(query);
  shaped.set('scope', grantableScope(requested[0], resources[0]!, offer));
  return shaped;
}
