// What a session asks at /mcp beside calls: levels, subscriptions, and servers that fail at its beginning.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { send } from './support/event-stream.ts';
import { openGatewayRoom } from './support/gateway-room.ts';
import { makersUse } from './support/house.ts';
import { answerJson, initializeResult, startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { mcpByHand } from './support/mcp-by-hand.ts';
import { openLegacySession, post } from './support/mcp-post.ts';

const asked = ({ seen }: HttpUpstream, method: string): number =>
  seen.filter(({ message }) => message.method === method).length;

async function openSession(servers: Readonly<Record<string, HttpUpstream>>) {
  const urls = Object.fromEntries(Object.entries(servers).map(([name, { url }]) => [name, { url }]));
  const room = await openGatewayRoom({ access: makersUse(...Object.keys(servers)), servers: urls });
  const headers = await openLegacySession(`${room.url}/mcp`, 'dana');
  return {
    ask: async (method: string, params = {}) =>
      (await post(`${room.url}/mcp`, { jsonrpc: '2.0', id: 1, method, params }, { token: 'dana', headers })).message,
    [Symbol.asyncDispose]: () => room[Symbol.asyncDispose](),
  };
}

test('a log level that does not exist is refused, and no server hears of it', async () => {
  await using server = await startHttpUpstream(mcpByHand({ eras: ['legacy'] }));
  await using session = await openSession({ server });
  await session.ask('tools/list');
  assert.equal((await session.ask('logging/setLevel', { level: 'loud' })).error?.code, -32602);
  assert.deepEqual((await session.ask('logging/setLevel', { level: 'debug' })).result, {});
  assert.equal(asked(server, 'logging/setLevel'), 1);
});

test('a subscription is given up at the server that has it, whoever has the resource by now', async () => {
  const uri = 'file:///moved';
  let moved = false;
  const subscribing = mcpByHand({
    eras: ['legacy'],
    resources: [{ uri, name: 'moved' }],
    handle({ message }, response) {
      if (message.method?.endsWith('subscribe') !== true) return false;
      answerJson(response, { jsonrpc: '2.0', id: message.id, result: {} });
      return true;
    },
  });
  const empty = mcpByHand({ eras: ['legacy'] });
  await using first = await startHttpUpstream((seen, response) => (moved ? subscribing : empty)(seen, response));
  await using second = await startHttpUpstream(subscribing);
  await using session = await openSession({ first, second });
  await session.ask('resources/list');
  assert.deepEqual((await session.ask('resources/subscribe', { uri })).result, {});
  moved = true;
  await session.ask('resources/list');
  assert.deepEqual((await session.ask('resources/read', { uri })).result?.['contents'], [{ uri, text: 'text' }]);
  assert.equal(asked(first, 'resources/read'), 1, 'it has moved');
  assert.deepEqual((await session.ask('resources/unsubscribe', { uri })).result, {});
  assert.deepEqual(
    [first, second].map((server) => asked(server, 'resources/unsubscribe')),
    [0, 1],
  );
});

test('a server that refuses to say what it can is asked again, not taken for one that can nothing', async () => {
  let discovered = 0;
  await using server = await startHttpUpstream(
    mcpByHand({
      eras: ['modern'],
      handle({ message }, response) {
        if (message.method !== 'server/discover' || ++discovered !== 2) return false;
        answerJson(response, { jsonrpc: '2.0', id: message.id, error: { code: -32603, message: 'not now' } });
        return true;
      },
    }),
  );
  await using session = await openSession({ server });
  assert.equal(discovered, 2);
  assert.equal((await session.ask('tools/list')).result?.['_meta'], undefined, 'nothing is missing');
  assert.equal(discovered, 3);
});

test('nothing is kept of a session whose client has left before it stood', async () => {
  const [arrived, released, ended] = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  const slow = mcpByHand({
    eras: ['legacy'],
    async handle({ message }, response) {
      if (message.method !== 'initialize') return false;
      arrived!.resolve();
      await released!.promise;
      answerJson(response, initializeResult(message.id), 200, { 'mcp-session-id': 'kept' });
      return true;
    },
  });
  await using server = await startHttpUpstream((seen, response) => {
    if (seen.method === 'DELETE') ended!.resolve();
    return slow(seen, response);
  });
  await using room = await openGatewayRoom({ access: makersUse('one'), servers: { one: { url: server.url } } });
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const initialize = { jsonrpc: '2.0', id: 0, method: 'initialize', params };
  const outgoing = send(`${room.url}/mcp/one`, initialize, { token: 'dana' });
  await arrived!.promise;
  const gone = room.hangUp();
  outgoing.destroy();
  await gone;
  released!.resolve();
  await ended!.promise; // the server hears that its session is over
});
