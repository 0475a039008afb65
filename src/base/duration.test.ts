// Tests of durations: both ways of writing them, and what is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, parseDuration } from './duration.ts';

test('reads durations of ISO 8601 and short ones', () => {
  const hour = 3_600_000;
  for (const [text, ms] of [
    ['PT8H', 8 * hour],
    ['PT4H', 4 * hour],
    ['P1DT30M', 24.5 * hour],
    ['P2W', 14 * 24 * hour],
    ['90d', 90 * 24 * hour],
    ['15m', hour / 4],
    ['1s', 1000],
  ] as const)
    assert.equal(parseDuration(text), ms, text);
});

test('years, months, signs, fractions, nothing at all and far too much are no duration', () => {
  for (const text of ['', 'P', 'PT', 'P1Y', 'P1M', '-PT1H', 'PT0.5H', 'PT0S', '0d', '90', 'd', '90D', 'P1DT', '99999d'])
    assert.equal(parseDuration(text), undefined, text);
});

test('writes what it reads', () => {
  for (const text of ['PT8H', 'P90D', 'P1DT30M', 'PT1H30M5S']) assert.equal(formatDuration(parseDuration(text)!), text);
  assert.equal(formatDuration(999), 'PT0S');
});
