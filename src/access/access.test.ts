// Tests of access as a whole: configuration, control database, and changes while running.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { GenkanError } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import { assign, policyGround, unassign } from '../../test/support/policy-ground.ts';
import { openDatabase } from '../state/database.ts';
import { createAccess } from './access.ts';
import { accessSettings } from './settings.ts';

const variables = { 'subscription-id': '00000000-0000-0000-0000-000000000001' };
const seed = path.join(import.meta.dirname, '../../test/golden/access/custom-role.json');
const dana: Principal = { id: 'dana', kind: 'user', name: 'dana@example.com', groups: ['dev-team'] };
const operator: Principal = { id: 'root', kind: 'operator', name: 'root', groups: [] };
const readFile = { server: 'files', primitive: 'tools', name: 'read_file', arguments: {} } as const;
const mcpUser = { principal: { kind: 'group', id: 'dev-team' }, role: 'MCP User', scope: '/servers/files' } as const;

const open = async (
  written: object = {},
  database = undefined as Awaited<ReturnType<typeof openDatabase>> | undefined,
) => {
  const opened = database ?? (await openDatabase(':memory:'));
  const clock = { now: () => 1_700_000_000_000 };
  const neighbours = {
    running: await policyGround(opened, clock),
    variables,
    readFile: (file: string) => readFileSync(file, 'utf8'),
    clock,
  };
  return { database: opened, access: await createAccess(accessSettings.parse(written), neighbours) };
};

const fails = (code: string) => (error: unknown) => error instanceof GenkanError && error.code === code;

test('without settings nobody may do anything', async () => {
  const { access } = await open();
  assert.equal(access.decide(dana, readFile).outcome, 'deny');
  assert.equal(access.visible(dana, readFile), false);
  assert.deepEqual(access.assignments(), []);
});

test('roles and assignments of the configuration hold, variables filled in', async () => {
  const { access } = await open({
    roles: [seed],
    assignments: [
      {
        principal: { group: 'dev-team' },
        role: 'Azure MCP Developer',
        scope: '/subscriptions/{subscription-id}/resourceGroups/dev-*',
      },
      { principal: { user: 'dana' }, role: 'MCP User', scope: '/servers/files' },
    ],
  });
  assert.equal(access.decide(dana, readFile).outcome, 'allow');
  const [first] = access.assignments();
  assert.equal(first?.scope, `/subscriptions/${variables['subscription-id']}/resourceGroups/dev-*`);
  assert.equal(first?.source, 'configuration');
  assert.ok(access.roles().some(({ name, source }) => name === 'Azure MCP Developer' && source === seed));
});

test('an assignment of the configuration keeps its id when lines move', async () => {
  const line = { principal: { user: 'dana' }, role: 'MCP User', scope: '/servers/files' };
  const other = { principal: { user: 'omar' }, role: 'MCP User', scope: '/servers/files' };
  const [one, two] = [await open({ assignments: [line, other] }), await open({ assignments: [other, line] })];
  assert.equal(one.access.assignments()[0]?.id, two.access.assignments()[1]?.id);
});

test('what is wrong in the configuration stops the start and is named', async () => {
  const give = (role: string, scope: string) =>
    open({ roles: [seed], assignments: [{ principal: { user: 'x' }, role, scope }] });
  await assert.rejects(give('Nobody', '/'), fails('access_role_unknown'));
  await assert.rejects(give('MCP User', '/servers/..'), fails('access_scope_invalid'));
  await assert.rejects(give('MCP User', '/subscriptions/{subscription}'), fails('access_variable_unresolved'));
  for (const scope of [
    '/',
    '/subscriptions/{subscription-id}',
    '/subscriptions/{subscription-id}/resourceGroups/d*',
    '/servers/azure',
  ])
    await assert.rejects(give('Azure MCP Developer', scope), fails('access_scope_not_assignable'), scope);
});

test('settings refuse unknown keys and people by anything but their id', () => {
  for (const wrong of [
    { role: [] },
    { assignments: [{ principal: { name: 'Dana' }, role: 'Owner', scope: '/' }] },
    { assignments: [{ principal: { user: 'a', group: 'b' }, role: 'Owner', scope: '/' }] },
    { assignments: [{ principal: {}, role: 'Owner', scope: '/' }] },
    { maps: { Azure: { map: 'azure' } } },
    { maps: { azure: { map: 'other' } } },
  ])
    assert.equal(accessSettings.safeParse(wrong).success, false, JSON.stringify(wrong));
});

test('assignments made while running hold at once, survive a restart and end at once', async () => {
  const { access, database } = await open();
  const before = access.version();
  const made = await assign(access, mcpUser, operator);
  assert.equal(access.version(), before + 1);
  assert.equal(access.decide(dana, readFile).outcome, 'allow');
  assert.deepEqual(made, {
    id: made.id,
    ...mcpUser,
    source: 'database',
    createdBy: 'root',
    createdAtMs: 1_700_000_000_000,
  });

  const again = await open({}, database);
  assert.deepEqual(again.access.assignments(), [made]);
  assert.equal(again.access.decide(dana, readFile).outcome, 'allow');

  await unassign(access, made.id);
  assert.equal(access.version(), before + 2);
  assert.equal(access.decide(dana, readFile).outcome, 'deny');
  // Another process learns of it when it looks again.
  await again.access.refresh();
  assert.equal(again.access.decide(dana, readFile).outcome, 'deny');
  const seen = again.access.version();
  await again.access.refresh();
  assert.equal(again.access.version(), seen);
});

test('the same assignment twice is one', async () => {
  const { access } = await open();
  const made = await Promise.all([assign(access, mcpUser, operator), assign(access, mcpUser, operator)]);
  assert.equal(made[0].id, made[1].id);
  assert.equal(access.assignments().length, 1);
});

test('assigning keeps to AssignableScopes and to what is known', async () => {
  const { access } = await open({ roles: [seed] });
  const give = (role: string, scope: string) => assign(access, { ...mcpUser, role, scope }, operator);
  await assert.rejects(give('Azure MCP Developer', '/'), fails('access_scope_not_assignable'));
  await assert.rejects(give('azure mcp developer', '/'), fails('access_role_unknown'));
  await assert.rejects(give('__proto__', '/'), fails('access_role_unknown'));
  await assert.rejects(give('MCP User', '/servers/files/'), fails('access_scope_invalid'));
  await assert.rejects(unassign(access, 'nothing'), fails('access_assignment_unknown'));
  assert.deepEqual(access.assignments(), []);
});

test('an assignment of the configuration cannot be taken away while running', async () => {
  const { access } = await open({
    assignments: [{ principal: { user: 'dana' }, role: 'MCP User', scope: '/servers/files' }],
  });
  await assert.rejects(unassign(access, access.assignments()[0]!.id), fails('access_assignment_configured'));
});

test('a stored assignment whose role is gone grants nothing, is listed with the reason, and can be removed', async () => {
  const { access, database } = await open({ roles: [{ Name: 'Passing', Actions: ['*'], AssignableScopes: ['/'] }] });
  const made = await assign(access, { ...mcpUser, role: 'Passing' }, operator);
  assert.equal(access.decide(dana, readFile).outcome, 'allow');
  const later = await open({}, database);
  assert.equal(later.access.decide(dana, readFile).outcome, 'deny');
  assert.equal(later.access.assignments()[0]?.inactive, 'access_role_unknown');
  await unassign(later.access, made.id);
  assert.deepEqual(later.access.assignments(), []);
});

test('a process that cannot read what has changed lets nobody through after two seconds, and everybody again afterwards', async () => {
  const database = await openDatabase(':memory:');
  const clock = { nowMs: 1_700_000_000_000, now: () => clock.nowMs };
  const running = await policyGround(database, clock);
  let fails = false;
  const source = { list: async () => (fails ? Promise.reject(new Error('disk on fire')) : []) };
  const settings = accessSettings.parse({
    assignments: [
      { principal: { user: 'dana' }, role: 'MCP User', scope: '/servers/files' },
      { principal: { user: 'dana' }, role: 'Genkan Operator', scope: '/' },
    ],
  });
  const noFile = (): never => assert.fail('no files here');
  const access = await createAccess(settings, { running, sources: [source], variables: {}, readFile: noFile, clock });
  const may = (who: Principal): boolean => access.allows(who, 'genkan/role/list', '/');
  fails = true;
  await assert.rejects(access.refresh());
  assert.equal(access.decide(dana, readFile).outcome, 'allow', 'not at once');
  const before = access.version();
  clock.nowMs += 2000;
  await assert.rejects(access.refresh());
  const decision = access.decide(dana, readFile);
  assert.equal('code' in decision && decision.code, 'access_policy_outdated');
  assert.deepEqual(
    [access.visible(dana, readFile), access.reaches(dana, 'files'), may(dana), may(operator)],
    [false, false, false, true],
  );
  assert.ok(access.version() > before);
  fails = false;
  await access.refresh();
  assert.equal(access.decide(dana, readFile).outcome, 'allow');
  access.close();
});
