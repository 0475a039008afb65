// Who may not come in: people, agents and clients that an administrator or the directory has disabled.
import type { Selectable } from 'kysely';
import type { RevocationTables } from '../../state/revocation-schema.ts';
import type { Database } from '../../state/database.ts';

export type DisabledRow = Selectable<RevocationTables['disabled']>;

export interface Disabled {
  /** What of the two may not come in; asked before every verdict, so both at once. */
  among(principal: string, client: string): Promise<DisabledRow['kind'] | undefined>;
  has(kind: DisabledRow['kind'], subject: string): Promise<boolean>;
}

export function createDisabled(database: Database): Disabled {
  return {
    async among(principal, client) {
      const rows = await database
        .selectFrom('disabled')
        .select('kind')
        .where((row) =>
          row.or([
            row.and([row('kind', '=', 'principal'), row('subject', 'in', [principal, client])]),
            row.and([row('kind', '=', 'client'), row('subject', '=', client)]),
          ]),
        )
        .orderBy('kind', 'desc')
        .limit(1)
        .execute();
      return rows[0]?.kind;
    },
    has: (kind, subject) => isDisabled(database, kind, subject),
  };
}

export async function isDisabled(database: Database, kind: DisabledRow['kind'], subject: string): Promise<boolean> {
  const row = await database
    .selectFrom('disabled')
    .select('source')
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
