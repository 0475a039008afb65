// Table of notices on their way to people: written with what caused them, delivered afterwards.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export interface NoticeTables {
  notice_delivery: {
    id: string;
    channel: string;
    /** The same notice goes to a channel once. */
    notice: string;
    kind: string;
    severity: 'info' | 'warning' | 'critical';
    /** Title, lines, address and recipients as they are sent. JSON. */
    content: string;
    state: 'waiting' | 'delivered' | 'given-up';
    created_at: number;
    /** When it is tried next; whoever tries moves it on first, so that nobody else does. */
    due_at: number;
    attempts: number;
    last_error: string | null;
    delivered_at: number | null;
  };
}

export const noticeMigration: Migration = {
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema
      .createTable('notice_delivery')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('channel', 'text', (column) => column.notNull())
      .addColumn('notice', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('severity', 'text', (column) => column.notNull())
      .addColumn('content', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('due_at', 'bigint', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('last_error', 'text')
      .addColumn('delivered_at', 'bigint')
      .addUniqueConstraint('notice_delivery_once', ['channel', 'notice'])
      .execute();
    await schema.createIndex('notice_delivery_due').on('notice_delivery').columns(['state', 'due_at']).execute();
  },
};
