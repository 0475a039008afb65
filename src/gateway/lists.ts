// Lists show only what the caller may use, and what was made for one caller is not cached for others.
import type { Access } from '../access/decision.ts';
import type { Principal } from '../base/principal.ts';
import { result } from '../protocol/message.ts';
import type { JsonObject, ResponseMessage } from '../protocol/message.ts';
import type { Conversation } from './conversation.ts';
import type { Method } from './methods.ts';

export interface FilteredList {
  readonly response: ResponseMessage;
  readonly shown: number;
  readonly total: number;
}

/** How long a client may keep a result, in milliseconds: rights change, and nothing calls a result back from a cache. */
const maxTtlMs = 60_000;

/** Leaves out of a list what the principal has no right to. A list in which nothing changes keeps its original bytes. */
export function filterList(
  response: ResponseMessage,
  { primitive, member, identifier }: NonNullable<Method['lists']>,
  principal: Principal,
  conversation: Conversation,
  access: Access,
): FilteredList {
  const items: unknown = response.result?.[member];
  if (!Array.isArray(items)) return { response, shown: 0, total: 0 };
  const kept = (items as JsonObject[]).filter((item) => {
    const name = item[identifier];
    const origin = typeof name === 'string' ? conversation.origin(primitive, name) : undefined;
    return origin !== undefined && access.visible(principal, { server: origin.server, primitive, name: origin.name });
  });
  const counts = { shown: kept.length, total: items.length };
  if (kept.length === items.length) return { response, ...counts };
  return { response: result(response.id!, { ...response.result, [member]: kept }), ...counts };
}

/** Marks a result of the modern era as this caller's own (MCP 2026-07-28, caching): others may have other rights. */
export function keepPrivate(response: ResponseMessage): ResponseMessage {
  const { cacheScope, ttlMs } = response.result ?? {};
  if (cacheScope === undefined && ttlMs === undefined) return response;
  const ttl = typeof ttlMs === 'number' && ttlMs > 0 ? Math.min(ttlMs, maxTtlMs) : 0;
  if (cacheScope === 'private' && ttlMs === ttl) return response;
  return result(response.id!, { ...response.result, cacheScope: 'private', ttlMs: ttl });
}
