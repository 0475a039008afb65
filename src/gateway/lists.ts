// Lists show only what the caller may use.
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

/** How long a client may keep a filtered list, in milliseconds: rights change, and nothing calls a list back from a cache. */
const maxTtlMs = 60_000;

/**
 * Leaves out of a list what the principal has no right to. A list in which nothing changes keeps its original bytes.
 * A list of the modern era is marked as this caller's own (`cacheScope: private`) with a bounded `ttlMs`.
 */
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
  const cache = conversation.era === 'modern' ? privateCache(response.result!) : undefined;
  const counts = { shown: kept.length, total: items.length };
  if (kept.length === items.length && cache === undefined) return { response, ...counts };
  return { response: result(response.id!, { ...response.result, [member]: kept, ...cache }), ...counts };
}

function privateCache({ ttlMs, cacheScope }: JsonObject): JsonObject | undefined {
  const short = typeof ttlMs === 'number' && ttlMs >= 0 && ttlMs <= maxTtlMs;
  if (cacheScope === 'private' && short) return undefined;
  return { cacheScope: 'private', ttlMs: short ? ttlMs : typeof ttlMs === 'number' && ttlMs > maxTtlMs ? maxTtlMs : 0 };
}
