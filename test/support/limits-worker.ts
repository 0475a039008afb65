// A process that counts limits in a Redis with others: `limits-worker.ts URL LIMITS`; told by message how many calls to make.
import { createLimits } from '../../src/access/limits/limits.ts';
import { limitsSettings } from '../../src/access/limits/settings.ts';
import { monotonicMicros } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { redisSettings } from '../../src/state/redis-settings.ts';
import { openRedis } from '../../src/state/redis.ts';

export interface Load {
  /** So many at once, each as often as there is time, or once where there is none. */
  readonly atOnce: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly passed: number;
  readonly refused: number;
  /** Of each call that was asked for: how long its answer took, the 99th percentile. */
  readonly p99Ms: number;
  readonly counting: string;
}

const [url, settings] = process.argv.slice(2) as [string, string];
const log = createLog('silent');
const redis = await openRedis(redisSettings.parse({ url, timeoutMs: 250 }), {
  secret: () => Promise.reject(new Error('no secrets here')),
  resolvePath: (file) => file,
  log,
});
const limits = createLimits(limitsSettings.parse(JSON.parse(settings)), {
  append: () => Promise.resolve(),
  clock: { now: Date.now },
  nowMicros: monotonicMicros,
  log,
  together: { redis, prefix: 'proof', processes: 2, beatMs: 500 },
});
await limits.attend();

process.on('message', async ({ atOnce, seconds }: Load) => {
  const untilMs = performance.now() + seconds * 1000;
  const took: number[] = [];
  let [passed, refused] = [0, 0];
  const caller = async (): Promise<void> => {
    do {
      const startedMs = performance.now();
      const entered = await limits.enter({
        principal: { id: 'dana', kind: 'user', name: 'dana', groups: [] },
        sourceIP: '192.0.2.1',
        method: 'tools/call',
        server: 'files',
        use: { primitive: 'tools', name: 'read' },
        effect: 'read',
        counts: true,
      });
      took.push(performance.now() - startedMs);
      if ('leave' in entered) {
        passed++;
        entered.leave();
      } else refused++;
      await new Promise((resolve) => setImmediate(resolve));
    } while (performance.now() < untilMs);
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  const p99Ms = took.sort((one, other) => one - other)[Math.floor(took.length * 0.99)]!;
  process.send!({ passed, refused, p99Ms, counting: limits.counting() } satisfies LoadResult);
});
process.on('disconnect', () => process.exit(0));
process.send!('ready');
