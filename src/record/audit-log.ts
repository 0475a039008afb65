// The append-only log itself: commits groups of records with their tree and a signed checkpoint in one transaction. Synchronous; the writer thread owns it.
import type { DatabaseSync } from 'node:sqlite';
import { lockFolder } from '../state/folder-lock.ts';
import { openByUser } from './by-user.ts';
import type { Derived } from './by-user.ts';
import { openCheckpoint, signCheckpoint } from './checkpoint.ts';
import { encodeLeaf, parseLeaf, unknownOutcome } from './leaf.ts';
import type { PreparedEntry } from './leaf.ts';
import { headSource, nodeSource, openForWriting, transactions } from './log-file.ts';
import { appendLeaf, copyFrontier, emptyRoot, frontierAt, leafHash, rootOf } from './merkle.ts';
import type { Frontier } from './merkle.ts';
import { createVerifier } from './note.ts';
import type { Signer } from './note.ts';
import { openRollup } from './rollup.ts';

/** Where in the records of a person, in the order of time. */
export interface Place {
  readonly timestamp: number;
  readonly index: number;
}

export interface ForgetOrder {
  readonly user: string;
  readonly pseudonym: string;
  readonly after: Place;
  readonly atMost: number;
}

export interface Forgotten {
  readonly renamed: number;
  readonly left: number;
  readonly next: Place | undefined;
}

export interface AuditLog {
  readonly size: () => number;
  /**
   * Commits a group of records, durably and all or none; returns the leaf index of the first.
   * @throws when it could not; the log is then as before and may be tried again
   */
  append(group: readonly PreparedEntry[], nowMs: number): number;
  /** Appends the outcome `unknown` for every intent without outcome; returns how many. Only before the first call is served. */
  closeIntents(nowMs: number): number;
  /**
   * Removes records before a leaf, the oldest first and at most so many; their hashes stay. Calls that are still open stop it.
   * @returns how many; 0 when there is nothing left to remove
   */
  prune(before: number, atMost: number): number;
  /**
   * Puts a pseudonym where sealed records are found by a person, in some of them. Those of the first version name the person
   * in what was hashed, so they stay as they are.
   * @returns how many, how many named the person for good, and where to go on; `undefined` for that at the end
   */
  forget(order: ForgetOrder): Forgotten;
  /**
   * Writes what is derived from the records, and moves what the write-ahead log holds into the file itself, unless somebody is reading:
   * that is not waited for.
   * @returns whether there is more to do
   */
  settle(): boolean;
  close(): void;
}

// Nothing is recorded meanwhile.
const forgetWaitMs = 500;

/**
 * Opens the log of a data directory and checks that its tree is the one that was signed last.
 * @param mayBegin begins a new log if there is none; without it, a missing log is refused
 * @throws when another process has it open, or when tree, checkpoint and key do not belong together
 */
export function openAuditLog(
  dataDirectory: string,
  signer: Signer,
  { mayBegin, nowMs }: { mayBegin: boolean; nowMs: number },
): AuditLog {
  const release = lockFolder(dataDirectory, 'audit.lock');
  if (release === undefined) throw new Error('another process records into this data directory');
  const database = openForWriting(dataDirectory);
  const sql = {
    record: database.prepare('INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    contents: database.prepare('INSERT INTO contents VALUES (?, ?)'),
    firstCheckpoint: database.prepare('INSERT INTO checkpoint VALUES (?, ?, ?)'),
    nextCheckpoint: database.prepare('UPDATE checkpoint SET size = ?, minute = ?, note = ? WHERE size = ?'),
    openIntent: database.prepare('INSERT INTO open_intent VALUES (?, ?)'),
    closeIntent: database.prepare('DELETE FROM open_intent WHERE correlation_id = ?'),
    openIntents: database.prepare('SELECT leaf, user FROM open_intent JOIN record USING (idx) ORDER BY idx'),
    pruned: [
      'INSERT INTO pruned SELECT idx, hashes FROM record WHERE idx < ?',
      'DELETE FROM contents WHERE idx < ?',
      'DELETE FROM record WHERE idx < ?',
    ].map((one) => database.prepare(one)),
    oldest: database.prepare('SELECT min(idx) AS oldest, (SELECT min(idx) FROM open_intent) AS open FROM record'),
    ofUser: database.prepare(
      `SELECT listed.idx AS idx, listed.timestamp AS timestamp, leaf FROM by_user AS listed CROSS JOIN record USING (idx)
       WHERE listed.user = ? AND (listed.timestamp, listed.idx) > (?, ?) ORDER BY listed.timestamp, listed.idx LIMIT ?`,
    ),
    rename: database.prepare('UPDATE record SET user = ? WHERE idx = ?'),
  };
  const inTransaction = transactions(database, 'IMMEDIATE');
  const readHead = headSource(database);
  const minuteOf = (atMs: number): number => Math.floor(atMs / 60_000);

  inTransaction(() => {
    const { used } = database
      .prepare('SELECT EXISTS (SELECT 1 FROM record) OR EXISTS (SELECT 1 FROM checkpoint) AS used')
      .get()!;
    if (used === 1) return;
    if (!mayBegin) throw new Error('the audit log is gone; restore it, or remove its keys to begin another');
    sql.firstCheckpoint.run(0, minuteOf(nowMs), signCheckpoint(signer, 0, emptyRoot));
  });
  let frontier = loadFrontier(database, signer);
  const rollup = openRollup(database, () => frontier.size);

  const byUser = openByUser(database, () => frontier.size);
  const derived = [byUser, rollup];

  /** It can be had from the records at any time, so nobody is kept from writing one by it. @returns whether more is left */
  function derive(from: Derived): boolean {
    try {
      return inTransaction(() => from.write());
    } catch {
      try {
        from.reset();
      } catch {
        // What was recorded is durable all the same.
      }
      return false;
    }
  }

  /** @param waitMs for whoever is reading */
  const emptyWal = (waitMs: number): void =>
    database.exec(`PRAGMA busy_timeout = ${waitMs}; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = 5000;`);

  function store(entry: PreparedEntry, next: Frontier): void {
    const index = next.size;
    const leaf = encodeLeaf(index, entry);
    const hashes = appendLeaf(next, leafHash(leaf));
    const { timestamp, user, action, resource, result, correlationId } = entry;
    sql.record.run(index, timestamp, user, action, resource, result, correlationId, Buffer.concat(hashes), leaf);
    if (entry.contents !== undefined) sql.contents.run(index, entry.contents);
    if (entry.result === 'intent') sql.openIntent.run(entry.correlationId, index);
    else sql.closeIntent.run(entry.correlationId);
  }

  function append(group: readonly PreparedEntry[], atMs: number): number {
    const next = copyFrontier(frontier);
    inTransaction(() => {
      const head = readHead();
      if (head.size !== frontier.size) {
        throw new Error(`another process wrote to the audit log: ${head.size} records, not ${frontier.size}`);
      }
      for (const entry of group) store(entry, next);
      const note = signCheckpoint(signer, next.size, rootOf(next));
      const minute = minuteOf(atMs);
      if (minute === head.minute) sql.nextCheckpoint.run(next.size, minute, note, head.size);
      else sql.firstCheckpoint.run(next.size, minute, note);
    });
    const first = frontier.size;
    frontier = next;
    rollup.add(first, group);
    for (const each of derived) if (each.isDue()) derive(each);
    return first;
  }

  return {
    size: () => frontier.size,
    append,
    closeIntents(atMs) {
      const outcomes = sql.openIntents
        .all()
        .map(({ leaf, user }) => unknownOutcome({ ...parseLeaf(leaf as Uint8Array), columnUser: String(user) }, atMs));
      if (outcomes.length > 0) append(outcomes, atMs);
      return outcomes.length;
    },
    prune(before, atMost) {
      const { oldest, open } = sql.oldest.get() as { oldest: number | null; open: number | null };
      const first = oldest ?? frontier.size;
      const end = Math.min(before, first + atMost, open ?? Infinity, Math.max(0, frontier.size - 1));
      if (end <= first) return 0;
      inTransaction(() => {
        for (const step of sql.pruned) step.run(end);
        rollup.prune();
      });
      return end - first;
    },
    forget({ user, pseudonym, after, atMost }) {
      const done = inTransaction((): Forgotten => {
        while (byUser.write());
        const rows = sql.ofUser.all(user, after.timestamp, after.index, atMost) as unknown as Found[];
        const sealed = rows.filter(({ leaf }) => parseLeaf(leaf).subject === pseudonym);
        for (const { idx } of sealed) sql.rename.run(pseudonym, idx);
        const last = rows.length < atMost ? undefined : rows.at(-1)!;
        const next = last && { timestamp: last.timestamp, index: last.idx };
        return { renamed: sealed.length, left: rows.length - sealed.length, next };
      });
      // The write-ahead log has the id in it as well, and whoever hears that it is done may rely on it.
      if (done.next === undefined) emptyWal(forgetWaitMs);
      return done;
    },
    settle() {
      const more = derived.map(derive).includes(true);
      emptyWal(0);
      return more;
    },
    close() {
      database.close();
      release();
    },
  };
}

interface Found {
  readonly idx: number;
  readonly timestamp: number;
  readonly leaf: Uint8Array;
}

function loadFrontier(database: DatabaseSync, signer: Signer): Frontier {
  const head = headSource(database)();
  const checkpoint = openCheckpoint(createVerifier(signer.verifierKey), head.note);
  if (checkpoint === undefined) throw new Error('the last checkpoint of the audit log was not signed with this key');
  const frontier = frontierAt(checkpoint.size, nodeSource(database));
  const { size } = database.prepare('SELECT coalesce(max(idx) + 1, 0) AS size FROM record').get()!;
  if (size !== checkpoint.size || head.size !== checkpoint.size || !rootOf(frontier).equals(checkpoint.root)) {
    throw new Error('the audit log does not agree with its last checkpoint; "genkan audit verify" shows where');
  }
  return frontier;
}
