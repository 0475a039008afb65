// Tests of texts that others wrote.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneLine, onOneLine } from './one-line.ts';

test('keeps a short line as it is, in any language', () => {
  for (const text of ['it exited with code 7', '接続できません', '연결할 수 없습니다 👋'])
    assert.equal(oneLine(text), text);
});

test('cuts what is long, and never in the middle of a character', () => {
  assert.equal(oneLine('x'.repeat(10_000_000)).length, 300);
  assert.ok(oneLine('👋'.repeat(1000)).isWellFormed());
  assert.ok(oneLine(`x${'👋'.repeat(1000)}`).isWellFormed());
});

test('leaves nothing that acts on a terminal or changes how the line reads', () => {
  assert.equal(oneLine('\u001b[2J\u0007 a\nb\u2028c\u202ed\r\n'), ' [2J  a b c d');
});

test('puts the whole of a text on one line, without what cannot be seen', () => {
  assert.equal(onOneLine(`a\nb\u202ec\u200bd\u2066${'e'.repeat(1000)}`), `a bcd${'e'.repeat(1000)}`);
});
