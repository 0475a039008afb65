// The attacker has learned where somebody else's HTTP+SSE client posts, from a log of a proxy, say, and has a valid token of their own.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, test } from 'node:test';
import { openSseClient, openSseSession } from '../support/http-sse-client.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { makersUse, openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import { beginEventStream, mcpByHand } from '../support/mcp-by-hand.ts';
import { post } from '../support/mcp-post.ts';

let upstream: HttpUpstream;
let house: TestHouse;
const ping = { jsonrpc: '2.0', id: 'of the attacker', method: 'ping' };

before(async () => {
  upstream = await startHttpUpstream(mcpByHand({ eras: ['legacy'] }));
  const server = { url: upstream.url };
  house = await openTestHouse({ servers: { one: server, two: server }, access: makersUse('one', 'two') });
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

test('control: where the id alone decides, the attacker speaks in the session of the victim', async () => {
  let stream: ServerResponse | undefined;
  // As the servers of the time did it.
  await using old = await startHttpUpstream(({ method, path, message }, response) => {
    if (method === 'GET') {
      stream = beginEventStream(response);
      return void stream.write('event: endpoint\ndata: /message?sessionId=of-dana\n\n');
    }
    if (!path.endsWith('sessionId=of-dana')) return void response.writeHead(404).end();
    response.writeHead(202).end();
    stream!.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, result: {} })}\n\n`);
  });
  const dana = await openSseClient(new URL('/sse', old.url).href, 'dana');
  assert.equal((await post(dana.endpoint, ping, { token: 'omar' })).status, 202);
  await dana.stream.until(/of the attacker/);
});

test("another person's stream does not exist for the attacker, and its owner hears nothing", async () => {
  const [dana, omar] = [await house.token('dana', 'one'), await house.token('omar', 'one')];
  const victim = await openSseSession(`${house.url}/mcp/one/sse`, dana);
  assert.equal((await post(victim.endpoint, ping, { token: omar })).status, 404);
  assert.equal((await post(victim.endpoint, [ping], { token: omar })).status, 404);
  assert.equal((await post(victim.endpoint, ping)).status, 401);
  assert.ok((await victim.request(1, 'ping')).result, 'its owner still has it');
  assert.ok(!victim.stream.text().includes('attacker'));
  victim.stream.leave();
});

test('the theft stands in the audit log as blocked', async () => {
  const [dana, omar] = [await house.token('dana', 'one'), await house.token('omar', 'one')];
  const victim = await openSseSession(`${house.url}/mcp/one/sse`, dana);
  await post(victim.endpoint, ping, { token: omar });
  const [entry] = await house.house.audit.list({ limit: 1, result: 'blocked', action: 'session/foreign' });
  assert.match(entry!.user, /omar/);
  assert.match(String(entry!.details['owner']), /dana/);
  victim.stream.leave();
});

test('a stream that was opened at one server is unknown at another', async () => {
  const victim = await openSseSession(`${house.url}/mcp/one/sse`, await house.token('dana', 'one'));
  const there = victim.endpoint.replace('/one/', '/two/');
  assert.equal((await post(there, ping, { token: await house.token('dana', 'two') })).status, 404);
  assert.equal((await post(there, ping, { token: await house.token('dana', 'one') })).status, 401);
  victim.stream.leave();
});
