// What ending somebody's access does to the records of the authorization server, inside one transaction.
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../state/database.ts';
import { announce } from '../../state/announce.ts';
import type { Revocation } from '../../state/announce.ts';
import type { DisabledRow } from './disabled.ts';

/** Who has done it, and why. */
export type Cause = Pick<Revocation, 'by' | 'reason'>;

/** One who is to come in no more, or again. */
export interface Whom extends Pick<DisabledRow, 'kind' | 'subject'> {
  readonly source: DisabledRow['source'];
}

/** Disables and ends everything that is open. Who is disabled already stays it from then on, for the reason given then. */
export async function disableIn(transaction: Database, whom: Whom, cause: Cause, clock: Clock): Promise<void> {
  const { kind, subject } = whom;
  await transaction
    .insertInto('disabled')
    .values({ ...whom, ...cause, at: clock.now() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  if (kind === 'client') await transaction.deleteFrom('consent').where('client_id', '=', subject).execute();
  await endIn(transaction, kind, subject, clock);
  await announce(transaction, { kind, subject, act: 'disable', ...cause }, clock);
}

/** Lets somebody in again, as far as this source has kept them out. @returns whether it has */
export async function enableIn(transaction: Database, whom: Whom, cause: Cause, clock: Clock): Promise<boolean> {
  const { kind, subject, source } = whom;
  const { numDeletedRows } = await transaction
    .deleteFrom('disabled')
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where('source', '=', source)
    .executeTakeFirst();
  if (numDeletedRows === 0n) return false;
  await endIn(transaction, kind, subject, clock); // what a request under way may have written again in the meantime
  await announce(transaction, { kind, subject, act: 'enable', ...cause }, clock);
  return true;
}

/**
 * Ends the grants, tokens, codes and browsers of a person or a client. A browser's session stays as a stone that nothing
 * overwrites: a request under way would otherwise store the session again that it has read before.
 * @returns how many sessions that were
 */
export async function endIn(
  transaction: Database,
  kind: 'principal' | 'client',
  subject: string,
  clock: Clock,
): Promise<number> {
  const column = kind === 'principal' ? 'account_id' : 'client_id';
  const records = transaction.deleteFrom('oidc_record').where('kind', 'not in', ['Session', 'Client']);
  const grants = await transaction
    .selectFrom('oidc_record')
    .select('id')
    .where('kind', '=', 'Grant')
    .where(column, '=', subject)
    .execute();
  for (const { id } of grants) await records.where('grant_id', '=', id).execute();
  await records.where(column, '=', subject).execute();
  const { numUpdatedRows } = await transaction
    .updateTable('oidc_record')
    .set(endedBrowser(clock))
    .where('kind', '=', 'Session')
    .where(column, '=', subject)
    .executeTakeFirst();
  return grants.length + Number(numUpdatedRows);
}

/** Ends a grant with everything that was issued under it, and tells of it. @returns whether there was anything left */
export async function endGrantIn(transaction: Database, grantId: string, cause: Cause, clock: Clock): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom('oidc_record')
    .where((row) =>
      row.or([row('grant_id', '=', grantId), row.and([row('kind', '=', 'Grant'), row('id', '=', grantId)])]),
    )
    .executeTakeFirst();
  if (numDeletedRows === 0n) return false;
  await announce(transaction, { kind: 'grant', subject: grantId, act: 'end', ...cause }, clock);
  return true;
}

/** Ends a person's sign-ins for pages: browsers keep them, and nothing tells which of them a session belongs to. */
export const endPagesIn = (transaction: Database, person: string, cause: Cause, clock: Clock): Promise<void> =>
  announce(transaction, { kind: 'pages', subject: person, act: 'change', ...cause }, clock);

/** When a person's sign-ins for pages were ended last; for a month, which none outlives. */
export async function endedAtMs(database: Database, person: string): Promise<number | undefined> {
  const row = await database
    .selectFrom('revocation')
    .select('at')
    .where('subject', '=', person)
    .where((row) =>
      row.or([
        row('kind', '=', 'pages'),
        row.and([row('kind', '=', 'principal'), row('act', 'in', ['end', 'disable'])]),
      ]),
    )
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.at;
}

/** Whose session has this handle: that of a browser, or that of a client. */
export async function personOf(database: Database, handle: string): Promise<string | undefined> {
  const row = await database
    .selectFrom('oidc_record')
    .select('account_id')
    .where((session) =>
      session.or([
        session.and([session('kind', '=', 'Session'), session('uid', '=', handle)]),
        session.and([session('kind', '=', 'Grant'), session('id', '=', handle)]),
      ]),
    )
    .executeTakeFirst();
  return row?.account_id ?? undefined;
}

/** Ends the browser's session that has this handle. */
export async function endBrowserIn(transaction: Database, handle: string, clock: Clock): Promise<number> {
  const { numUpdatedRows } = await transaction
    .updateTable('oidc_record')
    .set(endedBrowser(clock))
    .where('kind', '=', 'Session')
    .where('uid', '=', handle)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

const endedBrowser = (clock: Clock) => ({ payload: '{}', uid: null, account_id: null, consumed_at: clock.now() });
