// Threat: an administrator gives themselves, or a friend, every right, by whatever command, with nobody else looking.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { isRefusal } from '../../src/base/errors.ts';
import type { Principal } from '../../src/base/principal.ts';
import { genkan } from '../support/genkan-process.ts';
import { openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import { post } from '../support/mcp-post.ts';

const issuer = 'http://127.0.0.1:9';
const dana = `${issuer}#dana`;
const omar = `${issuer}#omar`;

const denied = {
  name: 'No deleting',
  principals: [{ user: dana }],
  excludePrincipals: [],
  permissions: [{ actions: ['mcp/servers/files/tools/delete/call'] }],
  scope: '/servers/files',
};
const role = { Name: 'Small', Actions: ['mcp/servers/files/tools/read/call'], AssignableScopes: ['/servers/files'] };

async function open(changes: object) {
  const house = await openTestHouse({
    access: { assignments: [{ principal: { user: dana }, role: 'Genkan Operator', scope: '/' }], changes },
  });
  const principal = (await house.house.people.find('dana'))!;
  const { token } = await house.house.trial!.token(principal, `${house.url}/api`);
  const ask = async (operation: string, input: object) => {
    const { status, body } = await post(`${house.url}/api/${operation}`, input, { token });
    return {
      status,
      answer: JSON.parse(body) as { change: { state: string; approval?: { id: string; url: string } } },
    };
  };
  return { house, principal, ask, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() };
}

/** Every way in which rights can be had, or what stands against them be taken away. */
const ways: readonly [string, object][] = [
  ['role/assign', { role: 'MCP User', user: dana, scope: '/servers/files' }],
  ['role/create', { definition: { ...role, Name: 'Mine', Actions: ['*'], AssignableScopes: ['/'] } }],
  ['role/update', { definition: { ...role, Actions: ['mcp/servers/files/*'] } }],
  ['server/add', { name: 'more', url: 'http://127.0.0.1:9/mcp', allow: ['makers'] }],
  ['policy/revert', { to: 1 }],
];

const has = ({ house }: { house: TestHouse }, who: Principal): boolean =>
  house.house.access.allows(who, 'mcp/servers/files/tools/read/call', '/servers/files/tools/read');

test('nothing of the policy changes before somebody else has approved it, whatever the command', async () => {
  const four = { approval: 'required', approvers: [{ user: omar }], mfa: false, operatorExempt: true };
  await using attempt = await open(four);
  const { house, principal, ask } = attempt;
  const { changes, items, history } = house.house.access.policy;
  const operator: Principal = { id: 'operator', kind: 'operator', name: 'operator', groups: [] };
  // What there is to be taken away: the machine's own command line may set it up here.
  await changes.createRole(role, { by: operator, why: 'set up' });
  const { thing } = await changes.deny(
    {
      ...denied,
      permissions: [{ ...denied.permissions[0]!, notActions: [], dataActions: [], notDataActions: [] }],
      doNotApplyToChildScopes: false,
    },
    { by: operator, why: 'set up' },
  );
  const before = (await history.list({ limit: 1 }))[0]!.number;

  for (const [operation, input] of [
    ...ways,
    ['deny/delete', { id: thing.id }],
    ['role/delete', { role: 'Small' }],
  ] as const) {
    const { status, answer } = await ask(operation, input);
    assert.deepEqual([status, answer.change.state], [200, 'pending'], operation);
    assert.ok(answer.change.approval!.url.startsWith(house.url), operation);
  }
  assert.equal(has(attempt, principal), false);
  assert.equal((await history.list({ limit: 1 }))[0]!.number, before);
  assert.equal(items('deny-assignment').length, 1);

  const [records] = [await house.house.audit.list({ limit: 20, action: 'role.assign' })];
  const outcome = records.find(({ result }) => result === 'allowed')!;
  assert.equal((outcome.details['change'] as { state: string }).state, 'pending');

  // Their own yes counts for nothing, nor does that of their assistant.
  const { answer } = await ask(...ways[0]!);
  const { id } = answer.change.approval!;
  const yes = { verdict: 'approved', comment: '' } as const;
  for (const by of [principal, { ...principal, id: omar, actors: ['assistant'] }])
    assert.ok(isRefusal(await house.house.approvals.decide(id, by, yes)));
  assert.equal(has(attempt, principal), false);

  const second: Principal = { id: omar, kind: 'user', name: 'omar@example.com', groups: [] };
  assert.equal(isRefusal(await house.house.approvals.decide(id, second, yes)), false);
  for (let tries = 0; !has(attempt, principal) && tries < 1000; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(has(attempt, principal), true);
  const [version] = await history.list({ limit: 1 });
  assert.deepEqual([version!.by.id, version!.approval], [dana, { id, by: omar }]);
});

test("the machine's own command line waits as well, where the configuration does not spare it", async () => {
  await using attempt = await open({ approval: 'required', approvers: [{ user: omar }], mfa: false });
  const config = path.join(path.dirname(attempt.house.dataDirectory), 'genkan.yaml');
  const words = [
    'role',
    'assign',
    '--role',
    'MCP User',
    '--user',
    dana,
    '--scope',
    '/servers/files',
    '--config',
    config,
  ];
  const { out, error } = await genkan(words);
  assert.match(out, /Nothing has changed yet\. It waits for approval \S+ until/, error);
  assert.equal(has(attempt, attempt.principal), false);
});

test('control: where no approval is demanded, each of them is in force at once', async () => {
  await using attempt = await open({});
  const { answer } = await attempt.ask(...ways[0]!);
  assert.equal(answer.change.state, 'done');
  assert.equal(has(attempt, attempt.principal), true);
});
