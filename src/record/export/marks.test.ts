// Marks: few, and never far from where somebody has to go back to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Mark } from './marks.ts';
import { withMark } from './marks.ts';

test('however far a sink has got, marks are few, and there is one no further back than twice as far as needed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 400 }),
      fc.nat(),
      (steps, seed) => {
        let marks: readonly Mark[] = [];
        let [index, longest] = [-1, 0];
        for (const step of steps) {
          index += step;
          longest = Math.max(longest, step);
          marks = withMark(marks, { index, eventId: `e${index}` });
        }
        assert.ok(marks.length <= 2 + 2 * Math.ceil(Math.log2(index + 2)), String(marks.length));
        assert.deepEqual(
          marks,
          marks.toSorted((a, b) => a.index - b.index),
        );
        assert.equal(marks.at(-1)!.index, index);
        const fork = Math.max(marks[0]!.index, seed % (index + 1));
        const from = marks.findLast((mark) => mark.index <= fork)!;
        assert.ok(index - from.index <= 2 * (index - fork) + 2 * longest, `${index} ${fork} ${from.index}`);
      },
    ),
    { numRuns: 300 },
  );
});

test('what is marked anew is not marked twice, and what lies after it no more', () => {
  const marks = [3, 7, 9].map((index) => ({ index, eventId: `old${index}` }));
  assert.deepEqual(withMark(marks, { index: 7, eventId: 'new' }), [marks[0], { index: 7, eventId: 'new' }]);
});
