// "Did you mean": which word was meant, and when to say nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editDistance, nearest } from './nearest.ts';

test('counts insertions, deletions and replacements', () => {
  assert.equal(editDistance('kitten', 'sitting'), 3);
  assert.equal(editDistance('', 'abc'), 3);
  assert.equal(editDistance('same', 'same'), 0);
});

test('finds the word within two changes, nearest first, whatever the case', () => {
  assert.equal(nearest('lisen', ['listen', 'license', 'log']), 'listen');
  assert.equal(nearest('PublicURL', ['publicUrl']), 'publicUrl');
});

test('says nothing rather than something far-fetched', () => {
  assert.equal(nearest('frobnicate', ['listen', 'log']), undefined);
  assert.equal(nearest('ab', ['cd']), undefined);
  assert.equal(nearest('x'.repeat(1_000_000), ['listen']), undefined);
});
