// Whose the sessions of an MCP server are: bound as its answers announce them, and known to nobody else.
import type { Clock } from '../base/clock.ts';
import type { Principal } from '../base/principal.ts';
import { ownerOf } from '../gateway/owner.ts';
import { concerns } from '../gateway/presences.ts';
import type { Ended } from '../gateway/presences.ts';
import type { GatewaySettings } from '../gateway/settings.ts';

export interface SessionBook {
  /** @returns whether the session is this person's own, in this client */
  isOf(key: string, principal: Principal): boolean;
  /** Whether there is such a session at all, of whomever. */
  has(key: string): boolean;
  /**
   * @param streaming it lasts as long as its streams; the end of each of them releases it once
   * @returns false when it is somebody else's: a server that announces it to two people would show one what is the other's
   */
  bind(key: string, principal: Principal, streaming: boolean): boolean;
  release(key: string): void;
  endFor(ended: Ended): void;
}

interface Session {
  readonly principal: Principal;
  /** 0 for one that no stream keeps. */
  streams: number;
  readonly sinceMs: number;
  usedAtMs: number;
}

export type SessionSettings = Pick<
  GatewaySettings,
  'maxSessions' | 'maxSessionsPerUser' | 'sessionIdleSeconds' | 'sessionSeconds'
>;

export function createSessionBook(settings: SessionSettings, clock: Clock): SessionBook {
  /** The one idle longest comes first. */
  const sessions = new Map<string, Session>();

  function current(key: string): Session | undefined {
    const session = sessions.get(key);
    if (session === undefined) return undefined;
    const idleMs = session.streams > 0 ? 0 : clock.now() - session.usedAtMs;
    const ageMs = clock.now() - session.sinceMs;
    if (idleMs <= settings.sessionIdleSeconds * 1000 && ageMs <= settings.sessionSeconds * 1000) return session;
    sessions.delete(key);
    return undefined;
  }

  function use(key: string, session: Session): void {
    session.usedAtMs = clock.now();
    sessions.delete(key);
    sessions.set(key, session);
  }

  // By person, who may come with as many clients as they like.
  function makeRoom({ id }: Principal): void {
    const own = [...sessions].filter(([, { principal }]) => principal.id === id);
    if (own.length >= settings.maxSessionsPerUser) sessions.delete(own[0]![0]);
    else if (sessions.size >= settings.maxSessions) sessions.delete(sessions.keys().next().value!);
  }

  return {
    isOf(key, principal) {
      const session = current(key);
      if (session === undefined || ownerOf(session.principal) !== ownerOf(principal)) return false;
      use(key, session);
      return true;
    },
    has: (key) => current(key) !== undefined,
    bind(key, principal, streaming) {
      const known = current(key);
      if (known !== undefined && ownerOf(known.principal) !== ownerOf(principal)) return false;
      if (known !== undefined) {
        known.streams += Number(streaming);
        return true;
      }
      makeRoom(principal);
      sessions.set(key, { principal, streams: Number(streaming), sinceMs: clock.now(), usedAtMs: clock.now() });
      return true;
    },
    release(key) {
      const session = sessions.get(key);
      if (session !== undefined && --session.streams <= 0) sessions.delete(key);
    },
    endFor(ended) {
      for (const [key, { principal }] of sessions)
        if (concerns(ended, { principal, server: undefined })) sessions.delete(key);
    },
  };
}
