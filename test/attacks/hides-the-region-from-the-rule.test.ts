// The attacker may create machines anywhere, but a rule allows two regions: the region is left out, spelt, wrapped or put elsewhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bind } from '../../src/access/assignment.ts';
import { createAzureMap } from '../../src/access/azure/azure-map.ts';
import { createDecider } from '../../src/access/decider.ts';
import { createRole } from '../../src/access/role.ts';
import { createRules } from '../../src/access/rules/rules.ts';
import { rulesSettings } from '../../src/access/rules/settings.ts';
import { createLog } from '../../src/base/log.ts';
import type { Principal } from '../../src/base/principal.ts';

const subscription = '00000000-0000-0000-0000-000000000001';
const attacker: Principal = { id: 'mallory', kind: 'user', name: 'mallory', groups: ['dev-team'] };
const role = createRole({ Name: 'Everything', Actions: ['*'], AssignableScopes: ['/'] }, 'test', {});
const grants = [
  bind(
    { id: 'a', principal: { kind: 'group', id: 'dev-team' }, role: 'Everything', scope: '/', source: 'configuration' },
    new Map([['Everything', role]]),
  ),
];
const maps = new Map([['azure', createAzureMap({ server: 'azure', subscriptions: {}, fixedArguments: {} })]]);

/** What comes of a call under one rule. */
function under(rule: { readonly when?: string; readonly unless?: string }) {
  const written = rulesSettings.parse([
    { name: 'regions', effect: 'deny', actions: ['*/virtualMachines/write', 'mcp/*'], ...rule },
  ]);
  const none = { resolveApprovers: () => Promise.resolve({ approvers: [], unknown: [] }), log: createLog('silent') };
  const { decide } = createDecider(grants, maps, { rules: createRules(written, none) });
  return {
    azure: (args: Record<string, unknown>) =>
      decide(attacker, {
        server: 'azure',
        primitive: 'tools',
        name: 'compute_vm_create',
        arguments: { subscription, 'resource-group': 'dev', 'vm-name': 'vm', 'no-public-ip': true, ...args },
      }),
    other: (args: Record<string, unknown>) =>
      decide(attacker, { server: 'cloud', primitive: 'tools', name: 'create', arguments: args }),
  };
}

const strict = under({
  unless: `
    (ActionMatches{'mcp/*'} AND @Request[genkan:arguments/location] ForAnyOfAnyValues:StringEquals {'japaneast'})
    OR @Request[genkan:location] ForAnyOfAnyValues:StringEquals {'japaneast', 'japanwest'}`,
});
// As somebody writes it who thinks of one spelling: what is forbidden, read from the argument.
const careless = under({ when: "@Request[genkan:arguments/location] StringEquals 'westus'" });

const hidden: readonly Record<string, unknown>[] = [
  { location: 'West US' },
  { location: 'WESTUS' },
  { location: 'west us ' },
  { location: '\twestus' },
  {},
  { location: null },
  { location: '' },
];
const wrapped: readonly Record<string, unknown>[] = [
  { location: ['westus'] },
  { location: ['japaneast', 'westus'] },
  { location: ['west', 'us'] },
  { location: { name: 'westus', toString: 'japaneast' } },
  { location: 'japaneast\u200b' },
  { location: 'j\u0430paneast' },
  { location: 'japaneast,westus' },
  { location: true },
  { location: 0 },
  { Location: 'japaneast', location: 'westus' },
  { region: 'japaneast' },
  { location: 'x'.repeat(100_000) },
];

test('a region in any other form than one of the two is refused', () => {
  for (const args of [...hidden, ...wrapped]) {
    const decision = strict.azure(args);
    assert.equal(decision.outcome, 'deny', JSON.stringify(args).slice(0, 80));
  }
  for (const location of ['japaneast', 'Japan East', 'JAPANWEST'])
    assert.equal(strict.azure({ location }).outcome, 'allow', location);
});

test('nor does it help at a server that no map speaks of', () => {
  // A list with a region of the rule in it satisfies "any of": a rule about one value writes it without For…, or with ForAllOf….
  const one = under({ unless: "@Request[genkan:arguments/location] StringEquals 'japaneast'" });
  const all = under({ unless: "@Request[genkan:arguments/location] ForAllOfAnyValues:StringEquals {'japaneast'}" });
  for (const args of [...hidden, ...wrapped, { location: [] }, { __proto__: { location: 'japaneast' } }])
    for (const rule of [one, all]) assert.equal(rule.other(args).outcome, 'deny', JSON.stringify(args).slice(0, 80));
  for (const rule of [one, all]) assert.equal(rule.other({ location: 'japaneast' }).outcome, 'allow');
});

test('control: under a rule that forbids one spelling, every other one passes', () => {
  assert.equal(careless.azure({ location: 'westus' }).outcome, 'deny');
  for (const args of hidden) assert.equal(careless.azure(args).outcome, 'allow', JSON.stringify(args));
});
