// Every table of the control database and how it came about. JSON columns are text, booleans are 0 or 1, times are epoch milliseconds.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { approvalMigration } from './approval-schema.ts';
import type { ApprovalTables } from './approval-schema.ts';
import { elevationMigration } from './elevation-schema.ts';
import type { ElevationTables } from './elevation-schema.ts';
import { exportMarksMigration, exportMigration } from './export-schema.ts';
import type { ExportTables } from './export-schema.ts';
import { noticeMigration } from './notice-schema.ts';
import type { NoticeTables } from './notice-schema.ts';
import { pinMigration } from './pin-schema.ts';
import type { PinTables } from './pin-schema.ts';
import { policyMigration } from './policy-schema.ts';
import type { PolicyTables } from './policy-schema.ts';
import { erasureMigration, recordMigration } from './record-schema.ts';
import { reviewMigration } from './review-schema.ts';
import type { RecordTables } from './record-schema.ts';
import type { ReviewTables } from './review-schema.ts';
import { revocationMigration } from './revocation-schema.ts';
import type { RevocationTables } from './revocation-schema.ts';
import { taintMigration } from './taint-schema.ts';
import type { TaintTables } from './taint-schema.ts';
import { witnessMigration } from './witness-schema.ts';
import type { WitnessTables } from './witness-schema.ts';

export interface Tables
  extends
    RevocationTables,
    PolicyTables,
    ApprovalTables,
    ElevationTables,
    ExportTables,
    ReviewTables,
    NoticeTables,
    PinTables,
    RecordTables,
    TaintTables,
    WitnessTables {
  /** What `oidc-provider` stores: clients, grants, codes, tokens, interactions. */
  oidc_record: {
    kind: string;
    id: string;
    payload: string;
    grant_id: string | null;
    uid: string | null;
    user_code: string | null;
    account_id: string | null;
    client_id: string | null;
    consumed_at: number | null;
    expires_at: number | null;
  };
  /** People who have signed in, as their identity provider described them last. */
  account: { id: string; name: string; groups: string; profile: string; updated_at: number };
  /** Consent per person, client, redirect URI, resource and scope. */
  consent: {
    account_id: string;
    client_id: string;
    redirect_uri: string;
    resource: string;
    scope: string;
    granted_at: number;
  };
  /** MCP servers added while running, and approvals of configured ones. */
  server: { name: string; settings: string | null; approved: number; added_by: string; added_at: number };
  /** Calls that became tasks, whose they are, and what the call needed. `id` is a digest of the server's. */
  task: {
    owner: string;
    server: string;
    id: string;
    tool: string;
    requirements: string;
    effect: 'read' | 'write' | 'destroy';
    created_at: number;
    expires_at: number;
  };
  /** Where people have signed in at servers that ask for it; what they were given there is sealed. */
  connection: { person: string; server: string; sealed: string; updated_at: number };
  /** Which keys of the key ring seal, which only open, and which do neither any more. The keys themselves are not here. */
  sealing_key: { id: string; state: 'sealing' | 'opening' | 'retired'; added_at: number; retired_at: number | null };
  /** One key for each owner of sealed entries, wrapped by a key of the key ring. Whoever destroys it destroys what it sealed. */
  data_key: { id: string; owner: string; wrapped_by: string; wrapped: string };
  sealed_entry: { owner: string; name: string; key_id: string; sealed: string; updated_at: number };
  /** Who may do something alone, and until when. */
  lease: { name: string; holder: string; expires_at: number };
  /** Names in conditional access policies, and the object ids that the directory gave for them. */
  directory_name: { kind: string; name: string; ids: string; resolved_at: number };
  /** Agents: confidential clients that administrators have registered. */
  agent: {
    client_id: string;
    credential: string;
    resources: string;
    introspects: number;
    dpop: number;
    created_by: string;
    created_at: number;
  };
  /** Exchanges of Genkan's own credentials at Entra ID that are under way. The new credential itself is a sealed entry. */
  credential_rotation: {
    client_id: string;
    kind: 'secret' | 'certificate';
    step: string;
    marker: string;
    new_key: string | null;
    old_key: string | null;
    valid_until: number;
    keep_seconds: number;
    switched_at: number | null;
    delete_at: number | null;
    started_by: string;
    started_at: number;
  };
}

export const migrations: Record<string, Migration> = {
  '0001-first': {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable('oidc_record')
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('payload', 'text', (column) => column.notNull())
        .addColumn('grant_id', 'text')
        .addColumn('uid', 'text')
        .addColumn('user_code', 'text')
        .addColumn('consumed_at', 'bigint')
        .addColumn('expires_at', 'bigint')
        .addPrimaryKeyConstraint('oidc_record_pk', ['kind', 'id'])
        .execute();
      await database.schema.createIndex('oidc_record_grant').on('oidc_record').column('grant_id').execute();
      await database.schema.createIndex('oidc_record_uid').on('oidc_record').columns(['kind', 'uid']).execute();
      await database.schema.createIndex('oidc_record_expiry').on('oidc_record').column('expires_at').execute();
      await database.schema
        .createTable('account')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('groups', 'text', (column) => column.notNull())
        .addColumn('profile', 'text', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute();
      await database.schema
        .createTable('consent')
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('client_id', 'text', (column) => column.notNull())
        .addColumn('redirect_uri', 'text', (column) => column.notNull())
        .addColumn('resource', 'text', (column) => column.notNull())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('granted_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('consent_pk', ['account_id', 'client_id', 'redirect_uri', 'resource', 'scope'])
        .execute();
      await database.schema
        .createTable('server')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('settings', 'text')
        .addColumn('approved', 'integer', (column) => column.notNull())
        .addColumn('added_by', 'text', (column) => column.notNull())
        .addColumn('added_at', 'bigint', (column) => column.notNull())
        .execute();
      await database.schema
        .createTable('assignment')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('principal_kind', 'text', (column) => column.notNull())
        .addColumn('principal', 'text', (column) => column.notNull())
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('created_by', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '0003-task': {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable('task')
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('server', 'text', (column) => column.notNull())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('tool', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('task_pk', ['owner', 'server', 'id'])
        .execute();
      await database.schema.createIndex('task_expiry').on('task').column('expires_at').execute();
    },
  },
  '0004-connections': {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable('connection')
        .addColumn('person', 'text', (column) => column.notNull())
        .addColumn('server', 'text', (column) => column.notNull())
        .addColumn('sealed', 'text', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('connection_pk', ['person', 'server'])
        .execute();
      await database.schema.createIndex('connection_server').on('connection').column('server').execute();
    },
  },
  '0005-task-requirements': {
    async up(database: Kysely<unknown>): Promise<void> {
      // What the calls behind earlier tasks needed is not known, so nobody can be given them any more.
      await sql`DELETE FROM task`.execute(database);
      await database.schema
        .alterTable('task')
        .addColumn('requirements', 'text', (column) => column.notNull())
        .execute();
    },
  },
  '0006-sealed-store': {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable('sealing_key')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('added_at', 'bigint', (column) => column.notNull())
        .addColumn('retired_at', 'bigint')
        .execute();
      await database.schema
        .createTable('data_key')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('owner', 'text', (column) => column.notNull().unique())
        .addColumn('wrapped_by', 'text', (column) => column.notNull())
        .addColumn('wrapped', 'text', (column) => column.notNull())
        .execute();
      await database.schema.createIndex('data_key_wrapped_by').on('data_key').column('wrapped_by').execute();
      await database.schema
        .createTable('sealed_entry')
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('key_id', 'text', (column) => column.notNull().references('data_key.id').onDelete('cascade'))
        .addColumn('sealed', 'text', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('sealed_entry_pk', ['owner', 'name'])
        .execute();
      await database.schema.createIndex('sealed_entry_name').on('sealed_entry').column('name').execute();
      await database.schema.createIndex('sealed_entry_key').on('sealed_entry').column('key_id').execute();
      await database.schema
        .createTable('lease')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('holder', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '0007-revocation': revocationMigration,
  '0008-directory-names': {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable('directory_name')
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('ids', 'text', (column) => column.notNull())
        .addColumn('resolved_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('directory_name_pk', ['kind', 'name'])
        .execute();
    },
  },
  '0009-agents': {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable('agent')
        .addColumn('client_id', 'text', (column) => column.primaryKey())
        .addColumn('credential', 'text', (column) => column.notNull())
        .addColumn('resources', 'text', (column) => column.notNull())
        .addColumn('introspects', 'integer', (column) => column.notNull())
        .addColumn('dpop', 'integer', (column) => column.notNull())
        .addColumn('created_by', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '0012-credential-rotation': {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable('credential_rotation')
        .addColumn('client_id', 'text', (column) => column.primaryKey())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('step', 'text', (column) => column.notNull())
        .addColumn('marker', 'text', (column) => column.notNull())
        .addColumn('new_key', 'text')
        .addColumn('old_key', 'text')
        .addColumn('valid_until', 'bigint', (column) => column.notNull())
        .addColumn('keep_seconds', 'integer', (column) => column.notNull())
        .addColumn('switched_at', 'bigint')
        .addColumn('delete_at', 'bigint')
        .addColumn('started_by', 'text', (column) => column.notNull())
        .addColumn('started_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '0013-task-effect': {
    async up(database: Kysely<unknown>): Promise<void> {
      // What the calls behind earlier tasks did is not known, so they count as those that do most.
      await database.schema
        .alterTable('task')
        .addColumn('effect', 'text', (column) => column.notNull().defaultTo('destroy'))
        .execute();
    },
  },
  '0014-policy': policyMigration,
  '0015-approval': approvalMigration,
  '0016-elevation': elevationMigration,
  '0017-review': reviewMigration,
  '0018-notice': noticeMigration,
  '0020-pin': pinMigration,
  '0021-taint': taintMigration,
  '0022-export': exportMigration,
  '0023-record': recordMigration,
  '0024-witness': witnessMigration,
  '0025-erasure': erasureMigration,
  '0026-export-marks': exportMarksMigration,
};
