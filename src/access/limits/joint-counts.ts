// Limits counted in Redis by all processes together.
import { createHash } from 'node:crypto';
import { unguessableId } from '../../base/ids.ts';
import type { Clock } from '../../base/clock.ts';
import type { Redis, RedisArgument } from '../../state/redis.ts';
import { placeWaitMicros } from './charge.ts';
import type { Charge, Part, Shortage, Use } from './charge.ts';
import type { Limit } from './limit.ts';
import type { Count, LocalCounts } from './local-counts.ts';
import { jointScript } from './joint-script.ts';

/** Places that one call has taken, until it gives them back. */
export interface JointPlaces {
  leave(): void;
}

export interface JointCounts {
  /**
   * Takes all of the charges, or none of them.
   * @returns what is lacking, or the places taken
   * @throws Error when Redis did not answer in time; it may have taken them all the same
   */
  take(charges: readonly Charge[]): Promise<readonly Shortage[] | JointPlaces>;
  /** Places that were taken without asking: the others hear of them with the next sign of life. */
  hold(charges: readonly Charge[]): JointPlaces;
  /** Says that this process is there, and that its calls are still under way. @returns how many processes are */
  beat(): Promise<number>;
  /** Redis has been away: what it has forgotten, each process tells it again. */
  returned(): void;
  uses(limits: readonly Limit[]): Promise<Use[]>;
  forget(limits: readonly Limit[], concerns: (limit: Limit, key: string) => boolean): Promise<number>;
}

export interface JointCountsOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly local: LocalCounts;
  readonly clock: Clock;
  /** After how long the places of a process that says nothing any more are free again. */
  readonly leaseMs: number;
}

const kinds = { rate: 'r', daily: 'd', concurrency: 'c' } as const;
const parts: readonly Part[] = ['rate', 'daily', 'concurrency'];
const [longestName, shownStart] = [300, 200];
/** Looked at for one list. */
const maxListed = 2000;
const renewedAtOnce = 500;

interface Asked {
  readonly part: Part;
  readonly charge: Charge;
}

export function createJointCounts({ redis, prefix, local, clock, leaseMs }: JointCountsOptions): JointCounts {
  // One hash tag: a script may use keys of one slot of a cluster alone.
  const base = `{${prefix}:limits}`;
  const me = unguessableId().slice(0, 12);
  const leaseMicros = leaseMs * 1000;
  const held = new Map<string, readonly string[]>();
  let returns = 0;
  let places = 0;

  const keyFor = (part: Part, { name }: Limit, key: string): string => `${base}:${kinds[part]}:${name}:${nameOf(key)}`;

  function ask(asked: Asked[], keys: string[], args: RedisArgument[], charge: Charge, place: string): void {
    const { limit, key, cost } = charge;
    const { rate, day, concurrency } = limit;
    const add = (part: Part, ...rest: RedisArgument[]): void => {
      asked.push({ part, charge });
      keys.push(keyFor(part, limit, key));
      args.push(kinds[part], ...rest);
    };
    if (rate === undefined && day === undefined)
      return void add('concurrency', concurrency!, place, leaseMicros, 0, 0, 0);
    const count = local.count(limit, key);
    if (rate !== undefined) {
      const { owed, owedSinceMicros, owedAheadMicros, told, tatMicros } = count;
      const now = local.nowMicros();
      const [ago, ahead] =
        owed > 0 ? [now - owedSinceMicros, owedAheadMicros] : [0, told === returns ? 0 : Math.max(0, tatMicros - now)];
      add('rate', cost, rate.emissionMicros, rate.toleranceMicros, ago, ahead, owed * rate.emissionMicros);
    }
    if (day !== undefined) {
      const days = day.around(clock.now()).map((ms) => Math.floor(ms / 1000));
      const news = count.owed > 0 || count.told !== returns;
      add('daily', cost, day.quota, me, news ? count.dayUsed : 0, count.dayMs / 1000, days.join());
    }
    if (concurrency !== undefined) add('concurrency', concurrency, place, leaseMicros, 0, 0, 0);
  }

  const nextPlace = (): string => `${me}.${++places}`;

  function hold(keys: readonly string[], place: string): JointPlaces {
    if (keys.length === 0) return nothingHeld;
    held.set(place, keys);
    return { leave: () => drop(keys, place) };
  }

  /** What is owed is told once: by the call that is on its way, or by the next where that one does not arrive. */
  function settle(charges: readonly Charge[]): readonly (readonly [Count, number])[] {
    let owing: (readonly [Count, number])[] = nobodyOwes;
    for (const { limit, key } of charges) {
      const count = local.count(limit, key);
      if (count.owed === 0) continue;
      owing = [...owing, [count, count.owed]];
      count.owed = 0;
    }
    return owing;
  }

  /** Where this fails the lease ends it. */
  function drop(keys: readonly string[], place: string): void {
    held.delete(place);
    for (const key of keys) redis.dropMember(key, place).catch(() => undefined);
  }

  async function renew(): Promise<void> {
    const all = [...held].flatMap(([place, keys]) => keys.map((key) => ({ key, place })));
    for (let at = 0; at < all.length; at += renewedAtOnce) {
      // What is over by now must not be renewed: its place would stay taken until the lease ends.
      const now = all.slice(at, at + renewedAtOnce).filter(({ place }) => held.has(place));
      const args = now.flatMap(({ place }) => [place, leaseMicros]);
      if (now.length > 0)
        await redis.run(
          jointScript,
          now.map(({ key }) => key),
          ['renew', ...args],
        );
    }
  }

  return {
    async take(charges) {
      const asked: Asked[] = [];
      const keys: string[] = [];
      const args: RedisArgument[] = ['take'];
      const place = nextPlace();
      for (const charge of charges) ask(asked, keys, args, charge, place);
      const holding = keys.filter((_, index) => asked[index]!.part === 'concurrency');
      const owing = settle(charges);
      let answer: number[];
      try {
        answer = (await redis.run(jointScript, keys, args)) as number[];
      } catch (error) {
        for (const [count, owed] of owing) count.owed += owed;
        drop(holding, place); // it may have been taken without our hearing of it
        throw error;
      }
      for (const { limit, key } of charges) local.count(limit, key).told = returns;
      const [taken, ...lacking] = answer;
      if (taken !== 1) return shortagesIn(lacking, asked);
      return hold(holding, place); // not before: it would be renewed although it was refused
    },
    hold(charges) {
      const held = charges.filter(({ limit }) => limit.concurrency !== undefined);
      return hold(
        held.map(({ limit, key }) => keyFor('concurrency', limit, key)),
        nextPlace(),
      );
    },
    async beat() {
      const count = (await redis.run(jointScript, [`${base}:processes`], ['beat', me, leaseMicros])) as number;
      await renew();
      return count;
    },
    returned: () => void returns++,
    async uses(limits) {
      const listed: Charge[] = [];
      for (const limit of limits) for (const key of await keysOf(limit)) listed.push({ limit, key, cost: 1 });
      const uses: Use[] = [];
      for (let at = 0; at < listed.length; at += 50) {
        const asked: Asked[] = [];
        const keys: string[] = [];
        const args: RedisArgument[] = ['peek'];
        const some = listed.slice(at, at + 50);
        for (const charge of some) ask(asked, keys, args, charge, '');
        const used = (await redis.run(jointScript, keys, args)) as number[];
        for (const charge of some) {
          const of = (part: Part): number =>
            used[asked.findIndex((one) => one.charge === charge && one.part === part)] ?? 0;
          const { limit, key } = charge;
          uses.push({ limit, key, rateUsed: of('rate'), dayUsed: of('daily'), underWay: of('concurrency') });
        }
      }
      return uses;
    },
    async forget(limits, concerns) {
      const forgotten = new Set<string>();
      for (const limit of limits)
        for (const part of ['rate', 'daily'] as const) {
          const start = keyFor(part, limit, '');
          await redis.deleteKeys(start, (name) => {
            const key = keyIn(name.slice(start.length));
            if (!concerns(limit, key)) return false;
            forgotten.add(`${limit.name} ${key}`);
            return true;
          });
        }
      return forgotten.size;
    },
  };

  async function keysOf(limit: Limit): Promise<Set<string>> {
    const found = new Set<string>();
    for (const part of parts) {
      const start = keyFor(part, limit, '');
      for (const name of await redis.keys(start, maxListed)) found.add(keyIn(name.slice(start.length)));
    }
    return found;
  }
}

const nobodyOwes: (readonly [Count, number])[] = [];
const nothingHeld: JointPlaces = { leave() {} };

function shortagesIn(lacking: readonly number[], asked: readonly Asked[]): readonly Shortage[] {
  const shortages: Shortage[] = [];
  for (let at = 0; at + 2 < lacking.length; at += 3) {
    const { part, charge } = asked[lacking[at]! - 1]!;
    const waitMicros = part === 'concurrency' ? placeWaitMicros : lacking[at + 1]!;
    shortages.push({ charge, part, waitMicros, remaining: lacking[at + 2]! });
  }
  return shortages;
}

/** Safe in a name, and never longer than need be: names of tools are their servers' choice. */
function nameOf(key: string): string {
  const encoded = encodeURIComponent(key.toWellFormed());
  if (encoded.length <= longestName) return encoded;
  return `${encoded.slice(0, shownStart)}~${createHash('sha256').update(key).digest('base64url')}`;
}

function keyIn(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // one that was cut
  }
}
