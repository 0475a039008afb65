// What calls of the Azure MCP Server need, and which arguments are refused.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Requirement } from '../decision.ts';
import { createAzureMap } from './azure-map.ts';
import type { AzureMapOptions } from './azure-map.ts';
import { argumentKinds } from './compiled-row.ts';
import type { ArgumentKind } from './compiled-row.ts';
import { azureRows } from './rows.ts';

const trial = '00000000-0000-0000-0000-000000000001';
const other = '00000000-0000-0000-0000-000000000002';
const subscription = `/subscriptions/${trial}`;
const devWeb = `${subscription}/resourceGroups/dev-web`;
const vault = `${devWeb}/providers/Microsoft.KeyVault/vaults/kv-dev`;
const options: AzureMapOptions = {
  server: 'azure',
  defaultSubscription: trial,
  subscriptions: { Trial: trial, Other: other },
  fixedArguments: { tenant: 'contoso', endpoint: 'https://mail.example' },
};
const map = createAzureMap(options);

type Args = Readonly<Record<string, unknown>>;
const need = (tool: string, args: Args, of = map): { effect: string; requirements: readonly Requirement[] } => {
  const needs = of.requirements(tool, args);
  if ('outcome' in needs) assert.fail(`${tool} was refused: ${needs.code} ${JSON.stringify(needs.params)}`);
  return { effect: needs.effect, requirements: needs.requirements };
};
const scopes = (tool: string, args: Args, of = map): string[] => [
  ...new Set(need(tool, args, of).requirements.map(({ scope }) => scope)),
];
const actions = (tool: string, args: Args, of = map): string[] =>
  need(tool, args, of).requirements.map(({ action }) => action);
const code = (tool: string, args: Args, of = map): string | undefined => {
  const needs = of.requirements(tool, args);
  return 'outcome' in needs ? needs.code : undefined;
};

test('a missing resource group widens the scope to the subscription', () => {
  assert.deepEqual(scopes('compute_vm_get', {}), [subscription]);
  assert.deepEqual(scopes('compute_vm_get', { 'vm-name': 'web1' }), [subscription]);
  assert.deepEqual(scopes('compute_vm_get', { 'resource-group': null, 'vm-name': 'web1' }), [subscription]);
  assert.deepEqual(scopes('compute_vm_get', { 'resource-group': 'dev-web' }), [devWeb]);
});

test('an update of one machine needs writing it, at its own id', () => {
  assert.deepEqual(need('compute_vm_update', { 'resource-group': 'dev-web', 'vm-name': 'web1', tags: 'a=b' }), {
    effect: 'write',
    requirements: ['read', 'write', 'instanceView/read'].map((verb) => ({
      action: `Microsoft.Compute/virtualMachines/${verb}`,
      data: false,
      scope: `${devWeb}/providers/Microsoft.Compute/virtualMachines/web1`,
    })),
  });
});

test('a storage account is created at its own id', () => {
  const args = { 'resource-group': 'dev-web', account: 'devdata', location: 'eastus', subscription: 'Trial' };
  assert.deepEqual(scopes('storage_account_create', args), [
    `${devWeb}/providers/Microsoft.Storage/storageAccounts/devdata`,
  ]);
  assert.ok(actions('storage_account_create', args).includes('Microsoft.Storage/storageAccounts/write'));
});

test('a deletion destroys and needs the delete action', () => {
  const { effect, requirements } = need('compute_vm_delete', { 'resource-group': 'dev-web', 'vm-name': 'web1' });
  assert.equal(effect, 'destroy');
  assert.ok(requirements.some(({ action }) => action === 'Microsoft.Compute/virtualMachines/delete'));
});

test('a new machine needs the network actions, the public address only when it gets one', () => {
  const args = { 'resource-group': 'dev-web', 'vm-name': 'web1', location: 'eastus', 'admin-username': 'a' };
  const needed = actions('compute_vm_create', args);
  for (const action of [
    'Microsoft.Compute/virtualMachines/write',
    'Microsoft.Compute/disks/write',
    'Microsoft.Network/virtualNetworks/write',
    'Microsoft.Network/virtualNetworks/subnets/join/action',
    'Microsoft.Network/networkSecurityGroups/write',
    'Microsoft.Network/networkInterfaces/write',
    'Microsoft.Network/networkInterfaces/join/action',
    'Microsoft.Network/publicIPAddresses/write',
    'Microsoft.Resources/subscriptions/resourceGroups/read',
  ])
    assert.ok(needed.includes(action), action);
  assert.ok(!actions('compute_vm_create', { ...args, 'no-public-ip': true }).some((a) => a.includes('publicIP')));
  assert.ok(actions('compute_vm_create', { ...args, 'no-public-ip': 'false' }).some((a) => a.includes('publicIP')));
  // The server creates a network that is named but does not exist.
  const named = actions('compute_vm_create', { ...args, 'virtual-network': 'hub', 'network-security-group': 'web' });
  assert.ok(named.includes('Microsoft.Network/virtualNetworks/write'));
});

test('an SSH key that is a path of a file needs an action of its own', () => {
  const args = { 'resource-group': 'dev-web', 'vm-name': 'web1' };
  const local = 'mcp/servers/azure/tools/compute_vm_create/local-files';
  assert.ok(!actions('compute_vm_create', { ...args, 'ssh-public-key': 'ssh-ed25519 AAAA me' }).includes(local));
  assert.ok(actions('compute_vm_create', { ...args, 'ssh-public-key': '/root/.ssh/id_ed25519' }).includes(local));
});

test('a resource with a worldwide name is taken to be anywhere until policy says where it lies', () => {
  const secret = { vault: 'kv-dev', secret: 'api', subscription: trial };
  const getSecret = 'Microsoft.KeyVault/vaults/secrets/getSecret/action';
  assert.deepEqual(need('keyvault_secret_get', secret).requirements[0], { action: getSecret, data: true, scope: '/' });
  const placed = createAzureMap({ ...options, reach: subscription, resources: { 'kv-dev': vault } });
  assert.deepEqual(scopes('keyvault_secret_get', secret, placed), [vault]);
  assert.deepEqual(scopes('keyvault_secret_get', { ...secret, vault: 'KV-DEV' }, placed), [vault]);
  assert.deepEqual(scopes('keyvault_secret_get', { ...secret, vault: 'kv-other' }, placed), [subscription]);
  // The name of a vault says nothing about a storage account of the same name.
  assert.deepEqual(scopes('storage_table_list', { account: 'kv-dev' }, placed), [subscription]);
});

test('lists are told what can never be narrower', () => {
  assert.deepEqual(
    map.always('compute_vm_get')?.map(({ narrowest }) => narrowest),
    [undefined, undefined],
  );
  assert.equal(map.always('redis_list')?.[0]?.narrowest, 'subscription');
  assert.equal(map.always('keyvault_secret_get')?.[0]?.narrowest, 'root');
  const placed = createAzureMap({ ...options, reach: subscription, resources: { 'kv-dev': vault } });
  assert.equal(placed.always('keyvault_secret_get')?.[0]?.narrowest, undefined);
  assert.equal(placed.always('search_index_get')?.[0]?.narrowest, 'subscription');
  for (const tool of map.tools) assert.notEqual(map.always(tool)?.length ?? 0, 0, tool);
  assert.equal(map.always('unknown'), undefined);
});

test('a subscription is a GUID or a name that policy knows', () => {
  assert.deepEqual(scopes('group_list', { subscription: other }), [`/subscriptions/${other}`]);
  assert.deepEqual(scopes('group_list', { subscription: 'Other' }), [`/subscriptions/${other}`]);
  assert.deepEqual(scopes('group_list', { subscription: trial.toUpperCase() }), [subscription]);
  for (const name of ['Unknown', 'other', '', `{${trial}}`, `${trial}/`, 'default', '*', 'toString'])
    assert.equal(code('group_list', { subscription: name }), 'access_argument_unresolved', name);
});

test('without a default subscription a call that names none needs its actions everywhere', () => {
  const unknown = createAzureMap({ ...options, defaultSubscription: undefined });
  assert.deepEqual(scopes('compute_vm_get', { 'resource-group': 'dev-web', 'vm-name': 'web1' }, unknown), ['/']);
  assert.deepEqual(scopes('group_list', { subscription: trial }, unknown), [subscription]);
});

test('what policy fixes may be repeated but not chosen', () => {
  assert.equal(code('group_list', { tenant: 'contoso' }), undefined);
  assert.equal(code('group_list', { tenant: 'fabrikam' }), 'access_argument_fixed');
  assert.equal(code('group_list', { 'auth-method': 'Key' }), 'access_argument_fixed');
  const mail = { from: 'a', to: ['b'], subject: 's', message: 'm' };
  assert.equal(code('communication_email_send', { ...mail, endpoint: 'https://mail.example' }), undefined);
  assert.equal(
    code('communication_email_send', { ...mail, endpoint: 'https://evil.example' }),
    'access_argument_fixed',
  );
  assert.equal(code('kusto_query', { 'cluster-uri': 'https://evil.example', database: 'd' }), 'access_argument_fixed');
});

test('another way to sign in needs the keys too', () => {
  const keyed = createAzureMap({ ...options, fixedArguments: { 'auth-method': 'Key' } });
  const args = { account: 'a', database: 'd', container: 'c', 'auth-method': 'Key' };
  const listKeys = 'Microsoft.DocumentDB/databaseAccounts/listKeys/action';
  assert.ok(actions('cosmos_database_container_item_query', args, keyed).includes(listKeys));
});

test('a resource id gives the scope and must lie in a subscription', () => {
  const workbook = `/subscriptions/${other}/resourceGroups/rg/providers/Microsoft.Insights/workbooks/w1`;
  assert.deepEqual(scopes('workbooks_delete', { 'workbook-ids': [workbook] }), [workbook]);
  assert.deepEqual(
    scopes('workbooks_delete', { 'workbook-ids': [workbook, `${devWeb}/providers/microsoft.insights/workbooks/w2`] }),
    [workbook, `${devWeb}/providers/microsoft.insights/workbooks/w2`],
  );
  for (const id of [
    'w1',
    '',
    '/',
    `${workbook}/`,
    `/${workbook}`,
    workbook.replace('rg', '..'),
    workbook.replace('w1', 'w%31'),
    workbook.replace('w1', 'w1?api-version=1'),
    workbook.replace('workbooks', 'components'),
    workbook.replace(other, 'Trial'),
    '/providers/Microsoft.Management/managementGroups/root',
    `${workbook}/providers/Microsoft.Authorization/locks/l`,
  ])
    assert.equal(code('workbooks_delete', { 'workbook-ids': [workbook, id] }), 'access_argument_unresolved', id);
  assert.equal(code('workbooks_delete', {}), 'access_argument_unresolved');
  assert.equal(code('workbooks_delete', { 'workbook-ids': [] }), 'access_argument_unresolved');
});

test('several resources in one call each need their actions at their own scope', () => {
  const subnet = `/subscriptions/${other}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/s`;
  assert.deepEqual(
    scopes('fileshares_fileshare_update', {
      'resource-group': 'dev-web',
      name: 'x',
      'allowed-subnets': `${subnet}, ${subnet}2`,
    }),
    [`${devWeb}/providers/Microsoft.FileShares/fileShares/x`, subnet, `${subnet}2`],
  );
  assert.equal(
    code('compute_disk_create', {
      'resource-group': 'dev-web',
      'disk-name': 'd',
      source: 'https://x.blob.core.windows.net/c/b.vhd',
    }),
    'access_argument_unresolved',
  );
});

test('a KQL query that reaches beyond its workspace needs its actions everywhere', () => {
  const ask = (query: string): string[] =>
    scopes('monitor_workspace_log_query', { 'resource-group': 'dev-web', workspace: 'w', table: 't', query });
  assert.deepEqual(ask('AppTraces | where Resource == "cluster" | take 5'), [subscription]);
  for (const query of [
    'union t, workspace("x").t',
    'Cluster // c\n ("x").database("d").t',
    't | evaluate http_request("u")',
    ' '.repeat(10_001),
  ])
    assert.deepEqual(ask(query), [subscription, '/'], query.slice(0, 40));
});

test('tools that only advise need the right to call them', () => {
  assert.deepEqual(need('bicepschema_get', { 'resource-type': 'Microsoft.Storage/storageAccounts@2024-01-01' }), {
    effect: 'read',
    requirements: [
      {
        action: 'mcp/servers/azure/tools/bicepschema_get/call',
        data: false,
        scope: '/servers/azure/tools/bicepschema_get',
      },
    ],
  });
});

test('an unknown tool is unmapped, whatever it is called', () => {
  for (const tool of ['compute_vm_reboot', '', '__proto__', 'constructor', 'COMPUTE_VM_GET'])
    assert.equal(code(tool, {}), 'access_tool_unmapped');
});

const hostile: Readonly<Record<ArgumentKind, readonly unknown[]>> = (() => {
  const anything = [
    '--subscription=x',
    '-x',
    '@/etc/passwd',
    { a: 1 },
    [['a']],
    [1],
    ['--tenant=x'],
    ['ok', '@/etc/passwd'],
  ];
  const word = [
    ...anything,
    '',
    ' ',
    'a/b',
    '..',
    '../x',
    'a..b',
    'a%2fb',
    'a\\b',
    'a?b',
    'a#b',
    'a&b',
    'a;b',
    "a'b",
    'a"b',
    'a\u0000b',
    'a\nb',
    'а',
    'x'.repeat(300),
  ];
  const name = [...word, 5, true, [], ['a'], 'a b', 'a@b', 'a,b', 'a:b', 'a.', '.', '*', 'dev-*'];
  return {
    inert: anything,
    word,
    name,
    group: [...name, '$a', 'x'.repeat(91)],
    host: [...name, 'a.b', 'a_b', '-a', 'a-', 'a.evil.example', 'a.servicebus.windows.net.evil.example'],
    type: [...name, 'a', 'Microsoft.Compute', 'Microsoft.Compute/', '/Microsoft.Compute/x', 'Microsoft.Compute/x/../y'],
    id: [
      ...anything,
      5,
      '',
      '/',
      'a',
      '/subscriptions',
      `/subscriptions/${trial}/`,
      `/subscriptions/${trial}/resourceGroups/..`,
    ],
    subscription: [...name, 'Unknown'],
    fixed: [...name, 'Key'],
    endpoint: [...name, 'https://evil.example', 'https://mail.example/', ['https://mail.example']],
  };
})();

test('hostile values of any argument of any tool are refused and never throw', () => {
  let refused = 0;
  for (const [tool, row] of Object.entries(azureRows))
    for (const [argument, kind] of argumentKinds(row))
      for (const value of hostile[kind]) {
        const expected =
          kind === 'fixed' || kind === 'endpoint' ? 'access_argument_fixed' : 'access_argument_unresolved';
        assert.equal(code(tool, { [argument]: value }), expected, `${tool} ${argument} ${JSON.stringify(value)}`);
        refused++;
      }
  assert.ok(refused > 20_000);
});

test('arguments that a tool does not have are refused, other spellings of those that it has included', () => {
  for (const tool of map.tools)
    for (const argument of [
      'Subscription',
      'resourceGroup',
      'Resource-Group',
      'tenant ',
      '--tenant',
      'learn',
      '__proto__',
      'constructor',
    ])
      assert.equal(
        code(tool, JSON.parse(`{${JSON.stringify(argument)}: "x"}`) as Args),
        'access_argument_unresolved',
        `${tool} ${argument}`,
      );
});

test('another subscription never leaves the scope of the first', () => {
  for (const tool of map.tools) {
    const mine = map.requirements(tool, { subscription: trial });
    const theirs = map.requirements(tool, { subscription: other });
    if ('outcome' in mine || 'outcome' in theirs) continue;
    for (const [index, { scope }] of mine.requirements.entries())
      if (scope.startsWith('/subscriptions/'))
        assert.equal(theirs.requirements[index]?.scope, `/subscriptions/${other}`);
  }
});

test("dana's role lets her do what the demonstration shows", () => {
  const role = JSON.parse(
    readFileSync(path.join(import.meta.dirname, '../../../examples/trial/roles/custom-role.json'), 'utf8'),
  ) as { Actions: string[]; NotActions: string[] };
  const matches = (patterns: string[], action: string): boolean =>
    patterns.some((p) => new RegExp(`^${p.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 'i').test(action));
  const lacks = (tool: string, args: Args): string[] =>
    actions(tool, args).filter((action) => !matches(role.Actions, action) || matches(role.NotActions, action));
  const machine = { 'resource-group': 'dev-web', 'vm-name': 'web1' };
  assert.deepEqual(lacks('compute_vm_update', machine), []);
  assert.deepEqual(lacks('storage_account_create', { 'resource-group': 'dev-web', account: 'a', location: 'l' }), []);
  assert.deepEqual(lacks('compute_vm_delete', machine), ['Microsoft.Compute/virtualMachines/delete']);
  assert.ok(lacks('compute_vm_create', machine).includes('Microsoft.Network/networkInterfaces/write'));
});
