// The kill switch: ends the access of a person, an agent, a client or one session, on every process that shares the database.
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../state/database.ts';
import { announce } from '../../state/announce.ts';
import type { Revocations } from '../../state/revocations.ts';
import { disableIn, enableIn, endBrowserIn, endGrantIn, endIn, endPagesIn, personOf } from './ending.ts';
import type { Cause, Whom } from './ending.ts';
import { isDisabled } from './disabled.ts';
import type { DisabledRow } from './disabled.ts';
import { listPrincipals } from './principal-list.ts';
import type { PrincipalQuery, PrincipalRow } from './principal-list.ts';
import { listSessions } from './session-list.ts';
import type { SessionQuery, SessionRow } from './session-list.ts';

export type { Cause };
export type Source = DisabledRow['source'];

export interface KillSwitch {
  /**
   * Keeps a person or agent out until they are enabled: every token, session, code and open stream of theirs ends, and no
   * new one is given. What they hold at servers behind the door is kept, unused.
   */
  disablePerson(person: string, cause: Cause, source?: Source): Promise<void>;
  /** @returns whether this source had disabled them; another one may still keep them out, see `disabled` */
  enablePerson(person: string, cause: Cause, source?: Source): Promise<boolean>;
  /** Why a person may not come in; empty when they may. */
  disabled(person: string): Promise<readonly DisabledRow[]>;
  /** Disables, and forgets who they are, what they agreed to and what they hold at servers. */
  erasePerson(person: string, cause: Cause, source?: Source): Promise<void>;
  /** Ends what is open, and lets them sign in again. @returns number of sessions ended */
  endSessionsOf(person: string, cause: Cause): Promise<number>;
  /** With it end the person's sign-ins for pages. @param id as `session list` shows it @returns whether there was such a session */
  endSession(id: string, cause: Cause): Promise<boolean>;
  /** Ends one client's access with everything issued under it. @returns whether there was anything left of it */
  endGrant(grantId: string, cause: Cause): Promise<boolean>;
  revokeClient(clientId: string, cause: Cause): Promise<void>;
  /** Whether a client may not come in. */
  revoked(clientId: string): Promise<boolean>;
  /** Lets a client ask people again; none of its former access comes back. @returns whether it had been revoked */
  restoreClient(clientId: string, cause: Cause): Promise<boolean>;
  /** Who is signed in where, newest first. */
  sessions(query: SessionQuery): Promise<readonly SessionRow[]>;
  /** Everybody that Genkan knows of, by name. */
  principals(query: PrincipalQuery): Promise<readonly PrincipalRow[]>;
}

interface KillSwitchNeighbours {
  readonly database: Database;
  readonly revocations: Revocations;
  readonly clock: Clock;
  /** Forgets what a person holds at servers behind the door. */
  readonly forget: (person: string) => Promise<void>;
}

export function createKillSwitch({ database, revocations, clock, forget }: KillSwitchNeighbours): KillSwitch {
  const person = (subject: string, source: Source): Whom => ({ kind: 'principal', subject, source });
  const client = (subject: string): Whom => ({ kind: 'client', subject, source: 'administrator' });

  return {
    disablePerson: (id, cause, source = 'administrator') =>
      revocations.commit((transaction) => disableIn(transaction, person(id, source), cause, clock)),

    enablePerson: (id, cause, source = 'administrator') =>
      revocations.commit((transaction) => enableIn(transaction, person(id, source), cause, clock)),

    disabled: (id) =>
      database
        .selectFrom('disabled')
        .selectAll()
        .where('kind', '=', 'principal')
        .where('subject', '=', id)
        .orderBy('at')
        .execute(),

    async erasePerson(id, cause, source = 'administrator') {
      await revocations.commit(async (transaction) => {
        await disableIn(transaction, person(id, source), cause, clock);
        await transaction.deleteFrom('consent').where('account_id', '=', id).execute();
        await transaction.deleteFrom('account').where('id', '=', id).execute();
      });
      await forget(id);
    },

    endSessionsOf: (id, cause) =>
      revocations.commit(async (transaction) => {
        const ended = await endIn(transaction, 'principal', id, clock);
        await announce(transaction, { kind: 'principal', subject: id, act: 'end', ...cause }, clock);
        return ended;
      }),

    endSession: (id, cause) =>
      revocations.commit(async (transaction) => {
        const whose = await personOf(transaction, id);
        const isEnded =
          (await endBrowserIn(transaction, id, clock)) > 0 || (await endGrantIn(transaction, id, cause, clock));
        if (isEnded && whose !== undefined) await endPagesIn(transaction, whose, cause, clock);
        return isEnded;
      }),

    endGrant: (id, cause) => revocations.commit((transaction) => endGrantIn(transaction, id, cause, clock)),

    revokeClient: (id, cause) => revocations.commit((transaction) => disableIn(transaction, client(id), cause, clock)),

    revoked: (id) => isDisabled(database, 'client', id),

    restoreClient: (id, cause) => revocations.commit((transaction) => enableIn(transaction, client(id), cause, clock)),

    sessions: (query) => listSessions(database, clock.now(), query),
    principals: (query) => listPrincipals(database, query),
  };
}
