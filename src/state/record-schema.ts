// Tables of legal holds, which keep records from being removed or made unreadable, and of erasures that every log has to follow.
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
  /** Tells nobody's id: each log knows whom it has under the pseudonym. */
  record_erasure: { pseudonym: string; erased_at: number };
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

export const erasureMigration: Migration = {
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema
      .createTable('record_erasure')
      .addColumn('pseudonym', 'text', (column) => column.primaryKey())
      .addColumn('erased_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};
