// Tests of roles: Azure's form, Azure's arithmetic.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { GenkanError } from '../base/errors.ts';
import { createBuiltInRoles } from './built-in-roles.ts';
import { createRole, readRole } from './role.ts';
import { collectRoles } from './roles.ts';

const seedFile = path.join(import.meta.dirname, '../../test/golden/access/custom-role.json');
const seed = readFileSync(seedFile, 'utf8');
const variables = { 'subscription-id': '00000000-0000-0000-0000-000000000001' };
const role = (written: object) => createRole({ Name: 'Test', AssignableScopes: ['/'], ...written }, 'genkan.yaml', {});
const builtIn = (name: string) => createBuiltInRoles().find((candidate) => candidate.name === name)!;

const fails =
  (code: string, ...says: string[]) =>
  (error: unknown) => {
    assert.ok(error instanceof GenkanError);
    assert.equal(error.code, code);
    for (const words of says) assert.ok(error.message.includes(words), error.message);
    return true;
  };

test("Azure's custom role file loads as it is", () => {
  const developer = readRole(seed, 'custom-role.json', variables);
  assert.equal(developer.name, 'Azure MCP Developer');
  assert.equal(developer.definition.Description, 'Azure MCP開発者向けの制限された権限');
  assert.deepEqual(
    developer.assignableScopes.map(({ text }) => text),
    ['/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/dev-*'],
  );
  const verdicts: [string, string][] = [
    ['Microsoft.Compute/virtualMachines/write', 'grants'],
    ['Microsoft.Compute/virtualMachines/extensions/delete', 'grants'],
    ['Microsoft.Compute/virtualMachines/delete', 'excludes'],
    ['MICROSOFT.COMPUTE/VIRTUALMACHINES/DELETE', 'excludes'],
    ['Microsoft.Storage/storageAccounts/listKeys/action', 'grants'],
    ['Microsoft.Storage/storageAccounts/delete', 'excludes'],
    ['Microsoft.Network/virtualNetworks/read', 'grants'],
    ['Microsoft.Network/virtualNetworks/write', 'silent'],
    ['Microsoft.Network/networkInterfaces/write', 'silent'],
    ['Microsoft.Compute/virtualMachineScaleSets/write', 'silent'],
  ];
  for (const [action, verdict] of verdicts) assert.equal(developer.judge(action, false).verdict, verdict, action);
  assert.equal(developer.judge('Microsoft.Compute/virtualMachines/write', true).verdict, 'silent');
});

test('a file with the byte order mark of PowerShell loads too', () => {
  assert.equal(readRole(`\uFEFF${seed}`, 'custom-role.json', variables).name, 'Azure MCP Developer');
});

test('a variable without a value is named with its role and file', () => {
  assert.throws(
    () => readRole(seed, 'custom-role.json', {}),
    fails('access_variable_unresolved', 'subscription-id', 'Azure MCP Developer', 'custom-role.json'),
  );
  const inherited = seed.replace('{subscription-id}', '{constructor}');
  assert.throws(
    () => readRole(inherited, 'custom-role.json', variables),
    fails('access_variable_unresolved', 'constructor'),
  );
});

test('each leaf of the file matters', () => {
  const written = JSON.parse(seed) as Record<string, string[]>;
  const read = (change: object) => createRole({ ...written, ...change }, 'custom-role.json', variables);
  assert.equal(read({ Actions: [] }).judge('Microsoft.Compute/virtualMachines/write', false).verdict, 'silent');
  assert.equal(read({ NotActions: [] }).judge('Microsoft.Compute/virtualMachines/delete', false).verdict, 'grants');
  const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read';
  assert.equal(read({ DataActions: [blobs] }).judge(blobs, true).verdict, 'grants');
  assert.equal(read({ DataActions: [blobs], NotDataActions: ['*/blobs/*'] }).judge(blobs, true).verdict, 'excludes');
  assert.equal(read({ AssignableScopes: ['/'] }).assignableScopes[0]?.text, '/');
  assert.equal(read({ Name: 'Other' }).name, 'Other');
});

test('what is not a role is refused with its file', () => {
  assert.throws(() => readRole('{', 'broken.json', {}), fails('access_role_invalid', 'broken.json'));
  for (const change of [
    { NotAction: ['*'] },
    { Name: '' },
    { AssignableScopes: [] },
    { Actions: ['Micrоsoft.Compute/*'] }, // the first "о" is Cyrillic
    { Actions: [''] },
    { NotActions: 'Microsoft.Compute/*' },
  ])
    assert.throws(() => role(change), fails('access_role_invalid', 'genkan.yaml'), JSON.stringify(change));
  assert.throws(() => role({ AssignableScopes: ['/subscriptions/../x'] }), fails('access_scope_invalid'));
  for (const written of [null, 'Owner', [], 1])
    assert.throws(() => createRole(written, 'x', {}), fails('access_role_invalid'));
});

test("Azure's built-in roles judge as Azure does", () => {
  const cases: [string, string, string][] = [
    ['Owner', 'Microsoft.Authorization/roleAssignments/write', 'grants'],
    ['Contributor', 'Microsoft.Compute/virtualMachines/delete', 'grants'],
    ['Contributor', 'Microsoft.Authorization/roleAssignments/write', 'excludes'],
    ['Contributor', 'Microsoft.Authorization/roleAssignments/read', 'grants'],
    ['Reader', 'Microsoft.Compute/virtualMachines/read', 'grants'],
    ['Reader', 'Microsoft.Storage/storageAccounts/listKeys/action', 'silent'],
    ['User Access Administrator', 'Microsoft.Authorization/roleAssignments/write', 'grants'],
    ['User Access Administrator', 'Microsoft.Compute/virtualMachines/write', 'silent'],
    ['Virtual Machine Contributor', 'Microsoft.Compute/virtualMachines/delete', 'grants'],
    ['Virtual Machine Contributor', 'Microsoft.Network/virtualNetworks/write', 'silent'],
    ['Storage Account Contributor', 'Microsoft.Storage/storageAccounts/delete', 'grants'],
    ['Storage Account Contributor', 'Microsoft.Compute/virtualMachines/read', 'silent'],
    ['Monitoring Contributor', 'Microsoft.Insights/metricAlerts/write', 'grants'],
    ['Monitoring Contributor', 'Microsoft.Compute/virtualMachines/write', 'silent'],
    ['Backup Contributor', 'Microsoft.RecoveryServices/Vaults/backupJobs/cancel/action', 'grants'],
    ['Backup Contributor', 'Microsoft.RecoveryServices/Vaults/delete', 'silent'],
    ['Security Reader', 'Microsoft.Security/alerts/read', 'grants'],
    ['Security Reader', 'Microsoft.Security/alerts/write', 'silent'],
  ];
  for (const [name, action, verdict] of cases)
    assert.equal(builtIn(name).judge(action, false).verdict, verdict, `${name} ${action}`);
  for (const name of ['Owner', 'Contributor', 'Reader'])
    assert.equal(
      builtIn(name).judge('Microsoft.KeyVault/vaults/secrets/getSecret/action', true).verdict,
      'silent',
      name,
    );
});

test('no wildcard reaches into the administration of Genkan unless the prefix is spelt out', () => {
  for (const name of [
    'Owner',
    'Contributor',
    'Reader',
    'User Access Administrator',
    'Monitoring Contributor',
    'MCP User',
  ])
    for (const action of ['genkan/role/assign', 'GENKAN/role/assign', 'genkan/audit/read'])
      assert.equal(builtIn(name).judge(action, false).verdict, 'silent', `${name} ${action}`);
  assert.equal(role({ Actions: ['gen*', '*'] }).judge('genkan/role/assign', false).verdict, 'silent');
  assert.equal(role({ Actions: ['Genkan/*'] }).judge('genkan/role/assign', false).verdict, 'grants');
  assert.equal(
    role({ Actions: ['genkan/*'], NotActions: ['*/assign'] }).judge('genkan/role/assign', false).verdict,
    'excludes',
  );
  assert.equal(builtIn('Genkan Operator').judge('genkan/role/assign', false).verdict, 'grants');
  assert.equal(builtIn('Genkan Operator').judge('mcp/servers/files/tools/read/call', false).verdict, 'silent');
  assert.equal(builtIn('Genkan Auditor').judge('genkan/audit/list', false).verdict, 'grants');
  assert.equal(builtIn('Genkan Auditor').judge('genkan/role/assign', false).verdict, 'silent');
  assert.equal(builtIn('Owner').judge('mcp/servers/files/tools/read/call', false).verdict, 'grants');
});

test('a judgement names the lines that made it', () => {
  const developer = readRole(seed, 'custom-role.json', variables);
  assert.deepEqual(developer.judge('Microsoft.Compute/virtualMachines/delete', false), {
    verdict: 'excludes',
    action: 'Microsoft.Compute/virtualMachines/*',
    notAction: 'Microsoft.Compute/virtualMachines/delete',
  });
});

test('role names are unique, whatever their case', () => {
  const collect = (...roles: { Name: string }[]) =>
    collectRoles(
      roles.map((written) => ({ AssignableScopes: ['/'], ...written })),
      () => seed,
      variables,
    );
  assert.throws(() => collect({ Name: 'owner' }), fails('access_role_invalid', 'owner'));
  assert.throws(() => collect({ Name: 'A' }, { Name: 'a' }), fails('access_role_invalid'));
  assert.equal(collect({ Name: '__proto__' }).get('__proto__')?.name, '__proto__');
  assert.equal(collect().get('constructor'), undefined);
});
