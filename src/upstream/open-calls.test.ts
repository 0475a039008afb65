// Tests of a stream that many requests share, where only time would show what a process cannot be made to show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GenkanError } from '../base/errors.ts';
import { notification, request } from '../protocol/message.ts';
import type { RequestId } from '../protocol/message.ts';
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

test('a subscription that the server never confirms is given up in time', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const calls = new OpenCalls({ server: 'sample', era: 'modern', onGivenUp: () => {} });
  const { answer } = calls.open(request(1, 'subscriptions/listen'), {}, 1000);
  context.mock.timers.tick(1001);
  await assert.rejects(answer, (error) => error instanceof GenkanError && error.code === 'upstream_timeout');
});
