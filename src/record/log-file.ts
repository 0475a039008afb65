// The SQLite file of the audit log: its tables, and how it is opened for writing and for reading.
import { chmodSync, existsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { NodeSource } from './merkle.ts';
import { completedBy } from './merkle.ts';
import { byUserTables, showByUser, takeOverIndex } from './by-user.ts';
import { rollupTables } from './rollup.ts';

export const logFile = (dataDirectory: string): string => path.join(dataDirectory, 'audit.db');

// The leaf alone is the record; the columns before it only make it easy to find, and `audit verify` holds them against it.
// Records nearly always come in the order of time, so their index grows at its end alone: next to nothing for each commit.
// `hashes` are those of the perfect subtrees of the tree that this leaf completes, one after the other, its own first.
// `contents` has what is kept of calls, sealed; the leaf has its hash. `pruned` keeps the hashes of records that are gone.
// `checkpoint` keeps the last one of every minute. `open_intent` spares recovery a search through all records.
const tables = `
  CREATE TABLE IF NOT EXISTS record (
    idx INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, user TEXT NOT NULL, action TEXT NOT NULL,
    resource TEXT NOT NULL, result TEXT NOT NULL, correlation_id TEXT NOT NULL, hashes BLOB NOT NULL, leaf BLOB NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS record_timestamp ON record (timestamp);
  CREATE TABLE IF NOT EXISTS contents (idx INTEGER PRIMARY KEY, sealed TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS pruned (idx INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS checkpoint (size INTEGER PRIMARY KEY, minute INTEGER NOT NULL, note TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS open_intent (correlation_id TEXT PRIMARY KEY, idx INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  ${byUserTables}
  ${rollupTables}
`;

/** Opens the log for writing, creating it if need be. A commit returns only after fsync (WAL with synchronous=FULL). */
export function openForWriting(dataDirectory: string): DatabaseSync {
  const database = new DatabaseSync(logFile(dataDirectory), { timeout: 5000 });
  try {
    chmodSync(logFile(dataDirectory), 0o600);
    // What is deleted is overwritten: nothing of records that were removed is to be found in the file.
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; BEGIN IMMEDIATE; ${tables}`,
    );
    takeOverIndex(database);
    database.exec('COMMIT');
    return database;
  } catch (error) {
    database.close(); // which takes back what was begun
    throw error;
  }
}

/** Opens the log for reading, also beside a running writer and on a medium that cannot be written. */
export function openForReading(dataDirectory: string): DatabaseSync {
  const file = logFile(dataDirectory);
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  try {
    showByUser(database);
    return database;
  } catch (error) {
    database.close();
    // Reading in WAL mode needs shared memory beside the file. Without a log to replay, the file alone is the whole truth.
    if (existsSync(`${file}-wal`)) throw error;
    const immutable = new DatabaseSync(new URL(`${pathToFileURL(file).href}?immutable=1`), { readOnly: true });
    showByUser(immutable);
    return immutable;
  }
}

/** Prepares transactions: all of the work is committed, or nothing. */
export function transactions(database: DatabaseSync, mode: 'IMMEDIATE' | 'DEFERRED'): <T>(work: () => T) => T {
  const begin = database.prepare(`BEGIN ${mode}`);
  const commit = database.prepare('COMMIT');
  return (work) => {
    begin.run();
    try {
      const value = work();
      commit.run();
      return value;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK'); // a full disk may have rolled it back already
      throw error;
    }
  };
}

const hasPruned = (database: DatabaseSync): boolean =>
  database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'pruned'").get() !== undefined;

/** Reads stored subtree hashes, also of records that are gone. */
export function nodeSource(database: DatabaseSync): NodeSource {
  // A log that was last written by an older Genkan and is only read has no table of what was pruned.
  const tables = hasPruned(database) ? ['record', 'pruned'] : ['record'];
  const selects = tables.map((table) =>
    database.prepare(`SELECT substr(hashes, ?, 32) AS hash FROM ${table} WHERE idx = ?`),
  );
  return (level, index) => {
    const [from, at] = [level * 32 + 1, completedBy(level, index)];
    const hash = selects.map((select) => select.get(from, at)).find((row) => row !== undefined)?.['hash'];
    if (!(hash instanceof Uint8Array) || hash.length !== 32) {
      throw new Error(`the hash of subtree ${level}/${index} is missing`);
    }
    return Buffer.from(hash);
  };
}

export interface Head {
  readonly size: number;
  /** Minutes since the Unix epoch. */
  readonly minute: number;
  /** The signed checkpoint. */
  readonly note: string;
}

/** Prepares the query for the newest checkpoint; every log has one, a new one over no records. */
export function headSource(database: DatabaseSync): () => Head {
  const select = database.prepare('SELECT size, minute, note FROM checkpoint ORDER BY size DESC LIMIT 1');
  return () => {
    const head = select.get() as Head | undefined;
    if (head === undefined) throw new Error('the audit log has no checkpoint');
    return head;
  };
}
