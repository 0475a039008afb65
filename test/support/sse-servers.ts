// MCP servers of 2024-11-05, which are spoken to over HTTP+SSE: a real one on the official SDK, and one by hand.
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { startHttpUpstream } from './http-upstream.ts';
import type { HttpUpstream, SeenRequest } from './http-upstream.ts';

export interface SseServer extends AsyncDisposable {
  /** Address of the event stream. */
  readonly url: string;
  /** Conversations that are open. */
  readonly open: () => number;
}

/** @param make one server for each conversation */
export async function startSseServer(make: () => Pick<McpServer, 'connect'>): Promise<SseServer> {
  const conversations = new Map<string, SSEServerTransport>();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    if (pathname === '/sse' && request.method === 'GET') {
      const transport = new SSEServerTransport('/message', response);
      conversations.set(transport.sessionId, transport);
      response.on('close', () => conversations.delete(transport.sessionId));
      void make().connect(transport);
    } else if (pathname === '/message' && request.method === 'POST') {
      void conversations.get(searchParams.get('sessionId')!)!.handlePostMessage(request, response);
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`,
    open: () => conversations.size,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The reference server, which has such a mode itself. */
export async function startEverythingOverSse(): Promise<SseServer> {
  const program = '../../node_modules/@modelcontextprotocol/server-everything/dist/server/index.js';
  const { createServer: create } = (await import(new URL(program, import.meta.url).href)) as {
    createServer: () => { readonly server: McpServer };
  };
  return startSseServer(() => create().server);
}

export interface SseByHand {
  /** What to do about a message. */
  readonly post: (seen: SeenRequest, stream: ServerResponse, response: ServerResponse) => void;
  /** The address for messages; null for a server that never names it. */
  readonly endpoint?: string | null;
  /** Said before that. */
  readonly first?: string;
  /** Status of its answer to GET, with no stream. */
  readonly get?: number;
}

/** A server by hand: GET opens the stream; of Streamable HTTP it knows nothing. */
export function startSseByHand({ post, endpoint = '/message', first = '', get }: SseByHand): Promise<HttpUpstream> {
  let stream: ServerResponse | undefined;
  return startHttpUpstream((seen, response) => {
    if (seen.method !== 'GET') {
      if (seen.path === '/mcp') response.writeHead(405).end();
      else post(seen, stream!, response);
    } else if (get !== undefined) response.writeHead(get).end();
    else {
      stream = response;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      response.write(first + (endpoint === null ? '' : `event: endpoint\ndata: ${endpoint}\n\n`));
    }
  });
}

export const event = (message: object): string => `event: message\ndata: ${JSON.stringify(message)}\n\n`;
