// The HTTP+SSE transport at its edges: one stream is one session, from its first moment to its last.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { openEventStream, send } from './support/event-stream.ts';
import { openGatewayRoom } from './support/gateway-room.ts';
import type { GatewayRoom } from './support/gateway-room.ts';
import { openSseClient, openSseSession } from './support/http-sse-client.ts';
import { answerJson, startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import { event, mcpByHand, readTool } from './support/mcp-by-hand.ts';
import type { ByHand } from './support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';

const token = 'dana';
const read = { name: readTool.name, arguments: {} };

interface Scene extends AsyncDisposable {
  readonly upstream: HttpUpstream;
  readonly room: GatewayRoom;
  readonly url: string;
}

async function open(spoken: ByHand = {}, gateway: object = {}): Promise<Scene> {
  const upstream = await startHttpUpstream(mcpByHand({ eras: ['legacy'], ...spoken }));
  const servers = { raw: { url: upstream.url } };
  const room = await openGatewayRoom({ access: makersUse('raw'), servers, gateway });
  return {
    upstream,
    room,
    url: `${room.url}/mcp/raw/sse`,
    async [Symbol.asyncDispose]() {
      await room[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** Holds calls of tools until the test answers them. */
function holding(): {
  readonly calls: (() => void)[];
  readonly called: Promise<void>;
  readonly handle: ByHand['handle'];
} {
  const { promise: called, resolve } = Promise.withResolvers<void>();
  const calls: (() => void)[] = [];
  const handle: ByHand['handle'] = ({ message }, response) => {
    if (message.method !== 'tools/call') return false;
    calls.push(() => answerJson(response, { jsonrpc: '2.0', id: message.id, result: { content: [] } }));
    resolve();
    return true;
  };
  return { calls, called, handle };
}

test('the revision that the client asks for reaches the server, and what it answers reaches the client', async () => {
  await using scene = await open();
  const client = await openSseClient(scene.url, token);
  assert.match(client.endpoint, /\/mcp\/raw\/message\?sessionId=[\w-]{32}$/);
  const params = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'old', version: '1' } };
  const { result } = await client.request(1, 'initialize', params);
  assert.equal(result!['protocolVersion'], '2025-11-25', 'the server has the last word, and the client may go');
  const asked = scene.upstream.seen.findLast(({ message }) => message.method === 'initialize')!;
  assert.equal(asked.message.params!['protocolVersion'], '2024-11-05');
});

test('every message goes the whole way: decided, inspected and recorded', async () => {
  await using scene = await open();
  const client = await openSseSession(scene.url, token);
  assert.ok((await client.request(1, 'tools/call', read)).result);
  assert.equal((await client.request(2, 'tools/call', { name: 'none' })).error!.code, -32602);
  assert.equal((await client.request(3, 'no/such')).error!.code, -32601);
  const recorded = scene.room.records.map(({ action, result }) => `${action} ${result}`);
  assert.deepEqual(recorded.slice(-3), ['tools/call allowed', 'tools/call denied', 'no/such denied']);

  const stranger = await openSseSession(scene.url, 'omar');
  assert.deepEqual((await stranger.request(1, 'tools/list')).result, { tools: [] });
});

test('the end of the stream is the end of the session, here and at the server', async () => {
  await using scene = await open();
  const client = await openSseSession(scene.url, token);
  assert.equal(scene.room.gateway.sessions(), 1);
  client.stream.leave();
  await scene.room.recorded(({ action }) => action === 'session/end');
  assert.equal(scene.room.gateway.sessions(), 0);
  assert.equal((await client.post({ jsonrpc: '2.0', id: 1, method: 'ping' })).status, 404);
  while (!scene.upstream.seen.some(({ method }) => method === 'DELETE')) await new Promise(setImmediate);
});

test('nothing is taken before initialize, and initialize is taken once', async () => {
  await using scene = await open();
  const client = await openSseClient(scene.url, token);
  assert.equal((await client.request(1, 'tools/list')).error!.data!['reason'], 'gateway_session_required');
  assert.equal((await client.post({ jsonrpc: '2.0', method: 'notifications/initialized' })).status, 400);
  const params = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'old', version: '1' } };
  assert.ok((await client.request(2, 'initialize', params)).result);
  assert.equal((await client.request(3, 'initialize', params)).error!.code, -32600);
  assert.ok((await client.request(4, 'tools/list')).result, 'the session stands as it was');
});

test('a server that refuses initialize can be asked again', async () => {
  await using scene = await open({
    handle({ message }, response) {
      if (message.method !== 'initialize' || message.params!['protocolVersion'] !== '2024-11-05') return false;
      answerJson(response, { jsonrpc: '2.0', id: message.id, error: { code: -32602, message: 'not this revision' } });
      return true;
    },
  });
  const client = await openSseClient(scene.url, token);
  const params = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'old', version: '1' } };
  assert.equal((await client.request(1, 'initialize', params)).error!.message, 'not this revision');
  assert.ok((await client.request(2, 'initialize', { ...params, protocolVersion: '2025-03-26' })).result);
});

test('what a server says unasked comes on the stream, and so does what it asks', async () => {
  const opened = Promise.withResolvers<ServerResponse>();
  await using scene = await open({ onStream: opened.resolve });
  const client = await openSseSession(scene.url, token, { capabilities: { roots: {} } });
  const server = await opened.promise;
  server.write(event({ method: 'notifications/tools/list_changed' }) + event({ id: 'r', method: 'roots/list' }));
  await client.stream.until(/event: message\ndata: .*list_changed.*\n\nevent: message\ndata: .*roots\/list/);
  assert.equal((await client.post({ jsonrpc: '2.0', id: 'r', result: { roots: [] } })).status, 202);
  const reply = scene.upstream.seen.find(({ message }) => message.id === 'r');
  assert.deepEqual(reply?.message['result'], { roots: [] });
  assert.equal((await client.post({ jsonrpc: '2.0', id: 'r', result: {} })).status, 400, 'nobody asked twice');
});

test('a cancellation reaches the server, and a call that is never answered holds nothing else up', async () => {
  const { called, handle } = holding();
  const told = Promise.withResolvers<void>();
  await using scene = await open({
    handle(seen, response) {
      if (seen.message.method === 'notifications/cancelled') told.resolve();
      return handle!(seen, response);
    },
  });
  const client = await openSseSession(scene.url, token);
  assert.equal((await client.post({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: read })).status, 202);
  await called;
  assert.ok((await client.request(8, 'ping')).result);
  const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } };
  assert.equal((await client.post(cancelled)).status, 202);
  await told.promise;
});

test('answers that are larger than what is kept for a slow reader come whole, several at once', async () => {
  const text = 'x'.repeat(3_000_000);
  await using scene = await open({
    handle({ message }, response) {
      if (message.method !== 'tools/call') return false;
      answerJson(response, { jsonrpc: '2.0', id: message.id, result: { content: [{ type: 'text', text }] } });
      return true;
    },
  });
  const client = await openSseSession(scene.url, token);
  client.stream.response.pause();
  const ids = [1, 2, 3, 4, 5];
  const accepted = ids.map((id) => client.post({ jsonrpc: '2.0', id, method: 'tools/call', params: read }));
  for (const { status } of await Promise.all(accepted)) assert.equal(status, 202);
  for (const _ of ids) await scene.room.recorded(({ action }) => action === 'tools/call');
  scene.room.gateway.drain(); // ends the stream once everything has been said
  client.stream.response.resume();
  const said = await client.stream.ended;
  for (const id of ids) assert.ok(said.includes(`"id":${id},"result":{"content"`));
  assert.ok(said.length > ids.length * text.length);
});

test('a stream ends when its token is revoked', async () => {
  await using scene = await open({}, { recheckSeconds: 0.1 });
  const client = await openSseSession(scene.url, token);
  scene.room.revoke('dana');
  await client.stream.ended;
  assert.equal(scene.room.gateway.sessions(), 0);
});

test('a stream stands on the newest token that its client has shown, and on no older one', async () => {
  await using scene = await open({}, { recheckSeconds: 0.1 });
  const renewed = await openSseSession(scene.url, 'dana.1');
  const left = await openSseSession(scene.url, 'dana.1');
  const ask = (id: string) => post(renewed.endpoint, { jsonrpc: '2.0', id, method: 'tools/list' }, { token: 'dana.2' });
  assert.equal((await ask('before')).status, 202);
  scene.room.revoke('dana.1');
  await left.stream.ended;
  assert.equal((await ask('after')).status, 202);
  await renewed.stream.until(/"id":"after"/);
  scene.room.revoke('dana.2');
  await renewed.stream.ended;
});

test('when Genkan stops, an idle stream ends at once and a busy one with its last answer', async () => {
  const { calls, called, handle } = holding();
  await using scene = await open({ handle });
  const idle = await openSseSession(scene.url, token);
  const busy = await openSseSession(scene.url, token);
  assert.equal((await busy.post({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: read })).status, 202);
  await called;
  scene.room.gateway.drain();
  await idle.stream.ended;
  assert.equal(busy.stream.response.closed, false);
  calls[0]!();
  assert.match(await busy.stream.ended, /"id":7,"result"/);
});

test('an open stream is kept alive by comments', async () => {
  await using scene = await open({}, { keepAliveSeconds: 1 });
  const client = await openSseClient(scene.url, token);
  await client.stream.until(/\n: keep-alive\n\n/);
});

test('streams count as sessions: one person has so many and no more', async () => {
  await using scene = await open({}, { maxSessionsPerUser: 2 });
  const first = await openSseClient(scene.url, token); // without initialize, so it gives way
  await openSseSession(scene.url, token);
  await openSseSession(scene.url, token);
  await first.stream.ended;
  assert.equal((await openEventStream(scene.url, undefined, { token })).status, 429);
});

test('each address has its own methods, and the two transports do not share sessions', async () => {
  await using scene = await open();
  const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} };
  const posted = await post(scene.url, initialize, { token }); // newer clients try this first, and then fall back
  assert.deepEqual([posted.status, posted.headers.allow], [405, 'GET']);
  const client = await openSseSession(scene.url, token);
  const got = await post(client.endpoint, '', { token, method: 'GET' });
  assert.deepEqual([got.status, got.headers.allow], [405, 'POST']);

  const id = new URL(client.endpoint).searchParams.get('sessionId')!;
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  const mcp = `${scene.room.url}/mcp/raw`;
  assert.equal((await post(mcp, ping, { token, headers: { 'mcp-session-id': id } })).status, 404);
  const other = await openLegacySession(mcp, token);
  const crossed = client.endpoint.replace(id, other['mcp-session-id']!);
  assert.equal((await post(crossed, ping, { token })).status, 404);
  assert.equal((await post(crossed.split('?')[0]!, ping, { token })).status, 400);
  assert.equal((await post(`${client.endpoint}&sessionId=${id}`, ping, { token })).status, 400, 'one id, not two');
});

test('the stateless revision is told that this is not its transport', async () => {
  await using scene = await open();
  const client = await openSseSession(scene.url, token);
  const { body, headers } = modern('tools/list', {}, 9);
  assert.equal((await post(client.endpoint, body, { token, headers })).status, 202);
  await client.stream.until(/"id":9,"error":\{"code":-32600/);
});

test('batches are for sessions of 2025-03-26 on this transport too', async () => {
  const ping = (id: number): object => ({ jsonrpc: '2.0', id, method: 'ping' });
  await using scene = await open();
  const old = await openSseSession(scene.url, token); // the server says 2025-11-25
  assert.equal((await old.post([ping(1)])).status, 400);

  await using speaking = await open({
    handle({ message }, response) {
      if (message.method !== 'initialize') return false;
      const result = { protocolVersion: '2025-03-26', capabilities: {}, serverInfo: { name: 'x', version: '1' } };
      answerJson(response, { jsonrpc: '2.0', id: message.id, result });
      return true;
    },
  });
  const client = await openSseSession(speaking.url, token, { protocolVersion: '2025-03-26' });
  assert.equal((await client.post([ping(1), ping(2)])).status, 202);
  await client.stream.until(/"id":1,[^]*"id":2,|"id":2,[^]*"id":1,/);
});

test('both addresses for everything lead to all servers, and foreign names and origins lead nowhere', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({ eras: ['legacy'] }));
  await using house = await openTestHouse({ access: makersUse('raw'), servers: { raw: { url: upstream.url } } });
  const dana = await house.token('dana');
  const client = await openSseSession(`${house.url}/sse`, dana);
  assert.match(client.endpoint, /^http:\/\/127\.0\.0\.1:\d+\/message\?sessionId=/);
  const { result } = await client.request(1, 'tools/list');
  assert.deepEqual((result!['tools'] as { name: string }[]).map(({ name }) => name).toSorted(), [
    'raw__read',
    'raw__write',
  ]);

  const at = `${house.url}/mcp/raw/sse`;
  const refused = await post(at, '', { method: 'GET' });
  assert.equal(refused.status, 401);
  assert.match(refused.headers['www-authenticate']!, /oauth-protected-resource\/mcp\/raw\/sse"/);
  assert.equal((await post(at, '', { method: 'GET', token: dana })).status, 401, 'the token is for another resource');
  const strangers = [
    [{ host: 'evil.example' }, 421],
    [{ origin: 'https://evil.example' }, 403],
  ] as const;
  for (const [headers, status] of strangers) {
    const stranger = send(`${house.url}/sse`, undefined, { token: dana, headers });
    const [response] = (await once(stranger, 'response')) as [{ statusCode: number }];
    assert.equal(response.statusCode, status);
    stranger.destroy();
  }
});
