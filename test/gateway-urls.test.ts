// A server asks a person to open a page: in both revisions that know how, and between them.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Era } from '../src/protocol/message.ts';
import { openGatewayRoom } from './support/gateway-room.ts';
import { makersUse } from './support/house.ts';
import { answerJson, startHttpUpstream } from './support/http-upstream.ts';
import type { SeenRequest } from './support/http-upstream.ts';
import { beginEventStream, event, mcpByHand } from './support/mcp-by-hand.ts';

const page = { mode: 'url', message: 'Pay first', url: 'https://pay.example.com/7' };
const paid = { content: [{ type: 'text', text: 'paid' }] };

interface Asking {
  readonly eras: readonly Era[];
  readonly handle: (seen: SeenRequest, response: ServerResponse) => boolean;
}

/** Asks by a request of its own on the stream of the call, and goes on with the answer (MCP 2025-11-25, elicitation). */
function byRequest(): Asking {
  let stream: ServerResponse | undefined;
  let call: unknown;
  return {
    eras: ['legacy'],
    handle({ message }, response) {
      if (message.method === 'tools/call') {
        call = message.id;
        stream = beginEventStream(response);
        stream.write(event({ id: 'q', method: 'elicitation/create', params: { ...page, elicitationId: 'e' } }));
        return true;
      }
      if (message.method !== undefined || message.id !== 'q') return false;
      response.writeHead(202).end();
      assert.deepEqual(message['result'], { action: 'accept' });
      stream!.end(event({ id: call, result: paid }));
      return true;
    },
  };
}

/** Refuses the call until the page was opened (MCP 2025-11-25, "URL Elicitation Required Error"). */
function byError(): Asking {
  let asked = false;
  return {
    eras: ['legacy'],
    handle({ message: { id, method } }, response) {
      if (method !== 'tools/call') return false;
      const data = { elicitations: [{ ...page, elicitationId: 'e' }] };
      const error = { code: -32042, message: 'Pay first', data };
      answerJson(response, { jsonrpc: '2.0', id, ...(asked ? { result: paid } : { error }) });
      asked = true;
      return true;
    },
  };
}

/** Asks in its result, and carries the call out when it comes again (MCP 2026-07-28, MRTR). */
const byResult = (): Asking => ({
  eras: ['modern'],
  handle({ message: { id, method, params = {} } }, response) {
    if (method !== 'tools/call') return false;
    const answers = params['inputResponses'];
    if (answers !== undefined)
      assert.deepEqual([answers, params['requestState']], [{ pay: { action: 'accept' } }, 's']);
    const inputRequests = { pay: { method: 'elicitation/create', params: page } };
    const asking = { resultType: 'input_required', inputRequests, requestState: 's' };
    const result = answers === undefined ? asking : { ...paid, resultType: 'complete' };
    answerJson(response, { jsonrpc: '2.0', id, result });
    return true;
  },
});

/** A client of the official SDK before such a server, and what it was asked to open. */
async function open(context: TestContext, era: Era, { eras, handle }: Asking): Promise<[Client, string[]]> {
  const tools = [{ name: 'pay', inputSchema: { type: 'object' } }];
  const upstream = await startHttpUpstream(mcpByHand({ eras, tools, handle }));
  const room = await openGatewayRoom({ access: makersUse('shop'), servers: { shop: { url: upstream.url } } });
  const mode = era === 'modern' ? { pin: '2026-07-28' } : 'legacy';
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities: { elicitation: { url: {} } }, versionNegotiation: { mode } },
  );
  context.after(async () => {
    await client.close();
    await room[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });
  const opened: string[] = [];
  client.setRequestHandler('elicitation/create', ({ params }) => {
    if (params.mode === 'url') opened.push(params.url);
    return { action: 'accept' };
  });
  const requestInit = { headers: { authorization: 'Bearer dana' } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${room.url}/mcp/shop`), { requestInit }));
  return [client, opened];
}

const ways = { 'by a request': byRequest, 'by an error': byError, 'in a result': byResult };

for (const era of ['legacy', 'modern'] as const)
  for (const [way, server] of Object.entries(ways)) {
    if (era === 'legacy' && way === 'by an error') continue;
    test(`a ${era} client is shown the page that a server asks to open ${way}, and the call goes on`, async (context) => {
      const [client, opened] = await open(context, era, server());
      const { content } = await client.callTool({ name: 'pay', arguments: {} });
      assert.deepEqual([content, opened], [paid.content, [page.url]]);
    });
  }

test('to a legacy client the error that names a page comes as it is', async (context) => {
  const [client] = await open(context, 'legacy', byError());
  const elicitations = [{ ...page, elicitationId: 'e' }];
  await assert.rejects(client.callTool({ name: 'pay', arguments: {} }), { code: -32042, data: { elicitations } });
  assert.deepEqual((await client.callTool({ name: 'pay', arguments: {} })).content, paid.content);
});
