// Sessions of the older revisions hear what changes at a modern server, and a call is sent again when its headers have changed.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  ElicitRequestSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { startHttpFixture } from './conformance/upstream/http.ts';
import { openGatewayRoom } from './support/gateway-room.ts';
import type { GatewayRoom } from './support/gateway-room.ts';
import { makersUse } from './support/house.ts';
import { answerJson, startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream, SeenRequest } from './support/http-upstream.ts';
import { beginEventStream, event, mcpByHand } from './support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';
import { quickNode } from './support/quick-node.ts';

const openRoom = (upstream: HttpUpstream): Promise<GatewayRoom> =>
  openGatewayRoom({ access: makersUse('modern'), servers: { modern: { url: upstream.url } } });

async function connect(url: string, capabilities: object = {}): Promise<Client & AsyncDisposable> {
  const client = new Client({ name: 'old', version: '1' }, { capabilities });
  const requestInit = { headers: { authorization: 'Bearer dana' } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

for (const address of ['/mcp/modern', '/mcp'])
  test(`at ${address} a session hears that a list of a modern server has changed`, async () => {
    await using upstream = await startHttpFixture('modern');
    await using room = await openRoom(upstream);
    await using client = await connect(`${room.url}${address}`);
    let changed = false;
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => void (changed = true));
    const { tools } = await client.listTools();
    const { name } = tools.find((tool) => tool.name.endsWith('test_trigger_tool_change'))!;
    for (let attempt = 0; attempt < 100 && !changed; attempt++) await client.callTool({ name, arguments: {} }); // it may not listen yet
    assert.ok(changed);
  });

test('a server over stdio is no different: it asks, and it tells of changes', async () => {
  const command = [...quickNode, path.join(import.meta.dirname, 'support/modern-stdio-server.ts')];
  await using room = await openGatewayRoom({ access: makersUse('modern'), servers: { modern: { command } } });
  await using client = await connect(`${room.url}/mcp/modern`, { elicitation: {} });
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name: 'Dana' } }));
  let changed = false;
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void (changed = true));
  const asked = await client.callTool({ name: 'test_input_required_result_elicitation', arguments: {} });
  assert.deepEqual(asked.content, [{ type: 'text', text: 'Hello, Dana!' }]);
  await client.subscribeResource({ uri: 'test://watched-resource' }); // which stands once the server has acknowledged it
  for (let attempt = 0; attempt < 100 && !changed; attempt++)
    await client.callTool({ name: 'test_trigger_tool_change', arguments: {} });
  assert.ok(changed);
});

test('at /mcp a question comes under a name that tells the servers apart, and finds its way back', async () => {
  await using upstream = await startHttpFixture('modern');
  await using room = await openRoom(upstream);
  await using client = await connect(`${room.url}/mcp`, { elicitation: {} });
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name: 'Dana' } }));
  const { tools } = await client.listTools();
  const { name } = tools.find((tool) => tool.name.endsWith('test_input_required_result_elicitation'))!;
  assert.deepEqual((await client.callTool({ name, arguments: {} })).content, [{ type: 'text', text: 'Hello, Dana!' }]);
});

/** A modern server whose subscriptions the test holds in its hands, oldest first. */
function watchable(streams: { filter: unknown; response: ServerResponse }[]) {
  return ({ message }: SeenRequest, response: ServerResponse): boolean => {
    if (message.method !== 'subscriptions/listen') return false;
    const filter = message.params!['notifications'];
    streams.push({ filter, response });
    const _meta = { 'io.modelcontextprotocol/subscriptionId': message.id };
    beginEventStream(response).write(
      event({ method: 'notifications/subscriptions/acknowledged', params: { notifications: filter, _meta } }),
    );
    return true;
  };
}

test('a session subscribes to resources and hears of them until it unsubscribes', async () => {
  const streams: { filter: unknown; response: ServerResponse }[] = [];
  await using upstream = await startHttpUpstream(mcpByHand({ eras: ['modern'], handle: watchable(streams) }));
  await using room = await openRoom(upstream);
  await using client = await connect(`${room.url}/mcp/modern`);
  assert.equal(client.getServerCapabilities()!.resources!.subscribe, true);
  const heard: unknown[] = [];
  let next = Promise.withResolvers<void>();
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
    heard.push(params);
    next.resolve();
    next = Promise.withResolvers();
  });
  const tell = (uri: string): void => {
    const _meta = { 'io.modelcontextprotocol/subscriptionId': 'any' };
    streams.at(-1)!.response.write(event({ method: 'notifications/resources/updated', params: { uri, _meta } }));
  };

  await client.subscribeResource({ uri: 'file:///a' });
  await client.subscribeResource({ uri: 'file:///b' });
  const { resourceSubscriptions } = streams.at(-1)!.filter as { resourceSubscriptions: string[] };
  assert.deepEqual(resourceSubscriptions, ['file:///a', 'file:///b']);
  let told = next.promise;
  tell('file:///a');
  await told;
  await client.unsubscribeResource({ uri: 'file:///a' });
  told = next.promise;
  tell('file:///a');
  tell('file:///b');
  await told;
  assert.deepEqual(heard, [{ uri: 'file:///a' }, { uri: 'file:///b' }]);
  const denied = room.records.filter(({ action }) => action === 'resources/subscribe');
  assert.ok(denied.length >= 2, 'every subscription is decided on and recorded');
});

test('a server without subscriptions is not asked for any', async () => {
  await using upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['modern'],
      handle({ message }, response) {
        if (message.method !== 'server/discover') return false;
        const result = { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
        answerJson(response, { jsonrpc: '2.0', id: message.id, result });
        return true;
      },
    }),
  );
  await using room = await openRoom(upstream);
  const headers = await openLegacySession(`${room.url}/mcp/modern`, 'dana');
  const subscribe = { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: 'file:///a' } };
  const { message } = await post(`${room.url}/mcp/modern`, subscribe, { token: 'dana', headers });
  assert.equal(message.error!.code, -32601);
  assert.ok(upstream.seen.every(({ message: seen }) => seen.method !== 'subscriptions/listen'));
});

/** A server that, from its second list on, wants a parameter in a header, and refuses a call without it. */
function changingSchema(): (seen: SeenRequest, response: ServerResponse) => boolean {
  let lists = 0;
  return ({ message, headers }, response) => {
    const say = (body: object, status = 200): true => {
      answerJson(response, { jsonrpc: '2.0', id: message.id, ...body }, status);
      return true;
    };
    if (message.method === 'tools/list') {
      const city = { type: 'string', ...(lists++ > 0 && { 'x-mcp-header': 'City' }) };
      const tools = [{ name: 'weather', inputSchema: { type: 'object', properties: { city } } }];
      return say({ result: { resultType: 'complete', tools, ttlMs: 0, cacheScope: 'private' } });
    }
    if (message.method !== 'tools/call') return false;
    if (headers['mcp-param-city'] === undefined)
      return say({ error: { code: -32020, message: 'Header mismatch' } }, 400);
    return say({ result: { resultType: 'complete', content: [] } });
  };
}
const weather = { name: 'weather', arguments: { city: 'Kyoto' } };

test('a call that is refused for its headers is sent once more with those that the tool wants now', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({ eras: ['modern'], handle: changingSchema() }));
  await using room = await openRoom(upstream);
  const headers = await openLegacySession(`${room.url}/mcp/modern`, 'dana');
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: weather };
  const { message } = await post(`${room.url}/mcp/modern`, call, { token: 'dana', headers });
  assert.deepEqual(message.result, { content: [] });
});

test('the same holds for a modern client, which may not know of the change either', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({ eras: ['modern'], handle: changingSchema() }));
  await using room = await openRoom(upstream);
  const { body, headers } = modern('tools/call', weather);
  const { message } = await post(`${room.url}/mcp/modern`, body, { token: 'dana', headers });
  assert.deepEqual(message.result!['content'], []);
});

test('a server that goes on refusing is not asked a third time', async () => {
  const refuse = (seen: SeenRequest, response: ServerResponse): boolean => {
    if (seen.message.method !== 'tools/call') return false;
    answerJson(
      response,
      { jsonrpc: '2.0', id: seen.message.id, error: { code: -32020, message: 'Header mismatch' } },
      400,
    );
    return true;
  };
  await using upstream = await startHttpUpstream(mcpByHand({ eras: ['modern'], handle: refuse }));
  await using room = await openRoom(upstream);
  const headers = await openLegacySession(`${room.url}/mcp/modern`, 'dana');
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'read', arguments: {} } };
  const { status, message } = await post(`${room.url}/mcp/modern`, call, { token: 'dana', headers });
  assert.deepEqual([status, message.error!.code], [200, -32603]);
  assert.equal(
    upstream.seen.filter(({ message: seen }) => seen.method === 'tools/call').length,
    1,
    'the tool is the same',
  );
});
