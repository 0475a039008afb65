// How long the check of limits takes: in one process, and with one round trip to a Redis of our own.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createLimits } from '../src/access/limits/limits.ts';
import type { LimitedCall, Limits } from '../src/access/limits/limits.ts';
import { limitsSettings } from '../src/access/limits/settings.ts';
import { monotonicMicros } from '../src/base/clock.ts';
import { createLog } from '../src/base/log.ts';
import { openRedis } from '../src/state/redis.ts';
import { redisSettings } from '../src/state/redis-settings.ts';

const [warmUpCalls, measuredCalls, jointCalls] = [50_000, 200_000, 20_000];
const people = 1000;

/** What a company might have: a rate and places for each person, a dearer one for what has effects, a quota for each tool. */
const three = limitsSettings.parse([
  { name: 'calls', rate: '100000/min', concurrency: 10_000 },
  { name: 'effects', rate: '100000/min', weights: { effect: { write: 5, destroy: 10 } } },
  { name: 'tool', per: ['user', 'tool'], daily: 1_000_000_000 },
]);
const one = three.slice(1, 2);

export interface LimitFigures {
  readonly p50Nanos: number;
  readonly p99Nanos: number;
}

const log = createLog('silent');
const neighbours = {
  append: () => Promise.resolve(),
  clock: { now: Date.now },
  nowMicros: monotonicMicros,
  log,
};

const calls: readonly LimitedCall[] = Array.from({ length: people }, (_, at) => ({
  principal: { id: `user-${at}`, kind: 'user' as const, name: `user-${at}`, groups: ['makers'], clientId: 'vscode' },
  sourceIP: '192.0.2.1',
  method: 'tools/call',
  server: 'files',
  use: { primitive: 'tools' as const, name: `tool_${at % 20}` },
  effect: 'write' as const,
  counts: true,
}));

function figuresOf(nanos: Float64Array): LimitFigures {
  nanos.sort();
  const quantile = (share: number): number => Math.round(nanos[Math.floor(nanos.length * share)]!);
  return { p50Nanos: quantile(0.5), p99Nanos: quantile(0.99) };
}

function inThisProcess(limits: Limits): LimitFigures {
  const nanos = new Float64Array(measuredCalls);
  for (let at = -warmUpCalls; at < measuredCalls; at++) {
    const call = calls[(at + warmUpCalls) % people]!;
    const startedMs = performance.now();
    const entered = limits.enter(call);
    if ('leave' in entered) entered.leave();
    if (at >= 0) nanos[at] = (performance.now() - startedMs) * 1e6;
  }
  return figuresOf(nanos);
}

async function throughRedis(limits: Limits): Promise<LimitFigures> {
  const nanos = new Float64Array(jointCalls);
  for (let at = -1000; at < jointCalls; at++) {
    const startedMs = performance.now();
    const entered = await limits.enter(calls[(at + 1000) % people]!);
    if (at >= 0) nanos[at] = (performance.now() - startedMs) * 1e6;
    if ('leave' in entered) entered.leave();
  }
  return figuresOf(nanos);
}

/** A few seconds; without redis-server on this machine the rows with Redis are missing. */
export async function measureLimits(): Promise<Record<string, LimitFigures>> {
  const figures: Record<string, LimitFigures> = {};
  for (const [name, settings] of Object.entries({ 'one limit': one, 'three limits': three })) {
    const limits = createLimits(settings, neighbours);
    figures[`${name}, in this process`] = inThisProcess(limits);
    await limits.close();
  }
  if (spawnSync('redis-server', ['--version']).status !== 0) return figures;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-bench-'));
  const url = `unix://${folder}/redis.sock`;
  const options = ['--port', '0', '--unixsocket', path.join(folder, 'redis.sock'), '--save', ''];
  const server = spawn('redis-server', options, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  try {
    for await (const chunk of server.stdout!) if (/accept connections/.test(String(chunk))) break;
    server.stdout!.resume();
    const settings = redisSettings.parse({ url });
    const secret = (): never => {
      throw new Error('no secrets here');
    };
    await using redis = await openRedis(settings, { secret, resolvePath: (file) => file, log });
    for (const [name, wanted] of Object.entries({ 'one limit': one, 'three limits': three })) {
      const limits = createLimits(wanted, { ...neighbours, together: { redis, prefix: name[0]!, processes: 1 } });
      await limits.attend();
      figures[`${name}, in Redis`] = await throughRedis(limits);
      await limits.close();
    }
  } finally {
    server.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}
