// A client of the HTTP+SSE transport of 2024-11-05, message by message, as no SDK would let a test be.
import assert from 'node:assert/strict';
import { openEventStream } from './event-stream.ts';
import type { EventStream } from './event-stream.ts';
import { post } from './mcp-post.ts';
import type { Posted } from './mcp-post.ts';

export interface SseClient {
  readonly stream: EventStream;
  /** Where it posts, session id included. */
  readonly endpoint: string;
  post(message: object | string): Promise<Posted>;
  /** Posts a request, and resolves with the answer that comes on the stream. */
  request(id: number, method: string, params?: object): Promise<Posted['message']>;
}

/** Opens the stream at `…/sse` and waits for its first event. */
export async function openSseClient(url: string, token: string): Promise<SseClient> {
  const stream = await openEventStream(url, undefined, { token });
  assert.equal(stream.status, 200);
  await stream.until(/^event: endpoint\ndata: .+\n\n/);
  const endpoint = new URL(/data: (.+)\n/.exec(stream.text())![1]!, url).href;
  const client: SseClient = {
    stream,
    endpoint,
    post: (message) => post(endpoint, message, { token, headers: { accept: undefined } }),
    async request(id, method, params) {
      const posted = await client.post({ jsonrpc: '2.0', id, method, params });
      assert.equal(posted.status, 202);
      assert.match(posted.body, /^(Accepted)?$/);
      const said = new RegExp(`^event: message\\ndata: (\\{.*"id":${id}[,}].*)$`, 'm');
      await stream.until(said);
      return JSON.parse(said.exec(stream.text())![1]!) as Posted['message'];
    },
  };
  return client;
}

/** Opens the stream, and the session on it. */
export async function openSseSession(
  url: string,
  token: string,
  { protocolVersion = '2024-11-05', capabilities = {} } = {},
): Promise<SseClient> {
  const client = await openSseClient(url, token);
  const params = { protocolVersion, capabilities, clientInfo: { name: 'old', version: '1' } };
  const { result } = await client.request(0, 'initialize', params);
  assert.ok(result);
  assert.equal((await client.post({ jsonrpc: '2.0', method: 'notifications/initialized' })).status, 202);
  return client;
}
