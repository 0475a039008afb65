// Tests of the bounded counter.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRateWindow } from './rate-window.ts';

test('counts a key within its window and begins anew after it', () => {
  let nowMs = 0;
  const window = createRateWindow({ now: () => nowMs }, 1000);
  assert.deepEqual([window.count('a'), window.count('a'), window.count('b')], [1, 2, 1]);
  nowMs = 999;
  assert.equal(window.count('a'), 3);
  nowMs = 1000;
  assert.equal(window.count('a'), 1);
});

test('remembers a bounded number of keys; the oldest goes first', () => {
  const window = createRateWindow({ now: () => 0 }, 1000, 2);
  for (const key of ['a', 'b', 'c']) window.count(key);
  assert.equal(window.count('b'), 2);
  assert.equal(window.count('a'), 1);
});
