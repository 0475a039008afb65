// All sessions on this node: found by id, bounded in number, idle time and life.
import type { Clock } from '../base/clock.ts';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Session } from './session.ts';
import type { GatewaySettings } from './settings.ts';

const sweepMs = 5000;

export interface Sessions {
  add(session: Session): void;
  /** The session of that id, whoever owns it. Its idle time begins anew. */
  find(id: string): Session | undefined;
  /** Makes room for one more session of this owner, or refuses. */
  admit(owner: string): Refusal | undefined;
  remove(session: Session): Promise<void>;
  all(): Iterable<Session>;
  count(): number;
  close(): Promise<void>;
}

export function createSessions(settings: GatewaySettings, clock: Clock): Sessions {
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
    find(id) {
      const session = sessions.get(id);
      if (session === undefined || overdue(session)) return undefined;
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
