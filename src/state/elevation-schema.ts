// Tables of elevation: who holds what for a while, and the names of approvers that were turned into ids.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export interface ElevationTables {
  /** Roles held for a while, from the moment they began. What still waits for somebody's approval is in `approval`. */
  elevation: {
    /** That of the approval by which it began, where there was one: an approval begins one elevation and no other. */
    id: string;
    kind: 'elevation' | 'break-glass';
    person: string;
    person_name: string;
    role: string;
    scope: string;
    /** What made the person eligible. */
    eligibility: string;
    justification: string;
    /** Who began it: the person, or the operator for them. */
    opened_by: string;
    /** Who approved it; null where nobody had to. */
    approved_by: string | null;
    enforced_by: string;
    /** How it stands at what enforces it as well, in its own words; null before that was asked. */
    outside_status: string | null;
    /** How long it holds there; null before it has begun there. */
    outside_until: number | null;
    requested_at: number;
    starts_at: number;
    ends_at: number;
    ended_at: number | null;
    ended_by: string | null;
    end_reason: string | null;
    /** The end that the record knows of; null before it knows of the beginning. */
    told_ends_at: number | null;
    end_told: number;
    /** The grant of the token that was given with it, which ends with it. */
    grant_id: string | null;
    reviewed_by: string | null;
    reviewed_name: string | null;
    reviewed_at: number | null;
    finding: string | null;
  };
  /** Sign-in names in policies, and the one person each of them meant when it was looked up. */
  approver_name: { name: string; person: string; resolved_at: number };
}

export const elevationMigration: Migration = {
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema
      .createTable('elevation')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('person', 'text', (column) => column.notNull())
      .addColumn('person_name', 'text', (column) => column.notNull())
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('eligibility', 'text', (column) => column.notNull())
      .addColumn('justification', 'text', (column) => column.notNull())
      .addColumn('opened_by', 'text', (column) => column.notNull())
      .addColumn('approved_by', 'text')
      .addColumn('enforced_by', 'text', (column) => column.notNull())
      .addColumn('outside_status', 'text')
      .addColumn('outside_until', 'bigint')
      .addColumn('requested_at', 'bigint', (column) => column.notNull())
      .addColumn('starts_at', 'bigint', (column) => column.notNull())
      .addColumn('ends_at', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .addColumn('ended_by', 'text')
      .addColumn('end_reason', 'text')
      .addColumn('told_ends_at', 'bigint')
      .addColumn('end_told', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('grant_id', 'text')
      .addColumn('reviewed_by', 'text')
      .addColumn('reviewed_name', 'text')
      .addColumn('reviewed_at', 'bigint')
      .addColumn('finding', 'text')
      .execute();
    await schema.createIndex('elevation_end').on('elevation').columns(['end_told', 'ends_at']).execute();
    await schema.createIndex('elevation_person').on('elevation').columns(['person', 'requested_at']).execute();
    await schema
      .createTable('approver_name')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('person', 'text', (column) => column.notNull())
      .addColumn('resolved_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};
