// Whether the joint counts can be had: given up after a few failures, asked for by one voice alone, and said to everybody once.
import { correlationId } from '../../base/ids.ts';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Redis } from '../../state/redis.ts';
import type { AppendLimitEntry } from './refusal-book.ts';
import type { JointCounts } from './joint-counts.ts';

export interface JointWatch {
  readonly away: boolean;
  /** Whether it answers, but not to everything: what it cannot count is counted apart. */
  readonly ailing: boolean;
  /** How many processes there are, as far as is known. */
  readonly processes: number;
  /** An answer did not come. */
  failed(): void;
  succeeded(): void;
  /** It answered that it cannot count this. */
  refused(code: string, limits: readonly string[]): void;
  /** It has forgotten what was counted. */
  forgotten(): void;
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
  /** After how long without one such answer it is held to be well again. */
  readonly quietMs: number;
  readonly append: AppendLimitEntry;
  readonly clock: Clock;
  readonly log: Log;
}

/** Failures of one moment are one. */
const [failuresInARow, momentMs] = [3, 40];
const [firstPauseMs, longestPauseMs] = [250, 4000];

export function createJointWatch(options: JointWatchOptions): JointWatch {
  const { joint, redis, leastProcesses, beatMs, quietMs, append, clock, log } = options;
  let [away, ailing, closed] = [false, false, false];
  let refusedAtMs = 0;
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
      if (ailing && performance.now() - refusedAtMs > quietMs) {
        ailing = false;
        log.info('Redis counts everything again');
        tell('limits/together', 'allowed', { processes });
      }
      later(beatMs);
    } catch {
      turn(true);
      later(pauseMs);
      // Without a connection nothing was asked of anybody: then this only looks whether there is one, which costs nothing.
      pauseMs = redis.ready() ? Math.min(pauseMs * 2, longestPauseMs) : firstPauseMs;
    }
  }

  function turn(to: boolean): void {
    if (away === to || closed) return;
    away = to;
    if (!to) joint.returned();
    const details = { processes };
    if (to) log.error(details, 'Redis is away: each process allows its own share of every limit');
    else log.info(details, 'Redis is back: limits are counted together again');
    tell(to ? 'limits/apart' : 'limits/together', to ? 'failed' : 'allowed', details);
  }

  function tell(action: string, result: 'failed' | 'allowed', details: Readonly<Record<string, unknown>>): void {
    const entry = {
      timestamp: clock.now(),
      user: '',
      action,
      resource: '/limits',
      result,
      details,
      correlationId: correlationId(),
      sourceIP: '',
      userAgent: '',
    };
    const before = told;
    told = append(entry)
      .catch((error: unknown) => log.error({ err: error }, 'was not recorded'))
      .then(() => before);
  }

  return {
    get away() {
      return away;
    },
    get ailing() {
      return ailing;
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
    refused(reason, limits) {
      refusedAtMs = performance.now();
      if (ailing || closed) return;
      ailing = true;
      const details = { processes, reason, limits };
      log.error(details, 'Redis cannot count all of the limits: each process allows its own share of what it cannot');
      tell('limits/apart', 'failed', details);
      void beat(); // it may be everything
    },
    forgotten() {
      if (closed) return;
      log.error('Redis has forgotten what was counted: each process tells it again what it knows');
      tell('limits/forgotten', 'failed', { processes });
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
