// Tests of what waits to be delivered: taken by one process alone, kept for a bounded time, and given up where nothing comes back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../base/log.ts';
import { openDatabase } from '../state/database.ts';
import { createCourier } from './courier.ts';
import { createOutbox } from './outbox.ts';

const dayMs = 24 * 3600_000;
const content = {
  kind: 'review.reminder',
  severity: 'info',
  title: 't',
  lines: [],
  open: 'o',
  to: [],
  atMs: 0,
} as const;

test('of two processes that see the same message one gets it', async () => {
  const database = await openDatabase(':memory:');
  const clock = { now: () => 1000 };
  const [one, other] = [createOutbox(database, clock), createOutbox(database, clock)];
  await one.add('n', [{ channel: 'c', content }]);
  const taken = await Promise.all([one.take(['c']), other.take(['c'])]);
  assert.equal(taken.filter((message) => message !== undefined).length, 1);
});

test('what waits for a channel that is no more goes after a day, and nothing else does', async () => {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const outbox = createOutbox(await openDatabase(':memory:'), clock);
  await outbox.add(
    'old',
    ['gone', 'kept'].map((channel) => ({ channel, content })),
  );
  clock.nowMs = dayMs;
  await outbox.add('new', [{ channel: 'gone', content }]);
  const left = async () =>
    (await outbox.list({ limit: 9 })).map(({ channel, createdAtMs }) => `${channel} ${createdAtMs}`);
  await outbox.sweep(['kept'], 0, dayMs);
  assert.deepEqual(await left(), [`gone ${dayMs}`, 'kept 0']);
  await outbox.sweep([], 0, dayMs);
  assert.deepEqual(await left(), [`gone ${dayMs}`]);
});

test('an attempt ends in time, whatever the receiver does', async () => {
  const clock = { now: Date.now };
  const outbox = createOutbox(await openDatabase(':memory:'), clock);
  const seen: AbortSignal[] = [];
  const stalled = { send: (_: unknown, signal: AbortSignal) => (seen.push(signal), new Promise<never>(() => {})) };
  const courier = createCourier('c', stalled, { outbox, clock, log: createLog('silent'), longestMs: 20 });
  await outbox.add('n', [{ channel: 'c', content }]);
  courier.wake();
  const alive = setInterval(() => undefined, 1000);
  const deadline = Date.now() + 20_000;
  for (;;) {
    const [message] = await outbox.list({ limit: 1 });
    if (message!.lastError === 'it took too long') break;
    assert.ok(Date.now() < deadline);
    await new Promise(setImmediate);
  }
  clearInterval(alive);
  assert.equal(seen[0]!.aborted, true, 'and what is under way is ended');
  await courier.close();
});
