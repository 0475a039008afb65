// Which lines of roles are taken for mistakes, and what is proposed instead.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createBuiltInRoles } from '../built-in-roles.ts';
import { roleDefinition } from '../role-definition.ts';
import type { RoleDefinition } from '../role-definition.ts';
import { unknownActions } from './known-operations.ts';

const role = (lines: Partial<RoleDefinition>): RoleDefinition =>
  roleDefinition.parse({ Name: 'x', AssignableScopes: ['/'], ...lines });
const told = async (lines: Partial<RoleDefinition>): Promise<string[]> =>
  (await unknownActions(role(lines))).map(({ list, problem, nearest }) => `${list} ${problem} ${nearest ?? '-'}`);

test("nothing is said of Azure's own roles, ours and the seed's", async () => {
  const seed = path.join(import.meta.dirname, '../../../test/golden/access/custom-role.json');
  const seedRole = roleDefinition.parse(JSON.parse(readFileSync(seed, 'utf8')));
  for (const each of [...createBuiltInRoles().map(({ definition }) => definition), seedRole])
    assert.deepEqual(await unknownActions(each), [], each.Name);
});

test('a misspelt operation is told, with the one that was probably meant', async () => {
  const near: Readonly<Record<string, string>> = {
    'Microsoft.Compute/virtualMachine/read': 'Microsoft.Compute/virtualMachines/read',
    'Microsoft.Compute/virtualMachines/strat/action': 'Microsoft.Compute/virtualMachines/start/action',
    'Microsoft.Compute/virtualMachines/raed': 'Microsoft.Compute/virtualMachines/read',
    'microsoft.storage/storageaccount/listKeys/action': 'Microsoft.Storage/storageAccounts/listKeys/action',
    'Microsoft.Compte/virtualMachines/read': 'Microsoft.Compute/virtualMachines/read',
    'Microsoft.Suport/supportTickets/write': 'Microsoft.Support',
  };
  for (const [action, nearest] of Object.entries(near))
    assert.equal(
      (await unknownActions(role({ Actions: [action] })))[0]?.nearest?.toLowerCase(),
      nearest.toLowerCase(),
      action,
    );
  const [withStar] = await unknownActions(role({ NotActions: ['Microsoft.Compute/virtualMachine/*'] }));
  assert.match(withStar?.nearest ?? '', /^Microsoft\.Compute\/virtualMachines\//);
});

test('an operation of the other plane is told as such', async () => {
  const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read';
  assert.deepEqual(await told({ Actions: [blobs] }), ['Actions plane -']);
  assert.deepEqual(await told({ DataActions: [blobs] }), []);
  assert.deepEqual(await told({ NotDataActions: ['Microsoft.Compute/virtualMachines/read'] }), [
    'NotDataActions plane -',
  ]);
});

test('what nobody here can know is not called a mistake, and what is far from everything gets no proposal', async () => {
  assert.deepEqual(
    await told({ Actions: ['*', '*/read', 'Microsoft.*/read', 'mcp/servers/x/*', 'genkan/role/list'] }),
    [],
  );
  assert.deepEqual(await told({ Actions: ['Microsoft.Support/anything/at/all'] }), []);
  assert.deepEqual(await told({ Actions: ['Microsoft.Compute/spaceElevators/launch/action'] }), ['Actions unknown -']);
  assert.deepEqual(await told({ Actions: ['Contoso.Widgets/widgets/read'] }), ['Actions unknown -']);
});

test('a role of nothing but mistakes is gone through in a bounded time', async () => {
  const Actions = Array.from({ length: 500 }, (_, at) => `Microsoft.Compute/virtualMachine${at}*/*x*/re*d${at}`);
  assert.equal((await unknownActions(role({ Actions }))).length, 500);
});
