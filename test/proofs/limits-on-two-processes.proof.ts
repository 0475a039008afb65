// Two processes on one Redis: limits hold to the call under ten thousand at once, through two doors, and while Redis dies and comes back.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { makersUse, openTestHouse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import type { Load, LoadResult } from '../support/limits-worker.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, post } from '../support/mcp-post.ts';
import { startRedis, until, withoutRedis } from '../support/redis.ts';
import { openSecondHouse } from '../support/second-house.ts';

const worker = new URL('../support/limits-worker.ts', import.meta.url);

async function startWorkers(url: string, limits: readonly object[]) {
  const children = [0, 1].map(() => fork(worker, [url, JSON.stringify(limits)]));
  await Promise.all(children.map((child) => once(child, 'message')));
  return {
    async run(load: Load): Promise<LoadResult[]> {
      const answers = children.map(async (child) => ((await once(child, 'message')) as [LoadResult])[0]);
      for (const child of children) child.send(load);
      return Promise.all(answers);
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) {
        const ended = once(child, 'exit');
        child.disconnect();
        await ended;
      }
    },
  };
}

const sum = (results: readonly LoadResult[], of: 'passed' | 'refused'): number =>
  results.reduce((total, result) => total + result[of], 0);

test(
  'ten thousand calls at once over two processes: as many pass as the limit lets',
  { skip: withoutRedis },
  async (t) => {
    await using redis = await startRedis();
    await using workers = await startWorkers(redis.url, [
      { name: 'calls', rate: '60/min', burst: 3000 },
      { name: 'everybody', per: [], daily: 1_000_000, rate: '100000/min' },
    ]);
    const beginning = performance.now();
    const results = await workers.run({ atOnce: 5000, seconds: 0 });
    const seconds = (performance.now() - beginning) / 1000;
    const passed = sum(results, 'passed');
    t.diagnostic(
      `${passed} of ${passed + sum(results, 'refused')} passed in ${seconds.toFixed(2)} s: ${JSON.stringify(results)}`,
    );
    assert.equal(passed + sum(results, 'refused'), 10_000);
    assert.deepEqual([...new Set(results.map(({ counting }) => counting))], ['together']);
    assert.ok(passed >= 3000 * 0.99 && passed <= (3000 + seconds) * 1.01, `${passed}`);
  },
);

test('a rate that is asked for more than it gives, for five seconds', { skip: withoutRedis }, async (t) => {
  await using redis = await startRedis();
  await using workers = await startWorkers(redis.url, [{ name: 'calls', rate: '500/s', burst: 500 }]);
  const beginning = performance.now();
  const results = await workers.run({ atOnce: 100, seconds: 5 });
  const seconds = (performance.now() - beginning) / 1000;
  const [passed, allowed] = [sum(results, 'passed'), 500 + 500 * seconds];
  t.diagnostic(
    `${passed} passed, ${allowed.toFixed(0)} allowed, p99 ${results.map(({ p99Ms }) => p99Ms.toFixed(1))} ms`,
  );
  assert.ok(passed <= allowed * 1.01, `${passed} of ${allowed}`);
  assert.ok(passed >= (500 + 500 * 5) * 0.99, `${passed} of ${allowed}`);
});

test(
  'Redis killed and started again under load: never more than the limit and one burst',
  { skip: withoutRedis },
  async (t) => {
    await using redis = await startRedis();
    const [rate, burst] = [200, 200];
    await using workers = await startWorkers(redis.url, [{ name: 'calls', rate: `${rate}/s`, burst }]);
    const beginning = performance.now();
    const running = workers.run({ atOnce: 20, seconds: 8 });
    await after(2000);
    await redis.kill();
    await after(2000);
    await redis.start();
    const results = await running;
    const seconds = (performance.now() - beginning) / 1000;
    const passed = sum(results, 'passed');
    t.diagnostic(`${passed} passed, ${(burst + rate * seconds).toFixed(0)} are the limit: ${JSON.stringify(results)}`);
    assert.ok(passed <= 2 * burst + rate * seconds, `${passed}`);
    assert.ok(passed >= 0.8 * rate * 8, `it goes on meanwhile: ${passed}`);
    assert.deepEqual([...new Set(results.map(({ counting }) => counting))], ['together']);
  },
);

test('two doors, one limit: over HTTP exactly as many calls reach the servers', { skip: withoutRedis }, async (t) => {
  await using redis = await startRedis();
  await using upstream = await startHttpUpstream(mcpByHand({}));
  const settings = {
    access: { ...makersUse('raw'), limits: [{ name: 'calls', rate: '60/h', burst: 100 }] },
    servers: { raw: { url: upstream.url } },
    storage: { redis: { url: redis.url, timeoutMs: 1000 } },
  };
  await using first = await openTestHouse(settings);
  await using second = await openSecondHouse(first, settings);
  await until(() => first.house.limits.processes() === 2);
  const token = await first.token('dana', 'raw');
  const { body, headers } = modern('tools/call', { name: 'read', arguments: {} });
  const call = async (door: string): Promise<number> => {
    const host = new URL(first.url).host; // the public name of both
    return (await post(`${door}/mcp/raw`, body, { token, headers: { ...headers, host } })).status;
  };
  const statuses = await Promise.all(
    Array.from({ length: 300 }, (_, index) => call(index % 2 === 0 ? first.url : second.url)),
  );
  const passed = statuses.filter((status) => status === 200).length;
  t.diagnostic(`${passed} of 300 passed`);
  assert.equal(statuses.filter((status) => status !== 200 && status !== 429).length, 0);
  assert.ok(passed >= 100 && passed <= 101, `${passed}`);
  assert.equal(upstream.seen.filter(({ message }) => message.method === 'tools/call').length, passed);
});
