// MCP servers of the official SDK on loopback: one that keeps sessions, one that speaks both eras, one that speaks only the new.
import { randomUUID } from 'node:crypto';
import { createMcpHandler, McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { startHttpUpstream } from './http-upstream.ts';
import type { HttpUpstream } from './http-upstream.ts';
import { reply, webRequest } from './web-handler.ts';

function sampleServer(): McpServer {
  const server = new McpServer(
    { name: 'sample', version: '1.0.0' },
    { capabilities: { logging: {}, tools: { listChanged: true } } },
  );
  server.registerTool('echo', { description: 'Echoes.', inputSchema: z.object({ text: z.string() }) }, ({ text }) => ({
    content: [{ type: 'text', text }],
  }));
  server.registerTool('count', { description: 'Counts to three.', inputSchema: z.object({}) }, async (_, context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    for (const progress of progressToken === undefined ? [] : [1, 2, 3]) {
      await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 3 } });
    }
    return { content: [{ type: 'text', text: 'three' }] };
  });
  return server;
}

/** Speaks 2026-07-28 and, unless told otherwise, the older revisions without sessions. */
export async function startDualEraServer({
  legacy = 'stateless',
}: { legacy?: 'stateless' | 'reject' } = {}): Promise<HttpUpstream> {
  const handler = createMcpHandler(sampleServer, { legacy });
  return startHttpUpstream(async (request, response) => reply(response, await handler.fetch(webRequest(request))));
}

/** Speaks revisions up to 2025-11-25 with sessions; answers by event streams. */
export async function startSessionServer(): Promise<
  HttpUpstream & { readonly servers: ReadonlyMap<string, McpServer> }
> {
  const servers = new Map<string, McpServer>();
  const transports = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const upstream = await startHttpUpstream(async (request, response) => {
    let transport = transports.get(String(request.headers['mcp-session-id']));
    if (transport === undefined) {
      if (request.message.method !== 'initialize') return void response.writeHead(404).end();
      const server = sampleServer();
      const created = new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => {
          servers.set(id, server);
          transports.set(id, created);
        },
        onsessionclosed: (id) => {
          servers.delete(id);
          transports.delete(id);
        },
      });
      transport = created;
      await server.connect(created);
    }
    await reply(response, await transport.handleRequest(webRequest(request)));
  });
  return { ...upstream, servers };
}
