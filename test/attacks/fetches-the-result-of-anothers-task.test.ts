// The attacker has learned or guessed the id of somebody else's task, and may use the same server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { makersUse } from '../support/house.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from '../support/mcp-post.ts';
import { taskServer } from '../support/task-server.ts';

const call = { name: 'write', arguments: {} };
const taskId = 'task-1';

test('control: without the door, the id alone fetches the result', async () => {
  await using upstream = await startHttpUpstream(mcpByHand(taskServer()));
  const created = modern('tools/call', call);
  await post(upstream.url, created.body, { headers: created.headers });
  const fetched = await post(upstream.url, { jsonrpc: '2.0', id: 1, method: 'tasks/result', params: { taskId } });
  assert.match(fetched.body, /the result of task-1/);
});

test('to anybody but its owner a task does not exist: not to poll, fetch, answer, cancel or list', async () => {
  await using upstream = await startHttpUpstream(mcpByHand(taskServer()));
  await using room = await openGatewayRoom({ access: makersUse('jobs'), servers: { jobs: { url: upstream.url } } });
  const url = `${room.url}/mcp/jobs`;
  const created = modern('tools/call', call);
  await post(url, created.body, { token: 'dana', headers: created.headers });

  for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
    const { body, headers } = modern(method, { taskId });
    assert.equal((await post(url, body, { token: 'erin', headers })).message.error!.code, -32602, method);
    assert.equal(room.records.at(-1)!.result, 'denied');
  }
  const session = { token: 'erin', headers: await openLegacySession(url, 'erin') };
  for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
    const { message } = await post(url, { jsonrpc: '2.0', id: method, method, params: { taskId } }, session);
    assert.equal(message.error!.code, -32602, method);
  }
  const { message } = await post(url, { jsonrpc: '2.0', id: 1, method: 'tasks/list' }, session);
  assert.deepEqual(message.result, { tasks: [] });

  const sent = upstream.seen.map(({ message: { method } }) => method).filter((method) => method?.startsWith('tasks/'));
  assert.deepEqual(sent, ['tasks/list'], 'the server never heard of it');
});
