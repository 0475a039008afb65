// Drift through the real doors: Genkan signs in as itself, asks Azure about the identity of its server, and tells what does not fit.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, afterEach, before, describe, test } from 'node:test';
import { startAzureRoleAssignments } from './support/azure-role-assignments.ts';
import type { AzureRoleAssignments } from './support/azure-role-assignments.ts';
import { openCallerHouse } from './support/caller-house.ts';
import type { CallerHouse } from './support/caller-house.ts';
import { startHttpsServer } from './support/entra/https-server.ts';

const [s1, s2, s3, s4] = [
  '11111111-1111-4111-8111-111111111111',
  '22222222-2222-4222-8222-222222222222',
  '33333333-3333-4333-8333-333333333333',
  '44444444-4444-4444-8444-444444444444',
];
const [one, two, four] = [`/subscriptions/${s1}`, `/subscriptions/${s2}`, `/subscriptions/${s4}`];
const web = `${one}/resourceGroups/dev-web`;
const identity = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const team = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
const vm = 'Microsoft.Compute/virtualMachines';
const account = 'Microsoft.Storage/storageAccounts';
const all = '/providers/Microsoft.Management/managementGroups/all';

const role = (Name: string, ...Actions: string[]): object => ({ Name, Actions, AssignableScopes: ['/'] });
const granted = (name: string, scope: string, more: object = {}): object => ({
  principal: { group: 'makers' },
  role: name,
  scope,
  ...more,
});

/** What people are granted, against what the identity has below. */
const access = {
  roles: [
    role('VM Reader', `${vm}/read`, `${vm}/instanceView/read`),
    role('Account Reader', `${account}/read`),
    role('Key Lister', `${account}/listKeys/action`),
    role('Cosmos Keys', 'Microsoft.DocumentDB/databaseAccounts/listKeys/action'),
    role('Vault Reader', 'Microsoft.KeyVault/vaults/read'),
    role('VM Deleter', `${vm}/delete`),
    role('Drift Looker', 'genkan/access/drift'),
  ],
  assignments: [
    granted('VM Reader', one), // wider than the identity has it: in part
    granted('Account Reader', `${one}/resourceGroups/data`), // the identity has it at the subscription: too wide
    granted('Key Lister', '/'), // the identity has it by a group, in one place: in part
    granted('Cosmos Keys', one), // PLANTED: without power
    granted('Vault Reader', one),
    granted('Vault Reader', two),
    granted('VM Deleter', two, { until: '2020-01-01T00:00:00Z' }), // over: neither power nor the lack of it
    granted('Genkan Operator', '/'),
  ],
  elevation: { eligible: [granted('VM Deleter', `${four}/resourceGroups/lab`)] }, // PLANTED: would fail once it is held
};

const opened = new AsyncDisposableStack();
let house: CallerHouse;
let azure: AzureRoleAssignments;
let deleting: string;
const roles: Record<string, string> = {};

before(async () => {
  house = await openCallerHouse(
    async ({ entra }) => {
      azure = opened.use(await startAzureRoleAssignments(entra.testAuthority));
      entra.addApp({ displayName: 'Azure Resource Manager', identifierUri: azure.origin, accessTokenVersion: 1 });
      return {};
    },
    () => ({
      access: {
        ...access,
        elevation: { ...access.elevation, pim: { scopes: [`${one}/resourceGroups/pim`], managementUrl: azure.origin } },
      },
    }),
  );
  azure.readable.push(s1, s2, s4);
  azure.managementGroups['all'] = [s1, s2];
  azure.groups[identity] = [team];
  // PLANTED: write and delete, which nobody is granted there; what NotActions take out is no excess.
  roles['vm'] = azure.addRole('VM Operator', { actions: [`${vm}/*`], notActions: [`${vm}/runCommand/*`] });
  deleting = azure.assign({ principal: identity, role: roles['vm'], scope: web });
  roles['accounts'] = azure.addRole('Accounts', { actions: [`${account}/read`] });
  azure.assign({ principal: identity, role: roles['accounts'], scope: one });
  roles['keys'] = azure.addRole('Keys', { actions: [`${account}/listKeys/action`] });
  azure.assign({ principal: team, principalType: 'Group', role: roles['keys'], scope: web });
  roles['vaults'] = azure.addRole('Vaults', { actions: ['Microsoft.KeyVault/vaults/read'] });
  azure.assign({
    principal: identity,
    role: roles['vaults'],
    scope: all,
    condition: "@Environment[x] StringEquals 'y'",
  });
  // Somebody else's, which is none of it.
  roles['owner'] = azure.addRole('Owner', { actions: ['*'] });
  azure.assign({ principal: s3, role: roles['owner'], scope: one });
});
afterEach(() => void (azure.instead = undefined));
after(async () => {
  await house?.[Symbol.asyncDispose]();
  await opened.disposeAsync();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, any>;
}

async function ask(input: object, token?: string): Promise<Answer> {
  const response = await fetch(`${house.house.url}/api/access/drift`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token ?? (await house.house.apiToken('dana'))}`,
    },
    body: JSON.stringify(input),
  });
  return { status: response.status, body: (await response.json()) as Record<string, any> };
}

const actionsAt = (listed: readonly Record<string, any>[]): Record<string, string[]> =>
  Object.fromEntries(
    listed.map(({ scope, actions }) => [scope, actions.map((each: { action: string }) => each.action)]),
  );

test('finds what is planted and nothing that looks like it, on all pages and through groups and management groups', async () => {
  azure.asked.length = 0;
  const { status, body } = await ask({ identity });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(actionsAt(body['excess']), { [web]: [`${vm}/delete`, `${vm}/write`], [one]: [`${account}/read`] });
  assert.deepEqual(body['excess'][0].actions[0].tools, ['compute_vm_delete']);
  assert.deepEqual(body['excess'][1].actions[0].grantedBelow, [`${one}/resourceGroups/data`]);
  assert.deepEqual(actionsAt(body['powerless']), {
    [`${four}/resourceGroups/lab`]: [`${vm}/delete`],
    [one]: ['Microsoft.DocumentDB/databaseAccounts/listKeys/action'],
  });
  assert.deepEqual(actionsAt(body['inPart']), {
    '/': [`${account}/listKeys/action`],
    [one]: [`${vm}/instanceView/read`, `${vm}/read`],
  });
  assert.deepEqual(
    [body['ok'], body['assignments'], body['subscriptions'], body['source']],
    [false, 4, [s1, s2, s4], 'azure'],
  );
  const notSeen = (body['notSeen'] as string[]).join('\n');
  for (const said of [/as if it always held \(1\)/, /deny assignments/, /managementGroups\/all is taken/])
    assert.match(notSeen, said);
  // Nobody's token but that of Genkan's own application.
  const all = await Promise.all(azure.asked.map(({ by }) => by));
  assert.equal(new Set(all).size, 1);
  const [record] = await house.house.house.audit.list({ limit: 1 });
  assert.deepEqual([record?.action, record?.result, record?.effect], ['access.drift', 'allowed', 'read']);
  assert.equal(record?.details['excess'], 2);
});

test('names wildcards with their breadth, and prints no line that would delete what people need', async () => {
  const { body } = await ask({ identity });
  // VM Operator is needed for reading; nothing at its scope is to be deleted as a whole.
  assert.ok(!(body['next'] as string[]).some((line) => line.startsWith('az ')), JSON.stringify(body['next']));
  const sandbox = `${two}/resourceGroups/sandbox`;
  const id = azure.assign({ principal: identity, role: roles['owner']!, scope: sandbox });
  const { body: more } = await ask({ identity, subscriptions: [s2] });
  assert.deepEqual(more['excess'][0].held[0].wildcards, ['*']);
  assert.ok(more['excess'][0].beyond > 1000);
  assert.equal(more['excess'][0].risk, 'critical');
  assert.ok(!(more['next'] as string[]).includes(`az role assignment delete --ids '${deleting}'`));
  assert.equal(more['excess'][0].scope, sandbox);
  assert.ok(id.startsWith(sandbox));
});

test('is for those who have the right to it', async () => {
  const { status, body } = await ask({ identity }, await house.house.apiToken('omar'));
  assert.deepEqual([status, body['code']], [403, 'access_action_missing']);
});

test('leaves out a subscription that Genkan may not read, says so, and is not content', async () => {
  const { status, body } = await ask({ identity, subscriptions: [s1, s3] });
  assert.equal(status, 200);
  assert.ok((body['notSeen'] as string[]).some((each) => each.includes(`${s3} was not read: AuthorizationFailed`)));
  assert.ok(!body['powerless'].some(({ scope }: { scope: string }) => scope.startsWith(two)));
});

test('leaves out a subscription of another tenant as well, and still reads the rest', async () => {
  azure.instead = {
    path: new RegExp(`${s2}.*roleAssignments$`),
    answer: (response) =>
      void response.writeHead(401).end(JSON.stringify({ error: { code: 'InvalidAuthenticationTokenTenant' } })),
  };
  const { status, body } = await ask({ identity });
  assert.deepEqual([status, body['ok'], body['subscriptions']], [200, false, [s1, s4]]);
  assert.match((body['notSeen'] as string[]).join('\n'), new RegExp(`${s2} was not read: InvalidAuth`));
  assert.ok((body['notSeen'] as string[]).some((each) => each.startsWith('grants at /:')));
});

test('looks at the subscriptions that the policy names, also for what is held on request, where Azure lists none of them', async () => {
  azure.instead = {
    path: /^\/subscriptions$/,
    answer: (response) => void response.writeHead(200).end(JSON.stringify({ value: [] })),
  };
  assert.deepEqual((await ask({ identity })).body['subscriptions'], [s1, s2, s4]);
});

test('says which assignments nobody needs, but not that a group is to lose its own', async () => {
  const [scope, role] = [`${two}/resourceGroups/old`, azure.addRole('Old', { actions: [`${vm}/delete`] })];
  const own = azure.assign({ principal: s3, role, scope });
  azure.groups[s3] = [team];
  const ofGroup = azure.assign({ principal: team, principalType: 'Group', role, scope: `${scope}er` });
  const { body } = await ask({ identity: s3, subscriptions: [s2] });
  const next = (body['next'] as string[]).join('\n');
  assert.match(next, /its image, its secrets/);
  assert.ok(next.includes(`az role assignment delete --ids '${own}'`));
  assert.ok(!next.includes(ofGroup));
});

test('is not content with an identity that has nothing at all: a client id looks like that', async () => {
  const { status, body } = await ask({ identity: s2, subscriptions: [s2] });
  assert.deepEqual([status, body['ok'], body['assignments']], [200, false, 0]);
  assert.match(body['notSeen'][0], /object id, and not a client id/);
});

describe('an answer of Azure that is of no use', () => {
  const json =
    (status: number, body: object, headers: Record<string, string> = {}) =>
    (response: ServerResponse) =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  const lists = /roleAssignments$/;
  const refused = async (wish: object = { identity }): Promise<Record<string, any>> => {
    const { status, body } = await ask(wish);
    assert.ok(status >= 400, JSON.stringify(body));
    return { ...body, status };
  };

  test('is refused with the lines for the Azure CLI where nothing may be read', async () => {
    const { status, code, title, detail } = await refused({ identity, subscriptions: [s3] });
    assert.deepEqual([status, code], [409, 'access_drift_refused']);
    assert.match(title, /AuthorizationFailed/);
    assert.ok(
      detail.includes(`az role assignment list --assignee ${identity} --all --include-inherited --include-groups`),
    );
  });

  test('is put off where Azure wants to be left alone, for as long as it says', async () => {
    azure.instead = { path: lists, answer: json(429, { error: { code: 'TooManyRequests' } }, { 'retry-after': '17' }) };
    const { status, code, title } = await refused();
    assert.deepEqual([status, code], [503, 'access_drift_away']);
    assert.match(title, /TooManyRequests; try again in 17 seconds/);
  });

  test('is not followed to another host, and the token goes nowhere else', async () => {
    const seen: unknown[] = [];
    const { entra } = house;
    const other = opened.use(
      await startHttpsServer(entra.testAuthority, async (request, response) => {
        seen.push(request.headers.authorization);
        json(200, { value: [] })(response);
      }),
    );
    azure.instead = { path: lists, answer: json(200, { value: [], nextLink: `${other.origin}/subscriptions` }) };
    assert.match((await refused())['title'], /the list goes on at another address/);
    azure.instead = {
      path: lists,
      answer: (response) => void response.writeHead(307, { location: `${other.origin}/x` }).end(),
    };
    assert.equal((await refused())['code'], 'access_drift_away');
    assert.deepEqual(seen, []);
  });

  test('is not read on where it is too long, has no end, or is none', async () => {
    const filler = { value: [{ name: 'x'.repeat(2_000_000) }] };
    azure.instead = { path: lists, answer: json(200, filler) };
    assert.equal((await refused())['code'], 'access_drift_away');
    azure.instead = { path: lists, answer: json(200, { value: [], nextLink: `${azure.origin}${one}${'/a'}` }) };
    const path = /(roleAssignments|\/a)$/;
    azure.instead = { ...azure.instead, path };
    assert.match((await refused())['title'], /the list has no end/);
    azure.instead = { path: lists, answer: json(200, { value: [{ properties: { scope: one } }] }) };
    assert.match((await refused())['title'], /item 1 of the role assignments is none/);
    azure.instead = { path: lists, answer: json(200, { error: 'none' }) };
    assert.match((await refused())['title'], /no list/);
  });

  test("is refused where it is about somebody else's rights", async () => {
    const id = `${one}/providers/Microsoft.Authorization/roleAssignments/${s3}`;
    const roleDefinitionId = `${one}/providers/Microsoft.Authorization/roleDefinitions/${s3}`;
    const properties = { principalId: s3, principalType: 'ServicePrincipal', scope: one, roleDefinitionId };
    azure.instead = { path: lists, answer: json(200, { value: [{ id, properties }] }) };
    assert.match((await refused())['title'], /role assignments of somebody else came back/);
  });

  test('is refused where a role has come back that is another', async () => {
    const permissions = [{ actions: [] }];
    azure.instead = {
      path: /roleDefinitions\/[0-9a-f-]+$/,
      answer: json(200, { name: s3, properties: { roleName: 'Other', permissions } }),
    };
    assert.match((await refused())['title'], /another role came back/);
  });

  test('is refused with the id of a role that is gone', async () => {
    const gone = azure.addRole('Gone', {});
    azure.assign({ principal: s2, role: gone, scope: one });
    azure.dropRole(gone);
    const { status, code, title, detail } = await refused({ identity: s2 });
    assert.deepEqual([status, code], [400, 'access_drift_role_unknown']);
    assert.ok(title.includes(gone) && detail.includes(`name=='${gone}'`));
  });
});
