// Writes down that something was ended, or may be used again, for every process of this installation to hear of.
import type { Clock } from '../base/clock.ts';
import type { Database } from './database.ts';
import type { RevocationTables } from './revocation-schema.ts';

type Row = RevocationTables['revocation'];

/** What was ended or let in again, or has changed so that everybody looks again. */
export type Revocation = {
  readonly subject: string;
  /** Id of the principal who has done it, or what has. */
  readonly by: string;
  readonly reason: string;
} & (
  | { readonly kind: Exclude<Row['kind'], 'policy' | 'approval' | 'pin' | 'pages'>; readonly act: Row['act'] }
  | { readonly kind: 'policy' | 'approval' | 'pin' | 'pages'; readonly act: 'change' }
);

/** In place of a subject: what has changed may concern any of them. */
export const everybody = '*';

/** Adds a row; call it in the transaction that makes the change itself. */
export async function announce(transaction: Database, revocation: Revocation, clock: Clock): Promise<void> {
  await transaction
    .insertInto('revocation')
    .values({ ...revocation, at: clock.now() })
    .execute();
}
