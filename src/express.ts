// Genkan as a library: puts sign-in, OAuth and sessions that belong to a person in front of an Express app on the MCP SDK.
import { EntraIdServerAuthProvider } from './express/provider.ts';
import type { EntraIdSettings } from './express/provider.ts';
import { openGenkan } from './express/open-genkan.ts';
import type { Genkan, GenkanOptions, Middleware } from './express/open-genkan.ts';
import type { ProtectSettings } from './express/settings.ts';
import { effectScopes } from './identity/scopes.ts';

export { EntraIdServerAuthProvider };
export type { AuthInfo, Caller } from './express/auth-info.ts';
export type { EntraIdSettings, Genkan, Middleware, ProtectSettings };

/** What is needed of an Express app, version 4 or 5. */
export interface App {
  use(middleware: Middleware): unknown;
}

/**
 * Secures an app: mounts sign-in and the OAuth endpoints, and lets nobody near the MCP server who has not signed in. To be
 * called before its routes are.
 * @throws ConfigMistakes; GenkanError `record_unavailable` when another process has the data directory open
 */
export async function protect(app: App, settings: ProtectSettings, options?: GenkanOptions): Promise<Genkan> {
  let opening: Promise<Genkan>;
  /** Lets nobody by before Genkan has opened, and nobody at all where it could not. */
  const when =
    (part: 'router' | 'guard'): Middleware =>
    (request, response, next) =>
      void opening
        .then(
          (genkan) => genkan[part](request, response, next),
          () => next(new Error('Genkan could not open')),
        )
        .catch(next);
  // At once: whoever does not wait for the opening has their routes behind it all the same.
  app.use(when('router'));
  app.use(when('guard'));
  return await (opening = openGenkan(settings, options));
}

export interface BearerAuthOptions {
  readonly provider: EntraIdServerAuthProvider | Genkan;
  /** Of this server: `mcp`, `mcp:read`, `mcp:write`, `mcp:destroy`, or `auth:…` for what the sign-in has to prove. */
  readonly requiredScopes?: readonly string[];
}

/** @throws TypeError for scopes of other servers, which no token for this one can hold */
export function requireBearerAuth({ provider, requiredScopes = [] }: BearerAuthOptions): Middleware {
  const strange = requiredScopes.filter((scope) => !known.includes(scope) && !scope.startsWith('auth:'));
  if (strange.length > 0)
    throw new TypeError(
      `requiredScopes: ${strange.join(' ')}: tokens for this server hold ${known.join(', ')} or auth:…; scopes of Microsoft Graph go to tokenFor() or fetchAs()`,
    );
  return ('genkan' in provider ? provider.genkan : provider).require(requiredScopes);
}

const known: readonly string[] = ['mcp', ...effectScopes];
