// Who may not come in: people, agents and clients that an administrator or the directory has disabled.
import type { Selectable } from 'kysely';
import type { RevocationTables } from '../../state/revocation-schema.ts';
import type { Database } from '../../state/database.ts';

export type DisabledRow = Selectable<RevocationTables['disabled']>;

export interface Disabled {
  /** Whether any of these may not come in, principals before clients; asked before every verdict, so all at once. */
  among(principals: readonly string[], clients: readonly string[]): Promise<DisabledRow['kind'] | undefined>;
  has(kind: DisabledRow['kind'], subject: string): Promise<boolean>;
}

export function createDisabled(database: Database): Disabled {
  return {
    async among(principals, clients) {
      const rows = await database
        .selectFrom('disabled')
        .select('kind')
        .where((row) =>
          row.or([
            row.and([row('kind', '=', 'principal'), row('subject', 'in', principals)]),
            row.and([row('kind', '=', 'client'), row('subject', 'in', clients)]),
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
