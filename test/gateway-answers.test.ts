// What the gateway answers, by era, to what cannot be served; and what it lets clients keep.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { mcpByHand } from './support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';
import { quickNode } from './support/quick-node.ts';

let upstream: HttpUpstream;
let house: TestHouse;
let url: string;
let token: string;

before(async () => {
  upstream = await startHttpUpstream(mcpByHand({}));
  const command = [...quickNode, path.join(import.meta.dirname, 'support/fragile-stdio-server.ts')];
  house = await openTestHouse({
    access: makersUse('raw', 'child'),
    servers: { raw: { url: upstream.url }, child: { command } },
  });
  url = `${house.url}/mcp/raw`;
  token = await house.token('dana', 'raw');
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

test('a session whose server process has died is unknown, so that the client begins a new one', async () => {
  const child = `${house.url}/mcp/child`;
  const ofChild = await house.token('dana', 'child');
  const headers = await openLegacySession(child, ofChild);
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'tool' } };
  const { error } = (await post(child, call, { token: ofChild, headers })).message;
  assert.equal(error!.data!['reason'], 'upstream_unavailable');
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
  assert.equal((await post(child, list, { token: ofChild, headers })).status, 404);
  const anew = await openLegacySession(child, ofChild);
  assert.equal((await post(child, list, { token: ofChild, headers: anew })).status, 200);
});

test('an unknown method leaves a legacy session alone: status 200, and the error in the body', async () => {
  const headers = await openLegacySession(url, token);
  const answered = await post(url, { jsonrpc: '2.0', id: 1, method: 'tasks/list' }, { token, headers });
  assert.deepEqual([answered.status, answered.message.error!.code, answered.message.id], [200, -32601, 1]);
});

test('an unknown method of the modern era is 404', async () => {
  const { body, headers } = modern('tasks/list');
  const answered = await post(url, body, { token, headers });
  assert.deepEqual([answered.status, answered.message.error!.code], [404, -32601]);
});

test('a modern request without its envelope is 400', async () => {
  const { headers } = modern('tools/list');
  const bare = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
  assert.equal((await post(url, bare, { token, headers })).status, 400);
  const partial = { ...bare, params: { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } } };
  assert.equal((await post(url, partial, { token, headers })).status, 400);
});

test('HTTP methods that do not exist here are 405 and name those that do', async () => {
  const session = await openLegacySession(url, token);
  const asModern = { ...session, 'mcp-protocol-version': '2026-07-28' };
  for (const [method, headers] of [
    ['GET', asModern],
    ['DELETE', asModern],
    ['PUT', session],
  ] as const) {
    const answered = await post(url, '', { token, headers, method });
    assert.equal(answered.status, 405, method);
    assert.match(answered.headers.allow!, /POST/);
  }
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  assert.equal((await post(url, ping, { token, headers: session })).status, 200, 'the session is still there');
});

test('what a read or a discovery answers is for this caller alone, and for a minute at most', async () => {
  for (const [method, params] of [
    ['resources/read', { uri: 'file:///a' }],
    ['server/discover', {}],
    ['prompts/list', {}],
  ] as const) {
    const { body, headers } = modern(method, params);
    const { result } = (await post(url, body, { token, headers })).message;
    assert.equal(result!['cacheScope'], 'private', method);
    assert.ok((result!['ttlMs'] as number) <= 60_000, method);
  }
});
