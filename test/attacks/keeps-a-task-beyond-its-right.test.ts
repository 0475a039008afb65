// The attacker was allowed a call, has made a task of it, and goes on with the task after that right was taken away.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal } from '../../src/base/principal.ts';
import { openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from '../support/mcp-post.ts';
import type { Posted } from '../support/mcp-post.ts';
import { taskServer } from '../support/task-server.ts';
import { assign, unassign } from '../support/policy-ground.ts';

const subscription = '00000000-0000-0000-0000-000000000001';
const group = (name: string): string => `/subscriptions/${subscription}/resourceGroups/${name}`;
const tool = { name: 'compute_vm_get', inputSchema: { type: 'object' } };
const about = (name: string): object => ({ name: tool.name, arguments: { 'resource-group': name } });
const makers = { group: 'makers' };

let upstream: HttpUpstream;
let house: TestHouse;
let dana: Principal;
let token: string;
/** Takes the right at the secret resource group away. */
let takeAway: () => Promise<unknown>;

before(async () => {
  upstream = await startHttpUpstream(mcpByHand({ ...taskServer(), tools: [tool] }));
  house = await openTestHouse({
    servers: { azure: { url: upstream.url } },
    access: {
      maps: { azure: { map: 'azure', defaultSubscription: subscription } },
      assignments: [
        { principal: makers, role: 'MCP User', scope: '/servers/azure' },
        { principal: makers, role: 'Reader', scope: group('own') },
      ],
    },
  });
  dana = (await house.house.people.find('dana'))!;
  token = await house.token('dana', 'azure');
  const { access } = house.house;
  const given = { principal: { kind: 'user', id: dana.id }, role: 'Reader', scope: group('secret') } as const;
  const { id } = await assign(access, given, dana);
  takeAway = () => unassign(access, id);
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const ask = async (method: string, params: object): Promise<Posted['message']> => {
  const { body, headers } = modern(method, { ...params });
  return (await post(`${house.url}/mcp/azure`, body, { token, headers })).message;
};

test('a task answers to every right that its call needed, for as long as there is something to come back for', async () => {
  const secret = { taskId: (await ask('tools/call', about('secret'))).result!['taskId'] };
  const own = { taskId: (await ask('tools/call', about('own'))).result!['taskId'] };
  assert.equal((await ask('tasks/get', secret)).result!['status'], 'working', 'control: with the right it is theirs');

  await takeAway();
  const { tools } = (await ask('tools/list', {})).result as { tools: unknown[] };
  assert.equal(tools.length, 1, 'control: a door that asks about the tool alone would give the result out');
  assert.equal((await ask('tools/call', about('secret'))).error!.data!['reason'], 'access_out_of_scope');

  const reached = upstream.seen.length;
  const answer = { ...secret, inputResponses: { consent: { action: 'accept' } } };
  for (const [method, params] of [
    ['tasks/get', secret],
    ['tasks/update', answer],
    ['tasks/cancel', secret],
    ['subscriptions/listen', { notifications: { taskIds: [secret.taskId] } }],
  ] as const)
    assert.equal((await ask(method, params)).error!.data!['reason'], 'gateway_task_unknown', method);
  assert.equal(upstream.seen.length, reached, 'the server never heard of it');
  assert.equal((await ask('tasks/get', own)).result!['status'], 'working', 'the right to another task is still there');

  const headers = await openLegacySession(`${house.url}/mcp/azure`, token);
  const older = async (method: string, params: object): Promise<Posted['message']> =>
    (await post(`${house.url}/mcp/azure`, { jsonrpc: '2.0', id: method, method, params }, { token, headers })).message;
  assert.equal((await older('tasks/result', secret)).error!.data!['reason'], 'gateway_task_unknown');
  const { tasks } = (await older('tasks/list', {})).result as { tasks: { taskId: string }[] };
  assert.deepEqual(
    tasks.map(({ taskId }) => taskId),
    [own.taskId],
  );
});
