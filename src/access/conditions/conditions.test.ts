// Golden tests of conditions: what is read, what is refused and where, and what holds, fails or cannot be told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GenkanError } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import { compileCondition } from './compile.ts';
import type { Truth } from './comparison.ts';
import type { Attributes, Circumstances } from './condition.ts';

const group = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/dev-web';

interface Case {
  readonly args?: Record<string, unknown>;
  readonly attributes?: Attributes;
  readonly action?: string;
  readonly scope?: string;
  readonly principal?: Partial<Principal>;
  readonly sourceIP?: string;
  readonly now?: string;
}

function circumstances(given: Case): Circumstances {
  return {
    principal: { id: 'idp#dana', kind: 'user', name: 'dana', groups: ['dev-team'], ...given.principal },
    request: {
      server: 'azure',
      primitive: 'tools',
      name: 'compute_vm_create',
      arguments: given.args ?? {},
      ...(given.sourceIP !== undefined && { sourceIP: given.sourceIP }),
    },
    requirement: {
      action: given.action ?? 'Microsoft.Compute/virtualMachines/write',
      data: false,
      scope: given.scope ?? `${group}/providers/Microsoft.Compute/virtualMachines/web-1`,
    },
    attributes: given.attributes ?? {},
    nowMs: Date.parse(given.now ?? '2026-11-21T09:00:00Z'),
  };
}

const blobRead = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read';
const container = (name: string): string =>
  `${group}/providers/Microsoft.Storage/storageAccounts/data/blobServices/default/containers/${name}`;
const blobInContainer = `((!(ActionMatches{'${blobRead}'})) OR (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'blobs-example-container'))`;
const listedPrefix = `((!(ActionMatches{'${blobRead}'} AND SubOperationMatches{'Blob.List'})) OR (@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'data'))`;
const [a, b] = ["@Request[genkan:arguments/a] StringEquals 'x'", "@Request[genkan:arguments/b] StringEquals 'x'"];
const [yes, no, unknown] = [{ args: { a: 'x' } }, { args: { a: 'y' } }, {}];

const evaluated: readonly (readonly [condition: string, given: Case, expected: Truth])[] = [
  // Azure's own: an action that is not spoken of is not restricted.
  [blobInContainer, { action: blobRead, scope: container('blobs-example-container') }, true],
  [blobInContainer, { action: blobRead, scope: container('other') }, false],
  [
    blobInContainer,
    { action: blobRead, scope: `${group}/providers/Microsoft.Storage/storageAccounts/data` },
    undefined,
  ],
  [blobInContainer, { action: 'Microsoft.Storage/storageAccounts/read', scope: group }, true],
  // A suboperation cannot be seen: the condition is taken to apply, never to be met by that.
  [listedPrefix, { action: blobRead, scope: container('x') }, true],
  [listedPrefix, { action: blobRead, scope: container('x').replace('/data/', '/other/') }, undefined],
  [listedPrefix, { action: 'Microsoft.Storage/storageAccounts/write', scope: group }, true],
  [
    "ActionMatches{'Microsoft.Authorization/roleAssignments/*'}",
    { action: 'Microsoft.Authorization/roleAssignments/write' },
    true,
  ],
  [
    "ActionMatches{'Microsoft.Authorization/roleDefinitions/*'}",
    { action: 'Microsoft.Authorization/roleAssignments/write' },
    false,
  ],
  ["ActionMatches{'microsoft.compute/VIRTUALMACHINES/*'}", {}, true],
  // Operators on lists, as Azure's examples give them.
  ["{'red', 'blue'} ForAnyOfAnyValues:StringEquals {'blue', 'green'}", {}, true],
  ["{'red', 'blue'} ForAnyOfAnyValues:StringEquals {'orange', 'green'}", {}, false],
  ["{'red', 'blue'} ForAllOfAnyValues:StringEquals {'orange', 'red', 'blue'}", {}, true],
  ["{'red', 'blue'} ForAllOfAnyValues:StringEquals {'red', 'green'}", {}, false],
  ['{10, 20} ForAnyOfAllValues:NumericLessThan {15, 18}', {}, true],
  ['{10, 20} ForAllOfAllValues:NumericLessThan {5, 15, 18}', {}, false],
  ['{10, 20} ForAllOfAllValues:NumericLessThan {25, 30}', {}, true],
  ['{10, 20} ForAllOfAllValues:NumericLessThan {15, 25, 30}', {}, false],
  ["{'red'} ForAllOfAllValues:StringNotEquals {'blue', 'green'}", {}, true],
  ["{'red', 'blue'} ForAllOfAllValues:StringNotEquals {'blue', 'green'}", {}, false],
  ["{'red', 'blue'} ForAnyOfAllValues:StringNotEquals {'blue', 'green'}", {}, true],
  ["{'blue'} ForAnyOfAnyValues:StringNotEquals {'blue', 'green'}", {}, true],
  ["{'Blue'} ForAnyOfAnyValues:StringLikeIgnoreCase {'b*', 'c*'}", {}, true],
  [
    '{5e467623-bb1f-42f4-a55d-6e525e11384b} ForAnyOfAnyValues:GuidEquals {acdd72a7-3385-48ef-bd42-f606fba81ae7, 5E467623-BB1F-42F4-A55D-6E525E11384B}',
    {},
    true,
  ],
  [
    '{acdd72a7-3385-48ef-bd42-f606fba81ae7} ForAllOfAllValues:GuidNotEquals {acdd72a7-3385-48ef-bd42-f606fba81ae7}',
    {},
    false,
  ],
  // Texts.
  ["'abcd' StringLike 'a*c?'", {}, true],
  ["'abcd' StringLike 'A*C?'", {}, false],
  ["'abcd' StringLike 'a*c'", {}, false],
  ["'ABCD' StringLikeIgnoreCase 'a*c?'", {}, true],
  ["'a*c' StringLike 'a\\*c'", {}, true],
  ["'abc' StringLike 'a\\*c'", {}, false],
  ["'a?' StringLike 'a\\?'", {}, true],
  ["'readonly/x/y' StringLike 'readonly/*'", {}, true],
  ["'x' StringNotLike 'y*'", {}, true],
  ["'Cascade' StringEquals 'cascade'", {}, false],
  ["'Cascade' StringEqualsIgnoreCase 'cascade'", {}, true],
  ["'Cascade' StringNotEquals 'cascade'", {}, true],
  ["'Cascade' StringNotEqualsIgnoreCase 'cascade'", {}, false],
  ["'prod-web' StringStartsWith 'prod-'", {}, true],
  ["'Prod-web' StringStartsWith 'prod-'", {}, false],
  ["'Prod-web' StringStartsWithIgnoreCase 'prod-'", {}, true],
  ["'dev' StringNotStartsWith 'prod-'", {}, true],
  ["'Ä' StringEqualsIgnoreCase 'ä'", {}, true],
  ["'\u212a' StringEqualsIgnoreCase 'k'", {}, false],
  // Numbers, moments, switches, addresses.
  ['@Request[genkan:arguments/size] NumericLessThanEquals 100', { args: { size: 100 } }, true],
  ['@Request[genkan:arguments/size] NumericLessThanEquals 100', { args: { size: 100.5 } }, false],
  ['@Request[genkan:arguments/size] NumericLessThanEquals 100', { args: { size: '100' } }, undefined],
  ['@Request[genkan:count] NumericGreaterThan -1', { attributes: { count: 3 } }, true],
  ['@Request[genkan:count] NumericNotEquals 3', { attributes: { count: 3 } }, false],
  ["@Environment[UtcNow] DateTimeGreaterThan '2023-05-01T13:00:00.0Z'", {}, true],
  ["@Environment[utcNow] DateTimeLessThan '2026-11-21T09:00:00.0000001Z'", {}, true],
  ["@Environment[utcNow] DateTimeEquals '2026-11-21T09:00:00Z'", {}, true],
  ["@Environment[utcNow] DateTimeGreaterThanEquals '2026-11-21T09:00:00.0000001Z'", {}, false],
  ['@Request[genkan:publicIp] BoolEquals true', { attributes: { publicIp: true } }, true],
  ['@Request[genkan:publicIp] BoolNotEquals true', { attributes: { publicIp: true } }, false],
  ["@Environment[genkan:sourceIP] IpMatch '203.0.113.0/24'", { sourceIP: '203.0.113.9' }, true],
  ["@Environment[genkan:sourceIP] IpMatch '203.0.113.0/24'", { sourceIP: '::ffff:203.0.113.9' }, true],
  ["@Environment[genkan:sourceIP] IpNotMatch '203.0.113.0/24'", { sourceIP: '198.51.100.1' }, true],
  [
    "@Environment[genkan:sourceIP] ForAnyOfAnyValues:IpMatch {'10.0.0.0/8', '2001:db8::/32'}",
    { sourceIP: '2001:db8::7' },
    true,
  ],
  ["@Environment[genkan:sourceIP] IpMatch '203.0.113.0/24'", {}, undefined],
  ["@Request[genkan:sourcePrefix] IpMatch '10.0.0.0/8'", { attributes: { sourcePrefix: '10.1.0.0/16' } }, true],
  ["@Request[genkan:sourcePrefix] IpMatch '10.0.0.0/8'", { attributes: { sourcePrefix: '0.0.0.0/0' } }, false],
  ["@Request[genkan:sourcePrefix] IpMatch '0.0.0.0/0'", { attributes: { sourcePrefix: '*' } }, false],
  ["@Request[genkan:sourcePrefix] IpMatch '10.0.0.0/8'", { attributes: { sourcePrefix: 'AzureCloud' } }, undefined],
  // Who and where.
  ["@Principal[genkan:groups] ForAnyOfAnyValues:StringEquals {'dev-team'}", {}, true],
  ["@Principal[genkan:groups] ForAnyOfAnyValues:StringEquals {'ops'}", {}, false],
  ["@Principal[genkan:groups] ForAnyOfAnyValues:StringEquals {'ops'}", { principal: { groups: [] } }, false],
  ["NOT @Principal[genkan:groups] ForAnyOfAnyValues:StringEquals {'ops'}", { principal: { groups: [] } }, true],
  ["@Principal[genkan:groups] ForAllOfAnyValues:StringEquals {'ops'}", { principal: { groups: [] } }, undefined],
  ["'c1' ForAnyOfAnyValues:StringEquals @Principal[genkan:contexts]", {}, false],
  ["'c1' ForAnyOfAllValues:StringEquals @Principal[genkan:contexts]", {}, undefined],
  [
    "@Principal[genkan:groups] ForAnyOfAnyValues:StringEquals {'ops'}",
    { principal: { disputedGroups: { either: ['ops'], both: [] } } },
    undefined,
  ],
  ["@Principal[genkan:contexts] ForAnyOfAnyValues:StringEquals {'c1'}", { principal: { contexts: ['c1'] } }, true],
  ['@Principal[genkan:agent] BoolEquals true', { principal: { kind: 'application' } }, true],
  ['@Principal[genkan:agent] BoolEquals true', { principal: { actors: ['copilot'] } }, true],
  ['@Principal[genkan:agent] BoolEquals true', {}, false],
  ['@Principal[genkan:id] StringEquals @Request[genkan:arguments/owner]', { args: { owner: 'idp#dana' } }, true],
  ["@Resource[Microsoft.Resources/subscriptions/resourceGroups:name] StringLikeIgnoreCase 'DEV-*'", {}, true],
  [
    "@Resource[genkan:scope] StringStartsWithIgnoreCase '/subscriptions/00000000-0000-0000-0000-000000000001/'",
    {},
    true,
  ],
  [
    "@Request[genkan:tags/Environment] StringEquals 'prod'",
    { attributes: { tags: ['owner=x', 'environment=prod'] } },
    true,
  ],
  ["@Request[genkan:tags/env] StringEquals 'prod'", { attributes: { tags: ['environment=prod'] } }, undefined],
  // What a call does not show, and how it is joined.
  ['Exists @Request[genkan:location]', { attributes: { location: 'japaneast' } }, true],
  ['NOT Exists @Request[genkan:location]', {}, true],
  ['Exists @Request[genkan:arguments/a]', { args: { a: null } }, false],
  ['Exists @Request[genkan:arguments/a]', { args: { a: [] } }, false],
  ['Exists @Request[genkan:arguments/constructor]', {}, false],
  ['Exists @Request[genkan:arguments/__proto__]', {}, false],
  [a, { args: { A: 'x' } }, undefined],
  [a, { args: { a: ['x'] } }, undefined],
  [a, { args: { a: { x: 'x' } } }, undefined],
  ["@Request[genkan:arguments/a] ForAllOfAnyValues:StringEquals {'x', 'y'}", { args: { a: ['x', 'y'] } }, true],
  ["@Request[genkan:arguments/a] ForAllOfAnyValues:StringEquals {'x', 'y'}", { args: { a: [] } }, undefined],
  ["@Request[genkan:arguments/a] ForAllOfAnyValues:StringEquals {'x', 'y'}", { args: { a: ['x', 1] } }, undefined],
  ["@Request[genkan:arguments/a] StringNotEquals 'x'", unknown, undefined],
  [`NOT ${a}`, yes, false],
  [`NOT ${a}`, no, true],
  [`!(${a})`, unknown, undefined],
  [`${a} AND ${b}`, { args: { a: 'x', b: 'x' } }, true],
  [`${a} && ${b}`, { args: { a: 'x' } }, undefined],
  [`${a} AND ${b}`, { args: { b: 'y' } }, false],
  [`${a} OR ${b}`, { args: { b: 'x' } }, true],
  [`${a} || ${b}`, { args: { b: 'y' } }, undefined],
  [`${a} OR ${b}`, { args: { a: 'y', b: 'y' } }, false],
  [`(${a} AND ${b}) OR ActionMatches{'*'}`, unknown, true],
];

test('conditions hold, fail or cannot be told', () => {
  for (const [text, given, expected] of evaluated) {
    const condition = compileCondition(text);
    assert.equal(condition.judge(circumstances(given)), expected, `${text} ${JSON.stringify(given)}`);
    assert.equal(condition.holds(circumstances(given)), expected === true);
  }
});

const deep = `${'('.repeat(32)}ActionMatches{'*'}${')'.repeat(32)}`;
const refused: readonly (readonly [
  condition: string,
  line: number,
  column: number,
  expected: RegExp,
  found: string,
])[] = [
  ['', 1, 1, /^\(, !, ActionMatches/, 'the end of the condition'],
  ["ActionMatches{'a'} ActionMatches{'b'}", 1, 20, /^AND, OR or the end/, 'ActionMatches'],
  ["(ActionMatches{'a'}", 1, 20, /^\) or AND or OR$/, 'the end of the condition'],
  ["ActionMatches{'a', 'b'}", 1, 18, /^}$/, ','],
  ['ActionMatches{}', 1, 15, /a pattern in quotes/, '}'],
  ["ActionMatch{'a'}", 1, 1, /did you mean ActionMatches\?/, 'ActionMatch'],
  ["not ActionMatches{'a'}", 1, 1, /did you mean NOT\?/, 'not'],
  [`${a}\n AND ${b}\n OR ${b}`, 3, 2, /parentheses around what belongs together/, 'OR'],
  ["@Request[genkan:loction] StringEquals 'x'", 1, 1, /did you mean genkan:location\?/, 'genkan:loction'],
  ["@Request[genkan:nothing] StringEquals 'x'", 1, 1, /genkan:arguments\/NAME/, 'genkan:nothing'],
  ["@Resource[genkan:location] StringEquals 'x'", 1, 1, /one of genkan:scope/, 'genkan:location'],
  ["@Requst[genkan:location] StringEquals 'x'", 1, 1, /^Request$/, '@Requst[genkan:location]'],
  ['@Environment[isPrivateLink] BoolEquals true', 1, 1, /one of utcNow, genkan:sourceIP/, 'isPrivateLink'],
  ["@Request[genkan:sku] StringEqual 'x'", 1, 22, /^StringEquals$/, 'StringEqual'],
  [
    "@Request[genkan:sku] ForAnyOfAnyValue:StringEquals {'x'}",
    1,
    22,
    /^ForAnyOfAnyValues$/,
    'ForAnyOfAnyValue:StringEquals',
  ],
  ["@Request[genkan:sku] StringEquals {'x'}", 1, 35, /^ForAnyOfAnyValues:StringEquals before a list/, '{'],
  [
    "@Request[genkan:sku] ForAnyOfAnyValues:StringStartsWith {'x'}",
    1,
    22,
    /^StringStartsWith alone/,
    'ForAnyOfAnyValues:StringStartsWith',
  ],
  ["@Principal[genkan:groups] StringEquals 'x'", 1, 27, /has several values/, 'StringEquals'],
  ["@Request[genkan:publicIp] StringEquals 'true'", 1, 27, /BoolEquals, BoolNotEquals/, 'StringEquals'],
  ["@Request[genkan:publicIp] BoolEquals 'true'", 1, 38, /^true or false$/, 'true'],
  ["@Request[genkan:count] NumericEquals '1'", 1, 38, /^a whole number/, '1'],
  ['@Request[genkan:count] NumericEquals 1.5', 1, 38, /^a whole number or a GUID$/, '1.5'],
  ['@Request[genkan:arguments/a] StringEquals x', 1, 43, /^a value/, 'x'],
  ["@Environment[utcNow] DateTimeLessThan '2026-02-30T00:00:00Z'", 1, 39, /^a moment such as/, '2026-02-30T00:00:00Z'],
  ["@Environment[genkan:sourceIP] IpMatch '10.0.0.0/33'", 1, 39, /^an address or a prefix/, '10.0.0.0/33'],
  ["@Request[genkan:arguments/id] GuidEquals 'x'", 1, 42, /^a GUID/, 'x'],
  ["'a' StringLike @Request[genkan:arguments/a]", 1, 16, /callers may not choose it/, '@Request'],
  ["@Request[genkan:location] StringEquals 'JapanEast'", 1, 40, /lower case, or StringEqualsIgnoreCase/, 'JapanEast'],
  ['@Request[genkan:location] StringEquals "x"', 1, 40, /^single quotes/, '"'],
  ["@Request[genkan:location] StringEquals 'x", 1, 40, /^a closing ' on the same line$/, 'none'],
  ["@Request[genkan:location]\u00a0StringEquals 'x'", 1, 26, /^plain spaces/, 'U+00A0'],
  ["@Request[genkan:location StringEquals 'x'", 1, 1, /^an attribute such as/, '@Request[genkan:location'],
  ['Exists ActionMatches', 1, 8, /^an attribute such as/, 'ActionMatches'],
  [`(${deep})`, 1, 33, /^at most 32 parentheses/, '('],
  [`${a}${' '.repeat(9000)}`, 1, 1, /^at most 8192 characters$/, '9045'],
];

test('a text that is no condition is refused where it goes wrong, with what would do', () => {
  for (const [text, line, column, expected, found] of refused)
    assert.throws(
      () => compileCondition(text),
      (error: unknown) => {
        assert.ok(error instanceof GenkanError, text);
        assert.equal(error.code, 'access_condition_invalid');
        const { params } = error;
        assert.deepEqual(
          [params['line'], params['column'], params['found']],
          [line, column, found],
          `${text}: ${error.message}`,
        );
        assert.match(String(params['expected']), expected, text);
        return true;
      },
    );
  assert.ok(compileCondition(deep).holds(circumstances({})));
});

test('says what it could not compare', () => {
  const condition = compileCondition(`${a} AND @Request[genkan:location] StringEquals 'japaneast'`);
  const lacks: object[] = [];
  assert.equal(condition.judge(circumstances({ args: { a: ['x'] } }), lacks as never), undefined);
  assert.deepEqual(lacks, [
    { attribute: 'arguments/a', why: 'malformed' },
    { attribute: 'location', why: 'missing' },
  ]);
});

test('no argument makes a condition slow', () => {
  const text = `${'a'.repeat(16_000)}b`;
  const patterns = [`*${'?'.repeat(20)}${'a'.repeat(50)}c*b`, `${'*a'.repeat(60)}c*b`];
  const condition = compileCondition(
    `@Request[genkan:arguments/a] ForAnyOfAnyValues:StringLike {'${patterns.join("', '")}'}`,
  );
  const began = process.hrtime.bigint();
  assert.equal(condition.judge(circumstances({ args: { a: text } })), false);
  assert.equal(condition.judge(circumstances({ args: { a: [text, text] } })), undefined);
  assert.equal(condition.judge(circumstances({ args: { a: Array(257).fill('x') } })), undefined);
  assert.ok(process.hrtime.bigint() - began < 2_000_000_000n);
});
