// The same server on SDK v2: one address for clients of every revision, and HTTP+SSE for the oldest.
import { createMcpExpressApp } from '@modelcontextprotocol/express';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { SSEServerTransport } from '@modelcontextprotocol/server-legacy/sse';
import { protect } from 'genkan/express';
import { graph, settings } from './settings.ts';

const app = createMcpExpressApp();
const genkan = await protect(app, settings);

function createServer(): McpServer {
  const server = new McpServer({ name: 'who-am-i', version: '1.0.0' });
  server.registerTool('getUserDetails', { description: 'Who am I?' }, async ({ http }) => {
    const answer = await genkan.fetchAs(http?.authInfo, [graph.scope], graph.profile);
    return { content: [{ type: 'text', text: await answer.text() }] };
  });
  return server;
}

const handle = toNodeHandler(createMcpHandler(createServer));
app.all('/mcp', (request, response) => handle(request, response, request.body));

const streams = new Map<unknown, SSEServerTransport>();
app.get('/sse', async (_request, response) => {
  const transport = new SSEServerTransport('/message', response);
  streams.set(transport.sessionId, transport);
  response.once('close', () => streams.delete(transport.sessionId));
  await createServer().connect(transport);
});
app.post('/message', (request, response) =>
  streams.get(request.query['sessionId'])!.handlePostMessage(request, response, request.body),
);

const listener = app.listen(Number(new URL(settings.publicUrl).port), () =>
  console.log(`open at ${settings.publicUrl}`),
);
process.once('SIGTERM', () => void genkan.close().then(() => listener.close()));
