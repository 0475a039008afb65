// Properties of conditions: what is printed is read as the same tree, and no text and no call makes them fail.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GenkanError } from '../../base/errors.ts';
import { attributeNames } from './attributes.ts';
import { CallCircumstances } from './call-circumstances.ts';
import { compileCondition } from './compile.ts';
import type { Circumstances } from './condition.ts';
import { asMoment, momentAt, operatorNames, quantifiers } from './operators.ts';
import { parse } from './parse.ts';
import { print } from './syntax.ts';
import type { Expression } from './syntax.ts';

const withoutPlaces = (tree: unknown): unknown =>
  JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'at' ? undefined : value)));

const text = fc.string({ maxLength: 12, unit: 'binary' }).map((each) => each.replaceAll(/['\0-\x1f\x7f]/g, ''));
const literal = fc.oneof(
  text.map((value) => ({ type: 'text' as const, value, at: 0 })),
  fc.maxSafeInteger().map((value) => ({ type: 'number' as const, value, at: 0 })),
  fc.boolean().map((value) => ({ type: 'boolean' as const, value, at: 0 })),
);
const source = fc.constantFrom('Request', 'Resource', 'Principal', 'Environment');
const attribute = source.chain((from) =>
  fc.constantFrom(...attributeNames(from)).map((name) => ({ kind: 'attribute' as const, source: from, name, at: 0 })),
);
const values = fc.oneof(
  literal.map((value) => ({ kind: 'values' as const, isList: false, values: [value], at: 0 })),
  fc
    .array(literal, { minLength: 1, maxLength: 4 })
    .map((many) => ({ kind: 'values' as const, isList: true, values: many, at: 0 })),
);
const operand = fc.oneof(attribute, values);
const pattern = fc.stringMatching(/^[!-&(-~]{1,12}$/);
const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      kind: fc.constant('compare' as const),
      left: operand,
      quantifier: fc.option(fc.constantFrom(...quantifiers), { nil: undefined }),
      operator: fc.constantFrom(...operatorNames),
      right: operand,
      at: fc.constant(0),
    }),
    fc.record({ kind: fc.constantFrom('action', 'suboperation'), pattern }),
    fc.record({ kind: fc.constant('exists' as const), attribute }),
    fc.record({ kind: fc.constant('not' as const), operand: tie('tree') }),
    fc.record({
      kind: fc.constantFrom('and', 'or'),
      operands: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
    }),
  ),
}));

test('what is printed is read as the same condition', () => {
  fc.assert(
    fc.property(tree, (written) => {
      assert.deepEqual(withoutPlaces(parse(print(written))), withoutPlaces(written));
    }),
    { numRuns: 300 },
  );
});

const word = fc.constantFrom(
  ...[
    '(',
    ')',
    '{',
    '}',
    ',',
    '!',
    'NOT',
    'AND',
    'OR',
    '&&',
    '||',
    "'a*'",
    '12',
    '-1',
    'true',
    'Exists',
    "ActionMatches{'*'}",
  ],
  ...operatorNames,
  ...quantifiers.map((each) => `${each}:StringEquals`),
  '@Request[genkan:arguments/a]',
  '@Request[genkan:location]',
  '@Principal[genkan:groups]',
  '@Environment[utcNow]',
  'b24988ac-6180-42a0-ab88-20f7382dd24c',
  '@Request[',
  "'",
  '\u00a0',
);
const texts = fc.oneof(
  fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
  fc.string({ maxLength: 200, unit: 'binary' }),
  tree.map(print),
);
const sent = fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.jsonValue({ maxDepth: 2 }));

test('no text and no call makes a condition crash, and it holds only where it is told to', () => {
  fc.assert(
    fc.property(texts, sent, (written, args) => {
      let condition;
      try {
        condition = compileCondition(written);
      } catch (error) {
        assert.ok(error instanceof GenkanError && error.code === 'access_condition_invalid', String(error));
        return;
      }
      const call: Circumstances = {
        principal: { id: 'idp#dana', kind: 'user', name: 'dana', groups: [] },
        request: { server: 's', primitive: 'tools', name: 't', arguments: args },
        requirement: { action: 'a', data: false, scope: '/' },
        attributes: args as never,
        nowMs: 0,
      };
      const found = condition.judge(call);
      assert.equal(condition.holds(call), found === true);
      assert.equal(compileCondition(condition.canonical).judge(call), found);
      const opposite = compileCondition(`NOT (${condition.canonical})`).judge(call);
      assert.equal(opposite, found === undefined ? undefined : !found);
    }),
    { numRuns: 1000 },
  );
});

test('an instant is the moment that its text is read as', () => {
  const most = 8.64e15;
  fc.assert(
    fc.property(fc.integer({ min: -most, max: most }), (atMs) => {
      for (const each of [atMs, atMs % 1e14, atMs])
        assert.equal(momentAt(each), asMoment(new Date(each).toISOString()));
    }),
  );
});

test('a caller whose groups are disputed is judged by the arguments as well', () => {
  const { judge } = compileCondition("@Request[genkan:location] StringEquals 'japaneast'");
  const principal = {
    id: 'dana',
    kind: 'user' as const,
    name: 'dana',
    groups: [],
    disputedGroups: { both: [], either: ['dev-team'] },
  };
  const request = { server: 'azure', primitive: 'tools' as const, name: 'make', arguments: {} };
  const requirement = { action: 'A/b/write', data: false, scope: '/' };
  for (const [location, expected] of [
    ['japaneast', true],
    ['westeurope', false],
  ] as const) {
    const call = { principal, request, nowMs: 0, attributes: () => ({ location }) };
    assert.equal(judge(new CallCircumstances(call, requirement)), expected);
  }
});
