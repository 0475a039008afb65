// What conditions and rules are told of the arguments of Azure calls, and what they are not told.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { malformed } from '../conditions/condition.ts';
import type { Attributes } from '../conditions/condition.ts';
import { createAzureMap } from './azure-map.ts';
import { compileRow } from './compiled-row.ts';
import { costClassOf } from './cost-class.ts';
import { azureRows } from './rows.ts';

const trial = '00000000-0000-0000-0000-000000000001';
const map = createAzureMap({
  server: 'azure',
  defaultSubscription: trial,
  subscriptions: { Trial: trial },
  fixedArguments: {},
});
type Args = Readonly<Record<string, unknown>>;
const told = (tool: string, args: Args): Attributes => map.attributes!(tool, args);
const machine = { 'resource-group': 'dev-web', 'vm-name': 'web1', location: 'Japan East', 'admin-username': 'a' };

test('a new machine has the size, the public address and the openness that the server gives where nothing is said', () => {
  assert.deepEqual(told('compute_vm_create', machine), {
    location: 'japaneast',
    sku: 'standard_d2s_v5',
    costClass: 'low',
    publicIp: true,
    sourcePrefix: '*',
    subscription: trial,
    resourceGroup: 'dev-web',
  });
  const closed = { ...machine, 'vm-size': 'Standard_NC24ads_A100_v4', 'no-public-ip': true };
  assert.deepEqual(told('compute_vm_create', { ...closed, 'source-address-prefix': '10.0.0.0/8' }), {
    location: 'japaneast',
    sku: 'standard_nc24ads_a100_v4',
    costClass: 'high',
    publicIp: false,
    sourcePrefix: '10.0.0.0/8',
    subscription: trial,
    resourceGroup: 'dev-web',
  });
});

test('a machine without a public address is only one that says so plainly', () => {
  for (const said of [undefined, null, false, 'true', 'false', 1, ['true']])
    assert.equal(told('compute_vm_create', { ...machine, 'no-public-ip': said }).publicIp, true, String(said));
});

test('what Azure or the server would choose itself is not there', () => {
  const disk = { 'resource-group': 'dev-web', 'disk-name': 'd' };
  assert.deepEqual(told('compute_disk_create', disk), { subscription: trial, resourceGroup: 'dev-web' });
  for (const nothing of [null, '', '  ', []])
    assert.ok(!('location' in told('compute_disk_create', { ...disk, location: nothing })), String(nothing));
  assert.ok(!('sku' in told('sql_db_create', { 'sku-tier': 'Premium' })));
});

test('regions and sizes are read as the server reads them, in every spelling and form', () => {
  for (const location of ['japaneast', 'JapanEast', 'Japan East', ' japan\teast ', ['JAPANEAST']])
    assert.equal(told('compute_vm_create', { ...machine, location }).location, 'japaneast', String(location));
  for (const size of ['Standard_M128s', ' standard_m128S ', ['Standard_M128s']])
    assert.equal(told('compute_vm_create', { ...machine, 'vm-size': size }).costClass, 'high', String(size));
});

test('everybody is written in one way', () => {
  for (const prefix of ['*', 'Any', 'Internet', ' internet ', '0.0.0.0/0', '::/0', '', null])
    assert.equal(told('compute_vm_create', { ...machine, 'source-address-prefix': prefix }).sourcePrefix, '*');
});

test('a range of addresses becomes the smallest prefix that holds it', () => {
  const prefix = (from: unknown, to: unknown): unknown =>
    told('sql_server_firewall-rule_create', { 'start-ip-address': from, 'end-ip-address': to }).sourcePrefix;
  assert.equal(prefix('10.1.2.3', '10.1.2.3'), '10.1.2.3/32');
  assert.equal(prefix('10.1.2.0', '10.1.2.255'), '10.1.2.0/24');
  assert.equal(prefix('10.1.2.250', '10.1.3.5'), '10.1.2.0/23');
  assert.equal(prefix('10.0.0.0', '11.255.255.255'), '10.0.0.0/7');
  assert.equal(prefix('1.0.0.0', '255.255.255.255'), '*');
  assert.equal(prefix('0.0.0.0', '0.0.0.0'), '*');
  for (const nothing of ['', null, undefined]) assert.equal(prefix(nothing, '10.1.2.3'), undefined);
  for (const broken of ['10.1.2', '10.1.2.256', 5, ['1', '2'], {}]) {
    assert.equal(prefix(broken, '10.1.2.3'), malformed);
    assert.equal(prefix('10.1.2.3', broken), malformed);
    assert.equal(prefix(broken, undefined), malformed);
  }
});

test('tags are read in the syntax of each tool, not in the one that its description claims', () => {
  const tags = (tool: string, text: unknown): unknown => told(tool, { tags: text }).tags;
  assert.deepEqual(tags('compute_vm_update', 'Env=prod, team = a=b ,x'), ['env=prod', 'team=a=b']);
  assert.deepEqual(tags('compute_disk_create', 'env=prod,costCenter=7 owner=me'), [
    'env=prod,costCenter=7',
    'owner=me',
  ]);
  assert.deepEqual(tags('eventhubs_namespace_update', '{"Env":"prod","team":"a"}'), ['env=prod', 'team=a']);
  assert.deepEqual(tags('appconfig_kv_set', ['env=prod', 'x']), ['env=prod']);
  for (const twice of ['env=prod,ENV=dev', 'env=prod,env=prod'])
    assert.equal(tags('compute_vm_update', twice), malformed);
  assert.deepEqual(tags('compute_vm_update', ''), []);
  for (const broken of ['[1]', '{"a":1}', '{"a":"1","a":"2"}', '{', 'null', 5])
    assert.equal(tags('fileshares_fileshare_create', broken), malformed, String(broken));
  assert.deepEqual(tags('fileshares_fileshare_create', '{"a:b":"c\\":d","e":"f"}'), ['a:b=c":d', 'e=f']);
  assert.deepEqual(tags('fileshares_fileshare_create', { Env: 'prod' }), ['env=prod']);
  assert.deepEqual(tags('compute_disk_create', ['env=prod', 'team=a']), ['env=prod', 'team=a']);
  assert.equal(tags('compute_vm_update', ['env=prod', 'team=a']), malformed);
  const many = Array.from({ length: 51 }, (_, at) => `t${at}=x`).join(',');
  assert.equal(tags('compute_vm_update', many), malformed);
});

test('several values where there is one, objects and endless texts are malformed', () => {
  for (const value of [['westus', 'x'], ['japan', 'east'], { a: 1 }, [[]], [1], 'westus,eastus', 'x'.repeat(10_001)]) {
    const { location, sku, costClass, sourcePrefix } = told('compute_vm_create', {
      ...machine,
      location: value,
      'vm-size': value,
      'source-address-prefix': value,
    });
    assert.deepEqual(
      [location, sku, costClass, sourcePrefix],
      Array(4).fill(malformed),
      JSON.stringify(value).slice(0, 40),
    );
  }
  const share = (value: unknown): unknown =>
    told('fileshares_fileshare_create', { 'public-network-access': value }).publicNetworkAccess;
  assert.equal(share('Enabled'), true);
  assert.equal(share('Disabled'), false);
  assert.equal(share('SecuredByPerimeter'), malformed);
  assert.equal(told('sql_db_create', { 'sku-capacity': '1,000' }).count, malformed);
});

test('where a thing with a worldwide name lies is not taken from what stands beside the name', () => {
  assert.deepEqual(told('keyvault_secret_get', { vault: 'kv', subscription: trial }), {});
  assert.deepEqual(told('mysql_database_query', { server: 's', 'resource-group': 'dev-web' }), {});
  assert.deepEqual(told('bicepschema_get', {}), {});
  assert.deepEqual(told('group_list', { subscription: 'Trial' }), { subscription: trial });
  assert.deepEqual(told('group_list', { subscription: 'Unknown' }), {});
  assert.deepEqual(told('no_such_tool', {}), {});
});

test('sizes fall into classes of cost, and a name that says nothing is unknown', () => {
  const classes: Readonly<Record<string, readonly string[]>> = {
    low: ['Standard_B2s', 'Standard_D4s_v5', 'Standard_A2_v2', 'Standard_DS3_v2', 'Standard_LRS', 'S3', 'Balanced_B0'],
    medium: ['Standard_E8ads_v5', 'Standard_D16_v5', 'Standard_D5_v2', 'Premium_LRS', 'GP_Gen5_2', 'GP_S_Gen5_8', 'P1'],
    high: [
      ...['Standard_D32s_v5', 'Standard_M128s', 'Standard_NC24ads_A100_v4', 'Standard_HB120rs_v3', 'Standard_D15_v2'],
      ...['UltraSSD_LRS', 'BC_Gen5_2', 'Premium', 'AMLFS-Durable-Premium-40', 'Balanced_B1000', 'P11'],
    ],
    unknown: ['', 'Standard_', 'Standard_A4', 'Basic_A1', 'Standard_Q4', 'D2s_v5', '💸', 'Standard_D2s_v5x'.repeat(9)],
  };
  for (const [expected, names] of Object.entries(classes))
    for (const name of names) assert.equal(costClassOf(name), expected, name);
});

interface GoldenTools {
  readonly tools: Readonly<Record<string, readonly [hint: string, args: string]>>;
}
const { tools } = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../../test/golden/azure-tools.json'), 'utf8'),
) as GoldenTools;

// Arguments of such names that describe nothing which a call makes or changes.
const notOfAThing = new Set([
  'pricing_get sku',
  'pricing_get region',
  'pricing_get sku-id',
  'marketplace_product_get sku-id',
  'managedlustre_fs_subnetsize_ask sku',
  'managedlustre_fs_subnetsize_validate sku',
  'communication_sms_send tag',
  'quota_region_availability_list cognitive-service-deployment-sku-name',
  'compute_vm_create public-ip-address', // the name of the address; that there is one is told
  'sql_server_firewall-rule_create end-ip-address', // read with the start
]);
const telling = /location$|^region$|sku|^vm-size$|tier$|^tags?$|^(no-)?public-|prefix$|ip-address$|os-disk-type/;
const tellingButNot = /^(webtest-locations|autoexport-prefix|import-prefix)$/;

test('every argument that speaks of region, size, openness or tags is told', () => {
  let count = 0;
  for (const [tool, [, words]] of Object.entries(tools)) {
    const seen = new Set<string>();
    const args = new Proxy({}, { get: (_, name) => void seen.add(String(name)) });
    const around = {
      own: { scope: '/servers/azure/tools/t', action: 'mcp/servers/azure/tools/t' },
      reach: '/',
      locate: () => undefined,
      isAnyLocated: () => false,
    };
    for (const read of Object.values(compileRow(azureRows[tool]!, around).attributes)) read(args);
    for (const word of words.split(' ')) {
      const argument = word.replace(/\*?(:\w+)?$/, '');
      if (!telling.test(argument) || tellingButNot.test(argument) || notOfAThing.has(`${tool} ${argument}`)) continue;
      assert.ok(seen.has(argument), `${tool}: no attribute is made of ${argument}`);
      count += 1;
    }
  }
  assert.equal(count, 60);
});
