// Table of legal holds: records that are neither removed nor made unreadable while somebody needs them.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export interface RecordTables {
  record_hold: {
    id: string;
    /** Why, e.g. the number of the case. */
    reason: string;
    /** Principal id; null for everybody. */
    user: string | null;
    /** Records of this time and later; null for all before as well. */
    from_at: number | null;
    /** Records before this time; null for all after as well, those to come included. */
    to_at: number | null;
    placed_by: string;
    placed_at: number;
    released_by: string | null;
    released_at: number | null;
  };
}

export const recordMigration: Migration = {
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema
      .createTable('record_hold')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('user', 'text')
      .addColumn('from_at', 'bigint')
      .addColumn('to_at', 'bigint')
      .addColumn('placed_by', 'text', (column) => column.notNull())
      .addColumn('placed_at', 'bigint', (column) => column.notNull())
      .addColumn('released_by', 'text')
      .addColumn('released_at', 'bigint')
      .execute();
  },
};
