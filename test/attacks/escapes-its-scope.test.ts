// The attacker may act in dev-* and on one tool, and writes names so that some layer reads them as another place or right.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../src/base/errors.ts';
import type { Principal } from '../../src/base/principal.ts';
import type { ActionMap } from '../../src/access/action-map.ts';
import { bind } from '../../src/access/assignment.ts';
import { createDecider } from '../../src/access/decider.ts';
import type { AccessRequest } from '../../src/access/decision.ts';
import { createRole } from '../../src/access/role.ts';

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';
const action = 'Microsoft.Compute/virtualMachines/write';

/** Puts the caller's text into the scope as it is: the weakest map that could stand in front of the decision. */
const trustingMap: ActionMap = {
  tools: ['vm_update'],
  always: (tool) => (tool === 'vm_update' ? [{ action, data: false }] : undefined),
  requirements: (tool, args) =>
    tool === 'vm_update'
      ? {
          effect: 'write',
          requirements: [{ action, data: false, scope: `${subscription}/resourceGroups/${String(args['group'])}` }],
        }
      : refuse('access_tool_unmapped', { tool, server: 'azure' }),
};

const written = [
  { Name: 'Developer', Actions: ['Microsoft.Compute/*'], AssignableScopes: [`${subscription}/resourceGroups/dev-*`] },
  {
    Name: 'Reader of files',
    Actions: ['mcp/servers/files/tools/*'],
    NotActions: ['mcp/servers/files/tools/delete_*'],
    AssignableScopes: ['/servers'],
  },
];
const roles = new Map(written.map((role) => [role.Name, createRole(role, 'test', {})]));
const attacker: Principal = { id: 'mallory', kind: 'user', name: 'mallory', groups: ['dev-team'] };
const grants = [
  ['Developer', `${subscription}/resourceGroups/dev-*`],
  ['Developer', `${subscription}/resourceGroups/dev-kube`],
  ['Reader of files', '/servers/files/tools/read_file'],
  ['Reader of files', '/servers/files/tools/delete_file'],
].map(([role = '', scope = ''], at) =>
  bind({ id: `a${at}`, principal: { kind: 'group', id: 'dev-team' }, role, scope, source: 'configuration' }, roles),
);
const { decide, visible, allows, explain } = createDecider(grants, new Map([['azure', trustingMap]]));

const update = (group: unknown): AccessRequest => ({
  server: 'azure',
  primitive: 'tools',
  name: 'vm_update',
  arguments: { group },
});
const tool = (name: string, server = 'files'): AccessRequest => ({ server, primitive: 'tools', name, arguments: {} });

const escapes = [
  '../prod-web',
  'dev-web/../prod-web',
  'dev-web/../../resourceGroups/prod-web',
  'dev-web/./../prod-web',
  'dev-web//prod-web',
  'dev-web/',
  'dev-web%2F..%2Fprod-web',
  'dev-web%2f..%2fprod-web',
  'dev-web%252F..%252Fprod-web',
  'dev-web\\..\\prod-web',
  'dev-web;/../prod-web',
  'dev-web?api-version=1',
  'dev-web#/../prod-web',
  'dev-web\0',
  'dev-web\r\nX: y',
  ' dev-web',
  'dev-web ',
  'dev-web\u00a0',
  'dev-web\u3000',
  'dev-web.',
  'dev-..',
  'dev-\u200bweb',
  'dev-\u202eweb',
  'dev-*',
  '*',
  '..',
  '.',
  '',
  'undefined/..',
];
const lookAlikes = [
  'ｄｅｖ-web',
  'dеv-web',
  'dev‐web',
  'dev–web',
  'dev－web',
  'ⅾev-web',
  'DEV\u2010web',
  'prod-dev-web',
  'xdev-web',
];

test('control: text that is compared by its beginning, or normalised first, lets the escapes through', () => {
  const allowed = `${subscription}/resourceGroups/dev-`;
  const byPrefix = (group: string): boolean => `${subscription}/resourceGroups/${group}`.startsWith(allowed);
  const through = escapes.filter(byPrefix);
  assert.ok(through.includes('dev-web/../prod-web') && through.includes('dev-web%2F..%2Fprod-web'));
  const reached = new URL(`https://management.azure.com${allowed}web/../prod-web`).pathname;
  assert.equal(reached, `${subscription}/resourceGroups/prod-web`);
  assert.ok('DEV-WEB'.toLowerCase().startsWith('dev-') && 'dev-\u212Aube'.toLowerCase() === 'dev-kube');
});

test('the honest calls are allowed', () => {
  for (const group of ['dev-web', 'DEV-web', 'dev-kube', 'dev-開発'])
    assert.equal(decide(attacker, update(group)).outcome, 'allow', group);
  assert.equal(decide(attacker, tool('read_file')).outcome, 'allow');
});

test('no way of writing a resource group leaves dev-*', () => {
  for (const group of [...escapes, ...lookAlikes]) {
    const decision = decide(attacker, update(group));
    assert.equal(decision.outcome, 'deny', JSON.stringify(group));
    assert.equal(explain(attacker, update(group)).decision.outcome, 'deny');
  }
});

test('an honest path below another group, or with a word of the path replaced, is not dev-*', () => {
  for (const group of [
    'prod-web/providers/Microsoft.Compute/virtualMachines/dev-1',
    'dev-web/resourceGroups/prod-web',
    'dev-web/providers/Microsoft.Compute/virtualMachines',
  ])
    assert.equal(decide(attacker, update(group)).outcome, 'deny', group);
});

test('a letter that only lower-casing makes equal is another letter', () => {
  const only = createDecider([grants[1]!], new Map([['azure', trustingMap]]));
  assert.equal(only.decide(attacker, update('DEV-KUBE')).outcome, 'allow');
  for (const group of ['dev-\u212Aube', 'dev-ſube', 'dev-kub\u0435'])
    assert.equal(only.decide(attacker, update(group)).outcome, 'deny', group);
});

test('arguments that are no text reach no scope', () => {
  for (const group of [
    undefined,
    null,
    {},
    [],
    ['dev-web', '../prod-web'],
    { toString: () => 'prod-web' },
    0,
    true,
    () => 'dev-web',
  ])
    assert.equal(decide(attacker, update(group)).outcome, 'deny');
});

test('names of Object.prototype are neither tools nor servers nor roles nor groups', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype']) {
    assert.equal(decide(attacker, tool(name)).outcome, 'deny', name);
    assert.equal(decide(attacker, tool(name, 'azure')).outcome, 'deny', name);
    assert.equal(decide(attacker, tool('read_file', name)).outcome, 'deny', name);
    assert.equal(visible(attacker, tool(name, 'azure')), false, name);
    assert.equal(decide({ ...attacker, id: name, groups: [name] }, update('dev-web')).outcome, 'deny', name);
    assert.throws(() =>
      bind({ id: 'x', principal: { kind: 'user', id: 'x' }, role: name, scope: '/', source: 'database' }, roles),
    );
    assert.equal(allows(attacker, name, '/'), false);
  }
});

test('a tool name that is written as a path, a pattern or a look-alike is not the tool that was granted', () => {
  for (const name of [
    'read_file/../delete_file',
    'read_file/x',
    '../read_file',
    'read_file%2F',
    'read_file ',
    'read_file.',
    'READ_FILE',
    'reаd_file',
    'read_*',
    '*',
    '',
    '..',
    'read_file\0',
    '\ud800',
    'read_file/call',
    'a'.repeat(1_000_000),
  ]) {
    assert.equal(decide(attacker, tool(name)).outcome, 'deny', JSON.stringify(name.slice(0, 40)));
    assert.equal(visible(attacker, tool(name)), false, JSON.stringify(name.slice(0, 40)));
  }
});

test('a server name that is written as a path is not the server that was granted', () => {
  for (const server of ['files/tools/read_file/..', 'Files', 'files/', '../files', 'files%2F', 'files ', '*', ''])
    assert.equal(decide(attacker, tool('read_file', server)).outcome, 'deny', server);
});

test('NotActions hold whatever the case of the name', () => {
  const wide = createDecider(
    [
      bind(
        {
          id: 'w',
          principal: { kind: 'group', id: 'dev-team' },
          role: 'Reader of files',
          scope: '/servers/files',
          source: 'configuration',
        },
        roles,
      ),
    ],
    new Map(),
  );
  assert.equal(wide.decide(attacker, tool('read_file')).outcome, 'allow');
  for (const name of ['delete_file', 'DELETE_FILE', 'Delete_file'])
    assert.equal(wide.decide(attacker, tool(name)).outcome, 'deny', name);
});

test('a flood of made-up names neither fails nor fills the memory', () => {
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < 50_000; at += 1)
    assert.equal(decide(attacker, tool(`${'x'.repeat(200)}${at}`)).outcome, 'deny');
  assert.ok(process.memoryUsage().heapUsed - before < 150 * 1024 * 1024);
});
