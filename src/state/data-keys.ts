// The keys that data is sealed under, one an owner: made, found and opened with the key ring, which wraps them.
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { unguessableId } from '../base/ids.ts';
import type { Database } from './database.ts';
import type { KeyRing } from './key-ring.ts';
import { keyBytes } from './seal.ts';

export interface DataKeyRow {
  readonly id: string;
  readonly owner: string;
  readonly wrapped_by: string;
  readonly wrapped: string;
}

/** Everything may throw GenkanError `state_keys_unavailable`. */
export interface DataKeys {
  rowOf(owner: string): Promise<DataKeyRow | undefined>;
  /** Undefined when the key that wraps it is not there, e.g. because a rotation wraps it anew at this very moment. */
  unwrap(row: DataKeyRow): Promise<Buffer | undefined>;
  /** Makes a key for an owner who has none. Afterwards there is one, or the key ring was read anew and it is worth another try. */
  make(owner: string): Promise<void>;
}

export function createDataKeys(database: Database, keys: KeyRing): DataKeys {
  const rowOf = (owner: string): Promise<DataKeyRow | undefined> =>
    database.selectFrom('data_key').selectAll().where('owner', '=', owner).executeTakeFirst();

  return {
    rowOf,
    async unwrap(row) {
      const opened = (await keys.find(row.wrapped_by))?.open(row.wrapped, placeOfDataKey(row));
      return opened === undefined ? undefined : Buffer.from(opened, 'base64');
    },
    async make(owner) {
      const wrapping = await keys.sealing();
      const id = unguessableId();
      const wrapped = wrapping.seal.seal(randomBytes(keyBytes).toString('base64'), placeOfDataKey({ owner, id }));
      // Unless it seals at this very moment, a rotation may be about to take the key away, and would not see this row.
      const { numInsertedOrUpdatedRows } = await database
        .insertInto('data_key')
        .columns(['id', 'owner', 'wrapped_by', 'wrapped'])
        .expression(
          database
            .selectFrom('sealing_key')
            .select([
              sql.val(id).as('id'),
              sql.val(owner).as('owner'),
              'sealing_key.id',
              sql.val(wrapped).as('wrapped'),
            ])
            .where('sealing_key.id', '=', wrapping.id)
            .where('state', '=', 'sealing'),
        )
        .onConflict((conflict) => conflict.column('owner').doNothing())
        .executeTakeFirst();
      if ((numInsertedOrUpdatedRows ?? 0n) === 0n && (await rowOf(owner)) === undefined) await keys.reread();
    },
  };
}

/** What a wrapped data key is bound to. */
export const placeOfDataKey = ({ owner, id }: Pick<DataKeyRow, 'owner' | 'id'>): readonly string[] => [
  'data key',
  owner,
  id,
];
