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
  /** Told when Redis turns out to have forgotten what was counted there. */
  readonly onForgotten: () => void;
}

const kinds = { rate: 'r', daily: 'd', concurrency: 'c' } as const;
const parts: readonly Part[] = ['rate', 'daily', 'concurrency'];
const partsOf = (limit: Limit): Part[] => parts.filter((part) => limit[part === 'daily' ? 'day' : part] !== undefined);
const [longestName, shownStart] = [300, 200];
/** Looked at for one list. */
const maxListed = 2000;
const renewedAtOnce = 500;

interface Asked {
  readonly part: Part;
  readonly charge: Charge;
}

export function createJointCounts({
  redis,
  prefix,
  local,
  clock,
  leaseMs,
  onForgotten,
}: JointCountsOptions): JointCounts {
  // One hash tag: a script may use keys of one slot of a cluster alone.
  const base = `{${prefix}:limits}`;
  const me = unguessableId().slice(0, 12);
  const leaseMicros = leaseMs * 1000;
  const held = new Map<string, readonly string[]>();
  let returns = 0;
  let places = 0;
  let generation = '';
  let proposals = 0;

  const keyFor = (part: Part, { name }: Limit, key: string): string => `${base}:${kinds[part]}:${name}:${nameOf(key)}`;

  function keysFor(charges: readonly Charge[], wanted?: Part): string[] {
    return charges.flatMap(({ limit, key }) =>
      partsOf(limit)
        .filter((part) => wanted === undefined || part === wanted)
        .map((part) => keyFor(part, limit, key)),
    );
  }

  /** @param asked gets what each key is asked for, in their order */
  function argumentsFor(charges: readonly Charge[], place: string, asked: Asked[]): RedisArgument[] {
    const args: RedisArgument[] = [];
    for (const charge of charges) {
      const { limit, key, cost } = charge;
      const { rate, day, concurrency } = limit;
      const add = (part: Part, ...rest: RedisArgument[]): void => {
        asked.push({ part, charge });
        args.push(kinds[part], ...rest);
      };
      const count = rate === undefined && day === undefined ? undefined : local.count(limit, key);
      if (rate !== undefined) {
        const { owed, owedSinceMicros, owedAheadMicros, told, tatMicros } = count!;
        const now = local.nowMicros();
        const [ago, ahead] =
          owed > 0
            ? [now - owedSinceMicros, owedAheadMicros]
            : [0, told === returns ? 0 : Math.max(0, tatMicros - now)];
        add('rate', cost, rate.emissionMicros, rate.toleranceMicros, ago, ahead, owed * rate.emissionMicros);
      }
      if (day !== undefined) {
        const days = day.around(clock.now()).map((ms) => Math.floor(ms / 1000));
        const news = count!.owed > 0 || count!.told !== returns;
        add('daily', cost, day.quota, me, news ? count!.dayUsed : 0, count!.dayMs / 1000, days.join());
      }
      if (concurrency !== undefined) add('concurrency', concurrency, place, leaseMicros, 0, 0, 0);
    }
    return args;
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

  /** @returns undefined where Redis has forgotten what was counted: ask anew, for then each key is told again */
  async function run(op: string, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown> {
    const fresh = `${me}-${++proposals}`;
    const answer = await redis.run(jointScript, [...keys, `${base}:generation`], [op, generation, fresh, ...args]);
    const [said, found] = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
    if (said !== 2 || typeof found !== 'string') return answer; // what is used are numbers alone
    if (found === generation) return undefined; // somebody has asked meanwhile
    const isNew = generation !== '';
    generation = found;
    if (isNew) {
      returns++;
      onForgotten();
      renew().catch(() => undefined); // sent before whatever is asked next; where it fails the next beat does it
    }
    return undefined;
  }

  /** Twice at most: what is forgotten again at once is a Redis that keeps nothing. */
  async function insist(op: string, keys: readonly string[], args: () => readonly RedisArgument[]): Promise<unknown> {
    const answer = (await run(op, keys, args())) ?? (await run(op, keys, args()));
    if (answer === undefined) throw new Error('Redis keeps nothing');
    return answer;
  }

  async function renew(): Promise<void> {
    const all = [...held].flatMap(([place, keys]) => keys.map((key) => ({ key, place })));
    for (let at = 0; at < all.length; at += renewedAtOnce) {
      // What is over by now must not be renewed: its place would stay taken until the lease ends.
      const now = all.slice(at, at + renewedAtOnce).filter(({ place }) => held.has(place));
      const args = now.flatMap(({ place }) => [place, leaseMicros]);
      if (now.length > 0)
        await run(
          'renew',
          now.map(({ key }) => key),
          args,
        );
    }
  }

  return {
    async take(charges) {
      let asked: Asked[] = [];
      let owing: readonly (readonly [Count, number])[] = nobodyOwes;
      let toldAt = returns;
      const place = nextPlace();
      const keys = keysFor(charges);
      const holding = keysFor(charges, 'concurrency');
      const args = (): RedisArgument[] => {
        for (const [count, owed] of owing) count.owed += owed;
        asked = [];
        toldAt = returns;
        const all = argumentsFor(charges, place, asked);
        owing = settle(charges);
        return all;
      };
      let answer: number[];
      try {
        answer = (await insist('take', keys, args)) as number[];
      } catch (error) {
        for (const [count, owed] of owing) count.owed += owed;
        drop(holding, place); // it may have been taken without our hearing of it
        throw error;
      }
      for (const { limit, key } of charges) local.count(limit, key).told = toldAt;
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
      const count = (await insist('beat', [`${base}:processes`], () => [me, leaseMicros])) as number;
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
        const some = listed.slice(at, at + 50);
        const used = (await run('peek', keysFor(some), argumentsFor(some, '', asked))) as number[];
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
