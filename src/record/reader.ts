// Reading the audit log beside its writer: lists, proofs, the newest checkpoint. Works on any data directory, also offline.
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GenkanError } from '../base/errors.ts';
import { formatProof } from './checkpoint.ts';
import { contentsHash, openContents } from './contents.ts';
import type { KeptTexts } from './contents.ts';
import type { Result, StoredEntry } from './entry.ts';
import { entryOf, parseLeaf } from './leaf.ts';
import { headSource, nodeSource, openForReading, transactions } from './log-file.ts';
import { consistencyProof, inclusionProof } from './merkle.ts';
import type { Outline } from './retention.ts';
import { isPseudonym } from './subject.ts';
import type { Subjects } from './subjects.ts';

export interface ListQuery {
  /** How many at most; 100 if absent, never more than 10,000. */
  readonly limit?: number;
  readonly user?: string;
  readonly action?: string;
  readonly resource?: string;
  readonly result?: Result;
  readonly correlationId?: string;
  /** Only records with a smaller index: the next page. */
  readonly before?: number;
  /** Only records with a larger index: what is new. */
  readonly after?: number;
  /** Only records of this time and later, epoch milliseconds. */
  readonly sinceMs?: number;
  /** Only records before this time, epoch milliseconds. */
  readonly untilMs?: number;
}

/** A stretch of time to look through from its beginning to its end. */
export interface ScanQuery {
  /** Records of this time and later, epoch milliseconds. */
  readonly fromMs: number;
  /** Records before this time. */
  readonly toMs: number;
  readonly user?: string;
  readonly action?: string;
  /** Told now and then which share of the time has been looked through. */
  readonly progress?: (share: number) => void;
}

/** Records in the order of their index, as they were written. */
export interface Stretch {
  readonly records: readonly ReadEntry[];
  /** Index of the oldest record that is still there; those before it were removed and can be read nowhere any more. */
  readonly oldest: number;
  /** Number of records ever written. */
  readonly size: number;
}

export interface ReadEntry extends StoredEntry {
  /** Beginning of the hash of its leaf, hexadecimal: no other record that ever stood at this index has the same. */
  readonly digest: string;
}

export interface Derivation {
  readonly size: number;
  readonly next: Readonly<Record<'lists' | 'figures', number>>;
}

/** Records that somebody holds on to. */
export interface Covered {
  readonly user?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

export interface Reader {
  /**
   * Records that match, newest first.
   * @throws GenkanError `record_unavailable` naming a record that is damaged
   */
  list(query?: ListQuery): Promise<StoredEntry[]>;
  /**
   * Every record of a stretch of time, oldest first. Millions of them need no more memory than a few thousand, and other
   * work goes on meanwhile.
   * @throws GenkanError `record_unavailable` naming a record that is damaged
   */
  scan(query: ScanQuery): AsyncGenerator<StoredEntry, void, undefined>;
  /**
   * Records with a larger index than this one, at most so many, in the order of their index: for cursors. -1 begins at the
   * beginning. What was removed by retention is left out; `oldest` tells from where on there are records.
   * @throws GenkanError `record_unavailable` naming a record that is damaged
   */
  after(index: number, limit: number): Promise<Stretch>;
  /** One record with the contents that were kept of its call; `undefined` if there is no such record. */
  show(index: number): Promise<{ readonly entry: StoredEntry; readonly contents?: KeptTexts } | undefined>;
  /** What is known of the records from one index to before another without reading them. */
  outline(from: number, to: number): readonly Outline[];
  /** Index of the oldest record that is still there, and how many were ever written. */
  extent(): { readonly oldest: number; readonly size: number };
  /**
   * Which record comes next in what is derived from them, and how many there are.
   * @throws where that cannot be read
   */
  derived(): Derivation;
  /** Index of the first record in the order of time that is covered; `undefined` if there is none. */
  first(covered: Covered): number | undefined;
  /** The first user after this one in the order of ids. */
  nextUser(after: string): string | undefined;
  /** The pseudonyms that the oldest and the newest record of a user are sealed under. */
  subjectsOf(user: string): readonly string[];
  /**
   * The proof that a record stands in the log (c2sp.org/tlog-proof@v1), against the newest checkpoint.
   * `undefined` if there is no such record.
   */
  proof(index: number): string | undefined;
  /** The newest signed checkpoint (c2sp.org/tlog-checkpoint). */
  checkpoint(): string;
  /**
   * The proof that the newest checkpoint extends the tree of the first `earlierSize` records (RFC 6962 §2.1.2), base64, for
   * whoever holds an earlier checkpoint and does not trust this machine. `undefined` if the log is shorter.
   */
  consistency(earlierSize: number): { readonly proof: readonly string[]; readonly checkpoint: string } | undefined;
  close(): void;
}

// Rows looked through at a time, so that a search through millions never holds up the event loop for long.
const window = 5000;
// Records read at a time by a scan: some milliseconds.
const batch = 250;
const mostAfter = 1000;

const conditions = {
  user: 'user = ?',
  action: 'action = ?',
  resource: 'resource = ?',
  result: 'result = ?',
  correlationId: 'correlation_id = ?',
  sinceMs: '+timestamp >= ?', // with + they take no index: the window is the shorter way
  untilMs: '+timestamp < ?',
} as const;

/**
 * @param subjects keys of people; without them records that are sealed for a person tell only what is open
 * @throws when the directory holds no readable audit log
 */
export function openReader(dataDirectory: string, subjects?: Pick<Subjects, 'cached' | 'find'>): Reader {
  const database = openForReading(dataDirectory);
  const readHead = headSource(database);
  const node = nodeSource(database);
  const inTransaction = transactions(database, 'DEFERRED');
  const selectLeaf = database.prepare('SELECT leaf FROM record WHERE idx = ?');
  const selectOne = database.prepare('SELECT idx, user, leaf FROM record WHERE idx = ?');
  // As text it is read in three quarters of the time.
  const row = 'idx, timestamp, user, action, CAST(leaf AS TEXT) AS leaf';
  const selectNext = database.prepare(
    `SELECT ${row} FROM record WHERE (timestamp, idx) > (?, ?) AND timestamp < ? ORDER BY timestamp, idx LIMIT ?`,
  );
  const selectNextOf = database.prepare(
    `SELECT ${row} FROM record WHERE idx IN (
       SELECT idx FROM (
         SELECT idx FROM listed WHERE user = ?1 AND (timestamp, idx) > (?2, ?3) AND timestamp < ?4
         ORDER BY timestamp, idx LIMIT ?5
       ) UNION ALL
       SELECT idx FROM unlisted WHERE user = ?1 AND (+timestamp, idx) > (?2, ?3) AND +timestamp < ?4
     ) AND user = ?1 ORDER BY timestamp, idx LIMIT ?5`,
  );
  const selectAfter = database.prepare(
    `SELECT ${row}, lower(hex(substr(hashes, 1, 8))) AS digest FROM record WHERE idx > ? ORDER BY idx LIMIT ?`,
  );
  const selectOutline = database.prepare('SELECT timestamp, user FROM record WHERE idx >= ? AND idx < ? ORDER BY idx');
  const selectUser = database.prepare(
    `SELECT min(user) AS user FROM (
       SELECT user FROM (SELECT user FROM listed WHERE user > ?1 ORDER BY user LIMIT 1)
       UNION ALL SELECT min(user) FROM unlisted WHERE user > ?1
     )`,
  );
  const selectEnds = ['ASC', 'DESC'].map((order) =>
    database.prepare(
      `SELECT leaf FROM record WHERE idx IN (
         SELECT idx FROM (SELECT idx FROM listed WHERE user = ?1 ORDER BY timestamp ${order}, idx ${order} LIMIT 1)
         UNION ALL SELECT idx FROM unlisted WHERE user = ?1
       ) AND user = ?1 ORDER BY timestamp ${order}, idx ${order} LIMIT 1`,
    ),
  );
  const within = 'timestamp >= ?1 AND timestamp < ?2';
  const selectFirst = database.prepare(
    `SELECT idx AS first FROM record INDEXED BY record_timestamp WHERE ${within} ORDER BY timestamp, idx LIMIT 1`,
  );
  const selectFirstOf = database.prepare(
    `SELECT idx AS first FROM (
       SELECT * FROM (SELECT timestamp, idx FROM listed WHERE user = ?3 AND ${within} ORDER BY timestamp, idx LIMIT 1)
       UNION ALL
       SELECT timestamp, idx FROM unlisted WHERE user = ?3 AND +timestamp >= ?1 AND +timestamp < ?2
     ) ORDER BY timestamp, idx LIMIT 1`,
  );
  const selectOldest = database.prepare('SELECT min(idx) AS oldest FROM record');

  async function decode(row: Row): Promise<StoredEntry> {
    try {
      const leaf = parseLeaf(row['leaf'] as Uint8Array | string);
      if (leaf.sealed === undefined || subjects === undefined) return entryOf(leaf);
      const user = String(row['user']);
      if (isPseudonym(user)) return entryOf(leaf, 'erased');
      return entryOf(leaf, subjects.cached(user) ?? (await subjects.find(user)) ?? 'erased');
    } catch (cause) {
      if (cause instanceof GenkanError) throw cause;
      const detail = `record ${String(row['idx'])} is damaged; "genkan audit verify" shows more`;
      throw new GenkanError('record_unavailable', {}, { cause, detail });
    }
  }

  const oldestOf = (): number => (selectOldest.get()!['oldest'] as number | null) ?? readHead().size;

  return {
    async list(query = {}) {
      const filters = Object.entries(conditions).filter(([member]) => query[member as keyof ListQuery] !== undefined);
      const values = filters.map(([member]) => query[member as keyof ListQuery]!);
      const select = database.prepare(
        `SELECT idx, user, leaf FROM record WHERE ${['idx >= ? AND idx < ?', ...filters.map(([, condition]) => condition)].join(' AND ')} ORDER BY idx DESC LIMIT ?`,
      );
      const limit = Math.min(query.limit ?? 100, 10_000);
      const lowest = (query.after ?? -1) + 1;
      const found: StoredEntry[] = [];
      let end = Math.min(query.before ?? Infinity, readHead().size);
      while (end > lowest && found.length < limit) {
        const start = Math.max(end - window, lowest);
        for (const row of select.all(start, end, ...values, limit - found.length)) found.push(await decode(row));
        end = start;
        await nextTurn();
      }
      return found;
    },
    async *scan({ fromMs, toMs, user, action, progress }) {
      // Each batch is read at once: whoever takes its time with one record must not keep the log from being trimmed.
      let at = { timestamp: fromMs, idx: -1 };
      for (;;) {
        const rows =
          user === undefined
            ? selectNext.all(at.timestamp, at.idx, toMs, batch)
            : selectNextOf.all(user, at.timestamp, at.idx, toMs, batch);
        for (const row of rows) if ((action ?? row['action']) === row['action']) yield await decode(row);
        at = (rows.at(-1) as typeof at | undefined) ?? at;
        progress?.(rows.length === 0 ? 1 : (at.timestamp - fromMs) / (toMs - fromMs));
        if (rows.length === 0) return;
        await nextTurn();
      }
    },
    async after(index, limit) {
      const rows = selectAfter.all(index, Math.min(limit, mostAfter));
      const records: ReadEntry[] = [];
      for (const each of rows) records.push({ ...(await decode(each)), digest: String(each['digest']) });
      return { records, oldest: oldestOf(), size: readHead().size };
    },
    async show(index) {
      const row = selectOne.get(index);
      if (row === undefined) return undefined;
      const entry = await decode(row);
      const sealed = entry.withheld === undefined ? contentsOf(database, index) : undefined;
      const subject = sealed === undefined ? undefined : await subjects?.find(entry.user);
      if (subject === undefined) return { entry };
      const contents = openContents(subject, entry.correlationId, sealed!);
      if (contents === undefined || contentsHash(sealed!) !== parseLeaf(row['leaf'] as Uint8Array).contents)
        throw new GenkanError('record_unavailable', {}, { detail: `what was kept of record ${index} was changed` });
      return { entry, contents };
    },
    outline: (from, to) => selectOutline.all(from, to) as unknown as Outline[],
    extent: () => ({ oldest: oldestOf(), size: readHead().size }),
    derived: () =>
      inTransaction(() => {
        const nextOf = (table: string): number =>
          Number(database.prepare(`SELECT next FROM ${table}`).get()?.['next'] ?? 0);
        return { size: readHead().size, next: { lists: nextOf('by_user_cursor'), figures: nextOf('rollup_cursor') } };
      }),
    first({ user, fromMs, toMs }) {
      const values = [fromMs ?? 0, Math.min(toMs ?? Infinity, Number.MAX_SAFE_INTEGER)] as const;
      const row = user === undefined ? selectFirst.get(...values) : selectFirstOf.get(...values, user);
      return row?.['first'] as number | undefined;
    },
    nextUser: (after) => (selectUser.get(after)!['user'] as string | null) ?? undefined,
    subjectsOf: (user) =>
      selectEnds.flatMap((select) => {
        const leaf = select.get(user)?.['leaf'];
        return leaf === undefined ? [] : (parseLeaf(leaf as Uint8Array).subject ?? []);
      }),
    proof: (index) =>
      inTransaction(() => {
        const head = readHead();
        const row = selectLeaf.get(index);
        if (row === undefined) return undefined;
        return formatProof(
          Buffer.from(row['leaf'] as Uint8Array),
          index,
          inclusionProof(index, head.size, node),
          head.note,
        );
      }),
    checkpoint: () => readHead().note,
    consistency: (earlierSize) =>
      inTransaction(() => {
        const head = readHead();
        if (earlierSize > head.size) return undefined;
        const proof = consistencyProof(earlierSize, head.size, node).map((hash) => hash.toString('base64'));
        return { proof, checkpoint: head.note };
      }),
    close: () => database.close(),
  };
}

type Row = Record<string, SQLOutputValue>;

function contentsOf(database: DatabaseSync, index: number): string | undefined {
  const row = database.prepare('SELECT sealed FROM contents WHERE idx = ?').get(index);
  return row === undefined ? undefined : String(row['sealed']);
}
