// The developer's role on the real Azure map: what dana may do, is refused, and gets to see.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Principal } from '../base/principal.ts';
import { createAccess } from './access.ts';
import { accessSettings } from './settings.ts';

const subscription = '00000000-0000-0000-0000-000000000001';
const settings = accessSettings.parse({
  roles: [path.join(import.meta.dirname, '../../test/golden/access/custom-role.json')],
  assignments: [
    {
      principal: { group: 'dev-team' },
      role: 'Azure MCP Developer',
      scope: '/subscriptions/{subscription-id}/resourceGroups/dev-*',
    },
    { principal: { group: 'dev-team' }, role: 'MCP User', scope: '/servers/azure' },
    { principal: { group: 'azure-mcp-admins' }, role: 'Owner', scope: '/subscriptions/{subscription-id}' },
  ],
  maps: { azure: { map: 'azure', defaultSubscription: '{subscription-id}' } },
});
const access = await createAccess(settings, {
  variables: { 'subscription-id': subscription },
  readFile: (file) => readFileSync(file, 'utf8'),
  clock: { now: () => 0 },
});
const dana: Principal = { id: 'dana', kind: 'user', name: 'dana', groups: ['dev-team'] };
const ada: Principal = { id: 'ada', kind: 'user', name: 'ada', groups: ['azure-mcp-admins'] };
const decide = (name: string, args: Record<string, unknown>, principal = dana) =>
  access.decide(principal, { server: 'azure', primitive: 'tools', name, arguments: args });

const vm = { 'vm-name': 'web-1' };
const inGroup = (group: string, more: object = vm) => ({ subscription, 'resource-group': group, ...more });

test('dana works in dev-*, and is refused the rest with the reason', () => {
  const account = { account: 'devdata', location: 'japaneast' };
  const table: [tool: string, args: Record<string, unknown>, expected: string][] = [
    ['compute_vm_update', inGroup('dev-web', { ...vm, 'vm-size': 'Standard_B1s' }), 'allow'],
    ['compute_vm_update', { 'resource-group': 'dev-web', ...vm }, 'allow'],
    ['storage_account_create', inGroup('dev-web', account), 'allow'],
    ['compute_vm_get', inGroup('dev-web', {}), 'allow'],
    ['bicepschema_get', { 'resource-type': 'Microsoft.Storage/storageAccounts' }, 'allow'],
    ['compute_vm_update', inGroup('prod-web'), 'access_out_of_scope'],
    ['storage_account_create', inGroup('prod-web', account), 'access_out_of_scope'],
    ['compute_vm_get', { subscription }, 'access_out_of_scope'],
    ['compute_vm_get', {}, 'access_out_of_scope'],
    ['compute_vm_delete', inGroup('dev-web'), 'access_action_excluded'],
    ['compute_vm_create', inGroup('dev-web'), 'access_action_missing'],
    ['group_list', { subscription }, 'access_out_of_scope'],
    ['compute_vm_update', inGroup('dev-web/../prod-web'), 'access_argument_unresolved'],
    ['compute_vm_update', { ...inGroup('dev-web'), tenant: 'other' }, 'access_argument_fixed'],
    ['made_up', inGroup('dev-web'), 'access_tool_unmapped'],
  ];
  for (const [tool, args, expected] of table) {
    const decision = decide(tool, args);
    assert.equal(decision.outcome === 'allow' ? 'allow' : decision.code, expected, `${tool} ${JSON.stringify(args)}`);
  }
});

test('creating a machine is refused with the names of the network actions that the role lacks', () => {
  const decision = decide('compute_vm_create', inGroup('dev-web'));
  assert.ok(decision.outcome === 'deny');
  const missing = decision.data?.['missing'] as string[];
  assert.ok(missing.includes('Microsoft.Network/networkInterfaces/write'));
  assert.ok(missing.includes('Microsoft.Network/publicIPAddresses/write'));
  assert.ok(!missing.includes('Microsoft.Compute/virtualMachines/write'));
  assert.ok(!missing.includes('Microsoft.Network/virtualNetworks/read'));
  assert.equal(decide('compute_vm_create', inGroup('dev-web'), ada).outcome, 'allow');
});

test('the list holds her part of the Azure tools, and more for an owner', () => {
  const seen = (principal: Principal) => (name: string) =>
    access.visible(principal, { server: 'azure', primitive: 'tools', name });
  for (const tool of ['compute_vm_get', 'compute_vm_update', 'storage_account_create', 'bicepschema_get'])
    assert.ok(seen(dana)(tool), tool);
  for (const tool of ['compute_vm_delete', 'compute_vm_create', 'group_list', 'keyvault_secret_get', 'made_up'])
    assert.ok(!seen(dana)(tool), tool);
  for (const tool of ['compute_vm_delete', 'compute_vm_create', 'group_list']) assert.ok(seen(ada)(tool), tool);
});
