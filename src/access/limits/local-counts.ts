// Limits counted in this process: all there is to a single process, and what one of several falls back to.
import type { Clock } from '../../base/clock.ts';
import { placeWaitMicros } from './charge.ts';
import type { Charge, Shortage, Use } from './charge.ts';
import type { Limit } from './limit.ts';

/** What is known of one key. One about which nothing of this is in force is as good as forgotten. */
export interface Count {
  /** The theoretical arrival time of GCRA (ITU-T I.371): until then the allowance is used up. */
  tatMicros: number;
  /** Beginning of the day in which `dayUsed` was used. */
  dayMs: number;
  dayUsed: number;
  underWay: number;
  /** What this process let through by itself and has not told the others yet. */
  owed: number;
  /** When that began, and how far ahead of time the key was by then. */
  owedSinceMicros: number;
  owedAheadMicros: number;
  /** Since which return of the joint counts they know of this. */
  told: number;
}

export type Taken =
  | { readonly ok: true; readonly places: readonly Count[] }
  | { readonly ok: false; readonly shortages: readonly Shortage[] };

export interface LocalCounts {
  /**
   * Takes all of the charges, or none of them.
   * @param share of how many processes this is one; each has its part of every limit
   * @param owing others are to be told of it
   */
  take(charges: readonly Charge[], share: number, owing?: boolean): Taken;
  /** Takes note of what was taken elsewhere, however much that is. @returns the places taken */
  note(charges: readonly Charge[], share: number): readonly Count[];
  /** Gives back the places of a call that is over. */
  leave(places: readonly Count[]): void;
  count(limit: Limit, key: string): Count;
  uses(): Use[];
  /** Forgets what the keys have used; what is under way stays. @returns how many there were */
  forget(concerns: (limit: Limit, key: string) => boolean): number;
  nowMicros(): number;
}

export interface LocalCountsOptions {
  readonly clock: Clock;
  /** Time that never jumps. */
  readonly nowMicros: () => number;
  /** Of one limit. */
  readonly maxKeys?: number;
}

/** Keys looked at for one that can be forgotten: few when there is room, more when there is none. */
const [fewLooks, manyLooks] = [2, 64];
/** What newcomers share when every key is in force. It is the same to each of them as one key: stricter, and never a way out. */
const sharedKey = '\u0000';
const none: readonly Count[] = [];

export function createLocalCounts({ clock, nowMicros, maxKeys = 100_000 }: LocalCountsOptions): LocalCounts {
  const books = new Map<Limit, { readonly counts: Map<string, Count>; hand: Iterator<[string, Count]> }>();

  function bookOf(limit: Limit) {
    let book = books.get(limit);
    if (book === undefined) {
      const counts = new Map<string, Count>();
      books.set(limit, (book = { counts, hand: counts.entries() }));
    }
    return book;
  }

  function count(limit: Limit, key: string): Count {
    const book = bookOf(limit);
    const { counts } = book;
    const known = counts.get(key);
    if (known !== undefined) return known;
    const full = (): boolean => counts.size >= maxKeys;
    for (let looks = full() ? manyLooks : fewLooks; looks > 0; looks--) {
      let next = book.hand.next();
      if (next.done) {
        book.hand = counts.entries();
        next = book.hand.next();
        if (next.done) break;
      }
      const [old, state] = next.value;
      if (isOver(limit, state)) counts.delete(old);
    }
    const kept = full() ? sharedKey : key;
    const shared = counts.get(kept);
    if (shared !== undefined) return shared;
    const fresh = {
      tatMicros: 0,
      dayMs: 0,
      dayUsed: 0,
      underWay: 0,
      owed: 0,
      owedSinceMicros: 0,
      owedAheadMicros: 0,
      told: 0,
    };
    counts.set(kept, fresh);
    return fresh;
  }

  function isOver({ day }: Limit, { tatMicros, dayMs, dayUsed, underWay }: Count): boolean {
    if (tatMicros > nowMicros() || underWay > 0) return false;
    return day === undefined || dayUsed === 0 || day.around(clock.now())[1] !== dayMs;
  }

  const usedToday = (limit: Limit, state: Count, nowMs: number): number =>
    state.dayMs === limit.day!.around(nowMs)[1] ? state.dayUsed : 0;

  function lacking(charge: Charge, state: Count, share: number, now: number, into: Shortage[]): void {
    const { limit, cost } = charge;
    const { rate, day, concurrency } = limit;
    if (rate !== undefined) {
      const emission = rate.emissionMicros * share;
      // With a small part of a small burst not even one call would ever fit.
      const tolerance = Math.max(rate.toleranceMicros, emission * cost);
      const ahead = Math.max(state.tatMicros - now, 0);
      const waitMicros = ahead + emission * cost - tolerance;
      const remaining = Math.max(0, Math.floor((tolerance - ahead) / emission));
      if (waitMicros > 0) into.push({ charge, part: 'rate', waitMicros, remaining });
    }
    if (day !== undefined) {
      const nowMs = clock.now();
      const remaining = Math.max(1, Math.floor(day.quota / share)) - usedToday(limit, state, nowMs);
      if (cost > remaining)
        into.push({
          charge,
          part: 'daily',
          waitMicros: (day.around(nowMs)[2] - nowMs) * 1000,
          remaining: Math.max(0, remaining),
        });
    }
    if (concurrency !== undefined && state.underWay >= Math.max(1, Math.floor(concurrency / share)))
      into.push({ charge, part: 'concurrency', waitMicros: placeWaitMicros, remaining: 0 });
  }

  function commit({ limit, cost }: Charge, state: Count, share: number, now: number): void {
    const { rate, day, concurrency } = limit;
    if (rate !== undefined) {
      const next = Math.max(state.tatMicros, now) + rate.emissionMicros * share * cost;
      const last = now + Math.max(rate.toleranceMicros, rate.emissionMicros * share * cost);
      state.tatMicros = Math.min(next, last);
    }
    if (day !== undefined) {
      const nowMs = clock.now();
      state.dayUsed = usedToday(limit, state, nowMs) + cost;
      state.dayMs = day.around(nowMs)[1];
    }
    if (concurrency !== undefined) state.underWay++;
  }

  function owe({ cost }: Charge, state: Count, now: number): void {
    if (state.owed === 0) {
      state.owedSinceMicros = now;
      state.owedAheadMicros = Math.max(0, state.tatMicros - now);
    }
    state.owed += cost;
  }

  function commitAll(
    charges: readonly Charge[],
    counted: readonly Count[],
    share: number,
    now: number,
  ): readonly Count[] {
    let places = none;
    for (let at = 0; at < charges.length; at++) {
      commit(charges[at]!, counted[at]!, share, now);
      if (charges[at]!.limit.concurrency !== undefined) places = [...places, counted[at]!];
    }
    return places;
  }

  return {
    nowMicros,
    count,
    take(charges, share, owing = false) {
      const now = nowMicros();
      const shortages: Shortage[] = [];
      const counted = charges.map(({ limit, key }) => count(limit, key));
      for (let at = 0; at < charges.length; at++) lacking(charges[at]!, counted[at]!, share, now, shortages);
      if (shortages.length > 0) return { ok: false, shortages };
      if (owing) for (let at = 0; at < charges.length; at++) owe(charges[at]!, counted[at]!, now);
      return { ok: true, places: commitAll(charges, counted, share, now) };
    },
    note: (charges, share) =>
      commitAll(
        charges,
        charges.map(({ limit, key }) => count(limit, key)),
        share,
        nowMicros(),
      ),
    leave(places) {
      for (const place of places) place.underWay--;
    },
    uses() {
      const [now, nowMs] = [nowMicros(), clock.now()];
      return [...books].flatMap(([limit, { counts }]) =>
        [...counts].map(([key, state]) => ({
          limit,
          key: key === sharedKey ? '(others)' : key,
          rateUsed:
            limit.rate === undefined ? 0 : Math.ceil(Math.max(0, state.tatMicros - now) / limit.rate.emissionMicros),
          dayUsed: limit.day === undefined ? 0 : usedToday(limit, state, nowMs),
          underWay: state.underWay,
        })),
      );
    },
    forget(concerns) {
      let forgotten = 0;
      for (const [limit, { counts }] of books)
        for (const [key, state] of counts) {
          if (!concerns(limit, key)) continue;
          forgotten++;
          Object.assign(state, { tatMicros: 0, dayUsed: 0, owed: 0 });
        }
      return forgotten;
    },
  };
}
