// Hourly figures of the record: how often each tool was called with which result, and how long it took. They name no person.
import type { DatabaseSync } from 'node:sqlite';
import type { Derived } from './by-user.ts';
import { entryOf, parseLeaf } from './leaf.ts';

/** What one record adds to the figures. */
export interface Measured {
  readonly timestamp: number;
  readonly server: string;
  readonly tool: string;
  readonly action: string;
  readonly result: string;
  readonly durationMs?: number | undefined;
}

/** One tool, action and result, on one day: a row. */
export interface Series extends Omit<Measured, 'timestamp' | 'durationMs'> {
  /** Beginning of the day in UTC. */
  readonly day: number;
}

/** How many records there were of a series, by hour and how long they took: a cell for each pair that occurs. */
export interface Figures extends Series {
  readonly cells: Map<number, number>;
}

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
export const buckets = 64;
const perDoubling = 3;
const firstMs = 0.5;
/** Stands in the place of a bucket where no length of time is known. */
export const noDuration = buckets;
/** Cells of one hour; that of an hour and a bucket is `hour * cellsOfHour + bucket`. */
export const cellsOfHour = buckets + 1;

/** The bucket of a length of time: each reaches a quarter further than the one before, from half a millisecond to 17 minutes. */
export const bucketOf = (durationMs: number): number =>
  durationMs > firstMs ? Math.min(buckets - 1, Math.ceil(Math.log2(durationMs / firstMs) * perDoubling)) : 0;

/** What stands for all in a bucket: the geometric middle, so that none is further off than an eighth. */
export const middleOf = (bucket: number): number =>
  Number((firstMs * 2 ** ((bucket - 0.5) / perDoubling)).toPrecision(4));

// `totals` are the cells of the whole day as if of its first hour: for a month of a series, thirty short rows are read. `next` is the first record that is not
// in the figures yet. They are written in the order of the records and together with it, so whatever a crash takes is counted
// again, and nothing twice.
export const rollupTables = `
  CREATE TABLE IF NOT EXISTS rollup (
    day INTEGER NOT NULL, server TEXT NOT NULL, tool TEXT NOT NULL, action TEXT NOT NULL, result TEXT NOT NULL,
    totals BLOB NOT NULL, cells BLOB NOT NULL, UNIQUE (day, server, tool, action, result)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS rollup_cursor (one INTEGER PRIMARY KEY CHECK (one = 1), next INTEGER NOT NULL) STRICT;
`;

/** Series of one day; what comes after so many is counted together. */
const mostOnDay = 5000;
/**
 * What was refused bears whatever name the caller gave it; everything else was found to be there first. So refusals under names
 * that nobody has got through with lately have a room of their own, in which they displace nothing but each other.
 */
const refusals: ReadonlySet<string> = new Set(['denied', 'challenged', 'blocked']);
const mostStrangeOnDay = 1000;
const latelyMs = 30 * dayMs;
export const others = '(others)';

const keyOf = ({ day, server, tool, action, result }: Series): string =>
  `${day}\0${server}\0${tool}\0${action}\0${result}`;

const nameOf = ({ server, tool, action }: Series): string => `${server}\0${tool}\0${action}`;

/** Adds up records, in their order. */
export class Tally {
  readonly #figures = new Map<string, Figures>();

  add({ timestamp, server, tool, action, result, durationMs }: Measured): void {
    const day = Math.floor(timestamp / dayMs) * dayMs;
    const series = { day, server, tool, action, result };
    const key = keyOf(series);
    let figures = this.#figures.get(key);
    if (figures === undefined) {
      figures = { ...series, cells: new Map() };
      this.#figures.set(key, figures);
    }
    const hour = Math.floor((timestamp - day) / hourMs);
    const cell = hour * cellsOfHour + (durationMs === undefined ? noDuration : bucketOf(durationMs));
    figures.cells.set(cell, (figures.cells.get(cell) ?? 0) + 1);
  }

  /** In the order in which they were first met. */
  all(): IterableIterator<Figures> {
    return this.#figures.values();
  }
}

export function totalsOf(cells: ReadonlyMap<number, number>): Map<number, number> {
  const totals = new Map<number, number>();
  for (const [cell, count] of cells) {
    const bucket = cell % cellsOfHour;
    totals.set(bucket, (totals.get(bucket) ?? 0) + count);
  }
  return totals;
}

/** Cells and their counts by turns, as they are stored. */
export function packCells(cells: ReadonlyMap<number, number>): Uint8Array {
  const packed = new Uint32Array(cells.size * 2);
  let at = 0;
  for (const [cell, count] of cells) {
    packed[at++] = cell;
    packed[at++] = count;
  }
  return new Uint8Array(packed.buffer);
}

export function unpackCells(blob: unknown): Uint32Array {
  const { buffer, byteOffset, byteLength } = blob as Uint8Array;
  return byteOffset % 4 === 0
    ? new Uint32Array(buffer, byteOffset, byteLength / 4)
    : new Uint32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

export const measuredRow = 'idx, timestamp, action, result, CAST(leaf AS TEXT) AS leaf';

/** A record that is damaged counts as far as its columns tell: it must not keep all that came after it from being counted. */
function leafIn(row: Readonly<Record<string, unknown>>): Partial<Measured> {
  try {
    const leaf = parseLeaf(String(row['leaf']));
    return leaf.v === undefined ? entryOf(leaf) : (leaf as Partial<Measured>);
  } catch {
    return {};
  }
}

export function measuredIn(row: Readonly<Record<string, unknown>>): Measured {
  const { server = '', tool = '', durationMs } = leafIn(row);
  return {
    timestamp: Number(row['timestamp']),
    action: String(row['action']),
    result: String(row['result']),
    server,
    tool,
    durationMs,
  };
}

export interface Rollup extends Derived {
  /** Takes records that were just committed, from this index on. */
  add(first: number, group: readonly Measured[]): void;
  /** Removes the days of which no record is left. */
  prune(): void;
}

const dueAfter = 8192;
const catchUpRows = 2048;
const catchUpEvery = 256;

/** @param refused results of what a caller may have made up */
export function openRollup(database: DatabaseSync, size: () => number, refused = refusals): Rollup {
  const sql = {
    cursor: database.prepare('SELECT next FROM rollup_cursor'),
    move: database.prepare('INSERT INTO rollup_cursor VALUES (1, ?) ON CONFLICT DO UPDATE SET next = excluded.next'),
    records: database.prepare(`SELECT ${measuredRow} FROM record WHERE idx >= ? ORDER BY idx LIMIT ${catchUpRows}`),
    find: database.prepare(
      'SELECT cells FROM rollup WHERE day = ? AND server = ? AND tool = ? AND action = ? AND result = ?',
    ),
    onDay: database.prepare('SELECT result, count(*) AS count FROM rollup WHERE day = ? GROUP BY result'),
    names: database.prepare('SELECT DISTINCT server, tool, action, result FROM rollup WHERE day >= ?'),
    put: database.prepare(
      `INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET totals = excluded.totals, cells = excluded.cells`,
    ),
    prune: database.prepare(`DELETE FROM rollup WHERE day < (SELECT min(timestamp) FROM record) / ${dayMs} * ${dayMs}`),
  };
  /** First record that is neither written nor waits. */
  let next = Number(sql.cursor.get()?.['next'] ?? 0);
  let waiting = new Tally();
  let waits = 0;
  /** What has to be read again, after a failure, is not read with every commit: that would hold up those who wait for it. */
  let notBefore = 0;
  /** How many series there are on a day, of those refused and of all others, for those of one writing. */
  const onDay = new Map<string, number>();
  /** Names under which something got through lately; read anew every day, so that it does not grow for good. */
  let known = new Set<string>();
  let knownDay: number | undefined;

  function recallNames(day: number): void {
    if (day === knownDay) return;
    const rows = sql.names.all(day - latelyMs) as unknown as Series[];
    known = new Set(rows.filter(({ result }) => !refused.has(result)).map(nameOf));
    knownDay = day;
  }

  function countOn(day: number, isRefused: boolean): number {
    const rows = sql.onDay.all(day) as unknown as { readonly result: string; readonly count: number }[];
    return rows.reduce((sum, { result, count }) => (refused.has(result) === isRefused ? sum + count : sum), 0);
  }

  /** Whether there is room for another series on its day. */
  function hasRoom(series: Series): boolean {
    const { day, result } = series;
    const isRefused = refused.has(result);
    if (isRefused && known.has(nameOf(series))) return true;
    const key = `${day} ${isRefused}`;
    const there = onDay.get(key) ?? countOn(day, isRefused);
    const isFree = there < (isRefused ? mostStrangeOnDay : mostOnDay);
    onDay.set(key, isFree ? there + 1 : there);
    return isFree;
  }

  const find = ({ day, server, tool, action, result }: Series): unknown =>
    sql.find.get(day, server, tool, action, result)?.['cells'];

  function store(figures: Figures): void {
    if (find(figures) === undefined && !hasRoom(figures))
      return put({ ...figures, server: others, tool: others, action: others });
    put(figures);
    if (!refused.has(figures.result)) known.add(nameOf(figures));
  }

  function put(figures: Figures): void {
    const { day, server, tool, action, result, cells } = figures;
    const before = find(figures);
    const packed = before === undefined ? [] : unpackCells(before);
    for (let at = 0; at < packed.length; at += 2)
      cells.set(packed[at]!, (cells.get(packed[at]!) ?? 0) + packed[at + 1]!);
    sql.put.run(day, server, tool, action, result, packCells(totalsOf(cells)), packCells(cells));
  }

  return {
    add(first, group) {
      if (first !== next) return; // an earlier run left some: they come first
      for (const entry of group) waiting.add(entry);
      next += group.length;
      waits += group.length;
    },
    isDue: () => (waits >= dueAfter || size() - next >= dueAfter) && size() >= notBefore,
    write() {
      if (waits === 0 && next < size()) {
        const rows = sql.records.all(next);
        for (const row of rows) waiting.add(measuredIn(row));
        next = rows.length < catchUpRows ? size() : Number(rows.at(-1)!['idx']) + 1;
        waits = 1;
        notBefore = size() + catchUpEvery;
      }
      if (waits === 0) return false;
      onDay.clear();
      // What got through comes first: by it, refusals are known to be of something that is there.
      const all = [...waiting.all()].sort((a, b) => Number(refused.has(a.result)) - Number(refused.has(b.result)));
      recallNames(all.reduce((latest, { day }) => Math.max(latest, day), 0));
      for (const figures of all) store(figures);
      sql.move.run(next);
      waiting = new Tally();
      waits = 0;
      return next < size();
    },
    reset() {
      notBefore = size() + dueAfter;
      knownDay = undefined;
      next = Number(sql.cursor.get()?.['next'] ?? 0);
      waiting = new Tally();
      waits = 0;
    },
    prune: () => void sql.prune.run(),
  };
}
