// The lists of all servers at `/mcp`, put together: one that is late or dead costs nothing but what is new in its own.
import { GenkanError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { oneLine } from '../../base/one-line.ts';
import { METHOD_NOT_FOUND } from '../../protocol/between-families.ts';
import { isJsonObject, request } from '../../protocol/message.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { asWritten } from '../../protocol/written-numbers.ts';
import { createsTasks } from './greeting.ts';
import { ownId, silent } from '../lines/line.ts';
import { withheldMember } from '../lines/screening.ts';
import { shortenedMember, shownTogether } from '../lines/shortened.ts';
import type { Line } from '../lines/line.ts';
import type { MergedLines } from './merged-lines.ts';
import type { ListMember, Method } from '../methods.ts';
import { exposedName } from './names.ts';
import type { Origins } from './origins.ts';
import type { Waits } from './waits.ts';

type Lists = NonNullable<Method['lists']>;

/** What of one server's list is kept: it is shown when the server is late or dead. */
const { items: maxItems, bytes: maxBytes } = shownTogether;
const maxPages = 100;
/** An answer that nobody waits for any more is still welcome for this long. */
const maxWorkMs = 60_000;

/** One server's list as it last came. */
interface Kept {
  readonly items: readonly JsonObject[];
  /** Shown names with the server's own names for them. */
  readonly names: ReadonlyMap<string, string>;
  /** There was more than is kept. */
  readonly shortened: boolean;
  /** Some of it waits for somebody to approve it. */
  readonly withheld: boolean;
  readonly ttlMs: number;
  readonly askedAtMs: number;
}

interface Asking {
  readonly work: Promise<Kept>;
  readonly sinceMs: number;
  /** Somebody has been answered without it. */
  missed: boolean;
}

/** Servers whose part of a list is not what it should be. */
export interface Notice {
  /** What is shown is what they listed last. */
  readonly stale?: readonly string[];
  /** Nothing of them is shown. */
  readonly missing?: readonly string[];
  /** Not everything of them is shown. */
  readonly shortened?: readonly string[];
  /** Some of what they have is not as it was approved, and is left out until somebody has looked. */
  readonly withheld?: readonly string[];
}

export interface MergedList {
  readonly items: readonly JsonObject[];
  readonly notice: Notice | undefined;
  readonly ttlMs: number;
}

export interface MergedLists {
  /**
   * Every server's list, in the order of the servers' names and then as each server has it.
   * @param maxAgeMs lists that are no older are not asked for again; one that has changed is older than any time but `Infinity`
   */
  gather(method: string, lists: Lists, maxAgeMs: number): Promise<MergedList>;
  /** A server says that what it lists has changed. */
  changed(server: string, kind: Lists['primitive']): void;
}

export interface MergedListsOptions {
  readonly servers: () => readonly string[];
  readonly lines: MergedLines;
  readonly origins: Origins;
  readonly waits: Waits;
  /** Parameters of the requests: the client's envelope, where its revision has one. */
  readonly envelope: JsonObject;
  /** Told when a list arrives without which the client has been answered. */
  readonly onLate: (kind: Lists['primitive']) => void;
  readonly log: Log;
}

/** Everything kept here belongs to one conversation of one person, and goes with it. */
export function createMergedLists(options: MergedListsOptions): MergedLists {
  const { servers, lines, origins, waits, envelope, onLate, log } = options;
  const kept = new Map<ListMember, Map<string, Kept>>();
  const asking = new Map<ListMember, Map<string, Asking>>();

  function ask(server: string, method: string, lists: Lists): Asking {
    const { member, primitive } = lists;
    const known = inner(asking, member).get(server);
    if (known !== undefined) return known;
    const sinceMs = performance.now();
    const asked: Asking = { work: collect(server, method, lists), sinceMs, missed: false };
    inner(asking, member).set(server, asked);
    const over = (): void => {
      if (asking.get(member)?.get(server) === asked) asking.get(member)!.delete(server);
    };
    asked.work.then((list) => {
      over();
      const last = inner(kept, member).get(server);
      if (last !== undefined && last.askedAtMs > list.askedAtMs) return; // overtaken
      inner(kept, member).set(server, list);
      origins.learn(member, server, list.names);
      if (asked.missed && differs(last?.items ?? [], list.items)) onLate(primitive);
    }, over);
    return asked;
  }

  /** All pages of one server's list under the names that are shown; empty when the server has no such list. */
  async function collect(server: string, method: string, { member, primitive, identifier }: Lists): Promise<Kept> {
    const askedAtMs = performance.now();
    const signal = AbortSignal.timeout(maxWorkMs);
    const line = await lines.to(server);
    const tasks = takesTasks(line);
    const items: JsonObject[] = [];
    const names = new Map<string, string>();
    let withheld = false;
    let [bytes, ttlMs, cursor, shortened] = [0, Infinity, undefined as unknown, false];
    for (let page = 0; page < maxPages && !shortened; page++) {
      const params = cursor === undefined ? envelope : { ...envelope, cursor };
      const response = await line.request(request(ownId(), method, params), { outlet: silent, signal });
      const { result, error, raw } = response;
      if (error?.code === METHOD_NOT_FOUND) break;
      if (error !== undefined)
        throw new GenkanError('upstream_answer_invalid', { server }, { detail: oneLine(error.message) });
      const list = asWritten(response).result?.[member];
      const listed = Array.isArray(list) ? (list as unknown[]) : [];
      const meta = result?.['_meta'];
      withheld ||= isJsonObject(meta) && meta[withheldMember] === true;
      const isCut = isJsonObject(meta) && meta[shortenedMember] === true;
      const large = bytes + raw.length > maxBytes;
      for (const value of listed) {
        const name = isJsonObject(value) ? value[identifier] : undefined;
        if (typeof name !== 'string' || name === '') continue;
        const shown = primitive === 'resources' ? name : exposedName(server, name, primitive);
        if (names.has(shown)) continue;
        if (large) bytes += JSON.stringify(value).length;
        if ((shortened = names.size >= maxItems || bytes > maxBytes)) break;
        names.set(shown, name);
        items.push({
          ...(tasks ? (value as JsonObject) : withoutTaskSupport(value as JsonObject)),
          [identifier]: shown,
        });
      }
      if (!large) bytes += raw.length;
      shortened ||= isCut;
      const ttl = result?.['ttlMs'];
      ttlMs = Math.min(ttlMs, typeof ttl === 'number' && ttl > 0 ? ttl : 0);
      if (typeof result?.['nextCursor'] !== 'string' || result['nextCursor'] === cursor) break;
      cursor = result['nextCursor'];
      shortened ||= page === maxPages - 1;
    }
    return { items, names, shortened, withheld, ttlMs, askedAtMs };
  }

  /** One server's part, and whether it is the newest. */
  async function part(
    server: string,
    method: string,
    lists: Lists,
    maxAgeMs: number,
  ): Promise<{ server: string; list: Kept | undefined; fresh: boolean }> {
    const last = inner(kept, lists.member).get(server);
    if (last !== undefined && performance.now() - last.askedAtMs <= maxAgeMs)
      return { server, list: last, fresh: true };
    const asked = ask(server, method, lists);
    try {
      return { server, list: await waits.within(server, asked.work, asked.sinceMs), fresh: true };
    } catch (error) {
      asked.missed = true;
      log.warn({ server, method, err: error }, 'a server did not list in time');
      return { server, list: inner(kept, lists.member).get(server), fresh: false };
    }
  }

  return {
    async gather(method, lists, maxAgeMs) {
      const parts = await Promise.all(servers().map((server) => part(server, method, lists, maxAgeMs)));
      const items = parts.flatMap(({ server, list }) =>
        (list?.items ?? []).filter((item) => origins.owns(lists.member, server, item[lists.identifier] as string)),
      );
      const ttlMs = Math.min(...parts.map(({ list, fresh }) => (fresh ? list!.ttlMs : 0)));
      return { items, notice: noticeOf(parts), ttlMs: Number.isFinite(ttlMs) ? ttlMs : 0 };
    },
    changed(server, kind) {
      for (const [member, byServer] of [...kept]) {
        if (kindOf(member) !== kind) continue;
        const list = byServer.get(server);
        if (list !== undefined) byServer.set(server, { ...list, askedAtMs: -Infinity });
        asking.get(member)?.delete(server); // its answer may be older than the change
      }
    },
  };
}

/** What is declared at `/mcp` is not true of every server: a tool says for itself whether it can be called as a task. */
function takesTasks({ initialized }: Line): boolean {
  return initialized === undefined || createsTasks(initialized.result?.['capabilities'] as JsonObject | undefined);
}

function withoutTaskSupport({ execution: _, ...tool }: JsonObject): JsonObject {
  return tool;
}

/** A client that is told of a list that stays late, and asks for it, would be told for ever. */
const differs = (one: readonly JsonObject[], other: readonly JsonObject[]): boolean =>
  JSON.stringify(one) !== JSON.stringify(other);

const kindOf = (member: ListMember): Lists['primitive'] => (member === 'resourceTemplates' ? 'resources' : member);

function inner<Value>(all: Map<ListMember, Map<string, Value>>, member: ListMember): Map<string, Value> {
  const known = all.get(member) ?? new Map<string, Value>();
  all.set(member, known);
  return known;
}

function noticeOf(parts: readonly { server: string; list: Kept | undefined; fresh: boolean }[]): Notice | undefined {
  const named = (which: (part: (typeof parts)[number]) => boolean | undefined): string[] =>
    parts.flatMap((part) => (which(part) === true ? part.server : []));
  const notice = Object.entries({
    stale: named(({ list, fresh }) => !fresh && list !== undefined),
    missing: named(({ list }) => list === undefined),
    shortened: named(({ list }) => list?.shortened),
    withheld: named(({ list }) => list?.withheld),
  }).filter(([, servers]) => servers.length > 0);
  return notice.length === 0 ? undefined : (Object.fromEntries(notice) as Notice);
}
