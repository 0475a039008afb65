// Tests of decisions: the story of a developer whose role ends at dev-*, and every rule on its own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { describe } from '../base/errors.ts';
import { refuse } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { ActionMap, NeededAction, Needs } from './action-map.ts';
import { bind } from './assignment.ts';
import { createDecider } from './decider.ts';
import type { AccessRequest, Effect } from './decision.ts';
import { collectRoles } from './roles.ts';

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';
const group = (name: string): string => `${subscription}/resourceGroups/${name}`;
const seedFile = path.join(import.meta.dirname, '../../test/golden/access/custom-role.json');
const readSeed = (): string => readFileSync(seedFile, 'utf8');
const variables = { 'subscription-id': '00000000-0000-0000-0000-000000000001' };

/** Tools with the shapes that Azure's have: actions at the resource group, or at the subscription where none is given. */
const shapes: Record<
  string,
  { effect: Effect; actions: string[]; data?: string[]; narrowest?: NeededAction['narrowest'] }
> = {
  compute_vm_get: { effect: 'read', actions: ['Microsoft.Compute/virtualMachines/read'] },
  compute_vm_update: {
    effect: 'write',
    actions: ['Microsoft.Compute/virtualMachines/read', 'Microsoft.Compute/virtualMachines/write'],
  },
  compute_vm_delete: { effect: 'destroy', actions: ['Microsoft.Compute/virtualMachines/delete'] },
  compute_vm_create: {
    effect: 'write',
    actions: [
      'Microsoft.Compute/virtualMachines/write',
      'Microsoft.Network/networkInterfaces/write',
      'Microsoft.Network/publicIPAddresses/write',
    ],
  },
  storage_account_create: { effect: 'write', actions: ['Microsoft.Storage/storageAccounts/write'] },
  storage_blob_get: {
    effect: 'read',
    actions: [],
    data: ['Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'],
  },
  group_list: {
    effect: 'read',
    actions: ['Microsoft.Resources/subscriptions/resourceGroups/read'],
    narrowest: 'subscription',
  },
  nothing_needed: { effect: 'read', actions: [] },
};
const shapedMap: ActionMap = {
  tools: Object.keys(shapes),
  always(tool) {
    if (!Object.hasOwn(shapes, tool)) return undefined;
    const { actions, data = [], narrowest } = shapes[tool]!;
    return [
      ...actions.map((action) => ({ action, data: false, narrowest })),
      ...data.map((action) => ({ action, data: true, narrowest })),
    ];
  },
  requirements(tool, { resourceGroup }): Needs | ReturnType<typeof refuse> {
    const always = shapedMap.always(tool);
    if (always === undefined) return refuse('access_tool_unmapped', { tool, server: 'azure' });
    const scope = typeof resourceGroup === 'string' ? group(resourceGroup) : subscription;
    return {
      effect: shapes[tool]!.effect,
      requirements: always.map(({ action, data }) => ({ action, data, scope })),
    };
  },
};

type Line = [assignee: string, role: string, scope: string];

const customRoles = [
  'custom-role.json',
  { Name: 'No Deletes', Actions: ['*'], NotActions: ['*/delete'], AssignableScopes: ['/'] },
  { Name: 'VM Deleter', Actions: ['Microsoft.Compute/virtualMachines/delete'], AssignableScopes: ['/'] },
  { Name: 'Blob Reader', DataActions: ['*/blobs/read'], AssignableScopes: ['/'] },
  { Name: 'Only Read File', Actions: ['mcp/servers/files/tools/read_*/call'], AssignableScopes: ['/'] },
];

function decider(...lines: Line[]) {
  const roles = collectRoles(customRoles, readSeed, variables);
  const grants = lines.map(([assignee, role, scope], at) => {
    const [kind, id] = assignee.split(':') as ['user' | 'group', string];
    return bind({ id: `a${at}`, principal: { kind, id }, role, scope, source: 'configuration' }, roles);
  });
  return createDecider(grants, new Map([['azure', shapedMap]]));
}

const person = (id: string, ...groups: string[]): Principal => ({
  id,
  kind: 'user',
  name: `${id}@example.com`,
  groups,
});
const operator: Principal = { id: 'dana', kind: 'operator', name: 'root', groups: ['dev-team'] };
const dana = person('dana', 'dev-team');
const call = (name: string, args: Record<string, unknown> = {}, server = 'azure'): AccessRequest => ({
  server,
  primitive: 'tools',
  name,
  arguments: args,
});
const developer: Line = ['group:dev-team', 'Azure MCP Developer', group('dev-*')];

test("the developer's role allows and refuses what Azure would", () => {
  const { decide } = decider(developer);
  const dev = { resourceGroup: 'dev-web' };
  const prod = { resourceGroup: 'prod-web' };
  const table: [tool: string, args: Record<string, unknown>, expected: string, missing?: string[]][] = [
    ['compute_vm_update', dev, 'allow'],
    ['compute_vm_update', { resourceGroup: 'DEV-WEB' }, 'allow'],
    ['storage_account_create', dev, 'allow'],
    ['compute_vm_get', dev, 'allow'],
    ['compute_vm_delete', dev, 'access_action_excluded', ['Microsoft.Compute/virtualMachines/delete']],
    ['compute_vm_update', prod, 'access_out_of_scope', shapes['compute_vm_update']!.actions],
    ['storage_account_create', prod, 'access_out_of_scope', ['Microsoft.Storage/storageAccounts/write']],
    ['compute_vm_get', {}, 'access_out_of_scope', ['Microsoft.Compute/virtualMachines/read']],
    ['group_list', {}, 'access_out_of_scope', ['Microsoft.Resources/subscriptions/resourceGroups/read']],
    ['compute_vm_create', dev, 'access_action_missing', shapes['compute_vm_create']!.actions.slice(1)],
    ['compute_vm_create', prod, 'access_action_missing', shapes['compute_vm_create']!.actions],
    ['compute_vm_delete', prod, 'access_action_missing', ['Microsoft.Compute/virtualMachines/delete']],
    ['storage_blob_get', dev, 'access_action_missing', shapes['storage_blob_get']!.data],
    ['compute_vm_format', dev, 'access_tool_unmapped'],
    ['nothing_needed', dev, 'access_tool_unmapped'],
    ['compute_vm_update', { resourceGroup: '../prod-web' }, 'access_scope_invalid'],
  ];
  for (const [tool, args, expected, missing] of table) {
    const decision = decide(dana, call(tool, args));
    const what = `${tool} ${JSON.stringify(args)}`;
    assert.equal(decision.outcome === 'allow' ? 'allow' : decision.code, expected, what);
    if (decision.outcome === 'deny' && missing !== undefined)
      assert.deepEqual(decision.data?.['missing'], missing, what);
  }
});

test('an allowed call names the assignment behind each action and how it affects the world', () => {
  const decision = decider(developer).decide(dana, call('compute_vm_update', { resourceGroup: 'dev-web' }));
  assert.ok(decision.outcome === 'allow');
  assert.equal(decision.effect, 'write');
  const action = 'Microsoft.Compute/virtualMachines/*';
  const because = { assignment: 'a0', role: 'Azure MCP Developer', scope: group('dev-*'), action };
  assert.deepEqual(decision.because, [because, because]);
  assert.deepEqual(
    decision.requirements.map(({ action, scope }) => [action, scope]),
    shapes['compute_vm_update']!.actions.map((action) => [action, group('dev-web')]),
  );
});

test('a refusal tells a person and a machine what is missing, where, and where it is granted', () => {
  const { decide } = decider(developer);
  const prod = decide(dana, call('storage_account_create', { resourceGroup: 'prod-web' }));
  assert.ok(prod.outcome === 'deny');
  assert.equal(prod.effect, 'write');
  assert.deepEqual(prod.data, {
    missing: ['Microsoft.Storage/storageAccounts/write'],
    scopes: [group('prod-web')],
    granted: [group('dev-*')],
  });
  assert.equal(
    describe(prod).message,
    `storage_account_create is refused at ${group('prod-web')}: your roles grant Microsoft.Storage/storageAccounts/write elsewhere (${group('dev-*')}), not there.`,
  );
  const removal = decide(dana, call('compute_vm_delete', { resourceGroup: 'dev-web' }));
  assert.ok(removal.outcome === 'deny');
  assert.equal(removal.data?.['role'], 'Azure MCP Developer');
  assert.doesNotMatch(describe(removal).message, /[{}]/);
  const create = decide(dana, call('compute_vm_create', { resourceGroup: 'dev-web' }));
  assert.ok(create.outcome === 'deny');
  assert.match(describe(create).message, /networkInterfaces\/write, Microsoft\.Network\/publicIPAddresses\/write/);
});

test('rights add up over assignments: NotActions of one role take nothing from another', () => {
  const removal = call('compute_vm_delete', { resourceGroup: 'dev-web' });
  assert.equal(decider(developer).decide(dana, removal).outcome, 'deny');
  const both = decider(developer, ['user:dana', 'VM Deleter', group('dev-web')]).decide(dana, removal);
  assert.ok(both.outcome === 'allow');
  assert.equal(both.because[0]?.role, 'VM Deleter');
  assert.equal(
    decider(['user:dana', 'VM Deleter', '/'], ['user:dana', 'No Deletes', '/']).decide(dana, removal).outcome,
    'allow',
  );
});

test('each action may be granted by another assignment', () => {
  const { decide } = decider(
    developer,
    ['user:dana', 'Virtual Machine Contributor', subscription],
    ['user:dana', 'Owner', group('dev-web')],
  );
  const decision = decide(dana, call('compute_vm_create', { resourceGroup: 'dev-web' }));
  assert.ok(decision.outcome === 'allow');
  assert.deepEqual(
    decision.because.map(({ assignment }) => assignment),
    ['a1', 'a1', 'a2'],
  );
});

test('control actions never stand in for data actions, nor data actions for control actions', () => {
  const blob = call('storage_blob_get', { resourceGroup: 'dev-web' });
  assert.equal(decider(['user:dana', 'Owner', '/']).decide(dana, blob).outcome, 'deny');
  assert.equal(decider(['user:dana', 'Blob Reader', '/']).decide(dana, blob).outcome, 'allow');
});

test('only the principal and its groups count, compared exactly', () => {
  const { decide } = decider(developer, ['user:omar', 'Owner', '/']);
  const update = call('compute_vm_update', { resourceGroup: 'dev-web' });
  for (const other of [
    person('x'),
    person('x', 'Dev-Team'),
    person('x', 'dev-team '),
    person('dev-team'),
    person('Omar'),
    operator,
  ])
    assert.equal(decide(other, update).outcome, 'deny', JSON.stringify(other));
  assert.equal(decide(person('omar'), update).outcome, 'allow');
  // A group that is called like a person is not that person.
  assert.equal(decide(person('x', 'omar'), update).outcome, 'deny');
});

test('a tool without a map needs its own action at its own scope', () => {
  const read = call('read_file', {}, 'files');
  const cases: [Line, boolean][] = [
    [['user:dana', 'MCP User', '/'], true],
    [['user:dana', 'MCP User', '/servers'], true],
    [['user:dana', 'MCP User', '/servers/files'], true],
    [['user:dana', 'MCP User', '/servers/files/tools'], true],
    [['user:dana', 'MCP User', '/servers/files/tools/read_file'], true],
    [['user:dana', 'MCP User', '/servers/files/tools/read_*'], true],
    [['user:dana', 'Only Read File', '/servers/files'], true],
    [['user:dana', 'Owner', '/servers/files'], true],
    [['user:dana', 'MCP User', '/servers/files/tools/READ_FILE'], false],
    [['user:dana', 'MCP User', '/servers/files/tools/write_file'], false],
    [['user:dana', 'MCP User', '/servers/files/prompts'], false],
    [['user:dana', 'MCP User', '/servers/everything'], false],
    [['user:dana', 'MCP User', subscription], false],
    [['user:dana', 'Reader', '/'], false],
    [['user:dana', 'Genkan Operator', '/'], false],
  ];
  for (const [line, allowed] of cases)
    assert.equal(decider(line).decide(dana, read).outcome === 'allow', allowed, line.join(' '));
});

test('a server-wide role on a mapped server opens none of its Azure tools', () => {
  const { decide, visible } = decider(
    ['user:dana', 'MCP User', '/servers/azure'],
    ['user:dana', 'Owner', '/servers/azure'],
  );
  assert.equal(decide(dana, call('compute_vm_get', { resourceGroup: 'dev-web' })).outcome, 'deny');
  assert.equal(visible(dana, { server: 'azure', primitive: 'tools', name: 'compute_vm_get' }), false);
});

test('prompts and resources have actions of their own', () => {
  const { decide } = decider(
    ['user:dana', 'MCP User', '/servers/files/prompts'],
    ['user:omar', 'MCP User', '/servers/files/resources'],
  );
  const prompt: AccessRequest = { server: 'files', primitive: 'prompts', name: 'summary', arguments: {} };
  const resource: AccessRequest = { server: 'files', primitive: 'resources', name: 'file:///etc/../a', arguments: {} };
  assert.deepEqual(decide(dana, prompt).requirements, [
    { action: 'mcp/servers/files/prompts/summary/get', data: false, scope: '/servers/files/prompts/summary' },
  ]);
  assert.equal(decide(dana, prompt).outcome, 'allow');
  assert.equal(decide(dana, resource).outcome, 'deny');
  assert.equal(decide(person('omar'), resource).outcome, 'allow');
  assert.equal(decide(person('omar'), resource).effect, 'read');
});

test('annotations grade the effect of an unmapped tool and grant nothing', () => {
  const { decide } = decider(['user:dana', 'MCP User', '/servers/files']);
  const graded = (hints?: AccessRequest['hints']) => decide(dana, { ...call('x', {}, 'files'), hints }).effect;
  assert.equal(graded(), 'destroy');
  assert.equal(graded({}), 'destroy');
  assert.equal(graded({ readOnly: true }), 'read');
  assert.equal(graded({ readOnly: true, destructive: true }), 'read');
  assert.equal(graded({ destructive: false }), 'write');
  assert.equal(decide(person('x'), { ...call('x', {}, 'files'), hints: { readOnly: true } }).outcome, 'deny');
  // A map knows better than the server's own claims.
  const removal = { ...call('compute_vm_delete', { resourceGroup: 'dev-web' }), hints: { readOnly: true } };
  assert.equal(decide(dana, removal).effect, 'destroy');
});

test('lists show what some arguments are allowed for, and nothing else', () => {
  const shown = (...lines: Line[]) =>
    shapedMap.tools.filter((name) => decider(...lines).visible(dana, { server: 'azure', primitive: 'tools', name }));
  assert.deepEqual(shown(developer), ['compute_vm_get', 'compute_vm_update', 'storage_account_create']);
  assert.deepEqual(shown(), []);
  assert.deepEqual(shown(['user:dana', 'Blob Reader', group('x')]), ['storage_blob_get']);
  assert.deepEqual(shown(['user:dana', 'Reader', subscription]), ['compute_vm_get', 'group_list']);
  assert.equal(decider(developer).visible(dana, { server: 'azure', primitive: 'tools', name: 'unheard_of' }), false);
});

test('two rights in two places make no tool visible, unless the places overlap', () => {
  const update = { server: 'azure', primitive: 'tools', name: 'compute_vm_update' } as const;
  const writer = { Name: 'Writer', Actions: ['*/write'], AssignableScopes: ['/'] };
  const roles = collectRoles([writer], readSeed, variables);
  const shows = (readerScope: string, writerScope: string): boolean => {
    const bound = [['Reader', readerScope] as const, ['Writer', writerScope] as const].map(([role, scope]) =>
      bind({ id: role, principal: { kind: 'user', id: 'dana' }, role, scope, source: 'configuration' }, roles),
    );
    return createDecider(bound, new Map([['azure', shapedMap]])).visible(dana, update);
  };
  assert.equal(shows(group('a'), group('b')), false);
  assert.equal(shows(group('a'), group('a')), true);
  assert.equal(shows(subscription, group('b')), true);
  assert.equal(shows(group('b'), '/'), true);
  assert.equal(shows(group('dev-*'), group('dev-web')), true);
  assert.equal(shows(group('dev-*'), group('*-web')), true);
  assert.equal(shows(group('dev-*'), group('prod-*')), false);
});

test('the operator may administer, and use nothing', () => {
  const { allows, decide } = decider(['user:dana', 'Genkan Auditor', '/'], ['user:omar', 'Owner', '/']);
  assert.equal(allows(operator, 'genkan/role/assign', '/'), true);
  assert.equal(allows(operator, 'Microsoft.Compute/virtualMachines/read', '/'), false);
  assert.equal(allows(operator, 'mcp/servers/files/tools/read/call', '/servers/files'), false);
  assert.equal(decide(operator, call('read_file', {}, 'files')).outcome, 'deny');
  assert.equal(allows(dana, 'genkan/audit/list', '/'), true);
  assert.equal(allows(dana, 'genkan/role/assign', '/'), false);
  assert.equal(allows(person('omar'), 'genkan/role/assign', '/'), false);
  assert.equal(allows(dana, 'genkan/audit/list', '/..'), false);
});

test('an explanation holds every assignment of the person against every action', () => {
  const { explain } = decider(developer, ['user:dana', 'Reader', group('prod-web')], ['user:omar', 'Owner', '/']);
  const { decision, requirements } = explain(dana, call('compute_vm_delete', { resourceGroup: 'dev-web' }));
  assert.equal(decision.outcome, 'deny');
  assert.deepEqual(requirements, [
    {
      action: 'Microsoft.Compute/virtualMachines/delete',
      data: false,
      scope: group('dev-web'),
      outcome: 'access_action_excluded',
      considered: [
        {
          assignment: 'a1',
          through: 'user dana',
          role: 'Reader',
          scope: group('prod-web'),
          covers: false,
          verdict: 'silent',
        },
        {
          assignment: 'a0',
          through: 'group dev-team',
          role: 'Azure MCP Developer',
          scope: group('dev-*'),
          covers: true,
          verdict: 'excludes',
          action: 'Microsoft.Compute/virtualMachines/*',
          notAction: 'Microsoft.Compute/virtualMachines/delete',
        },
      ],
    },
  ]);
  const outcomes = (tool: string, resourceGroup: string) =>
    explain(dana, call(tool, { resourceGroup })).requirements.map(({ outcome }) => outcome);
  assert.deepEqual(outcomes('compute_vm_create', 'dev-web'), [
    'granted',
    'access_action_missing',
    'access_action_missing',
  ]);
  assert.deepEqual(outcomes('compute_vm_update', 'prod-web'), ['granted', 'access_out_of_scope']);
});

test('adding an assignment never takes a right away', () => {
  const scopes = ['/', subscription, group('dev-*'), group('dev-web'), '/servers/azure'];
  const names = ['Azure MCP Developer', 'Owner', 'Reader', 'No Deletes', 'VM Deleter', 'Blob Reader', 'Contributor'];
  const lines = names.flatMap((role) =>
    scopes
      .filter((scope) => role !== 'Azure MCP Developer' || scope.startsWith(`${subscription}/resourceGroups`))
      .map((scope): Line => ['user:dana', role, scope]),
  );
  const calls = shapedMap.tools.flatMap((tool) => [
    call(tool),
    call(tool, { resourceGroup: 'dev-web' }),
    call(tool, { resourceGroup: 'prod' }),
  ]);
  for (const first of lines) {
    const before = decider(first);
    const allowed = calls.filter((request) => before.decide(dana, request).outcome === 'allow');
    for (const second of lines) {
      const after = decider(second, first);
      for (const request of allowed)
        assert.equal(after.decide(dana, request).outcome, 'allow', `${first} + ${second}: ${request.name}`);
    }
  }
});
