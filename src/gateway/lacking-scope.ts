// Whether a token is good for what a call does: a client that holds part of a resource asks its person before it does more.
import type { Effect } from '../access/decision.ts';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';

/**
 * The challenge for a call that the token is not good for; undefined where it is. It names all that the token holds besides
 * what it lacks, so that a client which asks for that loses nothing (MCP authorization, "Scope Challenge Handling").
 */
export function lackingScope({ scopes, contexts = [] }: Principal, effect: Effect): Refusal | undefined {
  const needed = `mcp:${effect}`;
  if (scopes === undefined || scopes.includes(needed)) return undefined;
  const scope = [...scopes, needed, ...contexts.map((context) => `auth:${context}`)].join(' ');
  return refuse('identity_scope_missing', { scope: needed }, { outcome: 'challenge', data: { scope } });
}
