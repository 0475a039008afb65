// docs/conditions.md: its configuration is taken, its rules do what it says, and no operator or attribute is missing from it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createAzureMap } from '../src/access/azure/azure-map.ts';
import { attributeNames } from '../src/access/conditions/attributes.ts';
import { compileCondition } from '../src/access/conditions/compile.ts';
import { operatorNames, quantifiers } from '../src/access/conditions/operators.ts';
import { createRules } from '../src/access/rules/rules.ts';
import type { GrantedCall } from '../src/access/rules/rules.ts';
import { createLog } from '../src/base/log.ts';
import { checkConfig } from '../src/config/load.ts';
import { renderMistake } from '../src/config/mistake.ts';

const page = readFileSync(path.join(import.meta.dirname, '../docs/conditions.md'), 'utf8');
const [, example = ''] = /```yaml\n([^]*?)```/.exec(page) ?? [];
const checked = checkConfig(
  'genkan.yaml',
  `identity: { provider: { issuer: https://login.example.com, clientId: genkan } }\n${example}`,
);
assert.ok(
  'config' in checked,
  'mistakes' in checked ? checked.mistakes.map((each) => renderMistake(each, 'en')).join() : '',
);
const { access } = checked.config.settings;

const group = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups';
const azure = createAzureMap({ server: 'azure', subscriptions: {}, fixedArguments: {} });
const rules = createRules(access.rules, {
  resolveApprovers: () =>
    Promise.resolve({ approvers: [{ kind: 'group', id: 'platform-leads' }], unknown: ['sena@example.com'] }),
  log: createLog('silent'),
});

function outcomeOf(
  server: string,
  tool: string,
  args: Record<string, unknown>,
  more: Partial<GrantedCall> = {},
): string {
  const given = { subscription: group.split('/')[2], 'resource-group': 'dev-web', ...args };
  const needs = server === 'azure' ? azure.requirements(tool, given) : undefined;
  assert.ok(needs === undefined || 'requirements' in needs, JSON.stringify(needs));
  const found = rules.check({
    principal: { id: 'idp#dana', kind: 'user', name: 'dana', groups: [] },
    request: {
      server,
      primitive: 'tools',
      name: tool,
      arguments: server === 'azure' ? given : args,
      sourceIP: '203.0.113.9',
    },
    requirements: needs?.requirements ?? [
      { action: `mcp/servers/${server}/tools/${tool}/call`, data: false, scope: `/servers/${server}/tools/${tool}` },
    ],
    attributes: () => (server === 'azure' ? (azure.attributes?.(tool, given) ?? {}) : {}),
    nowMs: 0,
    ...more,
  });
  if (found?.refusal !== undefined) return `${String(found.refusal.params['rule'])}: refused`;
  return (
    [found?.approval && `${found.approval.rule}: asked`, ...(found?.audited ?? [])].filter(Boolean).join() || 'passes'
  );
}

test('the rules of the page do what it says', () => {
  const vm = { 'vm-name': 'web', location: 'Japan East', 'vm-size': 'Standard_D2s_v5', 'no-public-ip': true };
  const agent = {
    principal: { id: 'application:bot', kind: 'application', name: 'bot', groups: [], clientId: 'bot' },
  } as const;
  const lead = { principal: { id: 'idp#lee', kind: 'user', name: 'lee', groups: ['support-leads'] } } as const;
  const calls: readonly (readonly [expected: string, ...call: Parameters<typeof outcomeOf>])[] = [
    ['passes', 'azure', 'compute_vm_create', vm],
    ['allowed-locations: refused', 'azure', 'compute_vm_create', { ...vm, location: 'westus' }],
    ['allowed-locations: refused', 'azure', 'compute_vm_create', { ...vm, location: undefined }],
    ['passes', 'azure', 'compute_vm_update', { 'vm-name': 'web' }],
    ['allowed-skus: refused', 'azure', 'compute_vm_create', { ...vm, 'vm-size': 'Standard_NC24ads_A100_v4' }],
    ['no-public-ip: refused', 'azure', 'compute_vm_create', { ...vm, 'no-public-ip': false }],
    [
      'passes',
      'azure',
      'compute_vm_create',
      { ...vm, 'no-public-ip': false, 'source-address-prefix': '203.0.113.8/29' },
    ],
    ['tagged-with-owner: refused', 'azure', 'compute_disk_create', { 'disk-name': 'd' }],
    ['passes', 'azure', 'compute_disk_create', { 'disk-name': 'd', tags: 'owner=dana' }],
    ['cost: asked', 'azure', 'compute_vm_update', { 'vm-name': 'web', 'vm-size': 'Standard_NC24ads_A100_v4' }],
    ['delete-in-production: asked', 'azure', 'compute_vm_delete', { 'vm-name': 'web', 'resource-group': 'prod-web' }],
    ['delete-in-production: asked', 'azure', 'compute_vm_delete', { 'vm-name': 'web', 'resource-group': undefined }],
    ['passes', 'azure', 'compute_vm_delete', { 'vm-name': 'web' }],
    ['passes', 'shop', 'refund', { amount: 100 }],
    ['small-refunds: refused', 'shop', 'refund', { amount: 101 }],
    ['small-refunds: refused', 'shop', 'refund', {}],
    ['passes', 'shop', 'refund', { amount: 101 }, lead],
    ['out-of-hours', 'shop', 'list', {}, agent],
  ];
  for (const [expected, ...call] of calls) assert.equal(outcomeOf(...call), expected, JSON.stringify(call));
});

test('the condition of the page restricts what it names, and nothing else', () => {
  const condition = compileCondition(access.assignments[0]?.condition ?? '');
  const holds = (action: string, location?: string): boolean =>
    condition.holds({
      principal: { id: 'idp#dana', kind: 'user', name: 'dana', groups: ['dev-team'] },
      request: { server: 'azure', primitive: 'tools', name: 't', arguments: {} },
      requirement: { action, data: false, scope: `${group}/dev-web` },
      attributes: { location },
      nowMs: 0,
    });
  assert.ok(holds('Microsoft.Compute/virtualMachines/read'));
  assert.ok(holds('Microsoft.Compute/virtualMachines/write', 'japanwest'));
  assert.ok(!holds('Microsoft.Compute/virtualMachines/write', 'westus'));
  assert.ok(!holds('Microsoft.Compute/virtualMachines/write'));
});

test('the page names every attribute and every kind of operator', () => {
  const attributes = (['Request', 'Resource', 'Principal', 'Environment'] as const).flatMap(attributeNames);
  for (const name of attributes.filter((each) => each.startsWith('genkan:')))
    assert.ok(page.includes(`[${name}]`), name);
  for (const name of quantifiers) assert.ok(page.includes(`\`${name}:\``), name);
  for (const family of new Set(operatorNames.map((name) => /^[A-Z][a-z]+(Time)?/.exec(name)?.[0] ?? name)))
    assert.ok(page.includes(`\`${family}`), family);
});
