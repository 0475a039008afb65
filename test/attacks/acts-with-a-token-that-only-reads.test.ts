// Attack: an agent was lent a token that only reads. It goes on with the task of another of its tokens that may do more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestHouse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, post } from '../support/mcp-post.ts';
import { registerAgent } from '../support/registered-agent.ts';
import { taskServer } from '../support/task-server.ts';
import { requestToken } from '../support/token-request.ts';

test('a token that only reads looks at a task, and neither answers its questions nor ends it', async () => {
  await using upstream = await startHttpUpstream(mcpByHand(taskServer()));
  const bot = { principal: { application: 'bot' }, role: 'MCP User', scope: '/servers/jobs' };
  await using house = await openTestHouse({
    servers: { jobs: { url: upstream.url } },
    access: { assignments: [bot] },
  });
  const resource = `${house.url}/mcp/jobs`;
  const identity = { agents: house.house.clients } as never;
  const agent = await registerAgent({ identity }, 'bot', { resources: ['/mcp/jobs'] });
  const tokenFor = async (scope: string): Promise<string> =>
    (await requestToken(house.url, agent, 'client_credentials', { resource, scope })).token;
  const [whole, reads, writes, destroys] = [
    await tokenFor('mcp'),
    await tokenFor('mcp:read'),
    await tokenFor('mcp:write'),
    await tokenFor('mcp:destroy'),
  ];
  const ask = async (token: string, method: string, params: object) => {
    const { body, headers } = modern(method, { ...params });
    return (await post(resource, body, { token, headers })).message;
  };
  const reasonOf = async (token: string, method: string, params: object): Promise<unknown> =>
    (await ask(token, method, params)).error?.data?.['reason'];

  // Nothing says that the tool only reads, so it is taken to destroy.
  const call = { name: 'write', arguments: {} };
  assert.equal(await reasonOf(reads, 'tools/call', call), 'identity_scope_missing');
  const { taskId } = (await ask(whole, 'tools/call', call)).result!;
  const answer = { taskId, inputResponses: { consent: { action: 'accept' } } };
  const watch = { notifications: { taskIds: [taskId] } };
  const reached = upstream.seen.length;
  for (const token of [reads, writes]) {
    assert.equal(await reasonOf(token, 'tasks/update', answer), 'identity_scope_missing');
    assert.equal(await reasonOf(token, 'tasks/cancel', { taskId }), 'identity_scope_missing');
  }
  assert.equal(await reasonOf(writes, 'tasks/get', { taskId }), 'identity_scope_missing');
  assert.equal(await reasonOf(writes, 'subscriptions/listen', watch), 'identity_scope_missing');
  assert.equal(upstream.seen.length, reached, 'the server heard nothing of it');

  assert.equal((await ask(reads, 'tasks/get', { taskId })).result!['status'], 'working');
  assert.equal((await ask(destroys, 'tasks/get', { taskId })).result!['status'], 'completed');
  // Control: the task is the agent's own, so that a door which asks about the owner alone would let each of these in.
  for (const token of [destroys, whole]) {
    assert.equal(await reasonOf(token, 'tasks/update', answer), undefined);
    assert.equal(await reasonOf(token, 'tasks/cancel', { taskId }), undefined);
  }
});
