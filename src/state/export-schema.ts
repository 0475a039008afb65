// Tables of exports: how far each sink has acknowledged the record, and which records it refuses.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export interface ExportTables {
  export_cursor: {
    sink: string;
    /** Name of the log and hash of its key: the indexes of another log mean something else. */
    log: string;
    /** Index of the last record that the sink needs no more; -1 before the first. */
    acknowledged: number;
    /** Days since the Unix epoch, and the bytes of records acknowledged in it. */
    day: number;
    day_bytes: number;
    /** Attempts in a row that were not acknowledged. */
    failures: number;
    last_error: string | null;
    /** When the next attempt is due; null for at once. */
    due_at: number | null;
    delivered_at: number | null;
    /** Since when records wait longer than they should; null while they do not. */
    behind_since: number | null;
    /** Whether people were told so. */
    told: number;
    /** JSON: some of the records that it has acknowledged, by which the log is known again. */
    marks: string;
  };
  export_set_aside: { sink: string; log: string; idx: number; reason: string; set_aside_at: number };
}

export const exportMigration: Migration = {
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema
      .createTable('export_cursor')
      .addColumn('sink', 'text', (column) => column.notNull())
      .addColumn('log', 'text', (column) => column.notNull())
      .addColumn('acknowledged', 'bigint', (column) => column.notNull())
      .addColumn('day', 'bigint', (column) => column.notNull())
      .addColumn('day_bytes', 'bigint', (column) => column.notNull())
      .addColumn('failures', 'integer', (column) => column.notNull())
      .addColumn('last_error', 'text')
      .addColumn('due_at', 'bigint')
      .addColumn('delivered_at', 'bigint')
      .addColumn('behind_since', 'bigint')
      .addColumn('told', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('export_cursor_pk', ['sink', 'log'])
      .execute();
    await schema
      .createTable('export_set_aside')
      .addColumn('sink', 'text', (column) => column.notNull())
      .addColumn('log', 'text', (column) => column.notNull())
      .addColumn('idx', 'bigint', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('set_aside_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('export_set_aside_pk', ['sink', 'log', 'idx'])
      .execute();
  },
};

export const exportMarksMigration: Migration = {
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema
      .alterTable('export_cursor')
      .addColumn('marks', 'text', (column) => column.notNull().defaultTo('[]'))
      .execute();
  },
};
