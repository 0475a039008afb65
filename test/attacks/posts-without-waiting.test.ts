// The attacker posts one large call after the other over HTTP+SSE, where each is taken at once, and waits for no answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { openSseClient, openSseSession } from '../support/http-sse-client.ts';
import type { SseClient } from '../support/http-sse-client.ts';
import { answerJson, startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { makersUse } from '../support/house.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import type { Posted } from '../support/mcp-post.ts';
import { startSseServer } from '../support/sse-servers.ts';

const protocolVersion = '2025-03-26'; // has batches
const call = (id: number): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'read', arguments: { large: 'x'.repeat(10_000) } },
});

/** A server that answers no call before `release`. */
async function startBusy(): Promise<{ readonly upstream: HttpUpstream; readonly release: () => void }> {
  const gate = Promise.withResolvers<void>();
  const upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['legacy'],
      async handle({ message: { id, method } }, response) {
        if (method === 'tools/call') await gate.promise;
        if (method !== 'initialize') return false;
        const serverInfo = { name: 'busy', version: '1' };
        answerJson(response, {
          jsonrpc: '2.0',
          id,
          result: { protocolVersion, capabilities: { tools: {} }, serverInfo },
        });
        return true;
      },
    }),
  );
  return { upstream, release: gate.resolve };
}

/** Posts so many calls, a few at a time. */
async function flood(client: SseClient, from: number, count: number): Promise<Posted[]> {
  const ids = Array.from({ length: count }, (_, at) => from + at).values();
  const posted: Posted[] = [];
  const sender = async (): Promise<void> => {
    for (const id of ids) posted.push(await client.post(call(id)));
  };
  await Promise.all([sender(), sender(), sender(), sender()]);
  return posted;
}

const taken = (posted: readonly Posted[]): number => posted.filter(({ status }) => status === 202).length;

test('control: without the door, a server has as many calls under way as are sent', async () => {
  const gate = Promise.withResolvers<{ content: [] }>();
  let underWay = 0;
  await using server = await startSseServer(() => {
    const bare = new McpServer({ name: 'bare', version: '1' });
    bare.registerTool('read', {}, () => (underWay++, gate.promise));
    return bare;
  });
  const client = await openSseClient(server.url, 'dana');
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'old', version: '1' } };
  await client.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  await client.stream.until(/"id":0/);
  assert.equal(taken(await flood(client, 100, 300)), 300);
  while (underWay < 300) await new Promise(setImmediate);
  gate.resolve({ content: [] });
});

test('beyond the bound of one stream calls are refused, and what is under way can still be cancelled and answered', async () => {
  const { upstream, release } = await startBusy();
  await using _upstream = upstream;
  await using room = await openGatewayRoom({ access: makersUse('raw'), servers: { raw: { url: upstream.url } } });
  const client = await openSseSession(`${room.url}/mcp/raw/sse`, 'dana', { protocolVersion });
  const posted = await flood(client, 100, 300);
  assert.equal(taken(posted), 64);
  const refused = posted.filter(({ status }) => status !== 202);
  assert.ok(
    refused.every(({ status, message }) => status === 429 && message.error!.data!['reason'] === 'gateway_calls_full'),
  );
  await room.recorded(({ details }) => details['code'] === 'gateway_calls_full');
  assert.ok(upstream.seen.filter(({ message }) => message.method === 'tools/call').length <= 64);

  const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 100 } };
  assert.equal((await client.post(cancelled)).status, 202, 'words that ask for no answer still have their way');
  await client.stream.until(/"id":100,/);
  assert.equal((await client.post([call(500), call(501)])).status, 429, 'a batch is taken whole or not at all');
  assert.equal((await client.post([call(502)])).status, 202, 'one has ended, so there is room for one');

  release();
  for (const id of [101, 163, 502]) await client.stream.until(new RegExp(`"id":${id},"result"`));
  assert.ok((await client.request(600, 'tools/list')).result);
});
