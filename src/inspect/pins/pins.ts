// Pins: what a server shows is used as it was approved, and not otherwise. Every list that comes from a server passes here.
import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Notifier } from '../../base/notice.ts';
import { onOneLine } from '../../base/one-line.ts';
import { isJsonObject } from '../../protocol/message.ts';
import type { JsonObject } from '../../protocol/message.ts';
import type { Database } from '../../state/database.ts';
import type { Revocations } from '../../state/revocations.ts';
import { learn } from './learning.ts';
import { createLeftOut } from './left-out.ts';
import { emptyBook } from './pin-book.ts';
import type { Pin, PinBook, Reason, Shown } from './pin-book.ts';
import { tellOfPins } from './pin-notices.ts';
import type { Noticed } from './pin-notices.ts';
import { createPinStore } from './pin-store.ts';
import type { PinStore } from './pin-store.ts';
import type { PinSettings } from './settings.ts';
import { identifiers, introductionOf, itemKinds, itemOf } from './surface.ts';
import type { Item, ItemKind } from './surface.ts';
import { inPortions } from './portions.ts';
import { createToolIndex } from './tool-index.ts';

export type ListKind = keyof typeof identifiers;
/** What is used: a resource may stand for itself, or fit a template. */
type Used = 'tools' | 'prompts' | 'resources';

export interface Pins {
  /** Takes note of items as a server lists them. @returns for each whether it may be used as it is */
  observe(server: string, kind: ListKind, values: readonly JsonObject[], shown: Shown): Promise<readonly boolean[]>;
  /** Takes note of how a server introduces itself. @returns whether each part may be shown */
  introduce(
    server: string,
    said: { readonly info: unknown; readonly capabilities: unknown; readonly instructions: unknown },
  ): Promise<{ readonly info: boolean; readonly instructions: boolean }>;
  /** Why something may not be used now; undefined when pins have nothing against it. */
  withheld(
    server: string,
    used: Used,
    name: string,
  ): { readonly refusal: Refusal; readonly hints: Pin['hints'] } | undefined;
  /** Whether a person has approved an item exactly as it is. */
  approvedByPerson(server: string, kind: string, value: unknown): boolean;
  /** Whether an item of a list is withheld by its name. */
  holds(server: string, kind: ListKind, name: string): boolean;
  /** Names that are withheld at a server, as it calls them. */
  names(server: string, used: Used): Iterable<string>;
  /** Calls back when other items may be used than before. @returns ends it */
  watch(server: string, act: (kinds: ReadonlySet<ItemKind>) => void): () => void;
}

export interface PinNeighbours {
  readonly database: Database;
  readonly revocations: Pick<Revocations, 'commit' | 'follow'>;
  readonly notifier: Notifier;
  readonly record: (entry: {
    readonly action: string;
    readonly resource: string;
    readonly result: 'allowed' | 'blocked';
    readonly details: Readonly<Record<string, unknown>>;
  }) => Promise<unknown>;
  /** Names of the servers that there are. */
  readonly servers: () => readonly string[];
  /** What a server runs, or where it is: two of the same program shadow nobody. Undefined where that is not known. */
  readonly programOf: (server: string) => string | undefined;
  /** What is suspicious in a text that a server shows, as rules; undefined when nothing is. */
  readonly suspects?:
    | ((text: string, about: { readonly server: string; readonly name: string }) => readonly string[] | undefined)
    | undefined;
  /** Counts what was noticed, by reason. */
  readonly count: (reason: Reason['why'] | 'gone') => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** The pins themselves with what the desk of administrators needs. */
export interface PinKeeper extends Pins {
  readonly store: PinStore;
  /** Reads a server's pins again: somebody has decided. */
  reload(server: string): Promise<void>;
  waiting(): number;
}

/** A server whose list is another each time waits for its person no better by being written down each time. */
const againMs = 5000;
/** What a server showed beyond all bounds is not looked at again sooner. */
const fullMs = 60_000;
/** People who look at records have seen it by then. */
const toldAgainMs = 3_600_000;
/** Lists of one server that were digested last: one that comes again is not digested again. */
const maxMemory = 16;
const maxNameLength = 2048;
const maxTextLength = 262_144;

export async function createPins(settings: PinSettings, neighbours: PinNeighbours): Promise<PinKeeper> {
  const { database, revocations, clock, log } = neighbours;
  const store = createPinStore(database);
  const index = createToolIndex();
  const books = new Map<string, PinBook>();
  const memories = new Map<string, Map<string, readonly string[]>>();
  const queues = new Map<string, Promise<unknown>>();
  const watchers = new Map<string, Set<(kinds: ReadonlySet<ItemKind>) => void>>();
  const fullUntilMs = new Map<string, number>();
  const toldFullMs = new Map<string, number>();
  const leftOut = createLeftOut();
  /** What the policy has approved, and was looked at since this process knows what an attack looks like. */
  const readHere = new Map<string, Set<string>>();
  const digested = new WeakMap<object, string>();

  const bookOf = (server: string): PinBook => books.get(server) ?? emptyBook;

  function keep(server: string, book: PinBook): void {
    const before = bookOf(server);
    books.set(server, book);
    index.put(server, book);
    const kinds = book.differsFrom(before);
    if (kinds.size > 0) for (const act of watchers.get(server) ?? []) act(kinds);
  }

  /** One after the other: what was read last is what stands. */
  function inTurn<Value>(server: string, work: () => Promise<Value>): Promise<Value> {
    const turn = (queues.get(server) ?? Promise.resolve()).then(work, work);
    const over = turn.then(
      () => undefined,
      () => undefined,
    );
    queues.set(server, over);
    void over.then(() => queues.get(server) === over && queues.delete(server));
    return turn;
  }

  const reload = (server: string): Promise<void> =>
    inTurn(server, async () => {
      fullUntilMs.delete(server);
      keep(server, await store.book(database, server, bookOf(server)));
    });

  for (const server of await store.servers()) keep(server, await store.book(database, server));
  revocations.follow(({ kind, subject }) => {
    if (kind === 'pin') reload(subject).catch((error: unknown) => log.error({ err: error }, 'pins cannot be read'));
  });

  /** Digests of a list; empty where an item is larger, or there are more, than is kept. Others have their turn meanwhile. */
  async function digestsOf(server: string, kind: ListKind, values: readonly JsonObject[]): Promise<readonly string[]> {
    const memory = memories.get(server) ?? new Map<string, readonly string[]>();
    memories.set(server, memory);
    const digest = createHash('sha256');
    await inPortions(values, (value) => digest.update(`${JSON.stringify(value)}\n`));
    const key = `${kind} ${digest.digest('hex')}`;
    const book = bookOf(server);
    const isKept = (value: JsonObject, at: number): boolean =>
      at < settings.maxItems || book.pin(kind, value[identifiers[kind]] as string) !== undefined;
    let digests = memory.get(key);
    if (digests === undefined) {
      const all: string[] = [];
      await inPortions(values, (value, at) => all.push(isKept(value, at) ? digestIn(kind, value) : ''));
      digests = all;
    }
    if (values.length > settings.maxItems) return digests; // what is kept of so many is another question each time
    memory.delete(key);
    memory.set(key, digests);
    if (memory.size > maxMemory) memory.delete(memory.keys().next().value!);
    return digests;
  }

  async function overflow(server: string, kind: ItemKind): Promise<void> {
    const nowMs = clock.now();
    fullUntilMs.set(server, nowMs + fullMs);
    const key = `${kind} ${server}`;
    if (nowMs - (toldFullMs.get(key) ?? -Infinity) < toldAgainMs) return;
    toldFullMs.set(key, nowMs);
    log.warn({ server, kind }, 'a server shows more than is kept of it; the rest is withheld');
    await neighbours.record({
      action: 'pin/change',
      resource: `/servers/${server}`,
      result: 'blocked',
      details: { server, kind, reason: 'inspect_pin_too_many' },
    });
  }

  const isFull = (server: string): boolean => (fullUntilMs.get(server) ?? 0) > clock.now();

  /** Whether the version that is shown may be used; undefined when it has to be looked at. */
  function verdict(server: string, book: PinBook, kind: ItemKind, name: string, digest: string): boolean | undefined {
    if (digest === '') return false;
    const admitted = book.admits(kind, name, digest);
    if (admitted === true) {
      const isRead = book.pin(kind, name)!.byPerson || readHere.get(server)?.has(digest) === true;
      return isRead || neighbours.suspects === undefined ? true : undefined;
    }
    if (admitted === false) return false;
    const { waiting } = book.pin(kind, name) ?? {};
    if (waiting !== undefined && clock.now() - waiting.atMs < againMs) return false;
    return book.pin(kind, name) === undefined && isFull(server) ? false : undefined;
  }

  async function look(
    server: string,
    kind: ItemKind,
    itemsNow: () => Promise<readonly Item[]>,
    shown: Shown,
  ): Promise<void> {
    await inTurn(server, async () => {
      const items = await itemsNow();
      const { noticed, met, full } = await learn({
        ...neighbours,
        settings,
        store,
        index,
        server,
        kind,
        items,
        shown,
        book: bookOf(server),
      });
      if (full) await overflow(server, kind);
      const read = readHere.get(server) ?? new Set();
      if (read.size > 2 * settings.maxItems) read.clear();
      for (const { digest } of items) read.add(digest);
      readHere.set(server, read);
      keep(server, await store.book(database, server, bookOf(server)));
      await tell(server, kind, noticed, met);
    });
  }

  async function tell(server: string, kind: ItemKind, noticed: readonly Noticed[], met: number): Promise<void> {
    if (met > 0)
      await neighbours.record({
        action: 'pin/first-contact',
        resource: `/servers/${server}`,
        result: 'allowed',
        details: { server, kind, approved: met, by: 'policy', policy: 'inspect.pins.firstContact: approve' },
      });
    if (noticed.length === 0) return;
    for (const { reasons } of noticed)
      for (const why of reasons.length === 0 ? (['gone'] as const) : reasons.map((reason) => reason.why))
        neighbours.count(why);
    const withheld = noticed.filter((each) => each.withheld).length;
    log.warn({ server, kind, noticed: noticed.length, withheld }, 'a server is not what was approved');
    await neighbours.record({
      action: 'pin/change',
      resource: `/servers/${server}`,
      result: withheld > 0 ? 'blocked' : 'allowed',
      details: {
        server,
        withheld,
        noticed: noticed.length,
        items: noticed.slice(0, 20).map(({ name, reasons, ...each }) => ({
          ...each,
          name: onOneLine(name).slice(0, 128),
          reasons: reasons.length === 0 ? ['gone'] : reasons.map(({ why }) => why),
        })),
      },
    });
    await tellOfPins(neighbours.notifier, server, noticed).catch((error: unknown) =>
      log.error({ err: error, server }, 'people could not be told of a change'),
    );
  }

  return {
    store,
    reload,
    waiting: () => [...books.values()].reduce((count, book) => count + book.waiting(), 0),

    async observe(server, kind, values, shown) {
      const digests = await digestsOf(server, kind, values);
      const nameAt = (at: number): string => values[at]![identifiers[kind]] as string;
      const judged = (): (boolean | undefined)[] =>
        digests.map((digest, at) => verdict(server, bookOf(server), kind, nameAt(at), digest));
      // What nothing is written down of is withheld by its name as well.
      const passing = (verdicts: readonly (boolean | undefined)[]): boolean[] => {
        const passes = verdicts.map((verdict) => verdict === true);
        leftOut.take(server, kind, passes, nameAt, (name) => bookOf(server).withholds(kind, name));
        return passes;
      };
      const first = judged();
      const isOpen = bookOf(server).contacts.get(kind)?.completed !== true;
      if (
        !first.includes(undefined) &&
        !(isOpen && shown.complete) &&
        bookOf(server).goneFrom(kind, shown).length === 0
      )
        return passing(first);
      const news = async (): Promise<Item[]> => {
        const now = judged();
        const items: Item[] = [];
        await inPortions(values, (value, at) => now[at] === undefined && items.push(itemOf(kind, nameAt(at), value)));
        return items;
      };
      await look(server, kind, news, shown);
      if (values.length > settings.maxItems) await overflow(server, kind);
      return passing(judged());
    },

    async introduce(server, { info, capabilities, instructions }) {
      const one = async (kind: ItemKind, value: JsonObject | undefined): Promise<boolean> => {
        const item = value && itemOf(kind, '', value);
        if (item !== undefined && item.text.length > maxTextLength) return false;
        const verdictNow = (): boolean | undefined => item && verdict(server, bookOf(server), kind, '', item.digest);
        const complete = new Set(item ? [''] : []);
        const shown = { complete, shared: true };
        const isNew = item ? verdictNow() === undefined : bookOf(server).goneFrom(kind, shown).length > 0;
        if (isNew || bookOf(server).contacts.get(kind)?.completed !== true)
          await look(server, kind, async () => (item && verdictNow() === undefined ? [item] : []), shown);
        return item === undefined || verdictNow() === true;
      };
      const text = typeof instructions === 'string' && instructions !== '' ? { instructions } : undefined;
      return {
        info: await one('server', introductionOf(info, capabilities)),
        instructions: await one('instructions', text),
      };
    },

    withheld(server, used, name) {
      const book = bookOf(server);
      const isOne = used !== 'resources' || book.withholds('resources', name) || leftOut.has(server, used, name);
      const kind = isOne ? used : templateOf(book, name);
      if (kind === undefined) return undefined;
      const at = kind === used ? name : (templateNamed(book, name) ?? name);
      if (!book.withholds(kind, at)) {
        const isUnknown = used === 'tools' && book.pin(kind, at) === undefined;
        const isBeyond = leftOut.has(server, kind, at) || (isUnknown && isFull(server));
        return isBeyond ? { refusal: refuse('inspect_pin_too_many', { server }), hints: undefined } : undefined;
      }
      const pin = book.pin(kind, at)!;
      const params = { server, name: onOneLine(at).slice(0, 256) };
      return { refusal: refuse(codeOf(pin), params), hints: pin.hints };
    },

    approvedByPerson(server, kind, value) {
      if (!isJsonObject(value) || !(itemKinds as readonly string[]).includes(kind)) return false;
      const of = kind as ItemKind;
      const name = of in identifiers ? value[identifiers[of as ListKind]] : '';
      if (typeof name !== 'string') return false;
      const digest = digested.get(value) ?? itemOf(of, name, value).digest;
      digested.set(value, digest); // asked once for each text in it
      const pin = bookOf(server).pin(of, name);
      return pin?.byPerson === true && pin.approved === digest && !bookOf(server).withholds(of, name);
    },

    holds: (server, kind, name) => bookOf(server).withholds(kind, name) || leftOut.has(server, kind, name),

    names: (server, used) => [
      ...bookOf(server).withheld(used),
      ...leftOut.names(server, used),
      ...(used === 'resources' ? bookOf(server).withheld('resourceTemplates') : []),
    ],

    watch(server, act) {
      const all = watchers.get(server) ?? new Set();
      watchers.set(server, all);
      all.add(act);
      return () => {
        all.delete(act);
        if (all.size === 0 && watchers.get(server) === all) watchers.delete(server);
      };
    },
  };
}

function digestIn(kind: ListKind, value: JsonObject): string {
  const name = value[identifiers[kind]];
  if (typeof name !== 'string' || name.length > maxNameLength) return '';
  const { text, digest } = itemOf(kind, name, value);
  return text.length > maxTextLength ? '' : digest;
}

/** Why, where there are several reasons: the gravest. */
function codeOf({ waiting, rejected }: Pin) {
  if (waiting === undefined) return rejected === undefined ? 'inspect_pin_changed' : 'inspect_pin_rejected';
  const has = (why: Reason['why']): boolean => waiting.reasons.some((reason) => reason.why === why);
  if (has('suspect')) return 'inspect_pin_suspect';
  if (has('shadows') || has('refers')) return 'inspect_pin_shadows';
  if (has('renamed')) return 'inspect_pin_renamed';
  if (has('added')) return 'inspect_pin_added';
  return has('first-contact') ? 'inspect_pin_first_contact' : 'inspect_pin_changed';
}

/** A URI that no list shows is one of the template with the longest literal beginning; what is listed stands for itself. */
function templateNamed(book: PinBook, uri: string): string | undefined {
  if (book.withheld('resourceTemplates').size === 0) return undefined;
  if (book.withholds('resourceTemplates', uri)) return uri;
  if (book.pin('resources', uri)?.approved !== undefined) return undefined;
  let best = '';
  for (const template of book.pins.get('resourceTemplates')?.keys() ?? []) {
    const literal = template.split('{', 1)[0]!;
    if (literal.length > best.split('{', 1)[0]!.length && uri.startsWith(literal)) best = template;
  }
  return best === '' || !book.withholds('resourceTemplates', best) ? undefined : best;
}

const templateOf = (book: PinBook, uri: string): 'resourceTemplates' | undefined =>
  templateNamed(book, uri) === undefined ? undefined : 'resourceTemplates';
