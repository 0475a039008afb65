// Tests of rules: what they refuse, hold for approval or note, and that what a call does not show never helps it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { describe as inWords } from '../../base/errors.ts';
import { createLog } from '../../base/log.ts';
import type { Principal } from '../../base/principal.ts';
import { languages } from '../../base/text.ts';
import { resolveApprovers } from '../approvals/approvers.ts';
import type { FindPerson } from '../approvals/approvers.ts';
import { createAzureMap } from '../azure/azure-map.ts';
import { azureRows } from '../azure/rows.ts';
import { mapAttributes } from '../conditions/attributes.ts';
import { createPatternMap } from '../patterns/pattern-map.ts';
import { patternMapSettings } from '../patterns/settings.ts';
import { createRules } from './rules.ts';
import type { ConfiguredRules, GrantedCall, RuleFinding } from './rules.ts';
import { rulesSettings } from './settings.ts';

const subscription = '00000000-0000-0000-0000-000000000001';
const azure = createAzureMap({ server: 'azure', subscriptions: {}, fixedArguments: {} });
const dana: Principal = { id: 'idp#dana', kind: 'user', name: 'dana', groups: ['dev-team'] };
const vm = {
  subscription,
  'resource-group': 'dev-web',
  'vm-name': 'web-1',
  location: 'japaneast',
  'vm-size': 'Standard_D2s_v5',
  'no-public-ip': true,
};

type Written = NonNullable<z.input<typeof rulesSettings>>;
const nobody: FindPerson = () => Promise.resolve(undefined);

function rulesOf(written: Written, findPerson: FindPerson = nobody): ConfiguredRules {
  return createRules(rulesSettings.parse(written), {
    resolveApprovers: (approvers) => resolveApprovers(approvers, findPerson),
    log: createLog('silent'),
  });
}

/** A call of a tool of the Azure MCP Server, as its map reads it. */
function called(tool: string, args: Record<string, unknown>, principal = dana): GrantedCall {
  const needs = azure.requirements(tool, args);
  assert.ok('requirements' in needs, JSON.stringify(needs));
  return {
    principal,
    request: { server: 'azure', primitive: 'tools', name: tool, arguments: args },
    requirements: needs.requirements,
    attributes: () => azure.attributes?.(tool, args) ?? {},
    nowMs: 0,
  };
}

/** A call of a tool that no map speaks of. */
const plain = (name: string, args: Record<string, unknown> = {}, principal = dana): GrantedCall => ({
  principal,
  request: { server: 'shop', primitive: 'tools', name, arguments: args },
  requirements: [{ action: `mcp/servers/shop/tools/${name}/call`, data: false, scope: `/servers/shop/tools/${name}` }],
  attributes: () => ({}),
  nowMs: 0,
});

const saidOf = (found: RuleFinding | undefined): string =>
  found === undefined
    ? 'nothing'
    : found.refusal !== undefined
      ? `${found.refusal.code} ${String(found.refusal.params['rule'])}`
      : `${found.approval?.rule ?? ''} ${(found.audited ?? []).join()}`.trim();
const said = (rules: ConfiguredRules, call: GrantedCall): string => saidOf(rules.check(call));

const regions: Written[number] = {
  name: 'allowed-locations',
  effect: 'deny',
  actions: ['Microsoft.Compute/virtualMachines/write'],
  unless: "@Request[genkan:location] ForAnyOfAnyValues:StringEquals {'japaneast', 'japanwest'}",
};

test('a region that is not on the list is refused, one that is passes, in any spelling of it', () => {
  const rules = rulesOf([regions]);
  for (const [location, expected] of [
    ['japaneast', 'nothing'],
    ['Japan West', 'nothing'],
    ['westus', 'access_rule_denied allowed-locations'],
    [undefined, 'access_rule_unshown allowed-locations'],
    [null, 'access_rule_unshown allowed-locations'],
  ] as const)
    assert.equal(said(rules, called('compute_vm_create', { ...vm, location })), expected, String(location));
  assert.equal(said(rules, called('compute_vm_get', { subscription })), 'nothing');
});

test('a tool that needs the action and has no such argument is refused, and told why', () => {
  const found = rulesOf([regions]).check(
    called('compute_vm_update', { subscription, 'resource-group': 'g', 'vm-name': 'v' }),
  );
  assert.ok(found?.refusal !== undefined);
  assert.equal(
    inWords(found.refusal).message,
    `The rule "allowed-locations" does not allow this call of compute_vm_update: the call does not show its location in a form that can be checked. This has to hold: @Request[genkan:location] ForAnyOfAnyValues:StringEquals {'japaneast', 'japanwest'}`,
  );
  assert.deepEqual(found.refusal.data, {
    rule: 'allowed-locations',
    expected: "@Request[genkan:location] ForAnyOfAnyValues:StringEquals {'japaneast', 'japanwest'}",
    unshown: ['location'],
  });
});

test('what callers read is in their language where the rule gives words for it', () => {
  const message = { en: 'Only Japan.', ja: '日本のリージョンだけを使用できます。' };
  const found = rulesOf([{ ...regions, message }]).check(called('compute_vm_create', { ...vm, location: 'westus' }));
  assert.ok(found?.refusal !== undefined);
  const { refusal } = found;
  assert.match(
    inWords(refusal, 'ja').message,
    /^ルール「allowed-locations」により.*日本のリージョンだけを使用できます。$/,
  );
  assert.match(inWords(refusal, 'ko').message, /Only Japan\.$/);
  for (const language of languages) assert.doesNotMatch(inWords(refusal, language).message, /\{|object/);
});

test('sizes, public addresses, tags, numbers and cost are held to what rules say', () => {
  const rules = rulesOf([
    {
      name: 'allowed-skus',
      effect: 'deny',
      actions: ['Microsoft.Compute/virtualMachines/write'],
      tools: ['compute_vm_create'],
      unless: "@Request[genkan:sku] StringLike 'standard_d?s_v5'",
    },
    { name: 'no-public-ip', effect: 'deny', actions: ['Microsoft.Network/publicIPAddresses/write'] },
    {
      name: 'few-instances',
      effect: 'deny',
      tools: ['compute_vmss_create'],
      unless: '@Request[genkan:count] NumericLessThanEquals 4',
    },
    {
      name: 'tagged',
      effect: 'deny',
      actions: ['Microsoft.Compute/disks/write'],
      tools: ['compute_disk_create'],
      unless: "@Request[genkan:tags/owner] StringLike '?*'",
    },
  ]);
  for (const [tool, args, expected] of [
    ['compute_vm_create', vm, 'nothing'],
    ['compute_vm_create', { ...vm, 'vm-size': 'Standard_NC24' }, 'access_rule_denied allowed-skus'],
    ['compute_vm_create', { ...vm, 'no-public-ip': 'true' }, 'access_rule_denied no-public-ip'],
    ['compute_vm_create', { ...vm, 'no-public-ip': undefined }, 'access_rule_denied no-public-ip'],
    ['compute_disk_create', { subscription, 'resource-group': 'g', 'disk-name': 'd', tags: 'owner=dana' }, 'nothing'],
    [
      'compute_disk_create',
      { subscription, 'resource-group': 'g', 'disk-name': 'd', tags: 'owner=' },
      'access_rule_denied tagged',
    ],
    [
      'compute_disk_create',
      { subscription, 'resource-group': 'g', 'disk-name': 'd', tags: 'own=dana' },
      'access_rule_unshown tagged',
    ],
  ] as const)
    assert.equal(said(rules, called(tool, args)), expected, JSON.stringify(args));
});

test('`when` counts only what is shown, but a form that cannot be compared does not hide it', () => {
  const rules = rulesOf([
    {
      name: 'no-refunds',
      effect: 'deny',
      servers: ['shop'],
      tools: ['refund*'],
      when: '@Request[genkan:arguments/amount] NumericGreaterThan 100',
    },
  ]);
  for (const [args, expected] of [
    [{ amount: 101 }, 'access_rule_denied no-refunds'],
    [{ amount: 100 }, 'nothing'],
    [{}, 'nothing'],
    [{ amount: '101' }, 'access_rule_unshown no-refunds'],
    [{ amount: [101] }, 'access_rule_unshown no-refunds'],
    [{ amount: { value: 101 } }, 'access_rule_unshown no-refunds'],
  ] as const)
    assert.equal(said(rules, plain('refund', args)), expected, JSON.stringify(args));
  assert.equal(said(rules, plain('sell', { amount: 101 })), 'nothing');
});

test('`when` on what a map reads fires on every form that hides what it holds, and on nothing that is absent', () => {
  const settings = patternMapSettings.parse({
    map: 'patterns',
    tools: {
      make: {
        actions: ['vm/write'],
        attributes: { location: 'at', publicIp: 'open', tags: 'tags', count: 'n', sku: 'size' },
      },
    },
  });
  const { attributes } = createPatternMap('shop', settings);
  const outcome = (when: string, args: Record<string, unknown>): string =>
    said(rulesOf([{ name: 'r', effect: 'deny', when }]), {
      ...plain('make', args),
      attributes: () => attributes!('make', args),
    });
  const [denied, unshown, nothing] = ['access_rule_denied r', 'access_rule_unshown r', 'nothing'];
  for (const [when, rows] of [
    [
      "@Request[genkan:location] StringEquals 'westus'",
      [
        [{ at: 'West US' }, denied],
        [{ at: ['westus'] }, denied],
        [{ at: ['westus', 'japaneast'] }, unshown],
        [{ at: { name: 'westus' } }, unshown],
        [{ at: 'eastus' }, nothing],
        [{ at: [] }, nothing],
        [{}, nothing],
      ],
    ],
    [
      '@Request[genkan:publicIp] BoolEquals true',
      [
        [{ open: 1 }, denied],
        [{ open: 'yes' }, denied],
        [{ open: 'on' }, denied],
        [{ open: { enabled: true } }, unshown],
        [{ open: 'off' }, nothing],
        [{}, nothing],
      ],
    ],
    [
      "@Request[genkan:tags/env] StringEquals 'prod'",
      [
        [{ tags: { env: 'prod' } }, denied],
        [{ tags: 'ENV=prod' }, denied],
        [{ tags: [{ key: 'env', value: 'prod' }] }, unshown],
        [{ tags: 'env=prod,env=dev' }, unshown],
        [{ tags: '{"env":"prod","n":1}' }, unshown],
        [{ tags: { env: 'dev' } }, nothing],
        [{ tags: {} }, nothing],
        [{}, nothing],
      ],
    ],
    [
      "@Request[genkan:tags] ForAnyOfAnyValues:StringEquals {'env=prod'}",
      [
        [{ tags: { env: 'prod' } }, denied],
        [{ tags: 'env=prod,env=dev' }, unshown],
      ],
    ],
    [
      '@Request[genkan:count] NumericGreaterThan 10',
      [
        [{ n: '500' }, denied],
        [{ n: '1,000' }, unshown],
        [{ n: { n: 500 } }, unshown],
        [{ n: 5 }, nothing],
      ],
    ],
    ["@Request[genkan:costClass] StringEquals 'high'", [[{ size: ['S1', 'UltraSSD_LRS'] }, unshown]]],
    ['Exists @Request[genkan:tags]', [[{ tags: 'env: prod' }, denied]]],
  ] as const)
    for (const [args, expected] of rows) assert.equal(outcome(when, args), expected, `${when} ${JSON.stringify(args)}`);
});

test('`unless` is not met by the opposite of something that a call leaves out', () => {
  const rules = rulesOf([
    { name: 'r', effect: 'deny', unless: "NOT @Request[genkan:arguments/env] StringEquals 'prod'" },
  ]);
  assert.equal(said(rules, plain('x', { env: 'dev' })), 'nothing');
  assert.equal(said(rules, plain('x', { env: 'prod' })), 'access_rule_denied r');
  assert.equal(said(rules, plain('x')), 'access_rule_unshown r');
});

test('whoever is in no group at all is not in the group that a rule asks for', () => {
  const rules = rulesOf([
    { name: 'r', effect: 'deny', when: "NOT @Principal[genkan:groups] ForAnyOfAnyValues:StringEquals {'ops'}" },
  ]);
  assert.equal(said(rules, plain('x', {}, { ...dana, groups: [] })), 'access_rule_denied r');
  assert.equal(said(rules, plain('x', {}, { ...dana, groups: ['ops'] })), 'nothing');
});

test('`when` and `unless` together: refused where the one holds and the other does not', () => {
  const rules = rulesOf([
    {
      name: 'r',
      effect: 'deny',
      when: '@Request[genkan:arguments/open] BoolEquals true',
      unless: "@Environment[genkan:sourceIP] IpMatch '10.0.0.0/8'",
    },
  ]);
  const from = (sourceIP: string, open: boolean): GrantedCall => {
    const call = plain('x', { open });
    return { ...call, request: { ...call.request, sourceIP } };
  };
  assert.equal(said(rules, from('10.1.1.1', true)), 'nothing');
  assert.equal(said(rules, from('203.0.113.1', false)), 'nothing');
  assert.equal(said(rules, from('203.0.113.1', true)), 'access_rule_denied r');
});

test('a rule holds at its scope, below it, and where a call does not show where it acts', () => {
  const rules = rulesOf([
    {
      name: 'prod',
      effect: 'deny',
      scope: `/subscriptions/${subscription}/resourceGroups/prod-*`,
      actions: ['*/write', '*/delete'],
    },
  ]);
  assert.equal(
    said(rules, called('compute_vm_delete', { subscription, 'resource-group': 'PROD-web', 'vm-name': 'v' })),
    'access_rule_denied prod',
  );
  assert.equal(
    said(rules, called('compute_vm_delete', { subscription, 'resource-group': 'dev-web', 'vm-name': 'v' })),
    'nothing',
  );
  assert.equal(said(rules, called('compute_vm_delete', { subscription, 'vm-name': 'v' })), 'access_rule_denied prod');
  assert.equal(said(rules, plain('x')), 'nothing');
});

test('actions, exceptions and principals narrow a rule, never by a name or a group in dispute', () => {
  const rules = rulesOf([
    {
      name: 'r',
      effect: 'deny',
      actions: ['mcp/*'],
      notActions: ['mcp/servers/shop/tools/read*'],
      exceptPrincipals: [{ group: 'ops' }, { user: 'idp#sena' }, { application: 'bot' }],
    },
  ]);
  const by = (more: Partial<Principal>): string => said(rules, plain('sell', {}, { ...dana, ...more }));
  assert.equal(said(rules, plain('read_stock')), 'nothing');
  assert.equal(by({}), 'access_rule_denied r');
  assert.equal(by({ groups: ['ops'] }), 'nothing');
  assert.equal(by({ groups: ['ops'], disputedGroups: { either: ['ops'], both: [] } }), 'access_rule_denied r');
  assert.equal(by({ id: 'idp#sena' }), 'nothing');
  assert.equal(by({ name: 'idp#sena' }), 'access_rule_denied r');
  assert.equal(by({ kind: 'application', id: 'application:bot', clientId: 'bot' }), 'nothing');
  assert.equal(by({ clientId: 'bot' }), 'access_rule_denied r');
});

const sena = 'https://login.example.com#sena';
const asking = (more: Partial<Written[number]> = {}): Written[number] => ({
  name: 'ask',
  effect: 'requireApproval',
  tools: ['delete*'],
  approvers: [{ group: 'security' }],
  ...more,
});

test('a call that has to be approved says by whom, how and how long', async () => {
  const found: FindPerson = (name) => Promise.resolve(name === 'sena@example.com' ? sena : undefined);
  const rules = rulesOf(
    [asking({ approvers: [{ user: 'sena@example.com' }, { group: 'security' }], within: 'PT5M' })],
    found,
  );
  await rules.lookUpApprovers();
  assert.deepEqual(rules.check(plain('delete_all')), {
    approval: {
      rule: 'ask',
      approvers: [
        { kind: 'user', id: sena, name: 'sena@example.com' },
        { kind: 'group', id: 'security' },
      ],
      mfa: true,
      withinSeconds: 300,
    },
  });
  assert.equal(rules.check(plain('list')), undefined);
});

test('of several approvals the one that meets them all is asked for', () => {
  const rules = rulesOf([
    asking({ name: 'wide', approvers: [{ group: 'security' }, { group: 'ops' }], mfa: true, within: 'PT10M' }),
    asking({ name: 'narrow', mfa: false, within: '1h' }),
  ]);
  assert.deepEqual(rules.check(plain('delete_all')), {
    approval: { rule: 'narrow', approvers: [{ kind: 'group', id: 'security' }], mfa: true, withinSeconds: 600 },
  });
});

test('lists of approvers of which neither holds the other are not taken where both may be needed', () => {
  const parse = (more: Partial<Written[number]>) => rulesSettings.safeParse([asking(), asking({ name: 'b', ...more })]);
  const other = { approvers: [{ group: 'ops' }] };
  assert.match(z.prettifyError(parse(other).error!), /one list of approvers has to hold the other/);
  assert.ok(parse({ ...other, tools: ['restart*'] }).success);
  assert.ok(parse({ ...other, scope: '/subscriptions/*', tools: ['delete_x'] }).success === false);
  assert.ok(parse({ ...other, effect: 'requireApproval', servers: ['shop'] }).success === false);
});

test('a name of nobody approves nothing, and is looked up again', async () => {
  let known: string | undefined;
  let asked = 0;
  const rules = rulesOf([asking({ approvers: [{ user: 'sena@example.com' }] })], () => {
    asked += 1;
    return known === undefined ? Promise.reject(new Error('away')) : Promise.resolve(known);
  });
  await rules.lookUpApprovers();
  const at = (nowMs: number): string => said(rules, { ...plain('delete_all'), nowMs });
  assert.equal(at(0), 'access_rule_no_approver ask');
  await rules.lookUpApprovers();
  known = sena;
  assert.equal(at(29_999), 'access_rule_no_approver ask');
  assert.equal(asked, 2);
  assert.equal(at(30_000), 'access_rule_no_approver ask');
  await rules.lookUpApprovers();
  assert.equal(at(30_001), 'ask');
  assert.equal(at(90_000), 'ask');
  assert.equal(asked, 3);
});

test('a refusal goes before an approval, the first of several is told, and audit only notes', () => {
  const deny: Written[number] = { name: 'never', effect: 'deny', tools: ['delete_all'] };
  const audit: Written[number] = { name: 'watch', effect: 'audit', servers: ['shop'] };
  const rules = rulesOf([audit, asking(), deny, { ...deny, name: 'later' }]);
  assert.equal(said(rules, plain('delete_all')), 'access_rule_denied never');
  assert.equal(said(rules, plain('delete_one')), 'ask watch');
  assert.equal(said(rules, plain('list')), 'watch');
  assert.equal(said(rulesOf([]), plain('list')), 'nothing');
});

test('settings that contradict themselves are not taken', () => {
  for (const [written, reason] of [
    [asking({ approvers: undefined }), /it needs "approvers"/],
    [{ ...regions, approvers: [{ group: 'x' }] }, /goes with "effect: requireApproval" alone/],
    [{ ...regions, within: 'PT1M' }, /goes with "effect: requireApproval" alone/],
    [asking({ message: 'x' }), /goes with "effect: deny" alone/],
    [asking({ within: 'P2D' }), /at most P1D/],
    [{ ...regions, scope: 'dev-*' }, /it is not a scope/],
    [{ ...regions, unless: 'x' }, /at character 1, expected \(, !, ActionMatches/],
    [{ ...regions, unles: 'x' }, /Unrecognized key/],
    [{ ...regions, actions: ['Microsoft.C\u043empute/*'] }, /not an action pattern/],
  ] as const) {
    const parsed = rulesSettings.safeParse([written]);
    assert.match(z.prettifyError(parsed.error!), reason);
  }
  assert.match(
    z.prettifyError(rulesSettings.safeParse([regions, { ...regions, name: 'Allowed-Locations' }]).error!),
    /another rule has this name/,
  );
});

test('conditions know every attribute that the map of Azure gives', () => {
  const given = Object.values(azureRows).flatMap(({ attributes = {} }) => Object.keys(attributes));
  assert.deepEqual(
    [...new Set(given)].filter((name) => !mapAttributes.includes(name)),
    [],
  );
});

test('rules about other actions cost a look-up', () => {
  const many = Array.from({ length: 100 }, (_, at) => ({ ...regions, name: `r${at}` }));
  const rules = rulesOf(many);
  const call = plain('list');
  const rounds = 100_000;
  for (let round = 0; round < rounds; round += 1) rules.check(call);
  const began = process.hrtime.bigint();
  for (let round = 0; round < rounds; round += 1) rules.check(call);
  const ns = Number(process.hrtime.bigint() - began) / rounds;
  // A generous bound: a test machine may be busy. It takes some 20 ns.
  assert.ok(ns < 2000, `${ns} ns`);
});
