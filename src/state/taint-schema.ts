// The table of taint: what conversations have read that may not go everywhere from there.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export interface TaintTables {
  taint: {
    /** Principal id. */
    person: string;
    /** Empty where all that a person does is one conversation. */
    client: string;
    reads: string;
    server: string;
    /** The tool, prompt or resource that was used last. */
    name: string;
    /** Of the call, by which its record is found. */
    correlation_id: string;
    read_at: number;
    /** When the conversation went on last. */
    used_at: number;
  };
}

export const taintMigration: Migration = {
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema
      .createTable('taint')
      .addColumn('person', 'text', (column) => column.notNull())
      .addColumn('client', 'text', (column) => column.notNull())
      .addColumn('reads', 'text', (column) => column.notNull())
      .addColumn('server', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('correlation_id', 'text', (column) => column.notNull())
      .addColumn('read_at', 'bigint', (column) => column.notNull())
      .addColumn('used_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('taint_pk', ['person', 'client', 'reads', 'server'])
      .execute();
  },
};
