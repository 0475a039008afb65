// Calls that become tasks, in both eras: polled, answered, cancelled, recorded, and bound to who made the call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGatewayRoom, recordingFails } from './support/gateway-room.ts';
import type { GatewayRoom } from './support/gateway-room.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import { openEventStream } from './support/event-stream.ts';
import { mcpByHand } from './support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';
import type { Posted } from './support/mcp-post.ts';
import { taskServer } from './support/task-server.ts';
import { quickNode } from './support/quick-node.ts';

const everything = new URL('../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url);

const startTasks = (): Promise<HttpUpstream> => startHttpUpstream(mcpByHand(taskServer()));
const openRoom = (upstream: HttpUpstream): Promise<GatewayRoom> =>
  openGatewayRoom({ access: makersUse('jobs'), servers: { jobs: { url: upstream.url } } });

type Ask = (method: string, params?: Record<string, unknown>) => Promise<Posted['message']>;

/** Asks in a session of the older era. */
async function legacy(url: string, token: string): Promise<Ask> {
  const headers = await openLegacySession(url, token);
  let id = 0;
  return async (method, params = {}) =>
    (await post(url, { jsonrpc: '2.0', id: ++id, method, params }, { token, headers })).message;
}

const stateless =
  (url: string, token: string): Ask =>
  async (method, params = {}) => {
    const { body, headers } = modern(method, params);
    return (await post(url, body, { token, headers })).message;
  };

test('a task of 2025-11-25 is created, polled, fetched and listed by who made it', async () => {
  await using upstream = await startTasks();
  await using room = await openRoom(upstream);
  const ask = await legacy(`${room.url}/mcp/jobs`, 'dana');
  const created = await ask('tools/call', { name: 'write', arguments: {}, task: { ttl: 60_000 } });
  assert.equal((created.result!['task'] as { taskId: string }).taskId, 'task-1');
  assert.equal((await ask('tasks/get', { taskId: 'task-1' })).result!['status'], 'working');
  assert.equal((await ask('tasks/get', { taskId: 'task-1' })).result!['status'], 'completed');
  const fetched = await ask('tasks/result', { taskId: 'task-1' });
  assert.deepEqual(fetched.result!['content'], [{ type: 'text', text: 'the result of task-1' }]);
  assert.equal((await ask('tasks/cancel', { taskId: 'task-1' })).result!['status'], 'cancelled');
  const { result } = await ask('tasks/list');
  assert.deepEqual(
    (result!['tasks'] as { taskId: string }[]).map(({ taskId }) => taskId),
    ['task-1'],
  );
});

test('a task of 2026-07-28 is created, polled, answered and cancelled by who made it', async () => {
  await using upstream = await startTasks();
  await using room = await openRoom(upstream);
  const ask = stateless(`${room.url}/mcp/jobs`, 'dana');
  const created = await ask('tools/call', { name: 'write', arguments: {} });
  assert.deepEqual([created.result!['resultType'], created.result!['taskId']], ['task', 'task-1']);
  assert.equal((await ask('tasks/get', { taskId: 'task-1' })).result!['status'], 'working');
  const done = await ask('tasks/get', { taskId: 'task-1' });
  assert.deepEqual(done.result!['result'], { content: [{ type: 'text', text: 'the result of task-1' }] });
  const inputResponses = { consent: { action: 'accept' } };
  assert.deepEqual((await ask('tasks/update', { taskId: 'task-1', inputResponses })).result, {
    resultType: 'complete',
  });
  assert.deepEqual((await ask('tasks/cancel', { taskId: 'task-1' })).result, { resultType: 'complete' });
  const sent = upstream.seen.find(({ message }) => message.method === 'tasks/get')!;
  assert.equal(sent.headers['mcp-name'], 'task-1', 'so that servers can route by it');
});

test('what a task leads to is recorded; polls without news are not', async () => {
  await using upstream = await startTasks();
  await using room = await openRoom(upstream);
  const ask = stateless(`${room.url}/mcp/jobs`, 'dana');
  await ask('tools/call', { name: 'write', arguments: {} });
  await ask('tasks/get', { taskId: 'task-1' });
  await ask('tasks/get', { taskId: 'task-1' });
  await ask('tasks/cancel', { taskId: 'task-1' });
  const recorded = room.records.map(({ action, resource, result }) => `${result} ${action} ${resource}`);
  assert.deepEqual(recorded, [
    'intent tools/call /servers/jobs/tools/write',
    'allowed tools/call /servers/jobs/tools/write',
    'allowed tasks/get /servers/jobs/tools/write',
    'intent tasks/cancel /servers/jobs/tools/write',
    'allowed tasks/cancel /servers/jobs/tools/write',
  ]);
});

test('what a person answers to a task, or that it is cancelled, is on record before the server hears of it', async () => {
  await using upstream = await startTasks();
  await using room = await openRoom(upstream);
  const answer = { taskId: 'task-1', inputResponses: { consent: { action: 'accept' } } };
  const newer = stateless(`${room.url}/mcp/jobs`, 'dana');
  const older = await legacy(`${room.url}/mcp/jobs`, 'dana');
  await newer('tools/call', { name: 'write', arguments: {} });
  const heard = (): unknown[] =>
    upstream.seen.map(({ message }) => message.method).filter((method) => /tasks/.test(method ?? ''));

  room.onRecord = ({ result }) => (result === 'intent' ? recordingFails() : undefined);
  for (const refused of [
    await newer('tasks/update', answer),
    await newer('tasks/cancel', { taskId: 'task-1' }),
    await older('tasks/cancel', { taskId: 'task-1' }),
  ])
    assert.equal(refused.error!.data!['reason'], 'record_unavailable');
  assert.deepEqual(heard(), []);

  room.onRecord = () => {};
  assert.ok((await newer('tasks/update', answer)).result);
  assert.deepEqual(heard(), ['tasks/update'], 'control: with a record it goes through');
  const [intent, outcome] = room.records.slice(-2);
  assert.deepEqual([intent!.result, outcome!.result], ['intent', 'allowed']);
  assert.equal(intent!.correlationId, outcome!.correlationId);
});

test('a task id in the header that is not the one in the message is refused', async () => {
  await using upstream = await startTasks();
  await using room = await openRoom(upstream);
  await stateless(`${room.url}/mcp/jobs`, 'dana')('tools/call', { name: 'write', arguments: {} });
  const { body, headers } = modern('tasks/get', { taskId: 'task-1' });
  const sent = { token: 'dana', headers: { ...headers, 'mcp-name': 'task-2' } };
  assert.equal((await post(`${room.url}/mcp/jobs`, body, sent)).message.error!.code, -32020);
});

test('only tasks of their own may be watched', async () => {
  await using upstream = await startTasks();
  await using room = await openRoom(upstream);
  await stateless(`${room.url}/mcp/jobs`, 'dana')('tools/call', { name: 'write', arguments: {} });
  const listen = { notifications: { taskIds: ['task-1'] } };
  const refused = await stateless(`${room.url}/mcp/jobs`, 'erin')('subscriptions/listen', listen);
  assert.equal(refused.error!.code, -32602);
  await stateless(`${room.url}/mcp/jobs`, 'dana')('subscriptions/listen', listen);
  assert.equal(upstream.seen.filter(({ message }) => message.method === 'subscriptions/listen').length, 1);
});

test('tasks of one server among several are made and fetched at /mcp, in either era', async () => {
  await using jobs = await startTasks();
  const plainTool = { name: 'plain', inputSchema: { type: 'object' }, execution: { taskSupport: 'optional' } };
  await using plain = await startHttpUpstream(mcpByHand({ tools: [plainTool] }));
  const servers = { jobs: { url: jobs.url }, plain: { url: plain.url } };
  await using room = await openGatewayRoom({ access: makersUse('jobs', 'plain'), servers });
  const url = `${room.url}/mcp`;

  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const greeted = await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, { token: 'dana' });
  const { capabilities } = greeted.message.result as { capabilities: Record<string, unknown> };
  assert.deepEqual(capabilities['tasks'], { cancel: {}, requests: { tools: { call: {} } } });

  const older = await legacy(url, 'dana');
  const { tools } = (await older('tools/list')).result as { tools: { name: string; execution?: object }[] };
  assert.deepEqual(
    tools.map(({ name, execution }) => [name, execution]),
    [
      ['jobs__write', { taskSupport: 'optional' }],
      ['plain__plain', undefined], // its server takes no tasks
    ],
  );
  await older('tools/call', { name: 'jobs__write', arguments: {}, task: {} });
  assert.match(JSON.stringify(await older('tasks/result', { taskId: 'task-1' })), /the result of task-1/);

  const newer = stateless(url, 'dana');
  const { tasks: _only, ...others } = capabilities; // of the older revision
  assert.deepEqual((await newer('server/discover')).result!['capabilities'], others);
  await newer('tools/call', { name: 'jobs__write', arguments: {} });
  assert.equal((await newer('tasks/get', { taskId: 'task-2' })).result!['status'], 'working');
});

test('a task in which the server asks a person goes on when it is answered', { timeout: 60_000 }, async () => {
  const command = [...quickNode, everything.pathname, 'stdio'];
  await using house = await openTestHouse({ access: makersUse('everything'), servers: { everything: { command } } });
  const url = `${house.url}/mcp/everything`;
  const token = await house.token('dana', 'everything');
  const headers = await openLegacySession(url, token, { elicitation: {} });
  const name = 'simulate-research-query';
  const params = { name, arguments: { topic: 'doors', ambiguous: true }, task: { ttl: 60_000 } };
  const created = await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/call', params }, { token, headers });
  const { taskId } = created.message.result!['task'] as { taskId: string };

  const asked = { jsonrpc: '2.0', id: 2, method: 'tasks/result', params: { taskId } };
  const stream = await openEventStream(url, asked, { token, headers });
  await stream.until(/elicitation\/create/);
  const line = stream
    .text()
    .split('\n')
    .find((text) => text.includes('elicitation/create'))!;
  const { id } = JSON.parse(line.slice('data: '.length)) as { id: unknown };
  const reply = { action: 'accept', content: { interpretation: 'technical' } };
  await post(url, { jsonrpc: '2.0', id, result: reply }, { token, headers });
  assert.match(await stream.ended, /doors \(technical\).*"id":2/);
});
