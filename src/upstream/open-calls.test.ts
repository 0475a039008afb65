// Tests of a stream that many requests share, where only time would show what a process cannot be made to show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GenkanError } from '../base/errors.ts';
import { notification, request, result } from '../protocol/message.ts';
import type { Message, NotificationMessage, RequestId } from '../protocol/message.ts';
import { OpenCalls } from './open-calls.ts';

const acknowledged = notification('notifications/subscriptions/acknowledged', {
  _meta: { 'io.modelcontextprotocol/subscriptionId': 1 },
});

test('a subscription whose owner does not read holds the others back for a while, not for good', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const givenUp: RequestId[] = [];
  const calls = new OpenCalls({ server: 'sample', era: 'modern', onGivenUp: (id) => void givenUp.push(id) });
  const neverRead = new Promise<void>(() => {});
  const { answer } = calls.open(request(1, 'subscriptions/listen'), { interim: () => neverRead }, 1000);
  const taken = calls.take(acknowledged);
  context.mock.timers.tick(29_000);
  assert.equal(calls.size, 1);
  context.mock.timers.tick(2000);
  await assert.rejects(answer, (error) => error instanceof GenkanError && error.code === 'gateway_cancelled');
  await taken?.held;
  assert.deepEqual([calls.size, calls.listening, givenUp], [0, 0, [1]]);
});

test('a call whose owner does not read holds the others back for a moment, loses what it was told meanwhile, and is answered', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const calls = new OpenCalls({ server: 'sample', era: 'modern', onGivenUp: () => assert.fail('it was not given up') });
  const progress = (count: number): NotificationMessage =>
    notification('notifications/progress', { progressToken: 'p', progress: count });
  const heard: unknown[] = [];
  let read = Promise.withResolvers<void>();
  const interim = (message: Message): Promise<void> => {
    heard.push(message.kind === 'notification' && message.params['progress']);
    return read.promise;
  };
  const call = request(1, 'tools/call', { name: 'a', _meta: { progressToken: 'p' } });
  const { answer } = calls.open(call, { interim }, 100_000);
  const first = calls.take(progress(1));
  context.mock.timers.tick(1001);
  await first?.held;
  assert.equal(calls.take(progress(2))?.held, undefined);
  read.resolve();
  await read.promise.then(() => new Promise((resolve) => setImmediate(resolve)));
  read = Promise.withResolvers();
  const third = calls.take(progress(3));
  calls.respond(result(1, { content: [] }));
  await third?.held;
  assert.deepEqual((await answer).result, { content: [] });
  assert.deepEqual(heard, [1, 3]);
});

test('a subscription that the server never confirms is given up in time', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const calls = new OpenCalls({ server: 'sample', era: 'modern', onGivenUp: () => {} });
  const { answer } = calls.open(request(1, 'subscriptions/listen'), {}, 1000);
  context.mock.timers.tick(1001);
  await assert.rejects(answer, (error) => error instanceof GenkanError && error.code === 'upstream_timeout');
});

const lookalikes = { id: ['genkan-1', {}], 'progress token': ['first', { progressToken: 'genkan-1' }] } as const;
for (const [what, [id, _meta]] of Object.entries(lookalikes))
  test(`a late answer reaches no other call, although the ${what} of the first looks like one of ours`, async () => {
    const calls = new OpenCalls({ server: 'sample', era: 'modern', onGivenUp: () => {} });
    const leaving = new AbortController();
    const first = calls.open(request(id, 'tools/call', { name: 'a', _meta }), { signal: leaving.signal }, 1000);
    leaving.abort(new Error('no longer wanted'));
    await assert.rejects(first.answer, /no longer wanted/);
    const second = calls.open(request(1, 'tools/call', { name: 'b' }), {}, 1000);
    const third = calls.open(request(1, 'tools/call', { name: 'c' }), {}, 1000); // under an id of ours
    assert.notEqual(third.sent.id, 'genkan-1');
    calls.respond(result('genkan-1', { content: 'late' }));
    assert.equal(calls.size, 2);
    calls.respond(result(third.sent.id, { content: 'its own' }));
    assert.deepEqual((await third.answer).result, { content: 'its own' });
    calls.failAll(new Error('over'));
    await assert.rejects(second.answer);
  });
