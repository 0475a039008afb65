// The event stream of a session: it does not outlive the right to it, and ends when Genkan stops.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openEventStream, send } from './support/event-stream.ts';
import { openGatewayRoom } from './support/gateway-room.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import { event, mcpByHand } from './support/mcp-by-hand.ts';
import { openLegacySession, post } from './support/mcp-post.ts';

const said = (data: string): string => event({ method: 'notifications/message', params: { level: 'info', data } });

test('a stream ends after its grant was revoked, and what the server says then reaches nobody', async () => {
  const opened = Promise.withResolvers<ServerResponse>();
  await using upstream = await startHttpUpstream(mcpByHand({ eras: ['legacy'], onStream: opened.resolve }));
  await using house = await openTestHouse({
    access: makersUse('raw'),
    servers: { raw: { url: upstream.url } },
    gateway: { recheckSeconds: 0.1 },
    identity: {
      provider: { issuer: 'http://127.0.0.1:9', allowInsecureIssuer: true, clientId: 'test' },
      verdictSeconds: 1,
    },
  });
  const token = await house.token('dana', 'raw');
  const url = `${house.url}/mcp/raw`;
  const headers = await openLegacySession(url, token);
  const stream = await openEventStream(url, undefined, { token, headers });
  const server = await opened.promise;
  server.write(said('before'));
  await stream.until(/before/);

  const database = new DatabaseSync(path.join(house.dataDirectory, 'genkan.db'));
  database.exec("DELETE FROM oidc_record WHERE kind = 'Grant'");
  database.close();
  const beginning = performance.now();
  const text = await stream.ended;
  assert.ok(performance.now() - beginning < 8000);
  server.write(said('after'));
  assert.equal((await post(url, '', { token, headers, method: 'GET' })).status, 401);
  assert.ok(!text.includes('after'));
});

test('a stream ends in order when Genkan stops', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({ eras: ['legacy'] }));
  const drainSeconds = 15;
  await using house = await openTestHouse({
    access: makersUse('raw'),
    servers: { raw: { url: upstream.url } },
    gateway: { drainSeconds },
  });
  const token = await house.token('dana', 'raw');
  const url = `${house.url}/mcp/raw`;
  const headers = await openLegacySession(url, token);
  const stream = await openEventStream(url, undefined, { token, headers });
  const beginning = performance.now();
  await house.house.close();
  await stream.ended;
  assert.ok(stream.response.complete);
  assert.ok(performance.now() - beginning < (drainSeconds * 1000) / 3);
});

test('a stream that another took the place of is forgotten: its token is not checked any more', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({ eras: ['legacy'] }));
  await using room = await openGatewayRoom({
    access: makersUse('raw'),
    servers: { raw: { url: upstream.url } },
    gateway: { recheckSeconds: 0.1 },
  });
  const url = `${room.url}/mcp/raw`;
  const headers = await openLegacySession(url, 'dana');
  const opened = [];
  for (let count = 0; count < 20; count++)
    opened.push(await openEventStream(url, undefined, { token: 'dana', headers }));
  await Promise.all(opened.slice(0, -1).map(({ ended }) => ended));
  const checked = room.verifications();
  room.revoke('dana');
  await opened.at(-1)!.ended;
  // At most two rounds: one that may have begun before the revocation, and the one that ended the stream.
  assert.ok(room.verifications() - checked <= 2, `${room.verifications() - checked} checks`);
});

test('a question of the server finds the open stream although a client has broken off the call under way', async () => {
  const opened = Promise.withResolvers<ServerResponse>();
  const called = Promise.withResolvers<void>();
  await using upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['legacy'],
      onStream: opened.resolve,
      handle({ message }) {
        if (message.method !== 'tools/call') return false;
        called.resolve();
        return true;
      },
    }),
  );
  await using room = await openGatewayRoom({ access: makersUse('raw'), servers: { raw: { url: upstream.url } } });
  const url = `${room.url}/mcp/raw`;
  const headers = await openLegacySession(url, 'dana');
  const stream = await openEventStream(url, undefined, { token: 'dana', headers });
  const left = room.hangUp();
  const outgoing = send(
    url,
    { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'read' } },
    { token: 'dana', headers },
  );
  await called.promise;
  outgoing.destroy();
  await left;
  (await opened.promise).write(event({ id: 'are-you-there', method: 'ping' }));
  await stream.until(/are-you-there/);
  stream.leave();
});
