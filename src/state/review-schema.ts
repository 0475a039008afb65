// Tables of access reviews: campaigns that have begun, each right that they ask about, and when the next ones begin.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export interface ReviewTables {
  review: {
    id: string;
    /** Name of the campaign in the settings; empty for one that somebody began by hand. */
    campaign: string;
    state: 'open' | 'completed';
    started_by: string;
    started_at: number;
    ends_at: number;
    /** What it was begun with. JSON. */
    terms: string;
    reminded_at: number | null;
    completed_at: number | null;
    completed_by: string | null;
    /** What became of the removals: versions of the policy, and approvals that they wait for. JSON. */
    applied: string | null;
    told_at: number | null;
  };
  review_item: {
    review: string;
    id: number;
    principal_kind: 'user' | 'group' | 'application';
    principal: string;
    name: string;
    /** The group through which they have it; empty where it is theirs alone. */
    through: string;
    assignment: string;
    role: string;
    scope: string;
    uses: number;
    last_use: number | null;
    recommendation: 'keep' | 'remove';
    reason: string;
    risk: 'low' | 'medium' | 'high' | 'critical';
    /** JSON. */
    factors: string;
    decision: 'keep' | 'remove' | null;
    decided_by: string | null;
    decided_name: string | null;
    comment: string | null;
    decided_at: number | null;
    /** What became of a removal. */
    outcome: 'removed' | 'excluded' | 'gone' | 'pending' | 'refused' | null;
  };
  /** Who was first seen when in which group; the group itself, once it was looked at, under no name. */
  review_member: {
    grp: string;
    principal: string;
    seen_at: number;
  };
  review_schedule: {
    campaign: string;
    schedule: string;
    next_at: number;
    /** The beginning of which people have been told. */
    announced_for: number | null;
  };
}

export const reviewMigration: Migration = {
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema
      .createTable('review')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('campaign', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('started_by', 'text', (column) => column.notNull())
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('ends_at', 'bigint', (column) => column.notNull())
      .addColumn('terms', 'text', (column) => column.notNull())
      .addColumn('reminded_at', 'bigint')
      .addColumn('completed_at', 'bigint')
      .addColumn('completed_by', 'text')
      .addColumn('applied', 'text')
      .addColumn('told_at', 'bigint')
      .execute();
    await schema
      .createTable('review_item')
      .addColumn('review', 'text', (column) => column.notNull().references('review.id').onDelete('cascade'))
      .addColumn('id', 'integer', (column) => column.notNull())
      .addColumn('principal_kind', 'text', (column) => column.notNull())
      .addColumn('principal', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('through', 'text', (column) => column.notNull())
      .addColumn('assignment', 'text', (column) => column.notNull())
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('uses', 'integer', (column) => column.notNull())
      .addColumn('last_use', 'bigint')
      .addColumn('recommendation', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('risk', 'text', (column) => column.notNull())
      .addColumn('factors', 'text', (column) => column.notNull())
      .addColumn('decision', 'text')
      .addColumn('decided_by', 'text')
      .addColumn('decided_name', 'text')
      .addColumn('comment', 'text')
      .addColumn('decided_at', 'bigint')
      .addColumn('outcome', 'text')
      .addPrimaryKeyConstraint('review_item_pk', ['review', 'id'])
      .execute();
    await schema
      .createTable('review_member')
      .addColumn('grp', 'text', (column) => column.notNull())
      .addColumn('principal', 'text', (column) => column.notNull())
      .addColumn('seen_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('review_member_pk', ['grp', 'principal'])
      .execute();
    await schema
      .createTable('review_schedule')
      .addColumn('campaign', 'text', (column) => column.primaryKey())
      .addColumn('schedule', 'text', (column) => column.notNull())
      .addColumn('next_at', 'bigint', (column) => column.notNull())
      .addColumn('announced_for', 'bigint')
      .execute();
  },
};
