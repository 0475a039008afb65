// Our type checker beside Kusto's own, on every golden expression: the same type, and problems where it has problems.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { goldenFiles, groupsIn } from '../support/kql-golden.ts';
import { typeByOracle } from '../support/kql-type-oracle.ts';

const cases = goldenFiles('kql-expressions').flatMap(({ path }) =>
  groupsIn(readFileSync(path, 'utf8')).flatMap(({ lines }) =>
    lines.map((line) => {
      const [expression, expected] = line.split(' => ') as [string, string];
      return { expression, expected };
    }),
  ),
);
const right = cases.filter(({ expected }) => !expected.startsWith('!'));
const wrong = cases.filter(({ expected }) => /^! (?:type|unknown)/.test(expected));

/** What we take and the language service would not. */
const takenByUsOnly: readonly { readonly pattern: RegExp; readonly because: string }[] = [
  { pattern: /^array_length\(dynamic\({}/, because: 'what a dynamic constant holds is looked at when it is used' },
  { pattern: /^bag_keys\(dynamic\(\[\]/, because: 'what a dynamic constant holds is looked at when it is used' },
  { pattern: /^dynamic\({'a': 1}\)\[0\]/, because: 'what a dynamic constant holds is looked at when it is used' },
  { pattern: /^make_timespan\(.*55\.123/, because: 'its documentation gives seconds with a fraction' },
];
/** What the language service takes and we do not. */
const takenByKustoOnly: readonly { readonly pattern: RegExp; readonly because: string }[] = [
  {
    pattern: /^datetime.*\+ datetime/,
    because: 'documentation of arithmetic: "subtract (but not add) two datetime values"',
  },
  {
    pattern: /^dynamic\('2020-01-01'\) \+/,
    because: 'times in dynamic values are texts here; a cast says what is meant',
  },
  {
    pattern: /^(?:datetime\(.*|1d) == (?:'|1)/,
    because: 'the service itself refuses: "Cannot compare values of types"',
  },
  { pattern: /^extract_json\('name'/, because: 'a path that is none finds nothing in any row' },
  { pattern: /'cubic'|'yyyy Q'/, because: 'words that are none of those documented' },
  { pattern: /^(?:extract|extract_all)\(|matches regex/, because: 'regular expressions are read before any row is' },
];

test('gives the types that Kusto gives', () => {
  const differing = right.flatMap(({ expression, expected }) => {
    const ours = expected.split(' ')[0]!;
    const { type } = typeByOracle(expression);
    return type === ours ? [] : [`${expression}: ${ours}, Kusto: ${type}`];
  });
  assert.deepEqual(differing, []);
});

test('takes what Kusto takes', () => {
  const refused = right.flatMap(({ expression }) => {
    const { problems } = typeByOracle(expression);
    if (problems.length === 0 || takenByUsOnly.some(({ pattern }) => pattern.test(expression))) return [];
    return [`${expression}: ${problems.join('; ')}`];
  });
  assert.deepEqual(refused, []);
});

test('refuses what Kusto refuses', () => {
  const taken = wrong.flatMap(({ expression }) => {
    if (typeByOracle(expression).problems.length > 0) return [];
    return takenByKustoOnly.some(({ pattern }) => pattern.test(expression)) ? [] : [expression];
  });
  assert.deepEqual(taken, []);
});

test('every difference that is allowed for is one', () => {
  for (const { pattern } of takenByUsOnly)
    assert.ok(
      right.some(({ expression }) => pattern.test(expression)),
      String(pattern),
    );
  for (const { pattern } of takenByKustoOnly)
    assert.ok(
      wrong.some(({ expression }) => pattern.test(expression)),
      String(pattern),
    );
});
