// Drift between Azure and Genkan: what is planted is found, and what looks like it is not.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bind } from '../assignment.ts';
import type { Assignment, Grant } from '../assignment.ts';
import { createBuiltInRoles } from '../built-in-roles.ts';
import { bindDeny } from '../deny/deny-assignment.ts';
import type { Denial, DenyAssignment } from '../deny/deny-assignment.ts';
import { createRole } from '../role.ts';
import { findDrift } from './drift.ts';
import { readAssignments, readDefinitions, shippedDefinitions } from './identity-rights.ts';
import type { KnownAction } from './known-actions.ts';
import { toolActions } from './tool-actions.ts';

const [s1, s2] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const [one, two] = [`/subscriptions/${s1}`, `/subscriptions/${s2}`];
const identity = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const vm = 'Microsoft.Compute/virtualMachines';
const account = 'Microsoft.Storage/storageAccounts';

interface AzureWish {
  readonly scope: string;
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly dataActions?: readonly string[];
  /** Of the role itself. */
  readonly condition?: string;
  /** By the name of a built-in role that ships. */
  readonly role?: string;
  readonly more?: object;
}

/** What an identity has in Azure, by an assignment and a role of its own for each wish. */
function azure(...wishes: AzureWish[]) {
  const guidOf = (at: number): string => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
  const shipped = shippedDefinitions();
  const roleOf = ({ role }: AzureWish, at: number): string =>
    [...shipped.values()].find(({ name }) => name === role)?.id ?? guidOf(at);
  const { assignments, unreadable } = readAssignments(
    wishes.map((wish, at) => ({
      id: `${wish.scope === '/' ? '' : wish.scope}/providers/Microsoft.Authorization/roleAssignments/${guidOf(at)}`,
      principalId: identity,
      principalType: 'ServicePrincipal',
      roleDefinitionId: `${one}/providers/Microsoft.Authorization/roleDefinitions/${roleOf(wish, at)}`,
      scope: wish.scope,
      ...wish.more,
    })),
    [s1, s2],
  );
  const definitions = readDefinitions(
    wishes.map(({ actions = [], notActions = [], dataActions = [], condition }, at) => ({
      name: guidOf(at),
      properties: { roleName: `role ${at}`, permissions: [{ actions, notActions, dataActions, condition }] },
    })),
  );
  return {
    assignments,
    unreadable,
    roles: new Map([...shipped, ...definitions]),
    subscriptions: [s1, s2],
    unread: [],
    isWhole: true,
  };
}

const builtIn = createBuiltInRoles();
let count = 0;

/** Something granted in Genkan: actions, or the name of a built-in role. */
function granted(scope: string, what: readonly string[] | string, more: Partial<Assignment> = {}): Grant {
  count += 1;
  const role =
    typeof what === 'string'
      ? builtIn.find(({ name }) => name === what)!
      : createRole({ Name: `granted ${count}`, Actions: what, DataActions: what, AssignableScopes: ['/'] }, 'test', {});
  const principal = { kind: 'group', id: 'makers' } as const;
  const assignment = { id: `g${count}`, principal, role: role.name, scope, source: 'database', ...more } as const;
  return bind(assignment, new Map([[role.name, role]]));
}

interface More {
  readonly eligible?: readonly Grant[];
  readonly denials?: readonly Denial[];
  readonly operations?: readonly KnownAction[];
}

async function compare(rights: ReturnType<typeof azure>, grants: readonly Grant[], more: More = {}) {
  const drift = await findDrift({ rights, grants, eligible: [], denials: [], nowMs: 1000, operations: [], ...more });
  const actionsOf = (listed: readonly { readonly action: string }[]): string[] => listed.map(({ action }) => action);
  return {
    ...drift,
    /** Scope → actions. */
    tooMuch: Object.fromEntries(drift.excess.map(({ scope, actions }) => [scope.text, actionsOf(actions)])),
    tooLittle: Object.fromEntries(drift.powerless.map(({ scope, actions }) => [scope.text, actionsOf(actions)])),
    partly: Object.fromEntries(drift.inPart.map(({ scope, actions }) => [scope.text, actionsOf(actions)])),
  };
}

describe('what nobody may do through Genkan', () => {
  test('is what the identity has and no grant at that scope or above covers, the most dangerous first', async () => {
    const rights = azure({
      scope: `${one}/resourceGroups/dev-web`,
      actions: [`${vm}/read`, `${vm}/write`, `${vm}/delete`],
    });
    const { tooMuch, excess } = await compare(rights, [granted(one, [`${vm}/read`])]);
    assert.deepEqual(tooMuch, { [`${one}/resourceGroups/dev-web`]: [`${vm}/delete`, `${vm}/write`] });
    assert.deepEqual(excess[0]!.actions[0]!.tools, ['compute_vm_delete']);
    assert.equal(excess[0]!.held[0]!.unneeded, false);
  });

  test('is not what a pattern, another spelling of the scope, a condition or a role on request grants', async () => {
    const scope = `${one}/resourceGroups/dev-web`;
    const rights = azure({ scope, actions: [`${vm}/read`, `${vm}/write`, `${vm}/delete`, `${account}/read`] });
    const { excess } = await compare(
      rights,
      [
        granted(`${one}/resourceGroups/dev-*`, [`${vm}/read`]),
        granted(scope.toUpperCase().replace('/SUBSCRIPTIONS/', '/subscriptions/'), [`${vm}/WRITE`]),
        granted(one, [`${account}/*`], {
          condition: "@Environment[UtcNow] DateTimeGreaterThan '2020-01-01T00:00:00Z'",
        }),
      ],
      { eligible: [granted(scope, [`${vm}/delete`])] },
    );
    assert.deepEqual(excess, []);
  });

  test('is what another subscription, a sibling with the same beginning, or a grant that has ended does not reach', async () => {
    const scope = `${one}/resourceGroups/dev`;
    const rights = azure({ scope, actions: [`${vm}/delete`] });
    const { tooMuch, excess } = await compare(rights, [
      granted(two, [`${vm}/delete`]),
      granted(`${one}/resourceGroups/dev-web`, [`${vm}/delete`]),
      granted(scope, [`${vm}/delete`], { endsAtMs: 1000 }),
      granted('/servers/azure', [`${vm}/delete`]),
    ]);
    assert.deepEqual(tooMuch, { [scope]: [`${vm}/delete`] });
    assert.deepEqual(excess[0]!.actions[0]!.grantedBelow, []);
    assert.equal(excess[0]!.held[0]!.unneeded, true);
  });

  test('names the narrower places where somebody is granted it', async () => {
    const rights = azure({ scope: one, actions: [`${vm}/delete`] });
    const { excess } = await compare(rights, [granted(`${one}/resourceGroups/dev-*`, [`${vm}/delete`])]);
    assert.deepEqual(excess[0]!.actions[0]!.grantedBelow, [`${one}/resourceGroups/dev-*`]);
    assert.equal(excess[0]!.held[0]!.unneeded, false);
    const many = Array.from({ length: 12 }, (_, at) => granted(`${one}/resourceGroups/g${at}`, [`${vm}/delete`]));
    assert.equal((await compare(rights, many)).excess[0]!.actions[0]!.grantedBelow.length, 10);
  });

  test('is told scope by scope, the worst first', async () => {
    const at = (group: string, action: string) => ({ scope: `${one}/resourceGroups/${group}`, actions: [action] });
    const rights = azure(
      at('a', `${vm}/read`),
      at('b', 'Microsoft.Authorization/locks/delete'),
      at('c', `${vm}/delete`),
    );
    assert.deepEqual(
      (await compare(rights, [])).excess.map(({ scope }) => scope.keys.at(-1)),
      ['b', 'c', 'a'],
    );
  });

  test('leaves out what NotActions take away, in Azure and in Genkan', async () => {
    const rights = azure({ scope: one, actions: [`${vm}/*`], notActions: [`${vm}/delete`, `${vm}/runCommand/*`] });
    const contributor = granted(one, 'Contributor');
    assert.deepEqual((await compare(rights, [contributor])).excess, []);
    const owner = azure({ scope: one, role: 'Owner' });
    const { tooMuch, excess } = await compare(owner, [contributor]);
    assert.ok(tooMuch[one]!.includes('Microsoft.Authorization/roleAssignments/write'));
    assert.ok(!tooMuch[one]!.includes(`${vm}/delete`));
    assert.equal(excess[0]!.actions[0]!.risk, 'critical');
    // What tools do here and not in Azure is nothing that Azure could give.
    assert.ok((await compare(owner, [])).tooMuch[one]!.every((action) => action.includes('/')));
  });

  test('calls a wildcard one, also where people are granted all that tools need', async () => {
    const { excess } = await compare(azure({ scope: one, role: 'Owner' }), [granted('/', 'Owner')]);
    assert.deepEqual(
      excess.map(({ held, actions }) => [held.map(({ role }) => role.wildcards), actions]),
      [[[['*']], []]],
    );
    assert.deepEqual((await compare(azure({ scope: one, role: 'Reader' }), [granted('/', 'Reader')])).excess, []);
    const wide = azure({ scope: one, actions: ['*/read', 'Microsoft.*/write'], dataActions: ['*/read'] });
    const { excess: found } = await compare(wide, [granted('/', 'Owner')]);
    assert.deepEqual(found[0]!.held[0]!.role.wildcards, ['Microsoft.*/write', '*/read']);
  });

  test('is no role of which no tool can need anything, which is told apart and not to be deleted', async () => {
    const rights = azure({ scope: one, actions: ['Microsoft.Maps/accounts/write'] });
    const { excess, apart } = await compare(rights, []);
    assert.deepEqual([excess, apart.map(({ role }) => role.name)], [[], ['role 0']]);
    const beside = azure(
      { scope: one, actions: ['Microsoft.Maps/accounts/write'] },
      { scope: one, actions: [`${vm}/delete`] },
    );
    const { excess: found } = await compare(beside, []);
    assert.deepEqual(
      found[0]!.held.map(({ unneeded }) => unneeded),
      [false, true],
    );
  });

  test('tells data actions from others', async () => {
    const blobs = toolActions().find(({ action, data }) => data && action.startsWith(account))!.action;
    const rights = azure({ scope: one, dataActions: [blobs] });
    assert.deepEqual((await compare(rights, [])).tooMuch, { [one]: [blobs] });
    assert.deepEqual((await compare(rights, [granted(one, 'Owner')])).tooMuch, { [one]: [blobs] });
    assert.deepEqual((await compare(rights, [granted(one, [blobs])])).excess, []);
  });

  test('asks of a resource only what can be done to it', async () => {
    const scope = `${one}/resourceGroups/dev/providers/${account}/logs`;
    const { tooMuch } = await compare(azure({ scope, actions: [`${vm}/delete`, `${account}/delete`] }), []);
    assert.deepEqual(tooMuch, { [scope]: [`${account}/delete`] });
    const everywhere = ['*/read', 'Microsoft.Advisor/recommendations/read'];
    const { tooMuch: readable } = await compare(azure({ scope, actions: everywhere }), []);
    for (const action of [...everywhere, 'Microsoft.ResourceHealth/availabilityStatuses/read'])
      assert.ok(readable[scope]!.includes(action), action);
    const named = `${one}/resourceGroups/providers`;
    const { tooMuch: inGroup } = await compare(azure({ scope: named, actions: [`${vm}/delete`] }), []);
    assert.deepEqual(inGroup, { [named]: [`${vm}/delete`] });
    assert.deepEqual((await compare(azure(), [granted(scope, [`${vm}/delete`])])).powerless, []);
    const operations = [{ action: 'Microsoft.Maps/accounts/write', data: false }];
    const beyond = async (at: string) =>
      (await compare(azure({ scope: at, actions: ['*'] }), [], { operations })).excess[0]!.beyond;
    assert.deepEqual([await beyond(scope), await beyond(one)], [0, 1]);
  });

  test('counts what hangs on a condition, of an assignment or of its role', async () => {
    const condition = "@Resource[x] StringEquals 'y'";
    const actions = [`${vm}/delete`];
    const rights = azure(
      { scope: one, actions, condition },
      { scope: one, actions, more: { condition } },
      { scope: one, actions, more: { condition: '' } },
    );
    const { excess, conditioned } = await compare(rights, []);
    assert.equal(conditioned, 2);
    assert.deepEqual(
      excess[0]!.held.map((each) => each.conditioned),
      [true, true, false],
    );
  });

  test('counts a deny assignment for everybody, always and all the way down, and no other', async () => {
    const scope = `${one}/resourceGroups/dev`;
    const rights = azure({ scope, actions: [`${vm}/delete`] });
    const denial = (more: Partial<DenyAssignment> = {}): Denial =>
      bindDeny({
        id: 'd',
        name: 'no',
        principals: 'everyone',
        excludePrincipals: [],
        permissions: [{ actions: [`${vm}/delete`], notActions: [], dataActions: [], notDataActions: [] }],
        scope,
        doNotApplyToChildScopes: false,
        source: 'database',
        ...more,
      });
    const grants = [granted(one, [`${vm}/delete`])];
    const somebody = [{ kind: 'group', id: 'x' }] as const;
    const condition = "@Environment[UtcNow] DateTimeGreaterThan '2020-01-01T00:00:00Z'";
    for (const more of [
      { principals: somebody },
      { excludePrincipals: somebody },
      { doNotApplyToChildScopes: true },
      { condition },
    ])
      assert.deepEqual((await compare(rights, grants, { denials: [denial(more)] })).excess, []);
    const { excess } = await compare(rights, grants, { denials: [denial()] });
    assert.deepEqual(excess[0]!.actions[0]!.grantedBelow, []);
    // Neither is it granted below, nor a grant that would need power.
    const above = azure({ scope: one, actions: [`${vm}/delete`] });
    const { excess: wider } = await compare(above, [granted(scope, [`${vm}/delete`])], { denials: [denial()] });
    assert.deepEqual([wider[0]!.actions[0]!.grantedBelow, wider[0]!.held[0]!.unneeded], [[], true]);
    const { powerless } = await compare(azure(), [granted(scope, [`${vm}/delete`])], { denials: [denial()] });
    assert.deepEqual(powerless, []);
  });

  test('takes a management group for the subscriptions in whose list it stood', async () => {
    const scope = '/providers/Microsoft.Management/managementGroups/all';
    const rights = azure({ scope, actions: [`${vm}/delete`] });
    const { tooMuch, managementGroups } = await compare(rights, [granted(one, [`${vm}/delete`])]);
    assert.deepEqual(tooMuch, { [scope]: [`${vm}/delete`] });
    assert.deepEqual(managementGroups, [scope]);
    const both = [granted(one, [`${vm}/delete`]), granted(two, [`${vm}/delete`])];
    const { excess, powerless } = await compare(rights, both);
    assert.deepEqual([excess, powerless], [[], []]);
  });

  test('calls nothing of a management group unneeded that is granted where it was not looked', async () => {
    const rights = azure({ scope: '/providers/Microsoft.Management/managementGroups/all', actions: [`${vm}/delete`] });
    const seen = {
      ...rights,
      assignments: rights.assignments.map((each) => ({ ...each, listedIn: [s1] })),
      subscriptions: [s1],
      isWhole: false,
    };
    const unneeded = async (grants: Grant[]) => (await compare(seen, grants)).excess[0]!.held[0]!.unneeded;
    assert.equal(await unneeded([granted(two, [`${vm}/delete`])]), false);
    assert.equal(await unneeded([granted(two, [`${vm}/read`])]), true);
  });
});

describe('grants without power', () => {
  const scope = `${one}/resourceGroups/dev-web`;

  test('are those of which the identity may do something nowhere in the scope', async () => {
    const rights = azure({ scope: one, actions: [`${vm}/read`, `${vm}/write`] });
    const { tooLittle, powerless, inPart } = await compare(rights, [
      granted(scope, [`${vm}/read`, `${vm}/delete`]),
      granted(scope, [`${vm}/write`]),
    ]);
    assert.deepEqual(tooLittle, { [scope]: [`${vm}/delete`] });
    assert.deepEqual(powerless[0]!.holders, [{ kind: 'group', id: 'makers', onRequest: false }]);
    assert.deepEqual(powerless[0]!.actions[0]!.tools, ['compute_vm_delete']);
    assert.deepEqual(inPart, []);
  });

  test('are told apart from those that are wider than what the identity has', async () => {
    const rights = azure({ scope, actions: [`${vm}/read`] });
    const grants = [granted(one, [`${vm}/read`]), granted(`${one}/resourceGroups/dev-*`, [`${vm}/read`])];
    const { powerless, partly, inPart } = await compare(rights, grants);
    assert.deepEqual(powerless, []);
    assert.deepEqual(Object.keys(partly), [one, `${one}/resourceGroups/dev-*`]);
    assert.deepEqual(inPart[0]!.actions[0]!.heldBelow, [scope]);
  });

  test('are looked for among what could be requested, too', async () => {
    const eligible = [granted(scope, [`${vm}/delete`])];
    const { powerless } = await compare(azure({ scope, actions: [`${vm}/read`] }), [], { eligible });
    assert.equal(powerless[0]!.holders[0]!.onRequest, true);
  });

  test('are none where the identity has the root, a management group or a wildcard', async () => {
    for (const wish of [
      { scope: '/' },
      { scope: '/providers/Microsoft.Management/managementGroups/all' },
      { scope: one },
    ])
      assert.deepEqual(
        (await compare(azure({ ...wish, actions: ['*'] }), [granted(scope, [`${vm}/*`])])).powerless,
        [],
      );
  });

  test('are none where it was not looked', async () => {
    const rights = { ...azure({ scope: one, actions: [`${vm}/read`] }), subscriptions: [s1] };
    const group = '/providers/Microsoft.Management/managementGroups/all';
    const grants = [two, '/', '/subscriptions/*', group].map((each) => granted(each, [`${vm}/delete`]));
    const { powerless, unjudged } = await compare({ ...rights, isWhole: false }, grants);
    assert.deepEqual([powerless, unjudged], [[], [two, '/', '/subscriptions/*', group]]);
    assert.deepEqual(Object.keys((await compare(rights, grants)).tooLittle), ['/', '/subscriptions/*']);
  });

  test('are told once for a role at a scope, with everybody who holds it', async () => {
    const principals = [
      { kind: 'group', id: 'x' },
      { kind: 'user', id: 'x' },
      { kind: 'group', id: 'x' },
    ] as const;
    const grants = principals.map((principal, at) =>
      granted(at === 1 ? scope.replace('dev', 'DEV') : scope, 'Virtual Machine Contributor', {
        principal,
      }),
    );
    const { powerless } = await compare(azure(), grants);
    assert.deepEqual(
      powerless.map(({ holders }) => holders.map(({ kind }) => kind)),
      [['group', 'user']],
    );
  });

  test('are no matter of actions that no tool needs', async () => {
    const grants = [granted(scope, ['Microsoft.Authorization/roleAssignments/write', 'mcp/servers/*'])];
    assert.deepEqual((await compare(azure({ scope, actions: [`${vm}/read`] }), grants)).powerless, []);
  });
});
