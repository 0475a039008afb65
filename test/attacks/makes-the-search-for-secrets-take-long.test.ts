// A server writes a text on which patterns for secrets and addresses go round and round, so that nobody else is served.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRedaction } from '../../src/inspect/redaction/redaction.ts';
import { redactionSettings } from '../../src/inspect/redaction/settings.ts';
import { fill, longLooking } from '../support/long-looking-texts.ts';

const redaction = createRedaction(redactionSettings.parse({ contacts: 'redact' }));
const length = 65_536;

function msFor(act: () => void): number {
  const beforeMs = performance.now();
  act();
  return performance.now() - beforeMs;
}

test(`none of ${longLooking.length} such texts takes longer than others do`, () => {
  for (const piece of longLooking) {
    const text = fill(piece, length);
    // The best of three: something else on the machine may be in the way.
    let ms = Infinity;
    for (let round = 0; round < 3 && ms > 500; round++)
      ms = Math.min(
        ms,
        msFor(() => redaction.find(text)),
      );
    assert.ok(ms < 500, `${JSON.stringify(piece.slice(0, 40))}: ${Math.round(ms)} ms`);
  }
});

test('control: an ordinary pattern takes far more than four times as long for a text four times as long', () => {
  const ordinary = /[\w.+-]+@[\w-]+\.[\w.]+/;
  const best = (size: number): number => {
    const text = fill('a', size);
    return Math.min(...[0, 1, 2].map(() => msFor(() => ordinary.test(text))));
  };
  best(2_048);
  assert.ok(best(16_384) > 4 * best(4_096));
});
