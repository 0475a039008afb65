// Tests of the wildcard.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileWildcard, foldCase, wildcardsMeet } from './wildcard.ts';

const matches = (pattern: string, text: string): boolean => compileWildcard(pattern)(text);

test('a star stands for any characters, none and slashes included', () => {
  const cases: [string, string, boolean][] = [
    ['*', '', true],
    ['*', 'a/b', true],
    ['*/read', 'a/b/read', true],
    ['*/read', 'read', false],
    ['*/read', 'a/reader', false],
    ['a/*', 'a/', true],
    ['a/*', 'a', false],
    ['a/*/c', 'a/b/b/c', true],
    ['a/*/c', 'a/c', false],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'axbxc', true],
    ['a*b*c', 'acb', false],
    ['aa*aa', 'aaa', false],
    ['aa*aa', 'aaaa', true],
    ['a**b', 'ab', true],
    ['a*b*b', 'ab', false],
    ['exact', 'exact', true],
    ['exact', 'exactly', false],
    ['a.c', 'abc', false],
    ['[a]+', '[a]+', true],
  ];
  for (const [pattern, text, expected] of cases)
    assert.equal(matches(pattern, text), expected, `${pattern} on ${text}`);
});

test('agrees with a regular expression on every short pattern and text', () => {
  const words = (letters: string, length: number): string[] =>
    length === 0
      ? ['']
      : words(letters, length - 1).flatMap((word) => [word, ...[...letters].map((letter) => word + letter)]);
  const patterns = new Set(words('ab*', 4));
  const texts = new Set(words('ab', 5));
  for (const pattern of patterns) {
    const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
    for (const text of texts) assert.equal(matches(pattern, text), expression.test(text), `${pattern} on ${text}`);
  }
});

test('two patterns meet exactly when some text matches both', () => {
  assert.ok(wildcardsMeet('dev-*', '*-web'));
  assert.ok(wildcardsMeet('dev-*', 'dev-web'));
  assert.ok(wildcardsMeet('a*b', 'ab*b'));
  assert.ok(!wildcardsMeet('dev-*', 'prod-*'));
  assert.ok(!wildcardsMeet('*-web', '*-db'));
  assert.ok(!wildcardsMeet('dev-*', 'prod-web'));
});

test('a pattern of many stars costs no more than its length allows', () => {
  const started = performance.now();
  assert.ok(!matches(`${'a*'.repeat(200)}b`, 'a'.repeat(100_000)));
  assert.ok(performance.now() - started < 5000);
});

test('case is folded for the Latin alphabet of ASCII alone', () => {
  assert.equal(foldCase('DEV-Web'), 'dev-web');
  assert.equal(foldCase('\u212Aube'), '\u212Aube');
  assert.equal(foldCase('İ-DEV'), 'İ-dev');
});
