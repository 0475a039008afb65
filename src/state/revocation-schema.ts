// Tables of the kill switch and of provisioning: what was ended, who may not come in, and whom a directory has told us about.
import { sql } from 'kysely';
import type { Generated, Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export interface RevocationTables {
  /** What was ended, in order. Every process follows it; rows are only ever added, and go when they are old. */
  revocation: {
    sequence: Generated<number>;
    /** Of the last three, all processes hear that one has changed: the policy of access, an approval, the pins of a server. */
    kind: 'principal' | 'client' | 'grant' | 'server' | 'policy' | 'approval' | 'pin' | 'pages';
    subject: string;
    /** `end`: what is open now. `disable`: for good. `enable`: no longer. `change`: look again. */
    act: 'end' | 'disable' | 'enable' | 'change';
    by: string;
    reason: string;
    at: number;
  };
  /** Who may not come in. Whoever has disabled somebody enables them again, so a row a source. */
  disabled: {
    kind: 'principal' | 'client';
    subject: string;
    source: 'administrator' | 'directory';
    by: string;
    reason: string;
    at: number;
  };
  /** People as a directory provisions them (RFC 7643 §4.1), known or not yet. */
  scim_user: {
    id: string;
    /** The principal that signs in; unique. */
    person: string;
    /** In lower case: `userName` is not case exact (RFC 7643 §4.1.1). */
    user_name: string;
    external_id: string | null;
    resource: string;
    created_at: number;
    changed_at: number;
  };
  scim_group: {
    id: string;
    /** The group as role assignments name it: `externalId`, or else `displayName`. */
    name: string;
    display_name: string;
    external_id: string | null;
    created_at: number;
    changed_at: number;
  };
  scim_member: { group_id: string; user_id: string };
}

export const revocationMigration: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    const { schema } = database;
    await schema
      .createTable('revocation')
      // Without AUTOINCREMENT the number of a removed last row would be given again, and nobody would notice the new one.
      .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('act', 'text', (column) => column.notNull())
      .addColumn('by', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createTable('disabled')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('by', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('disabled_pk', ['kind', 'subject', 'source'])
      .execute();
    for (const [column, member] of [
      ['account_id', 'accountId'],
      ['client_id', 'clientId'],
    ] as const) {
      await schema.alterTable('oidc_record').addColumn(column, 'text').execute();
      await sql`UPDATE oidc_record SET ${sql.ref(column)} = json_extract(payload, ${`$.${member}`})`.execute(database);
      await schema.createIndex(`oidc_record_${column}`).on('oidc_record').column(column).execute();
    }
    await provisioningTables(database);
  },
};

async function provisioningTables({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('scim_user')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('person', 'text', (column) => column.notNull().unique())
    .addColumn('user_name', 'text', (column) => column.notNull().unique())
    .addColumn('external_id', 'text')
    .addColumn('resource', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema.createIndex('scim_user_external').on('scim_user').column('external_id').execute();
  await schema
    .createTable('scim_group')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('display_name', 'text', (column) => column.notNull())
    .addColumn('external_id', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('scim_member')
    .addColumn('group_id', 'text', (column) => column.notNull().references('scim_group.id').onDelete('cascade'))
    .addColumn('user_id', 'text', (column) => column.notNull().references('scim_user.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('scim_member_pk', ['group_id', 'user_id'])
    .execute();
  await schema.createIndex('scim_member_user').on('scim_member').column('user_id').execute();
}
