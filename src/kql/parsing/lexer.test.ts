// Words, signs and literals of KQL, with their values and places.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KqlError } from '../problem.ts';
import { tokenize } from './lexer.ts';

/** Type and value of each literal, the text of all others. */
function seen(query: string): readonly unknown[] {
  return tokenize(query)
    .slice(0, -1)
    .map(({ text, type, value }) => (type === undefined ? text : [type, value]));
}

function problem(query: string): string {
  try {
    tokenize(query);
  } catch (error) {
    if (error instanceof KqlError) return error.problem.message;
    throw error;
  }
  return '';
}

const hour = 3_600_000;

test('reads whole numbers, real ones and hexadecimal ones', () => {
  assert.deepEqual(seen('5 0x1F 1.5 1. 1e3 2.5E-1 1e+2'), [
    ['long', 5],
    ['long', 31],
    ['real', 1.5],
    ['real', 1],
    ['real', 1000],
    ['real', 0.25],
    ['real', 100],
  ]);
  assert.deepEqual(seen('1..5'), [['long', 1], '..', ['long', 5]]);
  assert.match(problem('99999999999999999999'), /does not fit/);
});

test('reads times with their units', () => {
  const times = [
    ['1d', 24 * hour],
    ['1.5h', 1.5 * hour],
    ['5m', hour / 12],
    ['3minutes', hour / 20],
    ['10s', 10_000],
    ['7ms', 7],
    ['20microseconds', 0.02],
    ['1tick', 0.0001],
  ] as const;
  for (const [text, ms] of times) assert.deepEqual(seen(text), [['timespan', ms]], text);
});

test('a name may begin with digits', () => {
  assert.deepEqual(seen('3x 1week 0xZZ'), ['3x', '1week', '0xZZ']);
});

test('reads literals that name their type', () => {
  const literals = [
    ['datetime(2026-01-31)', 'datetime', Date.UTC(2026, 0, 31)],
    ['datetime("2026-01-31T13:00:00Z")', 'datetime', Date.UTC(2026, 0, 31, 13)],
    ['datetime(null)', 'datetime', null],
    ['time(1.02:03:04)', 'timespan', 26 * hour + 184_000],
    ['timespan(5m)', 'timespan', 300_000],
    ['long(null)', 'long', null],
    ['long(-5)', 'long', -5],
    ['int(0x10)', 'int', 16],
    ['real(nan)', 'real', NaN],
    ['real(-inf)', 'real', -Infinity],
    ['double(1)', 'real', 1],
    ['decimal(1.5)', 'decimal', 1.5],
    ['bool(true)', 'bool', true],
    ['TRUE', 'bool', true],
    ['guid(74BE27DE-1E4E-49D9-B579-FE0B331D3642)', 'guid', '74be27de-1e4e-49d9-b579-fe0b331d3642'],
    ['typeof(string)', 'string', undefined],
  ] as const;
  for (const [text, type, value] of literals) assert.deepEqual(seen(text), [[type, value]], text);
  for (const wrong of ['int(3000000000)', 'guid(x)', 'bool(perhaps)', 'long(1.5)', 'typeof(number)', 'datetime(']) {
    assert.notEqual(problem(wrong), '', wrong);
  }
});

test('reads strings of all forms', () => {
  const strings = [
    [`"a'b"`, "a'b"],
    [`'a"b'`, 'a"b'],
    [String.raw`"\t\n\\\"\x41\u65e5\U0001F600\101\a"`, '\t\n\\"A日😀A\u0007'],
    [String.raw`@"c:\x""y"`, String.raw`c:\x"y`],
    [String.raw`@'c:\x''y'`, String.raw`c:\x'y`],
    [`h"x"`, 'x'],
    [`H@'y'`, 'y'],
    ['```a\n"b"```', 'a\n"b"'],
    ['~~~a~~~', 'a'],
    ['h```a```', 'a'],
  ] as const;
  for (const [text, value] of strings) assert.deepEqual(seen(text), [['string', value]], text);
});

test('a string that does not end, or holds what is no escape, is a problem at its place', () => {
  for (const wrong of [
    '"a',
    "'a\n'",
    '@"a""',
    '```a``',
    String.raw`"\d"`,
    String.raw`"\u12"`,
    String.raw`"\U00110000"`,
    '"\\',
  ]) {
    assert.notEqual(problem(wrong), '', wrong);
  }
});

test('comments reach to the end of their line', () => {
  assert.deepEqual(seen('a // b | c\n| d //'), ['a', '|', 'd']);
});

test('operators that begin or end with a sign are one word', () => {
  assert.deepEqual(seen('a !in~ b in~ c !has d!=e =~f!~g'), ['a', '!in~', 'b', 'in~', 'c', '!has', 'd', '!=', 'e', '=~', 'f', '!~', 'g']); // prettier-ignore
});

test('tokens cover the text without overlapping', () => {
  const query = 'T | where a == "x" and b between (1d..datetime(2026-01-01)) // end';
  let at = 0;
  for (const { from, to } of tokenize(query)) {
    assert.ok(from >= at && to >= from);
    at = to;
  }
  assert.equal(at, query.length);
});
