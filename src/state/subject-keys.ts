// A key for each person that the record tells of: what is sealed with it can be read until the key is destroyed, copies and backups included.
import { sql } from 'kysely';
import { GenkanError } from '../base/errors.ts';
import { createDataKeys } from './data-keys.ts';
import type { DataKeyRow } from './data-keys.ts';
import type { Database } from './database.ts';
import type { KeyRing } from './key-ring.ts';

/** Everything may throw GenkanError `state_keys_unavailable`, `state_key_missing`. */
export interface SubjectKeys {
  /** Undefined for whom there never was a key, or whose key was destroyed. */
  find(user: string): Promise<Buffer | undefined>;
  /** The key of a person, made if there is none. One that cannot be opened now is never replaced: it may come back. */
  obtain(user: string): Promise<Buffer>;
  /** @returns whether there was a key */
  destroy(user: string): Promise<boolean>;
  /** Everybody who has a key. */
  all(): AsyncIterable<{ readonly user: string; readonly key: Buffer }>;
}

// Beside the data keys of the sealed store, so that a rotation wraps them anew as well; principal ids never begin like that.
const prefix = 'record:';
const maxAttempts = 5;
const batch = 500;

export function createSubjectKeys({
  database,
  keys,
}: {
  readonly database: Database;
  readonly keys: KeyRing;
}): SubjectKeys {
  const dataKeys = createDataKeys(database, keys);

  async function find(user: string): Promise<Buffer | undefined> {
    const owner = prefix + user;
    let row: DataKeyRow | undefined;
    for (let attempt = 0; attempt < 2; attempt++) {
      row = await dataKeys.rowOf(owner);
      if (row === undefined) return undefined;
      const key = await dataKeys.unwrap(row);
      if (key !== undefined) return key;
    }
    throw new GenkanError('state_key_missing', { key: row!.wrapped_by, source: 'the keys of the record' });
  }

  return {
    find,
    async obtain(user) {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const key = await find(user);
        if (key !== undefined) return key;
        await dataKeys.make(prefix + user);
      }
      throw new Error('no key could be made for the record: the keys change all the time');
    },
    async destroy(user) {
      const { numDeletedRows } = await database
        .deleteFrom('data_key')
        .where('owner', '=', prefix + user)
        .executeTakeFirst();
      // Deleted bytes are overwritten; the write-ahead log still has them until it begins anew.
      await sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(database);
      return numDeletedRows > 0n;
    },
    async *all() {
      for (let last = prefix; ;) {
        const rows = await database
          .selectFrom('data_key')
          .selectAll()
          .where('owner', last === prefix ? '>=' : '>', last)
          .where('owner', '<', 'record;') // the sign after the colon
          .orderBy('owner')
          .limit(batch)
          .execute();
        for (const row of rows) {
          const key = await dataKeys.unwrap(row);
          if (key !== undefined) yield { user: row.owner.slice(prefix.length), key };
        }
        if (rows.length < batch) return;
        last = rows.at(-1)!.owner;
      }
    },
  };
}
