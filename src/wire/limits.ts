// Limits, connected: counted in this process, or by all processes together where a Redis is configured.
import path from 'node:path';
import { createLimits } from '../access/limits/limits.ts';
import type { Limits } from '../access/limits/limits.ts';
import { monotonicMicros } from '../base/clock.ts';
import type { Config } from '../config/load.ts';
import type { Metrics } from '../record/metrics.ts';
import { openRedis } from '../state/redis.ts';
import type { Foundation } from './foundation.ts';

export interface OpenLimits extends AsyncDisposable {
  readonly limits: Limits;
}

export async function openLimits(
  { settings, file }: Config,
  ground: Foundation,
  metrics: Metrics,
): Promise<OpenLimits> {
  const { clock, log, record, secretFor } = ground;
  const refusals = metrics.counter('genkan_limit_refusals_total', 'Calls refused because a limit was reached.', [
    'limit',
  ]);
  await using opened = new AsyncDisposableStack();
  const wanted = settings.access.limits.length === 0 ? undefined : settings.storage.redis;
  const redis =
    wanted &&
    (await openRedis(wanted, {
      secret: secretFor('redis'),
      resolvePath: (name) => path.resolve(path.dirname(file), name),
      log,
    }));
  if (redis !== undefined) opened.use(redis);
  const limits = createLimits(settings.access.limits, {
    append: (entry) => record.append(entry),
    clock,
    nowMicros: monotonicMicros,
    log,
    onRefused: (limit) => refusals.with(limit).add(),
    ...(wanted && redis && { together: { redis, prefix: wanted.prefix, processes: wanted.processes } }),
  });
  opened.defer(() => limits.close());
  metrics.gaugeOf(
    'genkan_limits_apart',
    '1 while Redis is away or cannot count all limits, so that each process allows its own share of every limit.',
    () => (limits.counting() === 'apart' ? 1 : 0),
  );
  const everything = opened.move();
  return { limits, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}
