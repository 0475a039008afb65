// An MCP server on SDK v1 whose people sign in with Entra ID; its one tool asks Microsoft Graph in the name of who calls.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express from 'express';
import { protect } from 'genkan/express';
import { graph, settings } from './settings.ts';

const app = express();
const genkan = await protect(app, settings);

function createServer(): McpServer {
  const server = new McpServer({ name: 'who-am-i', version: '1.0.0' });
  server.registerTool('getUserDetails', { description: 'Who am I?' }, async ({ authInfo }) => {
    const answer = await genkan.fetchAs(authInfo, [graph.scope], graph.profile);
    return { content: [{ type: 'text', text: await answer.text() }] };
  });
  return server;
}

app.post('/mcp', async (request, response) => {
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await createServer().connect(transport);
  await transport.handleRequest(request, response);
});
// Without sessions there is no stream to listen on and nothing to end (MCP 2025-11-25, transports, "Listening for Messages").
app.all('/mcp', (_request, response) => void response.set('Allow', 'POST').sendStatus(405));

const streams = new Map<unknown, SSEServerTransport>();
app.get('/sse', async (_request, response) => {
  const transport = new SSEServerTransport('/message', response);
  streams.set(transport.sessionId, transport);
  response.once('close', () => streams.delete(transport.sessionId));
  await createServer().connect(transport);
});
app.post('/message', (request, response) =>
  streams.get(request.query['sessionId'])!.handlePostMessage(request, response),
);

const listener = app.listen(Number(new URL(settings.publicUrl).port), () =>
  console.log(`open at ${settings.publicUrl}`),
);
process.once('SIGTERM', () => void genkan.close().then(() => listener.close()));
