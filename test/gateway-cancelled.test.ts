// A client no longer wants the answer to its call: the server hears of it in the way of its own revision.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { Era } from '../src/protocol/message.ts';
import { send } from './support/event-stream.ts';
import { openGatewayRoom } from './support/gateway-room.ts';
import type { GatewayRoom } from './support/gateway-room.ts';
import { makersUse } from './support/house.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream, SeenRequest } from './support/http-upstream.ts';
import { mcpByHand, writeTool } from './support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';
import type { Posted } from './support/mcp-post.ts';

interface Scene extends AsyncDisposable {
  readonly room: GatewayRoom;
  /** The call that is never answered, as it reached the server. */
  readonly called: Promise<SeenRequest>;
  /** Resolves when Genkan closes the connection of the call. */
  readonly closed: Promise<void>;
  /** The notification by which the server hears of it. */
  readonly cancelled: Promise<SeenRequest>;
}

/** A server of one era that keeps a call waiting. */
async function openScene(era: Era, acknowledges = true): Promise<Scene> {
  const called = Promise.withResolvers<SeenRequest>();
  const closed = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<SeenRequest>();
  const handle = (seen: SeenRequest, response: ServerResponse): boolean => {
    if (seen.message.method === 'notifications/cancelled') cancelled.resolve(seen);
    if (seen.message.method === 'notifications/cancelled') return !acknowledges;
    if (seen.message.method !== 'tools/call') return false;
    response.once('close', closed.resolve);
    called.resolve(seen);
    return true;
  };
  const upstream: HttpUpstream = await startHttpUpstream(mcpByHand({ eras: [era], tools: [writeTool], handle }));
  const room = await openGatewayRoom({ access: makersUse('one'), servers: { one: { url: upstream.url } } });
  return {
    room,
    called: called.promise,
    closed: closed.promise,
    cancelled: cancelled.promise,
    async [Symbol.asyncDispose]() {
      await room[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** A legacy client begins a call, and cancels it by notification. @returns how both are answered */
async function cancelAsLegacy({ room, called }: Scene): Promise<{ cancelled: Posted; calling: Promise<Posted> }> {
  const url = `${room.url}/mcp/one`;
  const options = { token: 'dana', headers: await openLegacySession(url, 'dana') };
  const calling = post(url, { jsonrpc: '2.0', id: 'c', method: 'tools/call', params: { name: 'write' } }, options);
  calling.catch(() => undefined);
  await called;
  const params = { requestId: 'c', reason: 'enough' };
  return {
    cancelled: await post(url, { jsonrpc: '2.0', method: 'notifications/cancelled', params }, options),
    calling,
  };
}

/** A modern client begins a call, and cancels it by closing its stream. */
async function cancelAsModern({ room, called }: Scene): Promise<void> {
  const { body, headers } = modern('tools/call', { name: 'write' });
  const outgoing = send(`${room.url}/mcp/one`, body, { token: 'dana', headers });
  await called;
  outgoing.destroy();
}

test('from a legacy client to a legacy server the notification passes as it is', async () => {
  await using scene = await openScene('legacy');
  await cancelAsLegacy(scene);
  assert.deepEqual((await scene.cancelled).message.params, { requestId: 'c', reason: 'enough' });
});

test('from a modern client to a legacy server the end of the stream becomes a notification', async () => {
  await using scene = await openScene('legacy');
  await cancelAsModern(scene);
  assert.equal((await scene.cancelled).message.params!['requestId'], (await scene.called).message.id);
});

for (const [client, cancel] of [
  ['legacy', cancelAsLegacy],
  ['modern', cancelAsModern],
] as const)
  test(`from a ${client} client to a modern server the stream of the call is closed`, async () => {
    await using scene = await openScene('modern');
    await cancel(scene);
    await scene.closed;
  });

test('a server that takes no note of it keeps neither the call nor its cancellation waiting', async () => {
  await using scene = await openScene('legacy', false);
  const { cancelled, calling } = await cancelAsLegacy(scene);
  assert.equal(cancelled.status, 202);
  assert.ok((await calling).message.error);
});
