// Table of approvals: what waits for a person's yes, and what became of it.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export interface ApprovalTables {
  approval: {
    id: string;
    kind: 'elevation' | 'extension' | 'call' | 'policy-change';
    state: 'pending' | 'approved' | 'denied' | 'withdrawn';
    requester: string;
    requester_name: string;
    /** What it is about, where the same may be asked for again: the digest of a call. */
    reference: string | null;
    /** What is asked for, in one line. */
    subject: string;
    /** What approvers see, and what carrying it out needs. JSON. */
    details: string;
    justification: string;
    /** Who may decide. JSON. */
    approvers: string;
    mfa: number;
    created_at: number;
    expires_at: number;
    decided_by: string | null;
    decided_name: string | null;
    comment: string | null;
    decided_at: number | null;
    /** When the approved call was made: an approval is good for one. */
    used_at: number | null;
    /** Digest of what the client brings along when it goes on with a call that was interrupted by a question. */
    continuation: string | null;
    /** How often it was interrupted. */
    rounds: number;
  };
}

export const approvalMigration: Migration = {
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema
      .createTable('approval')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('requester', 'text', (column) => column.notNull())
      .addColumn('requester_name', 'text', (column) => column.notNull())
      .addColumn('reference', 'text')
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('details', 'text', (column) => column.notNull())
      .addColumn('justification', 'text', (column) => column.notNull())
      .addColumn('approvers', 'text', (column) => column.notNull())
      .addColumn('mfa', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('decided_by', 'text')
      .addColumn('decided_name', 'text')
      .addColumn('comment', 'text')
      .addColumn('decided_at', 'bigint')
      .addColumn('used_at', 'bigint')
      .addColumn('continuation', 'text')
      .addColumn('rounds', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    await schema.createIndex('approval_state').on('approval').columns(['state', 'expires_at']).execute();
    await schema.createIndex('approval_requester').on('approval').columns(['requester', 'state']).execute();
    await schema.createIndex('approval_reference').on('approval').column('reference').execute();
  },
};
