// Tests of deny assignments: what is one, whom it holds for, and what people are told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, GenkanError } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import type { ActionMap } from '../action-map.ts';
import { bind } from '../assignment.ts';
import { createBuiltInRoles } from '../built-in-roles.ts';
import { createDecider } from '../decider.ts';
import type { Rules } from '../rules/rules.ts';
import { refuse } from '../../base/errors.ts';
import { bindDeny, configuredDenyAssignments } from './deny-assignment.ts';
import type { DenyAssignment } from './deny-assignment.ts';
import { denyAssignmentsSetting } from './settings.ts';

const s = '/subscriptions/00000000-0000-0000-0000-000000000001';
const prod = `${s}/resourceGroups/prod`;
const nothing = { actions: [], notActions: [], dataActions: [], notDataActions: [] };
const deny = (more: Partial<DenyAssignment> = {}): DenyAssignment => ({
  id: 'd1',
  name: 'Keep production',
  principals: 'everyone',
  excludePrincipals: [],
  permissions: [{ ...nothing, actions: ['*/delete'] }],
  scope: prod,
  doNotApplyToChildScopes: false,
  source: 'configuration',
  ...more,
});
const person = (more: Partial<Principal> = {}): Principal => ({
  id: 'dana',
  kind: 'user',
  name: 'dana',
  groups: [],
  ...more,
});
const map: ActionMap = {
  tools: ['delete', 'read'],
  always: (tool) => [{ action: `Microsoft.Compute/virtualMachines/${tool}`, data: false }],
  requirements: (tool, { scope = prod }) => ({
    effect: 'destroy',
    requirements: [{ action: `Microsoft.Compute/virtualMachines/${tool}`, data: false, scope: String(scope) }],
  }),
};
const roles = new Map(createBuiltInRoles().map((role) => [role.name, role]));
const owner = (scope = '/', source: 'configuration' | 'elevation' = 'configuration') =>
  bind({ id: `owner at ${scope}`, principal: { kind: 'user', id: 'dana' }, role: 'Owner', scope, source }, roles);
const decider = (denials: readonly DenyAssignment[], grants = [owner()], rules?: Rules) =>
  createDecider(grants, new Map([['azure', map]]), {
    denials: denials.map((each) => bindDeny(each)),
    ...(rules && { rules }),
  });
const call = (name = 'delete', args = {}) => ({ server: 'azure', primitive: 'tools', name, arguments: args }) as const;

const fails = (code: string, says: RegExp) => (error: unknown) => {
  assert.ok(error instanceof GenkanError);
  assert.equal(error.code, code);
  assert.match(error.message, says);
  return true;
};

test('what is no deny assignment is refused with its name', () => {
  for (const [more, code, says] of [
    [{ permissions: [nothing] }, 'access_deny_invalid', /Keep production.*no action/],
    [{ scope: '/subscriptions/../x' }, 'access_scope_invalid', /\.\./],
    [
      { scope: '/providers/Microsoft.Management/managementGroups/corp' },
      'access_deny_invalid',
      /management groups are not known here/,
    ],
    [
      { scope: '/servers/files/resources/secret*' },
      'access_deny_invalid',
      /not told apart.*\/servers\/files\/resources /,
    ],
    [{ scope: '/servers/*/resources/*' }, 'access_deny_invalid', /not told apart/],
    [{ condition: 'nonsense' }, 'access_condition_invalid', /nonsense/],
  ] as const)
    assert.throws(() => bindDeny(deny(more)), fails(code, says));
});

test('the configuration writes it with the properties of Azure, and its name is unique at its scope', () => {
  const written = {
    name: 'Keep production',
    principals: 'everyone',
    excludePrincipals: [{ group: 'break-glass' }],
    permissions: [{ actions: ['*/delete'] }],
    scope: '{sub}/resourceGroups/prod',
  };
  const read = (list: unknown) => configuredDenyAssignments(denyAssignmentsSetting.parse(list), { sub: s });
  const [first] = read([written]);
  assert.match(first!.id, /^configured-deny-[\w-]{12}$/);
  assert.equal(first?.scope, prod);
  assert.deepEqual(first?.excludePrincipals, [{ kind: 'group', id: 'break-glass' }]);
  assert.equal(read([{ ...written, description: 'x' }])[0]!.id === first.id, false, 'the id follows from the content');
  assert.throws(() => read([written, { ...written, name: 'KEEP production' }]), fails('access_deny_invalid', /taken/));
  assert.equal(read([written, { ...written, scope: s }]).length, 2);
  assert.throws(() => read([{ ...written, scope: '{other}' }]), fails('access_variable_unresolved', /Keep production/));
  for (const wrong of [
    { ...written, permissions: [{ notActions: ['*'] }] },
    { ...written, permissions: [] },
    { ...written, principals: [] },
    { ...written, excludePrincipals: 'everyone' },
    { ...written, notaction: ['*'] },
    { ...written, permissions: [{ actions: ['Micrоsoft.Compute/*'] }] }, // the first "о" is Cyrillic
  ])
    assert.equal(denyAssignmentsSetting.safeParse([wrong]).success, false, JSON.stringify(wrong));
});

test('groups that the sign-in and the directory dispute deny by either and spare by both', () => {
  const interns = bindDeny(deny({ principals: [{ kind: 'group', id: 'interns' }] }));
  const spared = bindDeny(deny({ excludePrincipals: [{ kind: 'group', id: 'admins' }] }));
  const disputed = (either: string[], both: string[]) => person({ groups: both, disputedGroups: { either, both } });
  assert.ok(interns.isFor(disputed(['interns'], [])));
  assert.ok(!interns.isFor(disputed([], [])));
  assert.ok(spared.isFor(disputed(['admins'], [])));
  assert.ok(!spared.isFor(disputed(['admins'], ['admins'])));
});

test('a refusal names the deny assignment to people and to machines', () => {
  const decision = decider([deny()]).decide(person(), call());
  assert.ok(decision.outcome === 'deny');
  assert.equal(decision.code, 'access_denied_by_assignment');
  assert.deepEqual(decision.data, {
    missing: ['Microsoft.Compute/virtualMachines/delete'],
    scopes: [prod],
    denyAssignment: { id: 'd1', name: 'Keep production', scope: prod },
  });
  for (const language of ['en', 'ja', 'ko', 'zh-Hant'] as const) {
    const { message } = describe(decision, language);
    assert.match(message, /Keep production/);
    assert.doesNotMatch(message, /[{}]/);
  }
});

test('an elevated role helps against nothing that is denied', () => {
  const { decide } = decider([deny()], [owner('/', 'elevation'), owner(prod, 'elevation')]);
  assert.equal(decide(person(), call('read')).outcome, 'allow');
  assert.equal(decide(person(), call()).outcome, 'deny');
});

test('an explanation lists every deny assignment at the scope, and which one denies', () => {
  const others = [
    deny({ id: 'spares', excludePrincipals: [{ kind: 'user', id: 'dana' }] }),
    deny({ id: 'leaves out', permissions: [{ ...nothing, actions: ['*'], notActions: ['*/DELETE'] }] }),
    deny({ id: 'elsewhere', scope: `${s}/resourceGroups/dev` }),
  ];
  const { requirements } = decider([...others, deny()]).explain(person(), call());
  assert.equal(requirements[0]?.outcome, 'access_denied_by_assignment');
  assert.deepEqual(
    requirements[0]?.denials?.map(({ denyAssignment, isForPrincipal, verdict, action, notAction, denies }) => [
      denyAssignment,
      isForPrincipal,
      verdict,
      action,
      notAction,
      denies,
    ]),
    [
      ['spares', false, 'grants', '*/delete', undefined, false],
      ['leaves out', true, 'excludes', '*', '*/DELETE', false],
      ['d1', true, 'grants', '*/delete', undefined, true],
    ],
  );
  assert.equal(decider(others.slice(2)).explain(person(), call()).requirements[0]?.denials, undefined);
});

test('lists hide what is denied wherever it could be used, and show what depends on the call', () => {
  const shows = (more: Partial<DenyAssignment>, held = prod) =>
    decider([deny(more)], [owner(held)]).visible(person(), { server: 'azure', primitive: 'tools', name: 'delete' });
  assert.equal(shows({}), false);
  assert.equal(shows({}, s), true, 'there are other resource groups');
  assert.equal(shows({ scope: `${s}/resourceGroups/*` }), false);
  assert.equal(shows({ scope: s, doNotApplyToChildScopes: true }), true);
  assert.equal(shows({ condition: "@Request[genkan:location] StringEquals 'eastus'" }), true);
  assert.equal(shows({ excludePrincipals: [{ kind: 'user', id: 'dana' }] }), true);
});

test('a server of which everything is denied is not reached, and one of which something is left is', () => {
  const reaches = (actions: string[], notActions: string[] = [], scope = '/servers/files') =>
    decider([deny({ permissions: [{ ...nothing, actions, notActions }], scope })]).reaches(person(), 'files');
  assert.equal(reaches(['mcp/*']), false);
  assert.equal(reaches(['*']), false);
  assert.equal(reaches(['*'], [], '/'), false);
  assert.equal(reaches(['*'], [], '/servers/f*'), false);
  assert.equal(reaches(['mcp/servers/files/tools/*']), true, 'prompts are left');
  assert.equal(reaches(['mcp/*'], ['*/read_*/call']), true);
  assert.equal(reaches(['mcp/*'], [], '/servers/other'), true);
  assert.equal(reaches(['mcp/servers/files/tools/delete_*']), true);
});

test('whoever shuts everybody out can let them in again at the machine itself', () => {
  const { allows } = decider(
    [deny({ permissions: [{ ...nothing, actions: ['*'] }], scope: '/' })],
    [
      bind(
        {
          id: 'admin',
          principal: { kind: 'user', id: 'dana' },
          role: 'Genkan Operator',
          scope: '/',
          source: 'configuration',
        },
        roles,
      ),
    ],
  );
  assert.equal(allows(person(), 'genkan/role/assign', '/'), false);
  assert.equal(allows(person({ kind: 'operator' }), 'genkan/role/assign', '/'), true);
});

test('rules are asked only of what assignments grant, and their answers stand in the decision', () => {
  const asked: string[] = [];
  const approval = { rule: 'deletes', approvers: [], mfa: false, withinSeconds: 60 };
  const rules: Rules = {
    isEmpty: false,
    check({ request: { name } }) {
      asked.push(name);
      return name === 'read' ? { audited: ['reads'] } : { approval };
    },
  };
  assert.equal(decider([deny()], [owner()], rules).decide(person(), call()).outcome, 'deny');
  assert.deepEqual(asked, []);
  const { decide } = decider([], [owner()], rules);
  const [read, removal] = [decide(person(), call('read')), decide(person(), call())];
  assert.ok(read.outcome === 'allow' && removal.outcome === 'allow');
  assert.deepEqual(read.audited, ['reads']);
  assert.equal(removal.approval, approval);
  const refusing: Rules = { isEmpty: false, check: () => ({ refusal: refuse('access_tool_unmapped') }) };
  assert.equal(decider([], [owner()], refusing).decide(person(), call()).outcome, 'deny');
});

test('a denial by name holds for names that are no segment of a scope, and for no others', () => {
  const told = (scope: string, name: string, actions = ['mcp/*'], primitive: 'tools' | 'prompts' = 'tools') => {
    const { decide, visible } = decider([deny({ scope, permissions: [{ ...nothing, actions }] })]);
    const request = { server: 'files', primitive, name } as const;
    const { outcome } = decide(person(), { ...request, arguments: {} });
    assert.equal(visible(person(), request), outcome === 'allow', `${name} in lists`);
    return outcome;
  };
  for (const name of ['drop', 'drop table', 'drop/table', 'drop.', 'drop%20b', 'drop\ud800']) {
    assert.equal(told('/servers/files/tools/*', name), 'deny', name);
    assert.equal(told('/servers/files/tools/drop*', name), 'deny', name);
    assert.equal(told('/servers/*/tools/d*', name), 'deny', name);
    assert.equal(told('/servers/files/tools/read*', name), 'allow', name);
    assert.equal(told('/servers/files/tools/Drop*', name), 'allow', 'names tell capital letters apart');
    assert.equal(told('/servers/other/tools/drop*', name), 'allow', name);
    assert.equal(told('/servers/files/prompts/drop*', name), 'allow', 'prompts are no tools');
    assert.equal(told('/servers/files/prompts/drop*', name, ['*/get'], 'prompts'), 'deny', name);
    assert.equal(told('/servers/files/tools/drop*', name, ['mcp/*/read']), 'allow', 'another action');
  }
  assert.equal(told('/servers/files/tools/drop', 'drop table'), 'allow');
  assert.equal(told('/servers/files/tools/*', ''), 'deny');
});

test('what is asked of all tools without telling the name is denied where some of them are, and what is wider is not', () => {
  const { allows } = decider([
    deny({ scope: '/servers/files/tools/drop*', permissions: [{ ...nothing, actions: ['*'] }] }),
  ]);
  const surface = '/servers/files/tools';
  assert.equal(allows(person(), 'mcp/servers/files/issues/read', surface), false);
  assert.equal(
    allows(person(), 'mcp/servers/files/tools/read_file/call', surface),
    false,
    'another name than that of the thing',
  );
  assert.equal(allows(person(), 'mcp/servers/files/tools/%E0%A4%A/call', surface), false);
  assert.equal(allows(person(), 'mcp/servers/files/tools/read%20x/call', surface), true);
  assert.equal(allows(person(), 'mcp/servers/files/issues/read', '/servers/files'), true);
  assert.equal(allows(person(), 'mcp/servers/files/issues/read', '/servers/files/prompts'), true);
});

test('what is ours is not denied at a scope because some of it is', () => {
  const owners = [
    owner(),
    bind(
      {
        id: 'operator',
        principal: { kind: 'user', id: 'dana' },
        role: 'Genkan Operator',
        scope: '/',
        source: 'configuration',
      },
      roles,
    ),
  ];
  for (const scope of [prod, '/servers/files/tools/drop*']) {
    const { allows } = decider([deny({ scope, permissions: [{ ...nothing, actions: ['*'] }] })], owners);
    assert.equal(allows(person(), 'genkan/role/assign', '/'), true, scope);
    assert.equal(allows(person(), 'genkan/role/assign', '/servers/files/tools'), true, scope);
    assert.equal(allows(person(), 'mcp/servers/files/issues/read', '/'), true, scope);
  }
});
