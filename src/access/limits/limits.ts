// How often may they: every call takes its part of all limits that are for it, or of none, before it is forwarded.
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { codeOf } from '../../state/redis.ts';
import type { Redis } from '../../state/redis.ts';
import type { Charge, Shortage, Use } from './charge.ts';
import { compileLimit, partIn, shownKey } from './limit.ts';
import type { Limit, LimitedCall } from './limit.ts';
import { createLocalCounts } from './local-counts.ts';
import { createRefusalBook } from './refusal-book.ts';
import type { AppendLimitEntry } from './refusal-book.ts';
import { longest, overLimit } from './refusal.ts';
import type { OverLimit } from './refusal.ts';
import type { LimitsSettings } from './settings.ts';
import { createJointCounts } from './joint-counts.ts';
import type { JointPlaces } from './joint-counts.ts';
import { createJointWatch } from './joint-watch.ts';
import type { JointWatch } from './joint-watch.ts';
import { createTurnstile } from './turnstile.ts';

export type { LimitedCall } from './limit.ts';
export type { OverLimit } from './refusal.ts';

/** A call's place among those under way, which it keeps until it is over. */
export interface Place {
  leave(): void;
  [Symbol.dispose](): void;
}

export interface LimitRow {
  readonly limit: Limit;
  /** The heaviest users, heaviest first. */
  readonly top: readonly (Omit<Use, 'limit'> & { readonly shown: string })[];
}

/** Where limits are counted: in this process, together in Redis, or each process for itself what Redis does not count. */
export type Counting = 'process' | 'together' | 'apart';

export interface Limits {
  /** Takes what a call costs. At once where this process counts alone. */
  enter(call: LimitedCall): Place | OverLimit | Promise<Place | OverLimit>;
  /** From now on this process is one of those that count together. */
  attend(): Promise<void>;
  counting(): Counting;
  processes(): number;
  /** @param top how many users of each limit */
  list(top: number): Promise<readonly LimitRow[]>;
  /** Lets whoever this concerns begin anew; what is under way still counts. @returns how many counts were forgotten */
  reset(which: { readonly limit?: string; readonly user?: string; readonly key?: string }): Promise<number>;
  /** Records what was only counted. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface LimitsNeighbours {
  readonly append: AppendLimitEntry;
  readonly clock: Clock;
  /** Time in microseconds that never jumps. */
  readonly nowMicros: () => number;
  readonly log: Log;
  /** Told of every refusal, for the metrics. */
  readonly onRefused?: (limit: string) => void;
  /** Present where several processes count together. */
  readonly together?: {
    readonly redis: Redis;
    readonly prefix: string;
    /** How many there are at least, where nobody can be asked. */
    readonly processes: number;
    readonly leaseMs?: number;
    readonly beatMs?: number;
  };
}

/** Asked of Redis at once; more would wait in its socket, where their time runs. */
const askedAtOnce = 128;
const longestLine = 50_000;

export function createLimits(settings: LimitsSettings, neighbours: LimitsNeighbours): Limits {
  const { append, clock, nowMicros, log, onRefused = () => {}, together } = neighbours;
  const limits = settings.map(compileLimit);
  const local = createLocalCounts({ clock, nowMicros });
  const book = createRefusalBook(append, clock, log);
  const turnstile = createTurnstile(askedAtOnce, longestLine);
  const { leaseMs = 30_000, beatMs = 5000 } = together ?? {};
  const joint =
    together && createJointCounts({ ...together, local, clock, leaseMs, onForgotten: (): void => watch!.forgotten() });
  const watch: JointWatch | undefined =
    joint &&
    createJointWatch({
      joint,
      redis: together.redis,
      leastProcesses: together.processes,
      beatMs,
      quietMs: leaseMs * 2,
      append,
      clock,
      log,
    });

  function chargesOf(call: LimitedCall): readonly Charge[] {
    let charges: Charge[] | undefined;
    for (const limit of limits) {
      const key = limit.keyOf(call);
      if (key !== undefined) (charges ??= []).push({ limit, key, cost: limit.costOf(call) });
    }
    return charges ?? none;
  }

  function refused(shortages: readonly Shortage[], call: LimitedCall): OverLimit {
    const { charge } = longest(shortages);
    onRefused(charge.limit.name);
    return overLimit(shortages, !book.isFirst(charge, call));
  }

  function alone(charges: readonly Charge[], call: LimitedCall): Place | OverLimit {
    const taken = local.take(charges, watch?.processes ?? 1, joint !== undefined);
    if (!taken.ok) return refused(taken.shortages, call);
    if (taken.places.length === 0) return nowhere;
    const told = joint?.hold(charges);
    return placeUntil(() => {
      told?.leave();
      local.leave(taken.places);
    });
  }

  async function amongOthers(charges: readonly Charge[], call: LimitedCall): Promise<Place | OverLimit> {
    const taken = watch!.away ? undefined : await askAll(charges);
    if (taken === undefined) return alone(charges, call);
    if (!('leave' in taken)) return refused(taken, call);
    const places = local.note(charges, watch!.processes);
    return placeUntil(() => {
      taken.leave();
      local.leave(places);
    });
  }

  /** Undefined when nobody answers. */
  async function askAll(charges: readonly Charge[]): Promise<readonly Shortage[] | JointPlaces | undefined> {
    try {
      const taken = await turnstile.pass(() => {
        if (watch!.away) throw new Error('Redis is away');
        return joint!.take(charges);
      });
      watch!.succeeded();
      return taken;
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined) watch!.failed();
      else
        watch!.refused(
          code,
          charges.map(({ limit }) => limit.name),
        );
      return undefined;
    }
  }

  return {
    enter(call) {
      const charges = chargesOf(call);
      if (charges.length === 0) return nowhere;
      return joint === undefined ? alone(charges, call) : amongOthers(charges, call);
    },
    attend: async () => watch?.start(),
    counting: () => (watch === undefined ? 'process' : watch.away || watch.ailing ? 'apart' : 'together'),
    processes: () => watch?.processes ?? 1,
    async list(top) {
      // What cannot be had there is told from here, and `counting` says that it is.
      const uses = watch?.away === false ? await joint!.uses(limits).catch(() => local.uses()) : local.uses();
      return limits.map((limit) => ({
        limit,
        top: uses
          .filter((use) => use.limit === limit && weightOf(use) > 0)
          .sort((one, other) => weightOf(other) - weightOf(one))
          .slice(0, top)
          .map(({ limit: _, ...use }) => ({ ...use, shown: shownKey(limit, use.key) })),
      }));
    },
    async reset({ limit: name, user, key: shown }) {
      const named = limits.filter((limit) => name === undefined || limit.name === name);
      const concerns = (limit: Limit, key: string): boolean =>
        named.includes(limit) &&
        (user === undefined || partIn(limit, key, 'user') === user) &&
        (shown === undefined || shownKey(limit, key) === shown);
      const here = local.forget(concerns);
      return joint === undefined || watch!.away ? here : joint.forget(named, concerns);
    },
    flush: () => book.flush(),
    async close() {
      await book.close();
      await watch?.close();
    },
  };
}

const none: readonly Charge[] = [];
const nowhere: Place = { leave() {}, [Symbol.dispose]() {} };

function placeUntil(end: () => void): Place {
  let left = false;
  const leave = (): void => {
    if (left) return;
    left = true;
    end();
  };
  return { leave, [Symbol.dispose]: leave };
}

/** How much of the limit is used, of whichever part is used most. */
const weightOf = ({ limit: { rate, day, concurrency }, rateUsed, dayUsed, underWay }: Use): number =>
  Math.max(
    rate === undefined ? 0 : (rateUsed * rate.emissionMicros) / rate.toleranceMicros,
    day === undefined ? 0 : dayUsed / day.quota,
    concurrency === undefined ? 0 : underWay / concurrency,
  );
