// Tests of the circuit breaker.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBreaker } from './breaker.ts';

test('opens after failures in a row, lets one attempt through per pause, closes with the first success', () => {
  let nowMs = 0;
  const breaker = createBreaker({ now: () => nowMs }, { failures: 2, pauseMs: 10 });
  breaker.failed();
  breaker.succeeded();
  breaker.failed();
  assert.ok(breaker.mayTry());
  breaker.failed();
  assert.ok(!breaker.mayTry());
  nowMs = 10;
  assert.ok(breaker.mayTry());
  assert.ok(!breaker.mayTry(), 'one attempt is under way');
  breaker.failed();
  nowMs = 19;
  assert.ok(!breaker.mayTry());
  nowMs = 20;
  assert.ok(breaker.mayTry());
  breaker.succeeded();
  assert.ok(breaker.mayTry());
  assert.ok(breaker.mayTry());
});
