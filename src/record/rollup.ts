// Hourly figures of the record: how often each tool was called with which result, and how long it took. They name no person.
import type { DatabaseSync } from 'node:sqlite';
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

/** Figures of one hour for one tool, action and result. */
export interface Figures extends Omit<Measured, 'timestamp' | 'durationMs'> {
  /** Beginning of the hour. */
  readonly hour: number;
  count: number;
  /** How many of them took how long, by bucket. */
  readonly durations: Uint32Array;
}

export const hourMs = 3_600_000;
export const buckets = 64;
const perDoubling = 3;
const firstMs = 0.5;

/** The bucket of a length of time: each reaches a quarter further than the one before, from half a millisecond to 17 minutes. */
export const bucketOf = (durationMs: number): number =>
  Math.min(buckets - 1, Math.max(0, Math.ceil(Math.log2(durationMs / firstMs) * perDoubling)));

/** What stands for all in a bucket: the geometric middle, so that none is further off than an eighth. */
export const middleOf = (bucket: number): number =>
  Number((firstMs * 2 ** ((bucket - 0.5) / perDoubling)).toPrecision(4));

// `next` is the first record that is not in the figures yet. They are written in the order of the records and together with it,
// so whatever a crash takes is counted again, and nothing twice.
export const rollupTables = `
  CREATE TABLE IF NOT EXISTS rollup (
    hour INTEGER NOT NULL, server TEXT NOT NULL, tool TEXT NOT NULL, action TEXT NOT NULL, result TEXT NOT NULL,
    count INTEGER NOT NULL, durations BLOB NOT NULL, PRIMARY KEY (hour, server, tool, action, result)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS rollup_cursor (one INTEGER PRIMARY KEY CHECK (one = 1), next INTEGER NOT NULL) STRICT;
`;

/** Whoever calls may make up names of methods and tools: what comes after so many in one hour is counted together. */
const mostInHour = 1000;
export const others = '(others)';

type Key = Pick<Figures, 'hour' | 'server' | 'tool' | 'action' | 'result'>;

export const keyOf = ({ hour, server, tool, action, result }: Key): string =>
  `${hour}\0${server}\0${tool}\0${action}\0${result}`;

/** Adds up records, in their order. */
export class Tally {
  readonly #figures = new Map<string, Figures>();

  add({ timestamp, server, tool, action, result, durationMs }: Measured): void {
    const named = { hour: Math.floor(timestamp / hourMs) * hourMs, server, tool, action, result };
    const key = keyOf(named);
    let figures = this.#figures.get(key);
    if (figures === undefined) {
      figures = { ...named, count: 0, durations: new Uint32Array(buckets) };
      this.#figures.set(key, figures);
    }
    figures.count += 1;
    if (durationMs !== undefined) figures.durations[bucketOf(durationMs)]! += 1;
  }

  /** In the order in which they were first met. */
  all(): IterableIterator<Figures> {
    return this.#figures.values();
  }

  take(key: Key): Figures | undefined {
    const found = this.#figures.get(keyOf(key));
    if (found !== undefined) this.#figures.delete(keyOf(key));
    return found;
  }
}

export const measuredRow = 'idx, timestamp, action, result, CAST(leaf AS TEXT) AS leaf';

/** @throws SyntaxError if the leaf is damaged */
export function measuredIn(row: Readonly<Record<string, unknown>>): Measured {
  const leaf = parseLeaf(String(row['leaf']));
  const { server = '', tool = '', durationMs } = leaf.v === undefined ? entryOf(leaf) : (leaf as Partial<Measured>);
  return {
    timestamp: Number(row['timestamp']),
    action: String(row['action']),
    result: String(row['result']),
    server,
    tool,
    durationMs,
  };
}

export interface Rollup {
  /** Takes records that were just committed, from this index on. */
  add(first: number, group: readonly Measured[]): void;
  /** Whether so much waits that it is time to write it. */
  isDue(): boolean;
  /** Writes what waits, or counts some of what an earlier run left. Inside of a transaction. @returns whether more is left */
  write(): boolean;
  /** Forgets what waits after a transaction that failed; it is counted again from the records. */
  reset(): void;
  /** Removes the hours of which no record is left. */
  prune(): void;
}

const dueAfter = 8192;
const catchUpRows = 2048;

export function openRollup(database: DatabaseSync, size: () => number): Rollup {
  const sql = {
    cursor: database.prepare('SELECT next FROM rollup_cursor'),
    move: database.prepare('INSERT INTO rollup_cursor VALUES (1, ?) ON CONFLICT DO UPDATE SET next = excluded.next'),
    records: database.prepare(`SELECT ${measuredRow} FROM record WHERE idx >= ? ORDER BY idx LIMIT ${catchUpRows}`),
    find: database.prepare(
      'SELECT count, durations FROM rollup WHERE hour = ? AND server = ? AND tool = ? AND action = ? AND result = ?',
    ),
    inHour: database.prepare('SELECT count(*) AS count FROM rollup WHERE hour = ?'),
    put: database.prepare('INSERT OR REPLACE INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?)'),
    prune: database.prepare(
      `DELETE FROM rollup WHERE hour < (SELECT min(timestamp) FROM record) / ${hourMs} * ${hourMs}`,
    ),
  };
  /** First record that is neither written nor waits. */
  let next = Number(sql.cursor.get()?.['next'] ?? 0);
  let waiting = new Tally();
  let waits = 0;

  function store(figures: Figures): void {
    const { hour, server, tool, action, result } = figures;
    const before = sql.find.get(hour, server, tool, action, result);
    if (before === undefined && tool !== others && Number(sql.inHour.get(hour)!['count']) >= mostInHour)
      return store({ ...figures, server: others, tool: others, action: others });
    const durations = before === undefined ? figures.durations : bucketsIn(before['durations']);
    if (before !== undefined) for (const [bucket, count] of figures.durations.entries()) durations[bucket]! += count;
    const count = figures.count + Number(before?.['count'] ?? 0);
    sql.put.run(hour, server, tool, action, result, count, new Uint8Array(durations.buffer));
  }

  return {
    add(first, group) {
      if (first !== next) return; // an earlier run left some: they come first
      for (const entry of group) waiting.add(entry);
      next += group.length;
      waits += group.length;
    },
    isDue: () => waits >= dueAfter,
    write() {
      if (waits === 0 && next < size()) {
        const rows = sql.records.all(next);
        for (const row of rows) waiting.add(measuredIn(row));
        next = rows.length < catchUpRows ? size() : Number(rows.at(-1)!['idx']) + 1;
        waits = 1;
      }
      if (waits === 0) return false;
      for (const figures of waiting.all()) store(figures);
      sql.move.run(next);
      waiting = new Tally();
      waits = 0;
      return next < size();
    },
    reset() {
      next = Number(sql.cursor.get()?.['next'] ?? 0);
      waiting = new Tally();
      waits = 0;
    },
    prune: () => void sql.prune.run(),
  };
}

/** Counts by bucket as they are stored. */
export function bucketsIn(blob: unknown): Uint32Array {
  const bytes = blob as Uint8Array;
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
