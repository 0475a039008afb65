// An HTTP server on a free loopback port, for upstreams written by hand and for those of the official SDK.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** The body, when it is JSON. */
  readonly message: {
    id?: string | number;
    method?: string;
    params?: Record<string, unknown>;
    [member: string]: unknown;
  };
}

export interface HttpUpstream extends AsyncDisposable {
  readonly url: string;
  readonly seen: SeenRequest[];
  readonly connections: () => number;
}

/** Starts a server; `await using` ends it, open connections included. */
export async function startHttpUpstream(
  handle: (request: SeenRequest, response: ServerResponse) => void | Promise<void>,
): Promise<HttpUpstream> {
  const seen: SeenRequest[] = [];
  let connections = 0;
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const isForm = incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
    const message = body.length > 0 && !isForm ? (JSON.parse(body.toString()) as SeenRequest['message']) : {};
    const request = { method: incoming.method!, path: incoming.url!, headers: incoming.headers, body, message };
    seen.push(request);
    await handle(request, response);
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    seen,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON. */
export function answerJson(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** A successful answer to `initialize`. */
export const initializeResult = (id: unknown): object => ({
  jsonrpc: '2.0',
  id,
  result: { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'by hand', version: '0' } },
});
