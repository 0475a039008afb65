// Limits that several processes count together in a real Redis, and what each does without it.
import assert from 'node:assert/strict';
import { Redis as Client } from 'ioredis';
import { test } from 'node:test';
import { startRedis, until, withoutRedis } from '../../../test/support/redis.ts';
import type { TestRedis } from '../../../test/support/redis.ts';
import { createLog } from '../../base/log.ts';
import type { Redis } from '../../state/redis.ts';
import { createJointCounts } from './joint-counts.ts';
import { compileLimit } from './limit.ts';
import type { LimitedCall } from './limit.ts';
import { createLimits } from './limits.ts';
import type { Limits, Place } from './limits.ts';
import { createLocalCounts } from './local-counts.ts';
import type { OverLimit } from './refusal.ts';
import type { LimitEntry } from './refusal-book.ts';
import { limitsSettings } from './settings.ts';

const callOf = (user: string): LimitedCall => ({
  principal: { id: user, kind: 'user', name: user, groups: [] },
  sourceIP: '192.0.2.1',
  method: 'tools/call',
  server: 'files',
  use: { primitive: 'tools', name: 'read_file' },
  effect: 'read',
  counts: true,
});

interface Process {
  readonly limits: Limits;
  readonly redis: Redis;
  readonly entries: LimitEntry[];
  enter(user?: string): Promise<Place | OverLimit>;
}

/** One of the processes of an installation: it shares nothing with the others but Redis. */
async function joinAt(
  server: TestRedis,
  settings: unknown,
  timing: object = {},
  clock = Date.now,
  leaseMs = 1000,
): Promise<Process> {
  const redis = await server.connect(timing);
  const entries: LimitEntry[] = [];
  const limits = createLimits(limitsSettings.parse(settings), {
    append: (entry) => Promise.resolve(entries.push(entry)),
    clock: { now: clock },
    nowMicros: () => Math.floor(performance.now() * 1000),
    log: createLog('silent'),
    together: { redis, prefix: 'test', processes: 2, leaseMs, beatMs: 200, ...timing },
  });
  await limits.attend();
  return { limits, redis, entries, enter: async (user = 'dana') => limits.enter(callOf(user)) };
}

const passes = (entered: Place | OverLimit): boolean => 'leave' in entered;

async function count(work: () => Promise<Place | OverLimit>, times: number): Promise<number> {
  const all = await Promise.all(Array.from({ length: times }, work));
  return all.filter(passes).length;
}

test('one limit for all processes together', { skip: withoutRedis }, async () => {
  await using server = await startRedis();
  const limit = { name: 'calls', rate: '60/h', burst: 50 };
  const [one, other] = [await joinAt(server, [limit]), await joinAt(server, [limit])];
  assert.equal(await count(() => other.enter(), 20), 20);
  const [mine, theirs] = await Promise.all([count(() => one.enter(), 200), count(() => other.enter(), 200)]);
  assert.equal(mine + theirs, 30);
  const refused = (await one.enter()) as OverLimit;
  assert.equal(refused.data!['retryAfterSeconds'], 60);
  assert.equal(refused.headers['ratelimit'], '"calls";r=0;t=60');
  const [{ top }] = (await other.limits.list(3)) as [Awaited<ReturnType<Limits['list']>>[number]];
  assert.deepEqual(
    top.map(({ shown, rateUsed }) => [shown, rateUsed]),
    [['user=dana', 50]],
  );
  assert.equal(await other.limits.reset({ user: 'dana' }), 1);
  assert.ok(passes(await one.enter()));
  for (const { limits } of [one, other]) await limits.close();
});

test('takes from all limits or none, and days are those of Redis', { skip: withoutRedis }, async () => {
  await using server = await startRedis();
  const settings = [
    { name: 'daily', per: [], daily: { quota: 100, timeZone: 'Asia/Tokyo' } },
    { name: 'calls', rate: '5/h' },
  ];
  const one = await joinAt(server, settings);
  const slow = await joinAt(server, settings, {}, () => Date.now() - 20 * 3600_000); // its clock is wrong by a day or so
  assert.equal(await count(() => one.enter(), 30), 5);
  assert.equal(await count(() => slow.enter('omar'), 30), 5);
  const daily = (await one.limits.list(1))[0]!.top[0]!;
  assert.equal(daily.dayUsed, 10, 'what was refused has cost nothing, and both mean the same day');
  for (const { limits } of [one, slow]) await limits.close();
});

test('places of a process that died are free again after its lease', { skip: withoutRedis }, async () => {
  await using server = await startRedis();
  const [one, other] = [
    await joinAt(server, [{ name: 'at-once', concurrency: 3 }]),
    await joinAt(server, [{ name: 'at-once', concurrency: 3 }]),
  ];
  assert.equal(await count(() => one.enter(), 3), 3);
  const beats = Date.now() + 1500;
  await until(() => Date.now() > beats); // longer than a lease: a process that lives keeps its places
  assert.ok(!passes(await other.enter()));
  await one.limits.close();
  await one.redis[Symbol.asyncDispose]();
  await until(async () => passes(await other.enter()));
  assert.equal(await count(() => other.enter(), 5), 2);
  await other.limits.close();
});

test('a call that is over gives its place back to everybody', { skip: withoutRedis }, async () => {
  await using server = await startRedis();
  const [one, other] = [
    await joinAt(server, [{ name: 'at-once', concurrency: 1 }]),
    await joinAt(server, [{ name: 'at-once', concurrency: 1 }]),
  ];
  const place = (await one.enter()) as Place;
  assert.ok(!passes(await other.enter()));
  place.leave();
  await until(async () => passes(await other.enter()));
  for (const { limits } of [one, other]) await limits.close();
});

test(
  'without Redis each process allows its share, says so once, and is together again afterwards',
  { skip: withoutRedis },
  async () => {
    await using server = await startRedis();
    const limits = [{ name: 'calls', rate: '100/h', burst: 100 }];
    const two = [await joinAt(server, limits), await joinAt(server, limits)];
    assert.equal(await count(() => two[0]!.enter(), 10), 10);
    await server.kill();
    const passed = await Promise.all(two.map(({ enter }) => count(() => enter(), 300)));
    assert.equal(passed[0], 40, 'of its half it had used ten');
    assert.equal(passed[1], 50);
    await until(() => two.every(({ limits: own }) => own.counting() === 'apart'));
    await server.start();
    await until(() => two.every(({ limits: own }) => own.counting() === 'together'));
    const again = await Promise.all(two.map(({ enter }) => count(() => enter(), 300)));
    assert.ok(again[0]! + again[1]! <= 1, `a Redis that has forgotten everything gives no second burst: ${again}`);
    for (const { entries } of two)
      assert.deepEqual(
        entries.map(({ action }) => action),
        ['limits/apart', 'limits/forgotten', 'limits/together'],
      );
    for (const { limits: own } of two) await own.close();
  },
);

test('a quota of the day outlives a Redis that has forgotten it', { skip: withoutRedis }, async () => {
  await using server = await startRedis();
  const two = [
    await joinAt(server, [{ name: 'day', daily: 100 }]),
    await joinAt(server, [{ name: 'day', daily: 100 }]),
  ];
  assert.equal((await Promise.all(two.map(({ enter }) => count(() => enter(), 40)))).join(), '40,40');
  await server.kill();
  await until(() => two.every(({ limits, enter }) => (void enter('nobody'), limits.counting() === 'apart')));
  await server.start();
  await until(() => two.every(({ limits }) => limits.counting() === 'together'));
  const first = await count(() => two[0]!.enter(), 1);
  const second = await count(() => two[1]!.enter(), 1);
  const rest = await count(() => two[0]!.enter(), 50);
  assert.equal(first + second + rest, 20);
  for (const { limits } of two) await limits.close();
});

test(
  'a Redis that does not answer is given up in time, and nothing is open meanwhile',
  { skip: withoutRedis },
  async () => {
    await using server = await startRedis();
    const { limits, enter } = await joinAt(server, [{ name: 'calls', rate: '10/h' }], { timeoutMs: 50 });
    server.freeze(true);
    const startedMs = performance.now();
    assert.equal(await count(() => enter(), 100), 5, 'its half');
    assert.ok(performance.now() - startedMs < 2000);
    await until(() => limits.counting() === 'apart');
    server.freeze(false);
    await until(() => limits.counting() === 'together');
    await limits.close();
  },
);

test('knows a script again that Redis has forgotten', { skip: withoutRedis }, async () => {
  await using server = await startRedis();
  const { limits, enter, redis } = await joinAt(server, [{ name: 'calls', rate: '3/h' }]);
  assert.ok(passes(await enter()));
  await redis.run({ lua: "return redis.call('SCRIPT', 'FLUSH')", sha: '0'.repeat(40) }, [], []).catch(() => undefined);
  assert.equal(await count(() => enter(), 5), 2);
  await limits.close();
});

test('what one process let through by itself, it owes to all', { skip: withoutRedis }, async () => {
  await using server = await startRedis();
  const limit = { name: 'calls', rate: '20/h', burst: 20 };
  const [one, other] = [await joinAt(server, [limit], { timeoutMs: 50 }), await joinAt(server, [limit])];
  server.freeze(true);
  assert.equal(await count(() => one.enter(), 30), 10, 'its half');
  server.freeze(false);
  await until(() => [one, other].every(({ limits }) => limits.counting() === 'together'));
  await one.enter();
  const rest = await count(() => other.enter(), 30);
  assert.ok(rest <= 10, `${rest} besides the ten that were let through already`);
  for (const { limits } of [one, other]) await limits.close();
});

test(
  'places that were taken while Redis was away are known to all once it is back',
  { skip: withoutRedis },
  async () => {
    await using server = await startRedis();
    const limit = { name: 'at-once', concurrency: 4 };
    const two = [await joinAt(server, [limit]), await joinAt(server, [limit])];
    await server.kill();
    await until(() => two.every(({ limits }) => limits.counting() === 'apart'));
    assert.equal(await count(() => two[0]!.enter(), 5), 2);
    await server.start();
    await until(() => two.every(({ limits }) => limits.counting() === 'together'));
    assert.equal(await count(() => two[1]!.enter(), 5), 2);
    for (const { limits } of two) await limits.close();
  },
);

test('whoever begins anew does so on all processes', { skip: withoutRedis }, async () => {
  await using server = await startRedis();
  const two = [await joinAt(server, [{ name: 'day', daily: 10 }]), await joinAt(server, [{ name: 'day', daily: 10 }])];
  assert.equal((await Promise.all(two.map(({ enter }) => count(() => enter(), 5)))).join(), '5,5');
  assert.ok(!passes(await two[1]!.enter()));
  assert.equal(await two[0]!.limits.reset({ user: 'dana' }), 1);
  assert.equal(await count(() => two[1]!.enter(), 20), 10);
  for (const { limits } of two) await limits.close();
});

/** Another one at the same Redis, who does there what nobody should. */
async function meddle(server: TestRedis, what: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client(server.url.replace('unix://', ''));
  await what(client);
  client.disconnect();
}

const actions = ({ entries }: Process): string[] => entries.map(({ action }) => action);

test(
  'nobody gets a second limit from a Redis that is emptied while all are connected',
  { skip: withoutRedis },
  async () => {
    await using server = await startRedis();
    const settings = [
      { name: 'day', daily: 10 },
      { name: 'calls', rate: '10/h' },
      { name: 'at-once', concurrency: 10 },
    ];
    const [one, other] = [await joinAt(server, settings), await joinAt(server, settings)];
    assert.equal(await count(() => one.enter(), 20), 10);
    await meddle(server, (client) => client.flushall());
    assert.equal(await count(() => one.enter(), 20), 0, 'nor in the moment after');
    await until(() => [one, other].every((each) => actions(each).includes('limits/forgotten')));
    assert.equal(await count(() => other.enter(), 20), 0, 'what one has told counts for all');
    for (const each of [one, other]) {
      assert.deepEqual(actions(each), ['limits/forgotten'], 'said once');
      await each.limits.close();
    }
  },
);

test('looking at what is used changes nothing', { skip: withoutRedis }, async () => {
  await using server = await startRedis();
  const one = await joinAt(server, [{ name: 'day', daily: 10 }]);
  for (const user of ['dana', 'omar']) assert.equal(await count(() => one.enter(user), 2), 2);
  for (let times = 0; times < 2; times++) {
    const [{ top }] = (await one.limits.list(3)) as [Awaited<ReturnType<Limits['list']>>[number]];
    assert.deepEqual(
      top.map(({ dayUsed }) => dayUsed),
      [2, 2],
    );
  }
  assert.ok(passes(await one.enter()));
  assert.deepEqual(actions(one), []);
  await one.limits.close();
});

test('a key that Redis cannot count is counted apart, and this is said once', { skip: withoutRedis }, async () => {
  await using server = await startRedis();
  const one = await joinAt(server, [{ name: 'day', daily: 10 }]);
  await meddle(server, (client) => client.set('{test:limits}:d:day:dana', 'poison'));
  assert.equal(await count(() => one.enter(), 20), 5, 'its half');
  assert.equal(one.limits.counting(), 'apart');
  assert.equal(await count(() => one.enter('omar'), 20), 10, 'the others lose nothing');
  const { details } = one.entries[0]!;
  assert.deepEqual(details, { processes: 2, reason: 'WRONGTYPE', limits: ['day'] });
  assert.equal((await one.limits.list(3)).length, 1);
  await meddle(server, (client) => client.del('{test:limits}:d:day:dana'));
  await until(() => one.limits.counting() === 'together');
  assert.deepEqual(actions(one), ['limits/apart', 'limits/together']);
  await one.limits.close();
});

test('a Redis that has no room for counts is as good as away', { skip: withoutRedis }, async () => {
  await using server = await startRedis();
  const one = await joinAt(server, [{ name: 'day', daily: 10 }]);
  await meddle(server, (client) => client.config('SET', 'maxmemory', '1'));
  assert.equal(await count(() => one.enter(), 20), 5, 'its half');
  assert.equal(one.limits.counting(), 'apart');
  assert.equal(actions(one)[0], 'limits/apart');
  await one.limits.close();
});

test('a place that was taken after its caller had given up is free again at once', { skip: withoutRedis }, async () => {
  await using server = await startRedis();
  const limit = { name: 'at-once', concurrency: 2 };
  const one = await joinAt(server, [limit], { timeoutMs: 50 }, Date.now, 60_000);
  const other = await joinAt(server, [limit], {}, Date.now, 60_000);
  server.freeze(true);
  const place = (await one.enter()) as Place;
  assert.ok(passes(place));
  place.leave();
  server.freeze(false);
  const entered = [] as (Place | OverLimit)[];
  await until(async () => {
    entered.push(await other.enter());
    return entered.filter(passes).length === 2;
  });
  for (const { limits } of [one, other]) await limits.close();
});

test(
  'a call that ends while places are renewed gives its place back all the same',
  { skip: withoutRedis },
  async () => {
    await using server = await startRedis();
    const redis = await server.connect();
    const clock = { now: Date.now };
    const local = createLocalCounts({ clock, nowMicros: () => Math.floor(performance.now() * 1000) });
    let meanwhile = (): void => undefined;
    const watched: Redis = {
      ...redis,
      async run(script, keys, args) {
        const answer = await redis.run(script, keys, args);
        if (args[0] === 'renew') meanwhile();
        return answer;
      },
    };
    const onForgotten = (): void => undefined;
    const joint = createJointCounts({ redis: watched, prefix: 'test', local, clock, leaseMs: 60_000, onForgotten });
    const limit = compileLimit(limitsSettings.parse([{ name: 'at-once', concurrency: 1000 }])[0]!);
    const held: { leave(): void }[] = [];
    for (let at = 0; at < 501; at++)
      held.push((await joint.take([{ limit, key: 'dana', cost: 1 }])) as { leave(): void });
    meanwhile = () => held.pop()?.leave(); // while the first 500 are renewed
    held.splice(0, 500);
    await joint.beat();
    assert.equal((await joint.uses([limit]))[0]!.underWay, 500);
  },
);
