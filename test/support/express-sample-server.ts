// A server in the shape of the well-known sample: an auth provider, a router, `requireBearerAuth` on each route, and sessions.
import { randomUUID } from 'node:crypto';
import { OAuthError, OAuthErrorCode } from '@modelcontextprotocol/server';
import { requireBearerAuth as requireBearerAuthOfV2 } from '@modelcontextprotocol/express';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { requireBearerAuth as requireBearerAuthOfV1 } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express from 'express';
import { EntraIdServerAuthProvider, requireBearerAuth } from 'genkan/express';
import type { EntraIdSettings } from 'genkan/express';

const { PUBLIC_URL = '', SETTINGS = '{}' } = process.env;
const app = express();
app.set('query parser', 'extended');
const provider = await EntraIdServerAuthProvider.open({
  ...(JSON.parse(SETTINGS) as EntraIdSettings),
  publicUrl: PUBLIC_URL,
  invalidToken: (text) => new InvalidTokenError(text),
});
app.use(express.json(), express.urlencoded({ extended: true }));
app.use(provider.router);
const requiredScopes = ['mcp:read'];
/** The SDK's own middleware looks at the token alone: what `BIND=off` shows the worth of. */
const bearer: express.RequestHandler =
  process.env['BIND'] === 'off'
    ? requireBearerAuthOfV1({ verifier: provider, requiredScopes })
    : requireBearerAuth({ provider, requiredScopes });

function createServer(): McpServer {
  const server = new McpServer({ name: 'sample', version: '1.0.0' });
  server.registerTool('whoAmI', {}, ({ authInfo, sessionId }) => ({
    content: [{ type: 'text', text: JSON.stringify({ ...authInfo, sessionId }) }],
  }));
  return server;
}

const sessions = new Map<unknown, StreamableHTTPServerTransport>();
app.all('/mcp', bearer, async (request, response) => {
  let transport = sessions.get(request.headers['mcp-session-id']);
  if (transport === undefined) {
    const created = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, created),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await createServer().connect((transport = created));
  }
  await transport.handleRequest(request, response, request.body);
});

const streams = new Map<string, SSEServerTransport>();
app.get('/sse', bearer, async (_request, response) => {
  const transport = new SSEServerTransport(process.env['MESSAGES'] ?? '/message', response);
  streams.set(transport.sessionId, transport);
  response.once('close', () => streams.delete(transport.sessionId));
  await createServer().connect(transport);
});
// As careless as apps are: whatever the query parser makes of it.
const postMessage: express.RequestHandler = async (request, response) => {
  const transport = streams.get(String(request.query['sessionId']));
  if (transport === undefined) return void response.sendStatus(404);
  await transport.handlePostMessage(request, response, request.body);
};
app.post('/message', bearer, postMessage);
app.post('/unguarded', postMessage);

app.get('/of-v1', requireBearerAuthOfV1({ verifier: provider, requiredScopes }), (request, response) => {
  response.json(request.auth);
});
const invalidToken = (text: string): Error => new OAuthError(OAuthErrorCode.InvalidToken, text);
app.get(
  '/of-v2',
  requireBearerAuthOfV2({ verifier: provider.verifierFor('/mcp', invalidToken) }),
  (request, response) => {
    response.json((request as { auth?: object }).auth);
  },
);

const listener = app.listen(Number(new URL(PUBLIC_URL).port), () => console.log(`open at ${PUBLIC_URL}`));
process.once('SIGTERM', () => void provider.close().then(() => listener.close()));
