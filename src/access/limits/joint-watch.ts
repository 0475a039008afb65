// Whether the joint counts can be had: given up after a few failures, asked for by one voice alone, and said to everybody once.
import { correlationId } from '../../base/ids.ts';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Redis } from '../../state/redis.ts';
import type { AppendLimitEntry } from './refusal-book.ts';
import type { JointCounts } from './joint-counts.ts';

export interface JointWatch {
  readonly away: boolean;
  /** How many processes there are, as far as is known. */
  readonly processes: number;
  /** An answer did not come. */
  failed(): void;
  succeeded(): void;
  /** Asks at once, where nobody has asked yet. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface JointWatchOptions {
  readonly joint: JointCounts;
  readonly redis: Pick<Redis, 'ready'>;
  /** That there are, where nobody can be asked. */
  readonly leastProcesses: number;
  readonly beatMs: number;
  readonly append: AppendLimitEntry;
  readonly clock: Clock;
  readonly log: Log;
}

/** Failures of one moment are one. */
const [failuresInARow, momentMs] = [3, 40];
const [firstPauseMs, longestPauseMs] = [250, 4000];

export function createJointWatch(options: JointWatchOptions): JointWatch {
  const { joint, redis, leastProcesses, beatMs, append, clock, log } = options;
  let [away, closed] = [false, false];
  let failures = 0;
  let failedAtMs = 0;
  let processes = leastProcesses;
  let pauseMs = firstPauseMs;
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> | undefined;
  let told: Promise<unknown> = Promise.resolve();

  /** Uneven, so that not all processes ask in the same moment. */
  const later = (ms: number): void => {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(() => void beat(), ms * (0.5 + Math.random() / 2)).unref();
  };

  function beat(): Promise<void> {
    return (beating ??= ask().finally(() => (beating = undefined)));
  }

  async function ask(): Promise<void> {
    try {
      processes = Math.max(leastProcesses, await joint.beat());
      failures = 0;
      pauseMs = firstPauseMs;
      if (away) turn(false);
      later(beatMs);
    } catch {
      turn(true);
      later(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  function turn(to: boolean): void {
    if (away === to || closed) return;
    away = to;
    if (!to) joint.returned();
    const details = { processes };
    if (to) log.error(details, 'Redis is away: each process allows its own share of every limit');
    else log.info(details, 'Redis is back: limits are counted together again');
    const entry = {
      timestamp: clock.now(),
      user: '',
      action: to ? 'limits/apart' : 'limits/together',
      resource: '/limits',
      result: to ? ('failed' as const) : ('allowed' as const),
      details,
      correlationId: correlationId(),
      sourceIP: '',
      userAgent: '',
    };
    told = append(entry).catch((error: unknown) => log.error({ err: error }, 'was not recorded'));
  }

  return {
    get away() {
      return away;
    },
    get processes() {
      return processes;
    },
    failed() {
      if (away) return;
      const nowMs = performance.now();
      if (redis.ready() && nowMs - failedAtMs < momentMs) return;
      failedAtMs = nowMs;
      if (redis.ready() && ++failures < failuresInARow) return;
      turn(true);
      later(pauseMs);
    },
    succeeded: () => void (failures = 0),
    start: beat,
    async close() {
      closed = true;
      clearTimeout(timer);
      await beating;
      await told;
    },
  };
}
