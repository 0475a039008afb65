// What becomes of apps whose authors overlook something: they stay closed, and let go of everything.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer as OlderServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import express from 'express';
import { protect } from '../src/express.ts';
import type { ProtectSettings } from '../src/express.ts';
import { openEventStream } from './support/event-stream.ts';
import { post } from './support/mcp-post.ts';
import { obtainTokens } from './support/oauth-client.ts';
import { startOidcStandIn } from './support/oidc-stand-in.ts';
import type { OidcStandIn } from './support/oidc-stand-in.ts';
import { freePort } from './support/free-port.ts';

let provider: OidcStandIn;
before(async () => {
  provider = await startOidcStandIn();
  provider.person = { sub: 'dana', name: 'Dana', preferred_username: 'dana@example.com', groups: [] };
});
after(() => provider.close());

/** An address, the settings of an app there, and its end. */
async function place(more: Partial<ProtectSettings> = {}) {
  const data = mkdtempSync(path.join(os.tmpdir(), 'genkan-careless-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const settings: ProtectSettings = {
    publicUrl: url,
    data,
    log: { level: 'fatal' },
    identity: { provider: { issuer: provider.issuer, allowInsecureIssuer: true, clientId: 'app' } },
    ...more,
  };
  let listener: Server | undefined;
  return {
    url,
    settings,
    async open(app: express.Express): Promise<void> {
      listener = app.listen(Number(new URL(url).port));
      await once(listener, 'listening');
    },
    async [Symbol.asyncDispose]() {
      listener?.closeAllConnections();
      listener?.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

const hello: express.RequestHandler = (_request, response) => void response.send('hello');

test('routes that are added before Genkan has opened are closed all the same', async () => {
  await using house = await place();
  const app = express();
  const opening = protect(app, house.settings); // nobody waits
  app.post('/mcp', hello);
  await house.open(app);
  assert.equal((await post(`${house.url}/mcp`, {})).status, 401);
  await (await opening).close();
});

test('an app whose author ignores that Genkan could not open lets nobody in, and does not say why', async () => {
  await using house = await place({ resources: ['/oauth/mcp'] });
  const app = express().set('env', 'test');
  await assert.rejects(protect(app, house.settings), /Genkan answers at this path itself/);
  app.post('/mcp', hello);
  await house.open(app);
  const { status, body } = await post(`${house.url}/mcp`, {});
  assert.equal(status, 500);
  assert.doesNotMatch(body, /hello|answers at this path/);
});

test('whoever hangs up before they are let in never gets to the app, and does not keep Genkan from ending', async () => {
  await using house = await place();
  const app = express();
  const [arrived, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  app.use((request, _response, next) => {
    if (request.headers['x-slow'] === undefined) return next();
    request.socket.once('close', () => {
      next();
      gone.resolve();
    });
    arrived.resolve();
  });
  const genkan = await protect(app, house.settings);
  let answered = 0;
  app.get('/mcp', (_request, response) => {
    answered += 1;
    response.type('text/event-stream').write(': hello\n\n');
  });
  await house.open(app);
  const { tokens } = await obtainTokens(house.url, `${house.url}/mcp`);
  const { host, hostname, port } = new URL(house.url);
  const socket = net.connect(Number(port), hostname);
  socket.write(
    `GET /mcp HTTP/1.1\r\nHost: ${host}\r\nX-Slow: yes\r\nAuthorization: Bearer ${tokens.access_token}\r\n\r\n`,
  );
  await arrived.promise;
  socket.destroy();
  await gone.promise;
  // Whoever comes later is let in only after the one who hung up has been looked at.
  const later = await fetch(`${house.url}/mcp`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  await later.body?.cancel();
  await genkan.close();
  assert.equal(answered, 1);
});

test('an MCP server in a part of the app that is mounted elsewhere is closed until `resources` names its address', async () => {
  for (const [resources, status] of [
    [['/mcp'], 404],
    [['/api/mcp'], 401],
  ] as const) {
    await using house = await place({ resources: [...resources] });
    const [app, part] = [express(), express()];
    await using _genkan = await protect(part, house.settings);
    part.post('/mcp', hello);
    part.get('/health', hello);
    app.use('/api', part);
    await house.open(app);
    assert.equal((await post(`${house.url}/api/mcp`, {})).status, status);
    assert.equal((await fetch(`${house.url}/api/health`)).status, 200);
  }
});

test('a tool that gives away all that it learns of a request gives away no token, on either SDK', async () => {
  await using house = await place({ resources: ['/mcp', '/sse'] });
  const app = express();
  await using _genkan = await protect(app, house.settings);
  const told = (learned: unknown) => ({ content: [{ type: 'text' as const, text: JSON.stringify(learned) }] });
  app.post('/mcp/1', async (request, response) => {
    const server = new OlderServer({ name: 'test', version: '1' });
    server.registerTool('tell', {}, (extra) => told([extra.requestInfo, extra.authInfo]));
    const transport = new StreamableHTTPServerTransport({});
    await server.connect(transport as never);
    await transport.handleRequest(request, response);
  });
  const handle = toNodeHandler(
    createMcpHandler(() => {
      const server = new McpServer({ name: 'test', version: '1' });
      server.registerTool('tell', {}, ({ http }) => told([[...http!.req!.headers], http!.authInfo]));
      return server;
    }),
  );
  app.post('/mcp/2', (request, response) => handle(request, response));
  app.post('/mcp/3', (request, response) => {
    const { headers, rawHeaders, headersDistinct } = request;
    response.json([headers, rawHeaders, headersDistinct, (request as { auth?: object }).auth]);
  });
  await house.open(app);
  const { tokens } = await obtainTokens(house.url, `${house.url}/mcp`);
  const token = tokens.access_token;
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'tell', arguments: {} } };
  for (const way of [1, 2, 3]) {
    const { status, body } = await post(`${house.url}/mcp/${way}`, call, { token });
    assert.equal(status, 200, body);
    assert.match(body, /content-length/i, body);
    assert.match(body, /#dana/);
    assert.ok(!body.includes(token), `${way}`);
  }
});

test('an app that gives everybody the same session shows nobody that of another, however often they try', async () => {
  await using house = await place({ resources: ['/sse'] });
  const app = express();
  await using _genkan = await protect(app, house.settings);
  app.get('/sse', (_request, response) => {
    response.type('text/event-stream').write('event: endpoint\ndata: /message?sessionId=the-only-one\n\n');
  });
  app.post('/message', hello);
  await house.open(app);
  const endpoint = `${house.url}/message?sessionId=the-only-one`;
  const signIn = async (sub: string) => {
    provider.person = { sub, name: sub, preferred_username: `${sub}@example.com`, groups: [] };
    return { token: (await obtainTokens(house.url, `${house.url}/sse`)).tokens.access_token };
  };
  const [omar, dana] = [await signIn('omar'), await signIn('dana')];
  const first = await openEventStream(`${house.url}/sse`, undefined, dana);
  await first.until(/endpoint/);
  for (let round = 0; round < 3; round++) {
    const headers = { authorization: `Bearer ${omar.token}` };
    await assert.rejects(fetch(`${house.url}/sse`, { headers }).then((response) => response.text()));
    assert.equal((await post(endpoint, {}, omar)).status, 404);
    assert.equal((await post(endpoint, {}, dana)).status, 200);
  }
  first.leave();
});
