// Tests of roles as Azure takes them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createBuiltInRoles } from './built-in-roles.ts';
import { createRole, readRole } from './role.ts';
import { exportForAzure } from './role-export.ts';

const id = '00000000-0000-0000-0000-000000000001';
const subscription = `/subscriptions/${id}`;
const seedFile = path.join(import.meta.dirname, '../../test/golden/access/custom-role.json');
const seed = readRole(readFileSync(seedFile, 'utf8'), 'custom-role.json', { 'subscription-id': id });
const role = (written: object) =>
  createRole({ Name: 'Test', Actions: ['Microsoft.Compute/*'], AssignableScopes: [subscription], ...written }, 'x', {})
    .definition;

test("the seed's role becomes one that Azure takes, its pattern the resource groups that there are", () => {
  const scopes = ['dev-web', 'DEV-db', 'prod-web'].map((name) => `${subscription}/resourceGroups/${name}`);
  const below = `${scopes[0]}/providers/Microsoft.Compute/virtualMachines/web-1`;
  const { role: exported, notes } = exportForAzure(seed.definition, { scopes: [...scopes, below, 'nonsense'] });
  const { Actions, NotActions, Description } = seed.definition;
  assert.deepEqual(exported, {
    Name: 'Azure MCP Developer',
    IsCustom: true,
    Description,
    Actions,
    NotActions,
    DataActions: [],
    NotDataActions: [],
    AssignableScopes: scopes.slice(0, 2),
  });
  assert.deepEqual(notes, [
    `AssignableScopes: ${subscription}/resourceGroups/dev-* became 2 scopes; what is created later is not among them.`,
  ]);
});

test('a pattern that stands for nothing leaves nothing to assign', () => {
  const { role: exported, notes } = exportForAzure(seed.definition, { scopes: [] });
  assert.equal(exported, undefined);
  assert.match(notes.join(' '), /dev-\* matches none of the 0 scopes that are known.*none is left/);
});

test('what is ours is left out, and told', () => {
  const { role: exported, notes } = exportForAzure(
    role({
      Actions: ['Microsoft.Compute/*', 'mcp/servers/*', 'Genkan/audit/list'],
      NotActions: ['mcp/servers/files/*'],
      AssignableScopes: [subscription, '/servers/files', '/'],
    }),
    { scopes: [] },
  );
  assert.deepEqual(exported?.Actions, ['Microsoft.Compute/*']);
  assert.deepEqual(exported?.NotActions, []);
  assert.deepEqual(exported?.AssignableScopes, [subscription]);
  assert.equal(notes.length, 5);
  for (const name of ['MCP User', 'Genkan Operator', 'Genkan Auditor', 'Genkan Approver'])
    assert.equal(
      exportForAzure(createBuiltInRoles().find((each) => each.name === name)!.definition, { scopes: [] }).role,
      undefined,
      name,
    );
});

test('nothing is exported that would grant more there than here', () => {
  const two = 'Microsoft.*/virtualMachines/*';
  assert.deepEqual(exportForAzure(role({ Actions: ['*/read', two] }), { scopes: [] }).role?.Actions, ['*/read']);
  const { role: exported, notes } = exportForAzure(role({ NotActions: [two] }), { scopes: [] });
  assert.equal(exported, undefined);
  assert.match(notes.join(), /NotActions: Microsoft\.\*\/virtualMachines\/\* has more than one \*/);
});

test('a built-in role becomes a custom one without the id of the built-in one', () => {
  const owner = createBuiltInRoles().find(({ name }) => name === 'Virtual Machine Contributor')!.definition;
  const { role: exported } = exportForAzure({ ...owner, AssignableScopes: [subscription] }, { scopes: [] });
  assert.equal(exported?.IsCustom, true);
  assert.equal(exported?.Id, undefined);
  assert.deepEqual(exported?.Actions, owner.Actions);
});
