// Tables of witnesses: the logs of all processes and how far each is published, and the logs of others that we have cosigned.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export interface WitnessTables {
  /** One log for each process that records. */
  audit_log: {
    origin: string;
    verifier_key: string;
    /** Where it lies on the machine of that process. */
    data_directory: string;
    /** The newest checkpoint that anybody outside has taken, with cosignatures if there are; null before the first. */
    published: string | null;
    published_size: number;
    published_at: number | null;
    /** The newest one that a witness has cosigned. */
    cosigned: string | null;
    cosigned_size: number;
  };
  audit_publication: {
    origin: string;
    witness: string;
    size: number;
    /** When it last took a checkpoint; null for never. */
    taken_at: number | null;
    failing_since: number | null;
    failure: string | null;
  };
  /** What we as a witness have cosigned last, one for each log. */
  witnessed_log: { origin: string; size: number; root: string; note: string; cosigned_at: number };
}

export const witnessMigration: Migration = {
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema
      .createTable('audit_log')
      .addColumn('origin', 'text', (column) => column.primaryKey())
      .addColumn('verifier_key', 'text', (column) => column.notNull())
      .addColumn('data_directory', 'text', (column) => column.notNull())
      .addColumn('published', 'text')
      .addColumn('published_size', 'bigint', (column) => column.notNull())
      .addColumn('published_at', 'bigint')
      .addColumn('cosigned', 'text')
      .addColumn('cosigned_size', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createTable('audit_publication')
      .addColumn('origin', 'text', (column) => column.notNull())
      .addColumn('witness', 'text', (column) => column.notNull())
      .addColumn('size', 'bigint', (column) => column.notNull())
      .addColumn('taken_at', 'bigint')
      .addColumn('failing_since', 'bigint')
      .addColumn('failure', 'text')
      .addPrimaryKeyConstraint('audit_publication_pk', ['origin', 'witness'])
      .execute();
    await schema
      .createTable('witnessed_log')
      .addColumn('origin', 'text', (column) => column.primaryKey())
      .addColumn('size', 'bigint', (column) => column.notNull())
      .addColumn('root', 'text', (column) => column.notNull())
      .addColumn('note', 'text', (column) => column.notNull())
      .addColumn('cosigned_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};
