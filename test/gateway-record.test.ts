// What the record says of requests that are refused, broken off or cannot be recorded, and what then reaches the server.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { send } from './support/event-stream.ts';
import { openGatewayRoom, recordingFails } from './support/gateway-room.ts';
import type { GatewayRoom } from './support/gateway-room.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { makersUse } from './support/house.ts';
import { beginEventStream, event, mcpByHand, readTool, writeTool } from './support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';

const tools = [readTool, writeTool, { ...writeTool, name: 'steps' }];

let upstream: HttpUpstream;
let room: GatewayRoom;
let url: string;
/** Calls are answered when this resolves; replaced by tests that hold them. */
let mayAnswer: Promise<void>;
let mayList: Promise<void>;
let seen: (method: string) => void;

before(async () => {
  upstream = await startHttpUpstream(
    mcpByHand({
      tools,
      async handle({ message }, response) {
        seen(message.method ?? '');
        if (message.method === 'tools/list') await mayList;
        if (message.method !== 'tools/call') return false;
        await mayAnswer;
        if (message.params!['name'] !== 'steps') return false;
        beginEventStream(response).write(event({ method: 'notifications/progress', params: { progressToken: 1 } }));
        response.end(event({ id: message.id, result: { resultType: 'complete', content: [] } }));
        return true;
      },
    }),
  );
});
after(() => upstream[Symbol.asyncDispose]());

beforeEach(async () => {
  mayAnswer = mayList = Promise.resolve();
  seen = () => {};
  upstream.seen.length = 0;
  room = await openGatewayRoom({ access: makersUse('raw'), servers: { raw: { url: upstream.url } } });
  url = `${room.url}/mcp/raw`;
});
afterEach(() => room[Symbol.asyncDispose]());

const call = (name: string) => modern('tools/call', { name, arguments: {} }, 'my-id');
const calls = (): number => upstream.seen.filter(({ message }) => message.method === 'tools/call').length;
const reached = (method: string): Promise<void> =>
  new Promise<void>((resolve) => (seen = (got) => (got === method ? resolve() : undefined)));
const never = new Promise<void>(() => {});

test('a call whose intent cannot be recorded is not forwarded, and the refusal carries its id', async () => {
  room.onRecord = ({ result }) => (result === 'intent' ? recordingFails() : undefined);
  const { body, headers } = call('write');
  const { message } = await post(url, body, { token: 'dana', headers });
  assert.deepEqual([message.id, message.error!.data!['reason']], ['my-id', 'record_unavailable']);
  assert.equal(calls(), 0);
});

test('an answer that cannot be recorded does not reach the client, on a begun stream neither', async () => {
  room.onRecord = ({ result }) => (result === 'allowed' ? recordingFails() : undefined);
  for (const name of ['write', 'steps']) {
    const { body, headers } = call(name);
    const answered = await post(url, body, { token: 'dana', headers });
    assert.deepEqual([answered.message.id, answered.message.error!.data!['reason']], ['my-id', 'record_unavailable']);
    assert.equal(answered.body.includes('content'), false);
    assert.equal(answered.headers['content-type'], name === 'steps' ? 'text/event-stream' : 'application/json');
  }
});

test('a refusal that cannot be recorded is a refusal all the same, under the id of its request', async () => {
  room.onRecord = recordingFails;
  const { body, headers } = call('write');
  const plain = { ...body, params: { name: 'write' } };
  for (const refused of [
    await post(url, body, { token: 'omar', headers }),
    await post(url, plain, { token: 'dana', headers: { 'mcp-session-id': 'guessed' } }),
    await post(`${room.url}/mcp/nowhere`, body, { token: 'dana', headers }),
  ])
    assert.deepEqual([refused.message.id, refused.message.error!.data!['reason']], ['my-id', 'record_unavailable']);
  assert.deepEqual(upstream.seen, []);
});

test('a modern client that leaves before its call was forwarded has not made it', async () => {
  const gate = Promise.withResolvers<void>();
  mayList = gate.promise;
  const listing = reached('tools/list');
  const { body, headers } = call('write');
  const outgoing = send(url, body, { token: 'dana', headers });
  await listing;
  const left = room.hangUp();
  outgoing.destroy();
  await left;
  gate.resolve();
  const { result } = await room.recorded(({ details }) => details['code'] === 'gateway_cancelled');
  assert.equal(result, 'denied');
  assert.equal(calls(), 0);
  assert.ok(room.records.every((entry) => entry.result !== 'intent'));
});

test('a modern client that leaves while its intent is recorded has not made the call either, and the intent is closed', async () => {
  const { body, headers } = call('write');
  room.onRecord = async ({ result }) => {
    if (result !== 'intent') return;
    const left = room.hangUp();
    outgoing.destroy();
    await left;
  };
  const outgoing = send(url, body, { token: 'dana', headers });
  const outcome = await room.recorded(({ details }) => details['code'] === 'gateway_cancelled');
  const intent = room.records.find(({ result }) => result === 'intent')!;
  assert.equal(outcome.correlationId, intent.correlationId);
  assert.equal(calls(), 0);
});

for (const [name, result] of [
  ['write', 'unknown'],
  ['read', 'failed'],
] as const) {
  test(`a forwarded call of ${name} that a modern client breaks off is recorded as cancelled and ${result}`, async () => {
    mayAnswer = never;
    const calling = reached('tools/call');
    const { body, headers } = call(name);
    const outgoing = send(url, body, { token: 'dana', headers });
    await calling;
    outgoing.destroy();
    const outcome = await room.recorded(({ details }) => details['error'] === 'gateway_cancelled');
    assert.equal(outcome.result, result);
  });

  test(`a call of ${name} that a legacy client cancels is answered, and recorded as cancelled and ${result}`, async () => {
    mayAnswer = never;
    const headers = await openLegacySession(url, 'dana');
    const calling = reached('tools/call');
    const body = { jsonrpc: '2.0', id: 'my-id', method: 'tools/call', params: { name } };
    const answered = post(url, body, { token: 'dana', headers });
    await calling;
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'my-id' } };
    await post(url, cancel, { token: 'dana', headers });
    assert.equal((await answered).message.error!.data!['reason'], 'gateway_cancelled');
    const { details, ...outcome } = room.records.at(-1)!;
    assert.deepEqual([outcome.result, details['error']], [result, 'gateway_cancelled']);
  });
}

test('an answer to a question that nobody asked is refused, and recorded as refused alone', async () => {
  const headers = await openLegacySession(url, 'dana');
  const already = room.records.length;
  const forged = { jsonrpc: '2.0', id: 'nobody-asked', result: { action: 'accept', content: {} } };
  const answered = await post(url, forged, { token: 'dana', headers });
  assert.deepEqual([answered.status, answered.message.error!.data!['reason']], [400, 'gateway_answer_unexpected']);
  assert.deepEqual(
    room.records.slice(already).map(({ result, details }) => [result, details['code']]),
    [['denied', 'gateway_answer_unexpected']],
  );
  assert.ok(upstream.seen.every(({ message }) => message.id !== 'nobody-asked'));
});

test('the end of a session, and each refused GET and DELETE, are on record', async () => {
  const headers = await openLegacySession(url, 'dana');
  const already = room.records.length;
  const guessed = { ...headers, 'mcp-session-id': 'guessed' };
  await post(url, '', { token: 'dana', headers: guessed, method: 'GET' });
  await post(url, '', { token: 'dana', headers: guessed, method: 'DELETE' });
  await post(url, '', { token: 'dana', method: 'PUT' });
  await post(url, '', { token: 'dana', headers, method: 'DELETE' });
  assert.deepEqual(
    room.records
      .slice(already)
      .map(({ action, resource, result, details }) => [action, resource, result, details['code']]),
    [
      ['mcp', '/servers/raw', 'denied', 'gateway_session_unknown'],
      ['mcp', '/servers/raw', 'denied', 'gateway_session_unknown'],
      ['mcp', '/servers/raw', 'denied', 'gateway_http_method'],
      ['session/end', '/servers/raw', 'allowed', undefined],
    ],
  );
});
