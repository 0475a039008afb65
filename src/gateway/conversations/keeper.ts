// Keeps conversations between requests: bounded in number for each person and in all, closed when idle, dead or too old.
import type { Clock } from '../../base/clock.ts';
import { isRefusal, refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import { concerns } from '../presences.ts';
import type { Ended, Whose } from '../presences.ts';
import type { GatewaySettings } from '../settings.ts';

const sweepMs = 5000;

export interface Keepable {
  alive(): boolean;
  /** True while a request is being answered or a stream is open: then it is neither idle nor given up for another. */
  busy(): boolean;
  close(): Promise<void>;
}

interface Place<T extends Keepable> {
  readonly key: string;
  readonly whose: Whose;
  readonly createdAtMs: number;
  lastUsedAtMs: number;
  /** Undefined while it is being opened; the place is taken from the first moment. */
  kept: T | undefined;
  readonly opening: Promise<T>;
}

export interface Keeper<T extends Keepable> {
  /** What is kept under the key, opened if need be; several callers at once share one opening. */
  getOrOpen(key: string, whose: Whose, open: () => Promise<T>): Promise<T | Refusal>;
  /** What is kept under the key and still alive. Its idle time begins anew. */
  get(key: string): T | undefined;
  remove(key: string): Promise<void>;
  /** Closes what belongs to somebody who may no longer come in, also what is only being opened. */
  endFor(ended: Ended): void;
  all(): T[];
  count(): number;
  close(): Promise<void>;
}

export function createKeeper<T extends Keepable>(settings: GatewaySettings, clock: Clock): Keeper<T> {
  const places = new Map<string, Place<T>>();
  /** No longer to be found, and yet taken until their servers are done with them: who leaves does not make room by it. */
  const leaving = new Set<Place<T>>();

  function overdue({ createdAtMs, lastUsedAtMs, kept }: Place<T>): boolean {
    if (kept === undefined) return false;
    const now = clock.now();
    if (!kept.alive() || now - createdAtMs > settings.sessionSeconds * 1000) return true;
    return !kept.busy() && now - lastUsedAtMs > settings.sessionIdleSeconds * 1000;
  }

  async function drop(place: Place<T>): Promise<void> {
    leaving.add(place);
    await vacate(place).finally(() => leaving.delete(place));
  }

  async function vacate(place: Place<T>): Promise<void> {
    if (places.get(place.key) === place) places.delete(place.key);
    await (await place.opening.catch(() => undefined))?.close();
  }

  /** Gives one up for another, which waits for it: its room is taken all the while, and counted once. */
  const giveWay = (place: Place<T>): Promise<void> => vacate(place).catch(() => undefined);

  /** Finds room for one more of this person, if need be that of the one that was idle longest, or refuses. */
  function admit(person: string): Promise<void> | undefined | Refusal {
    const own = [...places.values(), ...leaving].filter((place) => place.whose.principal.id === person);
    if (own.length >= settings.maxSessionsPerUser) {
      const idle = own.filter((place) => !leaving.has(place) && place.kept?.busy() === false);
      const [idlest] = idle.sort((a, b) => a.lastUsedAtMs - b.lastUsedAtMs);
      if (idlest === undefined) return refuse('gateway_sessions_full', { limit: settings.maxSessionsPerUser });
      return giveWay(idlest);
    }
    return places.size + leaving.size < settings.maxSessions
      ? undefined
      : refuse('gateway_sessions_full', { limit: settings.maxSessions });
  }

  const sweep = setInterval(() => {
    for (const place of places.values()) if (overdue(place)) void drop(place);
  }, sweepMs).unref();

  return {
    async getOrOpen(key, whose, open) {
      const former = places.get(key);
      if (former !== undefined && !overdue(former)) {
        former.lastUsedAtMs = clock.now();
        return former.kept ?? former.opening;
      }
      const room = former === undefined ? admit(whose.principal.id) : giveWay(former);
      if (isRefusal(room)) return room;
      const opening = room === undefined ? open() : room.then(open);
      const now = clock.now();
      const place: Place<T> = { key, whose, createdAtMs: now, lastUsedAtMs: now, kept: undefined, opening };
      places.set(key, place);
      try {
        place.kept = await place.opening;
        return place.kept;
      } catch (error) {
        if (places.get(key) === place) places.delete(key);
        throw error;
      }
    },
    get(key) {
      const place = places.get(key);
      if (place === undefined) return undefined;
      if (overdue(place)) return void drop(place);
      place.lastUsedAtMs = clock.now();
      return place.kept;
    },
    async remove(key) {
      const place = places.get(key);
      if (place !== undefined) await drop(place);
    },
    endFor(ended) {
      for (const place of places.values()) {
        if (concerns(ended, place.whose)) drop(place).catch(() => undefined); // what cannot be closed is gone all the same
      }
    },
    all: () => [...places.values()].flatMap(({ kept }) => kept ?? []),
    count: () => places.size,
    async close() {
      clearInterval(sweep);
      await Promise.allSettled([...places.values()].map(drop));
    },
  };
}
