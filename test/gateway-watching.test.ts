// subscriptions/listen at the gateway: who may watch what, for how long, and how it ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEventStream } from './support/event-stream.ts';
import type { EventStream } from './support/event-stream.ts';
import { openGatewayRoom } from './support/gateway-room.ts';
import type { GatewayRoom } from './support/gateway-room.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import { beginEventStream, event, mcpByHand } from './support/mcp-by-hand.ts';
import { modern, post } from './support/mcp-post.ts';
import { assign, unassign } from './support/policy-ground.ts';

const acknowledged = { method: 'notifications/subscriptions/acknowledged', params: {} };

/** A server that keeps every subscription open for ever. */
const startServer = (): Promise<HttpUpstream> =>
  startHttpUpstream(
    mcpByHand({
      handle({ message }, response) {
        if (message.method !== 'subscriptions/listen') return false;
        beginEventStream(response).write(event(acknowledged));
        return true;
      },
    }),
  );

const watching = (...uris: string[]) =>
  modern('subscriptions/listen', { notifications: { resourceSubscriptions: uris } }, 'watch-1');

async function watch(url: string, token: string): Promise<EventStream> {
  const { body, headers } = watching('file:///a', 'file:///b');
  const stream = await openEventStream(url, body, { token, headers });
  await stream.until(/acknowledged/);
  return stream;
}

/** The last event of a stream that has ended. */
const lastOf = (text: string): object => JSON.parse(text.trimEnd().split('data: ').at(-1)!) as object;
const inOrder = {
  jsonrpc: '2.0',
  id: 'watch-1',
  result: { resultType: 'complete', _meta: { 'io.modelcontextprotocol/subscriptionId': 'watch-1' } },
};

const openRoom = (upstream: HttpUpstream, gateway: object = {}): Promise<GatewayRoom> =>
  openGatewayRoom({ access: makersUse('raw'), servers: { raw: { url: upstream.url } }, gateway });

test('each resource that is to be watched is decided like a read, and one refusal refuses the whole', async () => {
  await using upstream = await startServer();
  await using room = await openRoom(upstream);
  const { body, headers } = watching('file:///a');
  const { error } = (await post(`${room.url}/mcp/raw`, body, { token: 'omar', headers })).message;
  assert.deepEqual([error!.code, error!.data!['missing']], [-31010, ['mcp/servers/raw/resources/read']]);
  assert.equal(room.records.at(-1)!.result, 'denied');

  const malformed = modern('subscriptions/listen', { notifications: { resourceSubscriptions: [1] } });
  const refused = await post(`${room.url}/mcp/raw`, malformed.body, { token: 'dana', headers: malformed.headers });
  assert.equal(refused.message.error!.code, -32602);
  assert.ok(upstream.seen.every(({ message }) => message.method !== 'subscriptions/listen'));
});

test('what is watched is on record before the server hears of it, and how it ended after', async () => {
  await using upstream = await startServer();
  await using room = await openRoom(upstream);
  const stream = await watch(`${room.url}/mcp/raw`, 'dana');
  const begun = room.records.at(-1)!;
  assert.deepEqual([begun.action, begun.resource, begun.result], ['subscriptions/listen', '/servers/raw', 'intent']);
  assert.deepEqual(begun.details['watched'], ['file:///a', 'file:///b']);
  room.gateway.drain();
  await stream.ended;
  const over = await room.recorded(({ action, result }) => action === 'subscriptions/listen' && result === 'allowed');
  assert.equal(over.correlationId, begun.correlationId);
});

test('it ends with a result as soon as Genkan stops, which waits no longer for it', async () => {
  await using upstream = await startServer();
  const drainSeconds = 15;
  await using house = await openTestHouse({
    access: makersUse('raw'),
    servers: { raw: { url: upstream.url } },
    gateway: { drainSeconds },
  });
  const stream = await watch(`${house.url}/mcp/raw`, await house.token('dana', 'raw'));
  const beginning = performance.now();
  await house.house.close();
  assert.deepEqual(lastOf(await stream.ended), inOrder);
  assert.ok(performance.now() - beginning < (drainSeconds * 1000) / 3);
});

test('it ends with a result when the grant is revoked', async () => {
  await using upstream = await startServer();
  await using room = await openRoom(upstream, { recheckSeconds: 0.1 });
  const [kept, lost] = [await watch(`${room.url}/mcp/raw`, 'erin'), await watch(`${room.url}/mcp/raw`, 'dana')];
  room.revoke('dana');
  assert.deepEqual(lastOf(await lost.ended), inOrder);
  assert.ok(!kept.response.closed, 'that of another person goes on');
  kept.leave();
});

test('it ends with a result when the right to what is watched is taken away, without waiting for the next look', async () => {
  await using upstream = await startServer();
  await using house = await openTestHouse({
    servers: { raw: { url: upstream.url } },
    gateway: { recheckSeconds: 60 },
  });
  const omar = (await house.house.people.find('omar'))!;
  const principal = { kind: 'user', id: omar.id } as const;
  const { id } = await assign(house.house.access, { principal, role: 'MCP User', scope: '/servers/raw' }, omar);
  const stream = await watch(`${house.url}/mcp/raw`, await house.token('omar', 'raw'));
  const takenAt = performance.now();
  await unassign(house.house.access, id);
  assert.deepEqual(lastOf(await stream.ended), inOrder);
  assert.ok(performance.now() - takenAt < 30_000);
});

test('a client that leaves is forgotten: its token is not checked any more', async () => {
  await using upstream = await startServer();
  await using room = await openRoom(upstream, { recheckSeconds: 0.1 });
  const stream = await watch(`${room.url}/mcp/raw`, 'dana');
  stream.leave();
  await room.recorded(({ action, result }) => action === 'subscriptions/listen' && result !== 'intent');
  const checked = room.verifications();
  const other = await watch(`${room.url}/mcp/raw`, 'erin');
  room.revoke('erin');
  await other.ended;
  // One check when the other stream opened, and its rechecks: had the first stayed, each of those would count twice.
  assert.ok(room.verifications() - checked <= 3, `${room.verifications() - checked} checks`);
});
