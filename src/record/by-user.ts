// Which records are whose, in the order of time: an index of the log that is written in batches. Everybody has pages of their own in
// it, so what is written with each record costs a commit a page for each person in it, and in batches next to nothing.
import type { DatabaseSync } from 'node:sqlite';

// `next` is the first record that is not listed yet. Whatever reads looks through those from there on one by one.
// Triggers, so that an older Genkan which opens the log again leaves no trace here of whom it forgets.
export const byUserTables = `
  CREATE TABLE IF NOT EXISTS by_user (
    user TEXT NOT NULL, timestamp INTEGER NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (user, timestamp, idx)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS by_user_cursor (one INTEGER PRIMARY KEY CHECK (one = 1), next INTEGER NOT NULL) STRICT;
  CREATE TRIGGER IF NOT EXISTS record_removed AFTER DELETE ON record BEGIN
    DELETE FROM by_user WHERE user = OLD.user AND timestamp = OLD.timestamp AND idx = OLD.idx;
  END;
  CREATE TRIGGER IF NOT EXISTS record_renamed AFTER UPDATE OF user ON record BEGIN
    UPDATE by_user SET user = NEW.user WHERE user = OLD.user AND timestamp = OLD.timestamp AND idx = OLD.idx;
  END;
`;

// Of an older Genkan, which listed every record as it was written.
const listRecords = `
  DELETE FROM by_user;
  INSERT INTO by_user SELECT user, timestamp, idx FROM record ORDER BY user, timestamp, idx;
  DELETE FROM by_user_cursor;
  INSERT INTO by_user_cursor SELECT 1, coalesce(max(idx) + 1, 0) FROM record;
  DROP INDEX record_user;
`;

const has = (database: DatabaseSync, name: string): boolean =>
  database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name) !== undefined;

/**
 * Takes over the index that an older Genkan kept. Inside of a transaction; a million records take 1.5 s, once. A list that somebody
 * has emptied is made anew, batch by batch.
 */
export function takeOverIndex(database: DatabaseSync): void {
  if (has(database, 'record_user')) database.exec(listRecords);
  database.exec('DELETE FROM by_user_cursor WHERE NOT EXISTS (SELECT 1 FROM by_user)');
}

/**
 * Gives a connection that only reads `by_user`, also where an older Genkan wrote last, and `unlisted`: the records that are not in it.
 * `listed` is what it leads to and the records themselves bear out: somebody with the file may have put anything else there.
 */
export function showByUser(database: DatabaseSync): void {
  database.exec(
    has(database, 'by_user')
      ? `CREATE TEMP VIEW unlisted AS SELECT * FROM record WHERE idx >= coalesce((SELECT next FROM by_user_cursor), 0);
         CREATE TEMP VIEW listed AS SELECT lead.user AS user, lead.timestamp AS timestamp, lead.idx AS idx
         FROM by_user AS lead CROSS JOIN record ON record.idx = lead.idx
         WHERE record.user = lead.user AND record.timestamp = lead.timestamp`
      : `CREATE TEMP VIEW by_user AS SELECT user, timestamp, idx FROM record;
         CREATE TEMP VIEW listed AS SELECT user, timestamp, idx FROM record;
         CREATE TEMP VIEW unlisted AS SELECT * FROM record WHERE 0`,
  );
}

/**
 * Finds what leads to no record, or to one of somebody else. Where every record was found by its person, counting tells whether
 * there is anything else: only then, or where some were not found, it is looked for. Inside of a transaction.
 */
export function surplusOf(database: DatabaseSync): (limit: number, allFound: boolean) => readonly Surplus[] {
  if (!has(database, 'by_user')) return () => [];
  const count = database.prepare(
    'SELECT (SELECT count(*) FROM by_user) - (SELECT count(*) FROM record) + (SELECT count(*) FROM unlisted) AS more',
  );
  const select = database.prepare(
    `SELECT lead.idx AS idx, record.idx IS NOT NULL AS there, lead.idx >= coalesce((SELECT next FROM by_user_cursor), 0) AS ahead
     FROM by_user AS lead LEFT JOIN record ON record.idx = lead.idx
     WHERE record.user IS NOT lead.user OR record.timestamp IS NOT lead.timestamp OR ahead LIMIT ?`,
  );
  return (limit, allFound) =>
    allFound && count.get()!['more'] === 0 ? [] : (select.all(limit) as unknown as Surplus[]);
}

export interface Surplus {
  readonly idx: number;
  /** Whether there is such a record, of whomever. */
  readonly there: 0 | 1;
}

/** What is made from the records themselves, some time after they were written. */
export interface Derived {
  /** Whether so much waits that it is time to write it. */
  isDue(): boolean;
  /** Writes what waits, or some of it. Inside of a transaction. @returns whether more is left */
  write(): boolean;
  /** Forgets what waits after a transaction that failed; it is made again from the records. */
  reset(): void;
}

/** Small enough for a reader to look through, large enough for people to share a page. */
const batch = 1024;

/** @param size number of records in the log */
export function openByUser(database: DatabaseSync, size: () => number): Derived {
  const sql = {
    cursor: database.prepare('SELECT next FROM by_user_cursor'),
    move: database.prepare('INSERT INTO by_user_cursor VALUES (1, ?) ON CONFLICT DO UPDATE SET next = excluded.next'),
    list: database.prepare(
      'INSERT OR IGNORE INTO by_user SELECT user, timestamp, idx FROM record WHERE idx >= ? AND idx < ? ORDER BY user, timestamp, idx',
    ),
  };
  const cursor = (): number => Number(sql.cursor.get()?.['next'] ?? 0);
  let next = cursor();
  /** After a failure not with every commit: that would hold up those who wait for it. */
  let notBefore = 0;
  return {
    isDue: () => size() - next >= batch && size() >= notBefore,
    write() {
      next = cursor(); // whatever it was part of may not have been committed
      if (next >= size()) return false;
      const end = Math.min(next + batch, size());
      sql.list.run(next, end);
      sql.move.run(end);
      next = end;
      return next < size();
    },
    reset() {
      notBefore = size() + batch;
      next = cursor();
    },
  };
}
