// Everybody that Genkan knows of: who has signed in, whom a directory has told us about, and who was disabled in advance.
import { sql } from 'kysely';
import type { Database } from '../../state/database.ts';
import type { DisabledRow } from './disabled.ts';
import { principalIdIn } from './principal-id.ts';

export interface PrincipalRow {
  readonly id: string;
  readonly name: string;
  /** As the last sign-in stated them. */
  readonly groups: readonly string[];
  /** Absent where they have never signed in. */
  readonly lastSignInMs?: number;
  /** Whether a directory provisions them. */
  readonly provisioned: boolean;
  /** Why they may not come in; empty when they may. */
  readonly disabled: readonly Pick<DisabledRow, 'source' | 'by' | 'reason' | 'at'>[];
}

export interface PrincipalQuery {
  /** Id, or else the name of whoever has that name, exactly; everybody without it. */
  readonly user?: string;
  readonly disabledOnly?: boolean;
  readonly limit: number;
}

interface Found {
  readonly id: string;
  readonly name: string | null;
  readonly groups: string | null;
  readonly updated_at: number | null;
  readonly user_name: string | null;
  readonly disabled: string;
}

export async function listPrincipals(
  database: Database,
  { user: sought, disabledOnly = false, limit }: PrincipalQuery,
): Promise<readonly PrincipalRow[]> {
  const id = sought === undefined ? undefined : principalIdIn(sought);
  const [user, name] = [id ?? sought ?? null, id === undefined ? (sought ?? null) : null];
  const { rows } = await sql<Found>`
    WITH known(id) AS (
      SELECT id FROM account UNION SELECT person FROM scim_user
      UNION SELECT subject FROM disabled WHERE kind = 'principal'
    )
    SELECT known.id, account.name, account.groups, account.updated_at, scim_user.user_name,
      (SELECT json_group_array(json_object('source', source, 'by', "by", 'reason', reason, 'at', at))
        FROM disabled WHERE kind = 'principal' AND subject = known.id) AS disabled
    FROM known LEFT JOIN account ON account.id = known.id LEFT JOIN scim_user ON scim_user.person = known.id
    WHERE (${user} IS NULL OR known.id = ${user}
        OR ((account.name = ${name} OR scim_user.user_name = lower(${name}))
          AND NOT EXISTS (SELECT 1 FROM known WHERE id = ${user})))
      AND (${Number(disabledOnly)} = 0
        OR EXISTS (SELECT 1 FROM disabled WHERE kind = 'principal' AND subject = known.id))
    ORDER BY coalesce(account.name, scim_user.user_name, known.id) LIMIT ${limit}`.execute(database);
  return rows.map((row) => ({
    id: row.id,
    name: row.name ?? row.user_name ?? row.id,
    groups: JSON.parse(row.groups ?? '[]') as string[],
    lastSignInMs: row.updated_at ?? undefined,
    provisioned: row.user_name !== null,
    disabled: JSON.parse(row.disabled) as PrincipalRow['disabled'],
  }));
}
