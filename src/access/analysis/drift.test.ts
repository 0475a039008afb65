// Drift between Azure and Genkan: what is planted is found, and what looks like it is not.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GenkanError } from '../../base/errors.ts';
import { bind } from '../assignment.ts';
import type { Assignment, Grant } from '../assignment.ts';
import { createBuiltInRoles } from '../built-in-roles.ts';
import { bindDeny } from '../deny/deny-assignment.ts';
import type { Denial } from '../deny/deny-assignment.ts';
import { createRole } from '../role.ts';
import { findDrift } from './drift.ts';
import { NotAzures, readAssignments, readDefinitions, shippedDefinitions } from './identity-rights.ts';
import { readLists } from './listed-rights.ts';
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
    wishes.map(({ actions = [], notActions = [], dataActions = [] }, at) => ({
      name: guidOf(at),
      properties: { roleName: `role ${at}`, permissions: [{ actions, notActions, dataActions }] },
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
  });

  test('calls a wildcard one, also where people are granted all that tools need', async () => {
    const { excess } = await compare(azure({ scope: one, role: 'Owner' }), [granted('/', 'Owner')]);
    assert.deepEqual(
      excess.map(({ held, actions }) => [held.map(({ role }) => role.wildcards), actions]),
      [[[['*']], []]],
    );
    assert.deepEqual((await compare(azure({ scope: one, role: 'Reader' }), [granted('/', 'Reader')])).excess, []);
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
  });

  test('counts a deny assignment for everybody, and no other', async () => {
    const scope = `${one}/resourceGroups/dev`;
    const rights = azure({ scope, actions: [`${vm}/delete`] });
    const denial = (principals: 'everyone' | [{ kind: 'group'; id: string }]): Denial =>
      bindDeny({
        id: 'd',
        name: 'no',
        principals,
        excludePrincipals: [],
        permissions: [{ actions: [`${vm}/delete`], notActions: [], dataActions: [], notDataActions: [] }],
        scope,
        doNotApplyToChildScopes: false,
        source: 'database',
      });
    const grants = [granted(one, [`${vm}/delete`])];
    assert.deepEqual((await compare(rights, grants, { denials: [denial([{ kind: 'group', id: 'x' }])] })).excess, []);
    const { excess } = await compare(rights, grants, { denials: [denial('everyone')] });
    assert.deepEqual(excess[0]!.actions[0]!.grantedBelow, []);
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
    const grants = [granted(two, [`${vm}/delete`]), granted('/', [`${vm}/delete`])];
    const { powerless, unjudged } = await compare({ ...rights, isWhole: false }, grants);
    assert.deepEqual([powerless, unjudged], [[], [two, '/']]);
    assert.deepEqual(Object.keys((await compare(rights, grants)).tooLittle), ['/']);
  });

  test('are no matter of actions that no tool needs', async () => {
    const grants = [granted(scope, ['Microsoft.Authorization/roleAssignments/write', 'mcp/servers/*'])];
    assert.deepEqual((await compare(azure({ scope, actions: [`${vm}/read`] }), grants)).powerless, []);
  });
});

describe('lists that somebody hands over', () => {
  const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
  const custom = 'cccccccc-cccc-4ccc-8ccc-cccccccccccc';
  const item = (more: object = {}) => ({
    id: `${one}/providers/Microsoft.Authorization/roleAssignments/${custom}`,
    principalId: identity,
    principalName: 'x',
    principalType: 'ServicePrincipal',
    roleDefinitionId: `${one}/providers/Microsoft.Authorization/roleDefinitions/${reader}`,
    roleDefinitionName: 'Reader',
    scope: one,
    condition: null,
    ...more,
  });
  const read = (assignments: unknown[], more: object = {}) => readLists({ assignments, definitions: [], ...more });

  test('need no definition of a role that ships, and take others as the Azure CLI writes them', () => {
    const { identity: whose, subscriptions, roles } = read([item()]);
    assert.deepEqual([whose, subscriptions], [identity, [s1]]);
    assert.equal(roles.get(reader)!.grants(`${vm}/read`, false), true);
    const definition = { name: custom, roleName: 'Own', permissions: [{ actions: [`${vm}/delete`], notActions: [] }] };
    const own = item({ roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${custom}` });
    const { roles: more } = read([own], { definitions: [definition] });
    assert.equal(more.get(custom)!.grants(`${vm}/delete`, false), true);
  });

  test('are refused with the name of a role that nobody knows', () => {
    const unknown = item({
      roleDefinitionId: `/x/roleDefinitions/${custom}`,
      roleDefinitionName: 'Storage\u001b[2J Blob Data Reader',
    });
    assert.throws(
      () => read([unknown]),
      (error) =>
        error instanceof GenkanError &&
        error.code === 'access_drift_role_unknown' &&
        /Blob Data Reader/.test(error.message) &&
        !error.message.includes('\u001b'),
    );
  });

  test('are refused where they are those of several, of another, of another subscription, or no lists', () => {
    const other = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
    for (const [assignments, more, pattern] of [
      [[item(), item({ principalId: other })], {}, /2 identities/],
      [[item()], { identity: other }, /not of b/],
      [[item()], { subscriptions: [s2] }, /none of the subscriptions/],
      [[], {}, /name no subscription/],
      [[item({ scope: 7 })], {}, /item 1 of the role assignments is none: scope/],
      [[item({ principalId: 'x' })], {}, /principalId/],
      [
        [item()],
        { definitions: [{ name: custom, roleName: 'x', permissions: [{ actions: ['Mіcrosoft/*'] }] }] },
        /definitions/,
      ],
    ] as const)
      assert.throws(
        () => read([...assignments], more),
        (error) => error instanceof NotAzures && pattern.test(error.message),
      );
  });

  test('may hold groups of the identity, and scopes that are none are told of', () => {
    const group = item({ principalId: custom, principalType: 'Group' });
    const { assignments } = read([item(), group]);
    assert.deepEqual(
      assignments.map(({ principal }) => principal.isGroup),
      [false, true],
    );
    assert.deepEqual(read([item(), item({ scope: `${one}/resourceGroups/a b` })]).unreadable, [
      `${one}/resourceGroups/a b`,
    ]);
  });
});
