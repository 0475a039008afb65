// Which refusals of limits are recorded one by one: of a flood the first of each minute, and afterwards how many there were.
import type { Clock } from '../../base/clock.ts';
import { correlationId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { Charge } from './charge.ts';
import { shownKey } from './limit.ts';
import type { LimitedCall } from './limit.ts';

/** The part of an audit record that limits write. */
export interface LimitEntry {
  readonly timestamp: number;
  readonly user: string;
  readonly action: string;
  readonly resource: string;
  readonly result: 'allowed' | 'denied' | 'failed';
  readonly details: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
  readonly sourceIP: string;
  readonly userAgent: string;
}

export type AppendLimitEntry = (entry: LimitEntry) => Promise<unknown>;

export interface RefusalBook {
  /** Takes note of one refusal. @returns whether it is to be recorded by itself */
  isFirst(charge: Charge, call: LimitedCall): boolean;
  /** Records how many were counted instead. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface Flood {
  readonly limit: string;
  readonly key: string;
  readonly user: string;
  readonly sourceIP: string;
  readonly sinceMs: number;
  counted: number;
}

const windowMs = 60_000;
/** Beyond, whoever else is refused is counted with the others of the limit. */
const maxFloods = 10_000;

export function createRefusalBook(append: AppendLimitEntry, clock: Clock, log: Log): RefusalBook {
  let floods = new Map<string, Flood>();
  const timer = setInterval(() => void flush(), windowMs).unref();

  async function flush(): Promise<void> {
    const over = floods;
    floods = new Map();
    const told = [...over.values()].filter(({ counted }) => counted > 0);
    await Promise.all(
      told.map(({ limit, key, user, sourceIP, sinceMs, counted }) =>
        append({
          timestamp: clock.now(),
          user,
          action: 'limits/refused',
          resource: `/limits/${limit}`,
          result: 'denied',
          details: { key, notRecorded: counted, since: new Date(sinceMs).toISOString() },
          correlationId: correlationId(),
          sourceIP,
          userAgent: '',
        }),
      ),
    ).catch((error: unknown) => log.error({ err: error }, 'refusals of limits were not recorded'));
  }

  return {
    isFirst({ limit, key }, { principal, sourceIP }) {
      const full = floods.size >= maxFloods;
      const id = `${limit.name} ${key}`;
      const place = full && !floods.has(id) ? limit.name : id;
      const known = floods.get(place);
      if (known !== undefined) {
        known.counted++;
        return false;
      }
      const others = place !== id;
      floods.set(place, {
        limit: limit.name,
        key: others ? '(others)' : shownKey(limit, key),
        user: others ? '' : principal.id,
        sourceIP: others ? '' : sourceIP,
        sinceMs: clock.now(),
        counted: 0,
      });
      return true;
    },
    flush,
    close() {
      clearInterval(timer);
      return flush();
    },
  };
}
