// What tools learn of who calls them, in the shape that the MCP SDK hands on (`AuthInfo`).
import type { Principal } from '../base/principal.ts';
import { contextScope, effectScopes } from '../identity/scopes.ts';

export interface AuthInfo {
  /** Names the token, as the audit log does; it opens nothing. The token itself stays with Genkan and its client. */
  readonly token: string;
  readonly clientId: string;
  readonly scopes: string[];
  /** Seconds since the Unix epoch. */
  readonly expiresAt: number;
  /** The resource that the token was issued for (RFC 8707). */
  readonly resource: URL;
  readonly extra: Caller & Record<string, unknown>;
}

export interface Caller {
  /** Stable id of the person, or of an agent; unlike a name or an address it is never given to somebody else. */
  readonly user: string;
  readonly kind: Principal['kind'];
  /** Sign-in name, for people to read. Never decide by it. */
  readonly name: string;
  readonly groups: readonly string[];
  /** Authentication contexts that the sign-in proved, e.g. `c1`. */
  readonly contexts: readonly string[];
  /** Who acts in the person's name besides the client, nearest first. */
  readonly actors: readonly string[];
}

interface Shown {
  readonly fingerprint: string;
  readonly audience: string;
  readonly principal: Principal;
  readonly expiresAtMs: number;
}

export function authInfoOf({ fingerprint, audience, principal, expiresAtMs }: Shown): AuthInfo {
  const { id: user, kind, name, groups, contexts = [], actors = [] } = principal;
  return Object.freeze({
    token: fingerprint,
    clientId: principal.clientId ?? '',
    scopes: scopesOf(principal),
    expiresAt: Math.floor(expiresAtMs / 1000),
    resource: new URL(audience),
    extra: Object.freeze({ user, kind, name, groups, contexts, actors }),
  });
}

/** `mcp` is good for everything; whoever looks for a part finds it as well. */
export const scopesOf = ({ scopes, contexts = [] }: Principal): string[] => [
  ...(scopes ?? ['mcp', ...effectScopes]),
  ...contexts.map(contextScope),
];
