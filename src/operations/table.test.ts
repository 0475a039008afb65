// Tables that stay aligned whatever stands in them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayWidth } from '../base/display-width.ts';
import { fields, table } from './table.ts';

test('aligns columns where characters are two columns wide', () => {
  const drawn = table(
    [
      { name: '玄関', count: 1 },
      { name: 'door', count: 22 },
    ],
    { name: ({ name }) => name, count: ({ count }) => String(count) },
  );
  assert.equal(drawn, ['NAME  COUNT', '玄関  1', 'door  22'].join('\n'));
});

test('leaves out columns without content, and says when there is nothing', () => {
  assert.equal(table([{ a: 'x', b: '' }], { a: ({ a }) => a, b: ({ b }) => b }), 'A\nx');
  assert.equal(table([], {}), 'none');
});

test('keeps a row on one line and free of control characters', () => {
  assert.equal(table([{ a: 'x\ny\u001b[2Jz\u202e' }], { a: ({ a }) => a }), 'A\nx y [2Jz');
  assert.equal(
    table([{ a: 'ad\u200bmin' }], { a: ({ a }) => a }),
    'A\nad min',
    'who is not admin does not look like it',
  );
  assert.equal(fields({ a: 'x'.repeat(1000) }).length, 1003, 'and nothing is cut off');
});

test('draws the fields of an object, with lists below their name', () => {
  assert.equal(
    fields({ name: 'x', actions: ['a', 'b'], notActions: [] }),
    'name        x\nactions\n  a\n  b\nnotActions  none',
  );
});

test('measures combining and wide characters', () => {
  assert.deepEqual(['a', 'é', 'e\u0301', '漢', '한', '🚪', ''].map(displayWidth), [1, 1, 1, 2, 2, 2, 0]);
});
