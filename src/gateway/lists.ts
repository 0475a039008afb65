// Lists show only what the caller may use, and what was made for one caller is not cached for others.
import type { Access, AccessRequest } from '../access/decision.ts';
import { GenkanError } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Pins } from '../inspect/pins/pins.ts';
import { isJsonObject, result } from '../protocol/message.ts';
import type { JsonObject, ResponseMessage } from '../protocol/message.ts';
import { shorterList } from '../protocol/shorter-list.ts';
import { asWritten } from '../protocol/written-numbers.ts';
import type { Conversation } from './conversations/conversation.ts';
import type { Method } from './methods.ts';
import { pageOf } from './pages.ts';
import type { Seen } from './conversations/rights-watch.ts';

export interface FilteredList {
  readonly response: ResponseMessage;
  readonly shown: number;
  readonly total: number;
}

/** How long a client may keep a result, in milliseconds: rights change, and not every client hears of it. */
const maxTtlMs = 60_000;

/**
 * Leaves out of a list what the principal has no right to, and then cuts it into pages where the whole list is at hand. A
 * list in which nothing changes keeps its original bytes.
 * @param cursor the client's, which may be anything
 */
export function filterList(
  response: ResponseMessage,
  { primitive, member, identifier }: NonNullable<Method['lists']>,
  principal: Principal,
  conversation: Conversation,
  access: Access,
  cursor?: unknown,
  pins?: Pick<Pins, 'holds'>,
): FilteredList {
  const items: unknown = response.result?.[member];
  if (!Array.isArray(items)) return { response, shown: 0, total: 0 };
  const seen: Seen[] = [];
  const kept = (items as unknown[]).filter((item): item is JsonObject => {
    if (!isJsonObject(item)) return false;
    const name = item[identifier];
    const origin = typeof name === 'string' ? conversation.origin(primitive, name) : undefined;
    if (origin === undefined) return false;
    const use = { server: origin.server, primitive, name: origin.name, hints: hintsIn(item['annotations']) };
    const visible = access.visible(principal, use);
    seen.push({ use, visible });
    // A list that was kept may be older than what was noticed since.
    return visible && pins?.holds(origin.server, member, origin.name) !== true;
  });
  conversation.rights?.listed(member, seen, cursor !== undefined && conversation.paged !== true);
  const page =
    conversation.paged === true ? pageOf(kept, cursor, (item) => item[identifier] as string) : { items: kept };
  if (page === undefined) throw new GenkanError('gateway_cursor_unknown');
  const counts = { shown: page.items.length, total: items.length };
  if (page.items.length === items.length) return { response, ...counts };
  const next = conversation.paged === true && page.nextCursor !== undefined ? { nextCursor: page.nextCursor } : {};
  return { response: shorterList(response, member, page.items, next), ...counts };
}

function hintsIn(annotations: unknown): AccessRequest['hints'] {
  if (!isJsonObject(annotations)) return undefined;
  const { readOnlyHint, destructiveHint } = annotations;
  return {
    readOnly: typeof readOnlyHint === 'boolean' ? readOnlyHint : undefined,
    destructive: typeof destructiveHint === 'boolean' ? destructiveHint : undefined,
  };
}

/**
 * What a server says of itself, with what Genkan adds: the lists that it shows change with the caller's rights, even where
 * those of the server never do.
 */
export function declareChanges(response: ResponseMessage): ResponseMessage {
  const written = asWritten(response).result;
  const capabilities = written?.['capabilities'];
  if (!isJsonObject(capabilities)) return response;
  const silent = Object.entries(capabilities).filter(
    ([name, value]) => changing.has(name) && isJsonObject(value) && value['listChanged'] !== true,
  );
  if (silent.length === 0) return response;
  const declared = silent.map(([name, value]) => [name, { ...(value as JsonObject), listChanged: true }]);
  const added = { ...capabilities, ...(Object.fromEntries(declared) as JsonObject) };
  return result(response.id!, { ...written, capabilities: added });
}

const changing: ReadonlySet<string> = new Set(['tools', 'prompts', 'resources']);

/**
 * Marks a result of the modern era as this caller's own (MCP 2026-07-28, caching): others may have other rights.
 * @param leftMs how long the right behind it lasts, as far as that is known
 */
export function keepPrivate(response: ResponseMessage, leftMs = Infinity): ResponseMessage {
  const { cacheScope, ttlMs } = response.result ?? {};
  if (cacheScope === undefined && ttlMs === undefined) return response;
  const ttl = typeof ttlMs === 'number' && ttlMs > 0 ? Math.max(0, Math.floor(Math.min(ttlMs, maxTtlMs, leftMs))) : 0;
  if (cacheScope === 'private' && ttlMs === ttl) return response;
  return result(response.id!, { ...asWritten(response).result, cacheScope: 'private', ttlMs: ttl });
}
