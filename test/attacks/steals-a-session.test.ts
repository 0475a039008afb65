// The attacker holds a session id of somebody else, together with a valid token of their own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHttpUpstream, answerJson } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import { openLegacySession, post } from '../support/mcp-post.ts';

let upstream: HttpUpstream;
let house: TestHouse;
const ping = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

before(async () => {
  // An upstream that, like many, keys everything on the session id alone.
  upstream = await startHttpUpstream(({ method, message }, response) => {
    if (method !== 'POST') return void response.writeHead(405).end();
    if (message.id === undefined) return void response.writeHead(202).end();
    const initialized = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'x', version: '1' } };
    const result = message.method === 'initialize' ? initialized : { tools: [] };
    if (message.method === 'server/discover')
      return answerJson(response, { jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'no' } }, 404);
    return answerJson(response, { jsonrpc: '2.0', id: message.id, result }, 200, { 'mcp-session-id': 'of-dana' });
  });
  const server = { url: upstream.url };
  house = await openTestHouse({ servers: { one: server, two: server } });
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

test('control: without the door, the session id alone opens the session', async () => {
  const answered = await post(upstream.url, ping, { headers: { 'mcp-session-id': 'of-dana' } });
  assert.equal(answered.status, 200);
});

test("another person's session does not exist for the attacker, neither to use, to listen to nor to end", async () => {
  const [dana, omar] = [await house.token('dana', 'one'), await house.token('omar', 'one')];
  const url = `${house.url}/mcp/one`;
  const stolen = await openLegacySession(url, dana);
  assert.equal((await post(url, ping, { token: omar, headers: stolen })).status, 404);
  assert.equal((await post(url, '', { token: omar, headers: stolen, method: 'GET' })).status, 404);
  assert.equal((await post(url, '', { token: omar, headers: stolen, method: 'DELETE' })).status, 404);
  assert.equal((await post(url, ping, { token: dana, headers: stolen })).status, 200, 'its owner still has it');
});

test('the theft stands in the audit log as blocked', async () => {
  const [dana, omar] = [await house.token('dana', 'one'), await house.token('omar', 'one')];
  const stolen = await openLegacySession(`${house.url}/mcp/one`, dana);
  await post(`${house.url}/mcp/one`, ping, { token: omar, headers: stolen });
  const [entry] = await house.house.audit.list({ limit: 1, result: 'blocked', action: 'session/foreign' });
  assert.match(entry!.user, /omar/);
  assert.match(String(entry!.details['owner']), /dana/);
});

test('a session opened at one server is unknown at another', async () => {
  const here = await openLegacySession(`${house.url}/mcp/one`, await house.token('dana', 'one'));
  const there = await post(`${house.url}/mcp/two`, ping, { token: await house.token('dana', 'two'), headers: here });
  assert.equal(there.status, 404);
});

test('a session id without a token is nothing', async () => {
  const stolen = await openLegacySession(`${house.url}/mcp/one`, await house.token('dana', 'one'));
  assert.equal((await post(`${house.url}/mcp/one`, ping, { headers: stolen })).status, 401);
});
