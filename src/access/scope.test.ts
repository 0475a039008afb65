// Tests of scopes: what is one, and what covers what.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers, isPlainSegment, parseScope } from './scope.ts';

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';

const coversText = (outer: string, inner: string): boolean => {
  const [left, right] = [parseScope(outer, 'patterns'), parseScope(inner, 'patterns')];
  assert.ok(left !== undefined && right !== undefined, `${outer} or ${inner} is no scope`);
  return covers(left, right);
};

test('reads the scopes of Azure and our own', () => {
  for (const text of [
    '/',
    subscription,
    `${subscription}/resourceGroups/dev-web`,
    `${subscription}/resourceGroups/開発-web_(1)`,
    `${subscription}/resourceGroups/dev-web/providers/Microsoft.Compute/virtualMachines/web-1`,
    `${subscription}/resourceGroups/dev-web/providers/Microsoft.Sql/servers/s/databases/d`,
    `${subscription}/providers/Microsoft.Insights/activityLogAlerts/a`,
    '/providers/Microsoft.Management/managementGroups/root',
    '/servers',
    '/servers/files',
    '/servers/files/tools',
    '/servers/files/tools/read_file',
    '/servers/files/prompts/summary',
    '/servers/files/resources',
  ])
    assert.equal(parseScope(text, 'literal')?.text, text);
});

test('refuses what is not written as a scope, and changes nothing to make it one', () => {
  for (const text of [
    '',
    'subscriptions',
    '//',
    `${subscription}/`,
    `${subscription}//resourceGroups/dev-web`,
    `${subscription}/resourceGroups`,
    `${subscription}/resourceGroups/`,
    `${subscription}/resourceGroups/..`,
    `${subscription}/resourceGroups/.`,
    `${subscription}/resourceGroups/dev-web.`,
    `${subscription}/resourceGroups/dev-web/../prod-web`,
    `${subscription}/resourceGroups/dev-web%2F..%2Fprod-web`,
    `${subscription}/resourceGroups/dev-web%00`,
    `${subscription}/resourceGroups/dev-web\\..\\prod-web`,
    `${subscription}/resourceGroups/dev web`,
    `${subscription}/resourceGroups/dev-web\n`,
    `${subscription}/resourceGroups/dev-web\t`,
    `${subscription}/resourceGroups/dev-\u200bweb`,
    `${subscription}/resourceGroups/dev-web?x=1`,
    `${subscription}/resourceGroups/dev-web#x`,
    `${subscription}/resourceGroups/dev-web/virtualMachines/web-1`,
    `${subscription}/resourceGroups/dev-web/providers`,
    `${subscription}/resourceGroups/dev-web/providers/Microsoft.Compute`,
    `${subscription}/resourceGroups/dev-web/providers/Microsoft.Compute/virtualMachines`,
    `${subscription}/resourceGroups/dev-*`,
    ` ${subscription}`,
    '/subscriptions',
    '/subscriptions/my-subscription',
    '/Subscriptionş/00000000-0000-0000-0000-000000000001',
    '/servers/Files',
    '/servers/a__b',
    '/servers/files/tools/a/b',
    '/servers/files/other',
    '/genkan',
    `/servers/${'a'.repeat(5000)}`,
    `/providers/A${'/b'.repeat(100)}`,
  ])
    assert.equal(parseScope(text, 'literal'), undefined, text);
});

test('administrators may write a star within one segment, never for a word of the path', () => {
  for (const text of [
    `${subscription}/resourceGroups/dev-*`,
    `/subscriptions/*/resourceGroups/dev-*`,
    `${subscription}/resourceGroups/dev-*/providers/Microsoft.Compute/virtualMachines/web-*`,
    '/servers/dev-*',
    '/servers/*/tools/read_*',
  ])
    assert.notEqual(parseScope(text, 'patterns')?.patternAt, undefined, text);
  for (const text of [
    '*',
    '/*',
    `${subscription}/*`,
    `${subscription}/*/dev-web`,
    '/servers/files/*/x',
    `${subscription}/resourceGroups/dev-*.`,
  ])
    assert.equal(parseScope(text, 'patterns'), undefined, text);
});

test('a scope covers itself and everything below it', () => {
  const group = `${subscription}/resourceGroups/dev-web`;
  const machine = `${group}/providers/Microsoft.Compute/virtualMachines/web-1`;
  const cases: [string, string, boolean][] = [
    ['/', machine, true],
    ['/', '/servers/files/tools/read_file', true],
    [subscription, group, true],
    [group, machine, true],
    [group, group.toUpperCase().replace('/SUBSCRIPTIONS', '/Subscriptions'), true],
    [machine, group, false],
    [group, `${subscription}/resourceGroups/dev-web2`, false],
    [`${subscription}/resourceGroups/dev-web2`, group, false],
    [subscription, '/subscriptions/00000000-0000-0000-0000-000000000002', false],
    ['/servers/files', '/servers/files/tools/read_file', true],
    ['/servers/files', '/servers/files2/tools/read_file', false],
    ['/servers/files/tools/read', '/servers/files/tools/Read', false],
    ['/servers', '/servers/files', true],
  ];
  for (const [outer, inner, expected] of cases)
    assert.equal(coversText(outer, inner), expected, `${outer} on ${inner}`);
});

test('a pattern covers whole segments and what lies below them', () => {
  const pattern = `${subscription}/resourceGroups/dev-*`;
  const cases: [string, boolean][] = [
    [`${subscription}/resourceGroups/dev-web`, true],
    [`${subscription}/resourceGroups/DEV-WEB`, true],
    [`${subscription}/resourceGroups/dev-`, true],
    [`${subscription}/resourceGroups/dev-web/providers/Microsoft.Compute/virtualMachines/web-1`, true],
    [`${subscription}/resourceGroups/prod-web`, false],
    [`${subscription}/resourceGroups/prod-web/providers/Microsoft.Compute/virtualMachines/dev-1`, false],
    [`${subscription}/resourceGroups/xdev-web`, false],
    [`${subscription}/resourceGroups/dev_web`, false],
    [subscription, false],
    [`${subscription}/resourceGroups/dev-web*`, true],
    [`${subscription}/resourceGroups/d*`, false],
    [`${subscription}/resourceGroups/*`, false],
  ];
  for (const [inner, expected] of cases) assert.equal(coversText(pattern, inner), expected, inner);
});

test('a plain segment is one that needs no care', () => {
  for (const name of ['read_file', 'read-file', 'a.b', '読む', 'A1']) assert.ok(isPlainSegment(name), name);
  for (const name of ['', '.', '..', 'a/b', 'a b', 'a*', 'a%2f', 'a\0', 'a'.repeat(257)])
    assert.ok(!isPlainSegment(name), name);
});
