// Tables of the access policy: its items as they are now, every version of them, and what each version changed.
import { sql } from 'kysely';
import type { Generated, Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export interface PolicyTables {
  /**
   * What the policy says now. Items of the configuration are here only to be compared at the next start: what they grant
   * comes from the configuration itself.
   */
  policy_item: {
    source: 'running' | 'configuration';
    kind: string;
    id: string;
    /** JSON, written in one way only, so that equal contents are equal texts. */
    content: string;
    /** The version that changed it last. */
    version: number;
  };
  policy_version: {
    number: Generated<number>;
    source: 'running' | 'configuration';
    at: number;
    by: string;
    by_name: string;
    why: string;
    /** The approval that it was made by, and who gave it. */
    approval: string | null;
    approved_by: string | null;
  };
  /** One item that a version changed; null where there was or is none. */
  policy_change: { version: number; kind: string; id: string; before: string | null; after: string | null };
}

export const policyMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    const { schema } = database;
    await schema
      .createTable('policy_item')
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('content', 'text', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('policy_item_pk', ['source', 'kind', 'id'])
      .execute();
    await schema
      .createTable('policy_version')
      // A number is never given twice.
      .addColumn('number', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('by', 'text', (column) => column.notNull())
      .addColumn('by_name', 'text', (column) => column.notNull())
      .addColumn('why', 'text', (column) => column.notNull())
      .addColumn('approval', 'text')
      .addColumn('approved_by', 'text')
      .execute();
    await schema
      .createTable('policy_change')
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('before', 'text')
      .addColumn('after', 'text')
      .addPrimaryKeyConstraint('policy_change_pk', ['version', 'kind', 'id'])
      .execute();
    await moveAssignments(database);
    await schema.dropTable('assignment').execute();
  },
};

// What was assigned before there were versions is the first one. Members in the order of the alphabet, as contents are written.
async function moveAssignments(database: Kysely<unknown>): Promise<void> {
  await sql`
    INSERT INTO policy_version (source, at, by, by_name, why)
    SELECT 'running', max(created_at), '', '', 'assigned before versions were kept' FROM assignment HAVING count(*) > 0
  `.execute(database);
  await sql`
    INSERT INTO policy_change (version, kind, id, before, after)
    SELECT 1, 'assignment', id, NULL, json_object(
      'createdAtMs', created_at, 'createdBy', created_by,
      'principal', json_object('id', principal, 'kind', principal_kind), 'role', role, 'scope', scope)
    FROM assignment
  `.execute(database);
  await sql`
    INSERT INTO policy_item (source, kind, id, content, version)
    SELECT 'running', kind, id, after, version FROM policy_change
  `.execute(database);
}
