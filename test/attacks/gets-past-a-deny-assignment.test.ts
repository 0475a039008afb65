// The attacker is an owner to whom a deny assignment forbids deletions in production, and looks for a way of asking that it misses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActionMap } from '../../src/access/action-map.ts';
import { bind } from '../../src/access/assignment.ts';
import { createBuiltInRoles } from '../../src/access/built-in-roles.ts';
import { createDecider } from '../../src/access/decider.ts';
import { bindDeny } from '../../src/access/deny/deny-assignment.ts';
import type { DenyAssignment } from '../../src/access/deny/deny-assignment.ts';
import type { Principal } from '../../src/base/principal.ts';

const s = '/subscriptions/00000000-0000-0000-0000-000000000001';
const group = (name: string): string => `${s}/resourceGroups/${name}`;
const machine = `${group('prod')}/providers/Microsoft.Compute/virtualMachines/web`;
const mallory: Principal = { id: 'mallory', kind: 'user', name: 'mallory', groups: ['owners'] };

/** Takes action and scope from the caller: the weakest map that could stand in front of the decision. */
const trustingMap: ActionMap = {
  tools: ['delete'],
  always: () => undefined,
  requirements: (_tool, { action, scope }) => ({
    effect: 'destroy',
    requirements: [{ action: String(action), data: false, scope: String(scope) }],
  }),
  attributes: (_tool, { force }) => (typeof force === 'boolean' ? { publicIp: force } : {}),
};
const roles = new Map(createBuiltInRoles().map((role) => [role.name, role]));
// As many roles as there are ways to come by one, the nearest of them at the machine itself.
const grants = [
  ['configuration', '/'],
  ['database', s],
  ['elevation', group('prod')],
  ['break-glass', machine],
].map(([source, scope = ''], at) =>
  bind(
    {
      id: `a${at}`,
      principal: at % 2 === 0 ? { kind: 'group', id: 'owners' } : { kind: 'user', id: 'mallory' },
      role: 'Owner',
      scope,
      source: source as 'elevation',
    },
    roles,
  ),
);
const kept: DenyAssignment = {
  id: 'kept',
  name: 'Nothing is deleted in production',
  principals: [{ kind: 'group', id: 'owners' }],
  excludePrincipals: [{ kind: 'group', id: 'break-glass' }],
  permissions: [{ actions: ['*/delete'], notActions: [], dataActions: [], notDataActions: [] }],
  scope: group('prod'),
  doNotApplyToChildScopes: false,
  source: 'configuration',
};
const deciderWith = (...denials: DenyAssignment[]) =>
  createDecider(grants, new Map([['azure', trustingMap]]), { denials: denials.map((each) => bindDeny(each)) });

const deletion = 'Microsoft.Compute/virtualMachines/delete';
const attempts: readonly (readonly [way: string, args: Record<string, unknown>])[] = [
  ['as it is', { action: deletion, scope: machine }],
  ['in other letters', { action: deletion.toUpperCase(), scope: machine.replace('prod', 'PROD') }],
  ['at a part of the machine', { action: deletion, scope: `${machine}/extensions/e` }],
  ['at the resource group', { action: deletion, scope: group('prod') }],
  ['without a resource group', { action: deletion, scope: s }],
  ['without a subscription', { action: deletion, scope: '/' }],
  [
    'of another kind of thing',
    { action: 'Microsoft.Resources/subscriptions/resourceGroups/delete', scope: group('prod') },
  ],
];
const call = (args: Record<string, unknown>) =>
  ({ server: 'azure', primitive: 'tools', name: 'delete', arguments: args }) as const;

test('control: without the deny assignment every one of these calls is allowed', () => {
  const { decide } = deciderWith();
  for (const [way, args] of attempts) assert.equal(decide(mallory, call(args)).outcome, 'allow', way);
});

test('no way of asking, and no role however near, gets past it', () => {
  const { decide, explain } = deciderWith(kept);
  for (const [way, args] of attempts) {
    const decision = decide(mallory, call(args));
    assert.ok(decision.outcome === 'deny', way);
    assert.equal(decision.code, 'access_denied_by_assignment', way);
    assert.equal(explain(mallory, call(args)).decision.outcome, 'deny', way);
  }
});

test('another person, or another place, is not held up', () => {
  const { decide } = deciderWith(kept);
  assert.equal(decide(mallory, call({ action: deletion, scope: group('dev') })).outcome, 'allow');
  assert.equal(decide(mallory, call({ action: deletion.replace('delete', 'read'), scope: s })).outcome, 'allow');
  const rescuer = { ...mallory, groups: ['owners', 'break-glass'] };
  assert.equal(decide(rescuer, call({ action: deletion, scope: machine })).outcome, 'allow');
});

test('saying less does not help where it denies on a condition', () => {
  const { decide } = deciderWith({ ...kept, condition: '@Request[genkan:publicIp] BoolEquals true' });
  const asking = (force?: unknown) => decide(mallory, call({ action: deletion, scope: machine, force })).outcome;
  assert.equal(asking(false), 'allow');
  assert.equal(asking(true), 'deny');
  assert.equal(asking(), 'deny');
  assert.equal(asking('true'), 'deny');
});

const tableTools: DenyAssignment = {
  ...kept,
  principals: 'everyone',
  excludePrincipals: [],
  permissions: [{ ...kept.permissions[0]!, actions: ['mcp/*'] }],
  scope: '/servers/db/tools/drop*',
};
const oddNames = ['drop table', 'drop/table', 'drop.', 'drop%20table', 'drop\u200b', 'drop\n', 'drop:x'];
const tool = (name: string) => ({ server: 'db', primitive: 'tools', name, arguments: {} }) as const;

test('control: with a denial that is only held against names which are segments, a tool of another name is called', () => {
  const { decide } = deciderWith({ ...tableTools, scope: '/servers/db/tools/drop' });
  for (const name of oddNames) assert.equal(decide(mallory, tool(name)).outcome, 'allow', name);
});

test('no name that a server gives its tool gets past a denial by name', () => {
  const { decide, visible } = deciderWith(tableTools);
  for (const name of ['drop', ...oddNames]) {
    assert.equal(decide(mallory, tool(name)).outcome, 'deny', name);
    assert.equal(visible(mallory, tool(name)), false, name);
  }
  assert.equal(decide(mallory, tool('read table')).outcome, 'allow');
});

test('no deny assignment is taken that resources would get past', () => {
  assert.throws(() => bindDeny({ ...tableTools, scope: '/servers/db/resources/*' }), /not told apart/);
  const { decide } = deciderWith({ ...tableTools, scope: '/servers/db/resources' });
  const secret = { server: 'db', primitive: 'resources', name: 'file:///secret', arguments: {} } as const;
  assert.equal(decide(mallory, secret).outcome, 'deny');
});
