// How many conversations are kept, for whom and for how long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGatewayRoom } from './support/gateway-room.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import { makersUse } from './support/house.ts';
import { mcpByHand } from './support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';
import type { Posted } from './support/mcp-post.ts';

const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
const initialize = { jsonrpc: '2.0', id: 0, method: 'initialize', params };
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

test('of many sessions opened at the same moment no more live than one person may have', async () => {
  const gate = Promise.withResolvers<void>();
  await using upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['legacy'],
      async handle({ message }) {
        if (message.method === 'initialize') await gate.promise;
        return false;
      },
    }),
  );
  await using room = await openGatewayRoom({
    access: makersUse('raw'),
    servers: { raw: { url: upstream.url } },
    gateway: { maxSessionsPerUser: 2 },
  });
  const url = `${room.url}/mcp/raw`;
  let answered = 0;
  const opened = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const answer = await post(url, initialize, { token: 'dana' });
      if (++answered === 10) gate.resolve(); // ten are refused while two still wait for the server
      return answer;
    }),
  );
  const statuses = opened.map(({ status }) => status).toSorted();
  assert.deepEqual(statuses, [200, 200, ...Array.from({ length: 10 }, () => 429)]);
  assert.equal(room.gateway.sessions(), 2);
});

test('one more session ends the one that was idle longest, and never somebody else’s', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({ eras: ['legacy'] }));
  await using room = await openGatewayRoom({
    access: makersUse('raw'),
    servers: { raw: { url: upstream.url } },
    gateway: { maxSessionsPerUser: 2 },
  });
  const url = `${room.url}/mcp/raw`;
  const ofErin = await openLegacySession(url, 'erin');
  const sessions = [];
  for (let opened = 0; opened < 3; opened++) {
    room.pass(1);
    sessions.push(await openLegacySession(url, 'dana'));
  }
  const alive = await Promise.all(sessions.map((headers) => post(url, ping, { token: 'dana', headers })));
  assert.deepEqual(
    alive.map(({ status }) => status),
    [404, 200, 200],
  );
  assert.equal((await post(url, ping, { token: 'erin', headers: ofErin })).status, 200);
});

test('in the stateless era too nobody uses up the places of others, however they vary what they say of themselves', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({ eras: ['legacy'] }));
  await using room = await openGatewayRoom({
    access: makersUse('raw'),
    servers: { raw: { url: upstream.url } },
    gateway: { maxSessions: 3, maxSessionsPerUser: 2 },
  });
  const ask = (token: string, variant: number): Promise<Posted> => {
    const { body, headers } = modern('tools/list');
    const { params } = body as { params: { _meta: Record<string, unknown> } };
    params._meta['io.modelcontextprotocol/clientCapabilities'] = { experimental: { variant: { variant } } };
    return post(`${room.url}/mcp/raw`, body, { token, headers });
  };
  for (let variant = 0; variant < 6; variant++) assert.equal((await ask('dana', variant)).status, 200);
  assert.equal((await ask('erin', 0)).status, 200);
});

for (const era of ['legacy', 'modern'] as const) {
  test(`a call that takes longer than a session may be idle is not cut (${era})`, async () => {
    const arrived = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    await using upstream = await startHttpUpstream(
      mcpByHand({
        eras: ['legacy'],
        async handle({ message }) {
          if (message.method !== 'tools/call') return false;
          arrived.resolve();
          await gate.promise;
          return false;
        },
      }),
    );
    await using room = await openGatewayRoom({ access: makersUse('raw'), servers: { raw: { url: upstream.url } } });
    const url = `${room.url}/mcp/raw`;
    const session = era === 'legacy' ? await openLegacySession(url, 'dana') : undefined;
    const ask = (id: number, method: string, params = {}): Promise<Posted> => {
      const { body, headers } = modern(method, params, id);
      const plain = { jsonrpc: '2.0', id, method, params };
      return post(url, session ? plain : body, { token: 'dana', headers: session ?? headers });
    };
    const called = ask(1, 'tools/call', { name: 'read', arguments: {} });
    await arrived.promise;
    room.pass(3600);
    assert.equal((await ask(2, 'tools/list')).status, 200);
    room.pass(3600);
    assert.equal((await ask(3, 'tools/list')).status, 200);
    gate.resolve();
    assert.ok((await called).message.result);
    room.pass(3600);
    const greetings = upstream.seen.filter(({ message }) => message.method === 'initialize').length;
    const late = await ask(4, 'tools/list');
    if (era === 'legacy') assert.equal(late.status, 404, 'control: once nothing is under way, it is idle');
    else {
      const since = upstream.seen.filter(({ message }) => message.method === 'initialize').length - greetings;
      assert.equal(since, 1, 'control: once nothing is under way, it is idle, and another takes its place');
    }
  });
}
