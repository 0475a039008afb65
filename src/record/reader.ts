// Reading the audit log beside its writer: lists, proofs, the newest checkpoint. Works on any data directory, also offline.
import type { SQLOutputValue } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GenkanError } from '../base/errors.ts';
import { formatProof } from './checkpoint.ts';
import type { Result, StoredEntry } from './entry.ts';
import { decodeLeaf } from './leaf.ts';
import { headSource, nodeSource, openForReading, transactions } from './log-file.ts';
import { consistencyProof, inclusionProof } from './merkle.ts';

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

const conditions = {
  user: 'user = ?',
  action: 'action = ?',
  resource: 'resource = ?',
  result: 'result = ?',
  correlationId: 'correlation_id = ?',
  sinceMs: '+timestamp >= ?', // with + they take no index: the window is the shorter way
  untilMs: '+timestamp < ?',
} as const;

/** @throws when the directory holds no readable audit log */
export function openReader(dataDirectory: string): Reader {
  const database = openForReading(dataDirectory);
  const readHead = headSource(database);
  const node = nodeSource(database);
  const inTransaction = transactions(database, 'DEFERRED');
  const selectLeaf = database.prepare('SELECT leaf FROM record WHERE idx = ?');
  const selectNext = database.prepare(
    // As text it is read in three quarters of the time.
    `SELECT idx, timestamp, user, action, CAST(leaf AS TEXT) AS leaf FROM record
     WHERE (timestamp, idx) > (?, ?) AND timestamp < ? ORDER BY timestamp, idx LIMIT ?`,
  );

  return {
    async list(query = {}) {
      const filters = Object.entries(conditions).filter(([member]) => query[member as keyof ListQuery] !== undefined);
      const values = filters.map(([member]) => query[member as keyof ListQuery]!);
      const select = database.prepare(
        `SELECT idx, leaf FROM record WHERE ${['idx >= ? AND idx < ?', ...filters.map(([, condition]) => condition)].join(' AND ')} ORDER BY idx DESC LIMIT ?`,
      );
      const limit = Math.min(query.limit ?? 100, 10_000);
      const lowest = (query.after ?? -1) + 1;
      const found: StoredEntry[] = [];
      let end = Math.min(query.before ?? Infinity, readHead().size);
      while (end > lowest && found.length < limit) {
        const start = Math.max(end - window, lowest);
        for (const row of select.iterate(start, end, ...values, limit - found.length)) found.push(decode(row));
        end = start;
        await nextTurn();
      }
      return found;
    },
    async *scan({ fromMs, toMs, user, action, progress }) {
      // Each batch is read at once: whoever takes its time with one record must not keep the log from being trimmed.
      let at = { timestamp: fromMs, idx: -1 };
      for (;;) {
        const rows = selectNext.all(at.timestamp, at.idx, toMs, batch);
        for (const row of rows)
          if ((user ?? row['user']) === row['user'] && (action ?? row['action']) === row['action']) yield decode(row);
        at = (rows.at(-1) as typeof at | undefined) ?? at;
        progress?.(rows.length === 0 ? 1 : (at.timestamp - fromMs) / (toMs - fromMs));
        if (rows.length === 0) return;
        await nextTurn();
      }
    },
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

function decode(row: Record<string, SQLOutputValue>): StoredEntry {
  try {
    return decodeLeaf(row['leaf'] as Uint8Array | string);
  } catch (cause) {
    const detail = `record ${String(row['idx'])} is damaged; "genkan audit verify" shows more`;
    throw new GenkanError('record_unavailable', {}, { cause, detail });
  }
}
