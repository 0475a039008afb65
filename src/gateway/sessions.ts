// All sessions on this node: found by id and owner together, bounded in number, idle time and life.
import type { Clock } from '../base/clock.ts';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Session } from './session.ts';
import type { GatewaySettings } from './settings.ts';

const sweepMs = 5000;

export interface Sessions {
  add(session: Session): void;
  /** The session of that id, if it is this owner's and was opened at this address. Anybody else learns nothing: it does not exist. */
  find(id: string, owner: string, server: string | undefined): Session | Refusal;
  /** Makes room for one more session of this owner, or refuses. */
  admit(owner: string): Refusal | undefined;
  remove(session: Session): Promise<void>;
  all(): Iterable<Session>;
  count(): number;
  close(): Promise<void>;
}

/** @param foreign told when somebody presents a session id that is another's: ids are unguessable, so it was stolen */
export function createSessions(
  settings: GatewaySettings,
  clock: Clock,
  foreign: (session: Session, owner: string) => void,
): Sessions {
  const sessions = new Map<string, Session>();

  function overdue(session: Session): boolean {
    const now = clock.now();
    if (now - session.createdAtMs > settings.sessionSeconds * 1000) return true;
    return !session.busy && now - session.lastUsedAtMs > settings.sessionIdleSeconds * 1000;
  }

  async function remove(session: Session): Promise<void> {
    sessions.delete(session.id);
    await session.close();
  }

  const sweep = setInterval(() => {
    for (const session of sessions.values()) if (overdue(session)) void remove(session);
  }, sweepMs).unref();

  return {
    add: (session) => void sessions.set(session.id, session),
    find(id, owner, server) {
      const session = sessions.get(id);
      if (session === undefined || overdue(session)) return refuse('gateway_session_unknown');
      if (session.owner !== owner || session.server !== server) {
        foreign(session, owner);
        return refuse('gateway_session_unknown');
      }
      session.lastUsedAtMs = clock.now();
      return session;
    },
    admit(owner) {
      const own = [...sessions.values()].filter((session) => session.owner === owner);
      if (own.length >= settings.maxSessionsPerUser) {
        const [idlest] = own.filter((session) => !session.busy).sort((a, b) => a.lastUsedAtMs - b.lastUsedAtMs);
        if (idlest === undefined) return refuse('gateway_sessions_full', { limit: settings.maxSessionsPerUser });
        void remove(idlest);
      }
      return sessions.size < settings.maxSessions
        ? undefined
        : refuse('gateway_sessions_full', { limit: settings.maxSessions });
    },
    remove,
    all: () => sessions.values(),
    count: () => sessions.size,
    async close() {
      clearInterval(sweep);
      await Promise.allSettled([...sessions.values()].map(remove));
    },
  };
}
