// Tables of pins: what each server has shown, who has approved which version of it, and what waits for somebody to look.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export interface PinTables {
  /** One item of a server: a tool, prompt, resource, template, its instructions, or how it introduces itself. */
  pin: {
    server: string;
    kind: string;
    /** As the server calls it; empty for what it has one of. */
    name: string;
    /** SHA-256 of the version that may be used, and its canonical text, to compare with. Null where none may. */
    approved_digest: string | null;
    approved_text: string | null;
    /** `policy`, or the principal who has approved it. */
    approved_by: string | null;
    approved_name: string | null;
    /** What the policy approved it for, or what the person wrote. */
    approved_why: string | null;
    approved_at: number | null;
    /** The version that the server shows and nobody has decided on. */
    waiting_digest: string | null;
    waiting_text: string | null;
    /** Why it waits. JSON. */
    reasons: string | null;
    waiting_since: number | null;
    /** When the version that waits came, which may have taken the place of another one. */
    waiting_at: number | null;
    /** The version that somebody did not want. */
    rejected_digest: string | null;
    rejected_text: string | null;
    rejected_by: string | null;
    rejected_name: string | null;
    rejected_at: number | null;
    /** Since when the server does not list it any more. */
    gone_at: number | null;
  };
  /** When a server has shown a list for the first time, and when all of it: what comes later comes late. */
  pin_contact: { server: string; kind: string; started_at: number; completed_at: number | null };
}

export const pinMigration: Migration = {
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema
      .createTable('pin')
      .addColumn('server', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('approved_digest', 'text')
      .addColumn('approved_text', 'text')
      .addColumn('approved_by', 'text')
      .addColumn('approved_name', 'text')
      .addColumn('approved_why', 'text')
      .addColumn('approved_at', 'bigint')
      .addColumn('waiting_digest', 'text')
      .addColumn('waiting_text', 'text')
      .addColumn('reasons', 'text')
      .addColumn('waiting_since', 'bigint')
      .addColumn('waiting_at', 'bigint')
      .addColumn('rejected_digest', 'text')
      .addColumn('rejected_text', 'text')
      .addColumn('rejected_by', 'text')
      .addColumn('rejected_name', 'text')
      .addColumn('rejected_at', 'bigint')
      .addColumn('gone_at', 'bigint')
      .addPrimaryKeyConstraint('pin_pk', ['server', 'kind', 'name'])
      .execute();
    await schema
      .createTable('pin_contact')
      .addColumn('server', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('completed_at', 'bigint')
      .addPrimaryKeyConstraint('pin_contact_pk', ['server', 'kind'])
      .execute();
  },
};
