// The gateway from outside: a real house, real sockets, real MCP servers behind it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { ServerResponse } from 'node:http';
import { after, before, test } from 'node:test';
import { startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream, SeenRequest } from './support/http-upstream.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';

const annotations = { readOnlyHint: true };
const tools = [
  { name: 'read', inputSchema: { type: 'object', properties: { n: { type: 'number' } } }, annotations },
  { name: 'write', inputSchema: { type: 'object' } },
  { name: 'steps', inputSchema: { type: 'object' }, annotations },
  { name: 'slow', inputSchema: { type: 'object' }, annotations },
];

let upstream: HttpUpstream;
let house: TestHouse;
/** Called when the tool `write` takes effect. */
let onWrite = async (): Promise<void> => {};
/** Released by tests that hold a call open. */
let releaseSlow: () => void = () => {};
let slowArrived: () => void = () => {};

/** A server that speaks both eras, written by hand so that its bytes are known. */
async function answer({ method, message, headers }: SeenRequest, response: ServerResponse): Promise<void> {
  if (method !== 'POST') return void response.writeHead(405).end();
  if (message.id === undefined) return void response.writeHead(202).end();
  const say = (text: string, more: Record<string, string> = {}): void => {
    response.writeHead(200, { 'content-type': 'application/json', ...more }).end(text);
  };
  const id = JSON.stringify(message.id);
  const name = message.params?.['name'];
  if (message.method === 'initialize') {
    const result =
      '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"raw","version":"1"}}';
    return say(`{"jsonrpc":"2.0","id":${id},"result":${result}}`, { 'mcp-session-id': 'upstream-session' });
  }
  if (message.method === 'server/discover') {
    const result =
      '{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"public"}';
    return say(`{"jsonrpc":"2.0","id":${id},"result":${result}}`);
  }
  if (message.method === 'tools/list') {
    const cache = headers['mcp-protocol-version'] === '2026-07-28' ? ',"ttlMs":3600000,"cacheScope":"public"' : '';
    return say(`{"jsonrpc":"2.0","id":${id},"result":{"tools":${JSON.stringify(tools)}${cache}}}`);
  }
  if (name === 'write') await onWrite();
  if (name === 'slow') {
    slowArrived();
    await new Promise<void>((resolve) => (releaseSlow = resolve));
  }
  if (name === 'steps') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(
      'data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":7,"progress":1}}\n\n',
    );
    await new Promise<void>((resolve) => (releaseSlow = resolve));
    return void response.end(`data: {"jsonrpc":"2.0","id":${id},"result":{"content":[]}}\n\n`);
  }
  return say(
    `{ "id":${id},   "jsonrpc":"2.0","result":{"content":[{"type":"text","text":"1.0"}],"x":1.50,"y":"\\u0041"} }`,
  );
}

before(async () => {
  upstream = await startHttpUpstream(answer);
  house = await openTestHouse({ access: makersUse('raw'), servers: { raw: { url: upstream.url } } });
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const call = (name: string, id: string | number = 1) => modern('tools/call', { name, arguments: {} }, id);
const records = async () => (await house.house.audit.list({ limit: 50 })).toSorted((a, b) => a.index - b.index);

test('an answer of the same era reaches the client byte for byte', async () => {
  const token = await house.token('dana', 'raw');
  const { body, headers } = call('read', 'id-1');
  const answered = await post(`${house.url}/mcp/raw`, body, { token, headers });
  assert.equal(
    answered.body,
    '{ "id":"id-1",   "jsonrpc":"2.0","result":{"content":[{"type":"text","text":"1.0"}],"x":1.50,"y":"\\u0041"} }',
  );
  assert.equal(upstream.seen.at(-1)!.body.toString(), JSON.stringify(body));
});

test('a request keeps its own bytes, spaces and number forms included', async () => {
  const token = await house.token('dana', 'raw');
  const headers = await openLegacySession(`${house.url}/mcp/raw`, token);
  const bytes = '{"id": 5,"jsonrpc" :"2.0","method":"tools/call","params":{"name":"read","arguments":{"n":1.0e2}}}';
  await post(`${house.url}/mcp/raw`, bytes, { token, headers });
  assert.equal(upstream.seen.at(-1)!.body.toString(), bytes);
});

test('neither the access token nor the session id of the client reaches the server', async () => {
  const token = await house.token('dana', 'raw');
  const headers = await openLegacySession(`${house.url}/mcp/raw`, token);
  await post(
    `${house.url}/mcp/raw`,
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'read' } },
    { token, headers },
  );
  const seen = upstream.seen.at(-1)!;
  assert.equal(seen.headers.authorization, undefined);
  assert.equal(seen.headers['mcp-session-id'], 'upstream-session');
  assert.ok(upstream.seen.every((request) => !JSON.stringify([request.headers, request.message]).includes(token)));
});

test('the intent of a call with effects is durable before the server sees the call, and its outcome before the client has the answer', async () => {
  const token = await house.token('dana', 'raw');
  let seenByServer: string[] = [];
  onWrite = async () => {
    seenByServer = (await records()).filter(({ resource }) => resource.endsWith('/write')).map(({ result }) => result);
  };
  const { body, headers } = call('write');
  await post(`${house.url}/mcp/raw`, body, { token, headers });
  assert.deepEqual(seenByServer, ['intent']);
  const [intent, outcome] = (await records()).filter(({ resource }) => resource.endsWith('/write'));
  assert.equal(outcome!.result, 'allowed');
  assert.equal(outcome!.correlationId, intent!.correlationId);
  assert.equal(intent!.because?.length, 1);
});

test('progress reaches the client while the call is still under way', async () => {
  const token = await house.token('dana', 'raw');
  const { body, headers } = call('steps');
  const request = httpRequest(`${house.url}/mcp/raw`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      ...headers,
    },
  }).end(JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
  const [first] = (await once(response, 'data')) as [Buffer];
  assert.match(first.toString(), /"progress":1/);
  releaseSlow();
  const [last] = (await once(response, 'data')) as [Buffer];
  assert.match(last.toString(), /"result"/);
});

test('lists of the stateless era are marked as the own ones of the caller, for a minute at most', async () => {
  const token = await house.token('dana', 'raw');
  const { body, headers } = modern('tools/list');
  const { result } = (await post(`${house.url}/mcp/raw`, body, { token, headers })).message;
  assert.equal(result!['cacheScope'], 'private');
  assert.equal(result!['ttlMs'], 60_000);
});

test('somebody without rights sees an empty list and is told which action is missing', async () => {
  const token = await house.token('omar', 'raw');
  const listed = modern('tools/list');
  assert.deepEqual(
    (await post(`${house.url}/mcp/raw`, listed.body, { token, headers: listed.headers })).message.result!['tools'],
    [],
  );
  const { body, headers } = call('read');
  const { error } = (await post(`${house.url}/mcp/raw`, body, { token, headers })).message;
  assert.equal(error!.code, -31010);
  assert.deepEqual(error!.data!['missing'], ['mcp/servers/raw/tools/read/call']);
});

test('at /mcp tools carry the name of their server, and a call finds its way', async () => {
  const token = await house.token('dana');
  const listed = modern('tools/list');
  const { result } = (await post(`${house.url}/mcp`, listed.body, { token, headers: listed.headers })).message;
  assert.deepEqual(
    (result!['tools'] as { name: string }[]).map(({ name }) => name),
    ['raw__read', 'raw__write', 'raw__steps', 'raw__slow'],
  );
  const { body, headers } = call('raw__read');
  assert.ok((await post(`${house.url}/mcp`, body, { token, headers })).message.result);
});

test('an unknown method is answered "method not found", and an unknown tool is not forwarded', async () => {
  const token = await house.token('dana', 'raw');
  const strange = modern('admin/everything');
  const refused = await post(`${house.url}/mcp/raw`, strange.body, { token, headers: strange.headers });
  assert.deepEqual([refused.status, refused.message.error!.code], [404, -32601]);
  const { body, headers } = call('nothing');
  assert.equal((await post(`${house.url}/mcp/raw`, body, { token, headers })).message.error!.code, -32602);
  assert.ok(upstream.seen.every(({ message }) => message.params?.['name'] !== 'nothing'));
});

test('a session ends with DELETE and is unknown from then on', async () => {
  const token = await house.token('dana', 'raw');
  const headers = await openLegacySession(`${house.url}/mcp/raw`, token);
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  assert.equal((await post(`${house.url}/mcp/raw`, ping, { token, headers })).status, 200);
  assert.equal((await post(`${house.url}/mcp/raw`, '', { token, headers, method: 'DELETE' })).status, 204);
  assert.equal((await post(`${house.url}/mcp/raw`, ping, { token, headers })).status, 404);
});

test('a request under way is answered although Genkan is stopped meanwhile', async () => {
  await using own = await openTestHouse({ access: makersUse('raw'), servers: { raw: { url: upstream.url } } });
  const token = await own.token('dana', 'raw');
  const arrived = new Promise<void>((resolve) => (slowArrived = resolve));
  const { body, headers } = call('slow');
  const answered = post(`${own.url}/mcp/raw`, body, { token, headers });
  await arrived;
  const closed = own.house.close();
  await assert.rejects(fetch(`${own.url}/healthz`), 'nothing new is accepted');
  releaseSlow();
  assert.ok((await answered).message.result);
  await closed;
});
