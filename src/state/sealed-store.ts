// What is kept secret for somebody, such as a person's tokens: sealed under a data key of its owner, and gone for good with that key.
import { sql } from 'kysely';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { createDataKeys } from './data-keys.ts';
import type { Database } from './database.ts';
import type { KeyRing } from './key-ring.ts';
import { createSeal } from './seal.ts';
import type { Seal } from './seal.ts';

interface SealedRow {
  readonly owner: string;
  readonly name: string;
  readonly updatedAtMs: number;
}

/** Everything may throw GenkanError `state_keys_unavailable`, `state_key_missing`. */
export interface SealedStore {
  /** Undefined also for what cannot be read any more: whoever owns it has to provide it anew, e.g. by signing in. */
  get(owner: string, name: string): Promise<string | undefined>;
  put(owner: string, name: string, text: string): Promise<void>;
  /**
   * Writes only over what was read, so that whoever comes late takes nothing of others away.
   * @param before as `get` gave it
   * @returns false when it is another by now, or gone
   */
  replace(owner: string, name: string, before: string | undefined, text: string): Promise<boolean>;
  /**
   * Forgets one entry, or everything of an owner.
   * @returns whether there was anything
   */
  remove(owner: string, name?: string): Promise<boolean>;
  /** Who has an entry of that name. */
  owners(name: string): Promise<readonly string[]>;
  /** The entries whose names begin like that, by name and owner. What they say is not read. */
  list(prefix: string): Promise<readonly SealedRow[]>;
}

const maxAttempts = 5;

export function createSealedStore(neighbours: {
  readonly database: Database;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly log: Log;
}): SealedStore {
  const { database, keys, clock, log } = neighbours;

  const dataKeys = createDataKeys(database, keys);

  /** The data key of an owner, made if there is none or none that can be used. */
  async function ownKey(owner: string): Promise<{ id: string; seal: Seal } | undefined> {
    const row = await dataKeys.rowOf(owner);
    if (row === undefined) {
      await dataKeys.make(owner);
      return undefined;
    }
    const key = await dataKeys.unwrap(row);
    if (key !== undefined) return { id: row.id, seal: createSeal(key) };
    // A rotation may have wrapped it anew between the two readings: then it is there again, otherwise it is lost.
    const { numDeletedRows } = await database
      .deleteFrom('data_key')
      .where('id', '=', row.id)
      .where('wrapped', '=', row.wrapped)
      .executeTakeFirst();
    if (numDeletedRows > 0n)
      log.error({ owner, key: row.wrapped_by }, 'a data key cannot be opened; it gives way to a new one');
    return undefined;
  }

  /** The entry as it lies there, with what it says; without that when it cannot be read any more. */
  async function read(owner: string, name: string): Promise<{ sealed: string; text?: string } | undefined> {
    for (let attempt = 1; ; attempt++) {
      const row = await database
        .selectFrom('sealed_entry')
        .innerJoin('data_key', 'data_key.id', 'sealed_entry.key_id')
        .select(['data_key.id', 'data_key.owner', 'wrapped_by', 'wrapped', 'sealed'])
        .where('sealed_entry.owner', '=', owner)
        .where('name', '=', name)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const { sealed } = row;
      const key = await dataKeys.unwrap(row);
      const text = key === undefined ? undefined : createSeal(key).open(sealed, placeOfEntry(owner, name));
      if (text !== undefined) return { sealed, text };
      // A rotation may have wrapped the data key anew since it was read, and the key that it was wrapped with is gone.
      if (attempt > 1) {
        log.error(
          { owner, name, key: row.wrapped_by },
          'a sealed entry cannot be read: its key is gone, or it was changed',
        );
        return { sealed };
      }
    }
  }

  /**
   * @param over as it has to lie there, null for nothing; by default whatever
   * @returns false when it does not, or when the data key has changed
   */
  async function write(owner: string, name: string, text: string, over?: string | null): Promise<boolean> {
    const key = await ownKey(owner);
    if (key === undefined) return false;
    const values = {
      key_id: key.id,
      sealed: key.seal.seal(text, placeOfEntry(owner, name)),
      updated_at: clock.now(),
    };
    // Only while the data key stands: who was removed meanwhile is not to come back half.
    let source = database
      .selectFrom('data_key')
      .select([
        'data_key.owner',
        sql.val(name).as('name'),
        'data_key.id',
        sql.val(values.sealed).as('sealed'),
        sql.val(values.updated_at).as('updated_at'),
      ])
      .where('data_key.id', '=', key.id);
    if (over !== undefined) {
      const lying = sql`(select sealed from sealed_entry where owner = ${owner} and name = ${name})`;
      source = source.where(sql<boolean>`${lying} is ${over}`);
    }
    const { numInsertedOrUpdatedRows } = await database
      .insertInto('sealed_entry')
      .columns(['owner', 'name', 'key_id', 'sealed', 'updated_at'])
      .expression(source)
      .onConflict((conflict) => conflict.columns(['owner', 'name']).doUpdateSet(values))
      .executeTakeFirst();
    return (numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  const unsettled = (): Error => new Error('an entry could not be sealed: its data key changes all the time');

  return {
    get: async (owner, name) => (await read(owner, name))?.text,

    async put(owner, name, text) {
      for (let attempt = 0; attempt < maxAttempts; attempt++) if (await write(owner, name, text)) return;
      throw unsettled();
    },

    async replace(owner, name, before, text) {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const now = await read(owner, name);
        if (now?.text !== before) return false;
        // Every sealing differs, so what lies there is what was read.
        if (await write(owner, name, text, now?.sealed ?? null)) return true;
      }
      throw unsettled();
    },

    async remove(owner, name) {
      if (name === undefined) {
        const { numDeletedRows } = await database.deleteFrom('data_key').where('owner', '=', owner).executeTakeFirst();
        return numDeletedRows > 0n;
      }
      const { numDeletedRows } = await database
        .deleteFrom('sealed_entry')
        .where('owner', '=', owner)
        .where('name', '=', name)
        .executeTakeFirst();
      await database
        .deleteFrom('data_key')
        .where('owner', '=', owner)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('sealed_entry').select('name').whereRef('key_id', '=', 'data_key.id'))),
        )
        .execute();
      return numDeletedRows > 0n;
    },

    async owners(name) {
      const rows = await database
        .selectFrom('sealed_entry')
        .select('owner')
        .where('name', '=', name)
        .orderBy('owner')
        .execute();
      return rows.map(({ owner }) => owner);
    },

    async list(prefix) {
      const rows = await database
        .selectFrom('sealed_entry')
        .select(['owner', 'name', 'updated_at'])
        .where(sql<boolean>`substr(name, 1, ${prefix.length}) = ${prefix}`)
        .orderBy('name')
        .orderBy('owner')
        .execute();
      return rows.map(({ owner, name, updated_at: updatedAtMs }) => ({ owner, name, updatedAtMs }));
    },
  };
}

const placeOfEntry = (owner: string, name: string): readonly string[] => ['entry', owner, name];
