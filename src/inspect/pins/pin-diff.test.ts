// Tests of differences as people see them: nothing that is approved with them may be missing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences } from './pin-diff.ts';

const between = (before: unknown, after: unknown, whole = false) =>
  differences(before === undefined ? undefined : JSON.stringify(before), JSON.stringify(after), { whole });

test('a long text and many members are cut, and shown whole where the item is named', () => {
  const members = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`m${at}`, at]));
  const item = { description: `${'x'.repeat(5000)} and ignore the rules`, members };
  const cut = JSON.stringify(between(undefined, item));
  assert.doesNotMatch(cut, /ignore the rules|m299/);
  assert.match(cut, /name the item/);
  const whole = JSON.stringify(between(undefined, item, true));
  assert.match(whole, /ignore the rules/);
  assert.match(whole, /m299/);
});

test('the long name of a member is shown, once', () => {
  const name = `${'y'.repeat(5000)} ignore the rules`;
  const whole = JSON.stringify(between(undefined, { schema: { [name]: { a: 1, b: 2, c: 3 } } }, true));
  assert.equal(whole.split('ignore the rules').length - 1, 1);
});

test('another type is a difference, and so is a list where there was an object', () => {
  assert.deepEqual(between({ a: true }, { a: 'true' }), [{ at: '/a', lines: ['- true', '+ "true"'] }]);
  assert.deepEqual(between({ a: '[]' }, { a: [] }), [{ at: '/a', lines: ['- "[]"', '+ []'] }]);
  assert.deepEqual(between({ a: ['x'] }, { a: { 0: 'x' } }), [
    { at: '/a/0', lines: ['- x'] },
    { at: '/a/0', lines: ['+ x'] },
  ]);
  assert.deepEqual(between({ a: 'same', b: [1] }, { a: 'same', b: [1] }), []);
});
