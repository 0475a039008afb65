// Genkan as a library: the two examples as they are, signed in to and called by the official SDK clients over every transport.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { User } from './support/entra.ts';
import { startExpressApp } from './support/express-app.ts';
import type { ExpressApp } from './support/express-app.ts';
import { createSdkSignIn } from './support/sdk-sign-in.ts';

interface Caller {
  /** What the tool answers. */
  ask(): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const self = { name: 'test', version: '1.0.0' };
const inText = (result: unknown): Record<string, unknown> =>
  JSON.parse((result as { content: [{ text: string }] }).content[0].text) as Record<string, unknown>;

/** Clients that know nothing of Genkan: they meet a 401, find the way, and come back with a code. */
const clients: Record<string, (house: ExpressApp, user: User) => Promise<Caller>> = {
  async 'SDK v2 over Streamable HTTP'(house, user) {
    const signIn = createSdkSignIn();
    const open = () =>
      new StreamableHTTPClientTransport(new URL(`${house.url}/mcp`), { authProvider: signIn.provider as never });
    const first = open();
    await assert.rejects(new Client(self).connect(first));
    house.entra.signsIn = user.oid;
    await first.finishAuth((await signIn.walk()).searchParams);
    const client = new Client(self);
    await client.connect(open());
    return { ask: async () => inText(await client.callTool({ name: 'getUserDetails' })), close: () => client.close() };
  },
  async 'SDK v1 over Streamable HTTP'(house, user) {
    const signIn = createSdkSignIn();
    const open = () => new OlderTransport(new URL(`${house.url}/mcp`), { authProvider: signIn.provider as never });
    const first = open();
    await assert.rejects(new OlderClient(self).connect(first));
    house.entra.signsIn = user.oid;
    await first.finishAuth(await signIn.code());
    const client = new OlderClient(self);
    await client.connect(open());
    return { ask: async () => inText(await client.callTool({ name: 'getUserDetails' })), close: () => client.close() };
  },
  async 'SDK v1 over HTTP+SSE'(house, user) {
    const signIn = createSdkSignIn();
    const open = () => new SSEClientTransport(new URL(`${house.url}/sse`), { authProvider: signIn.provider as never });
    const first = open();
    await assert.rejects(new OlderClient(self).connect(first));
    house.entra.signsIn = user.oid;
    await first.finishAuth(await signIn.code());
    const client = new OlderClient(self);
    await client.connect(open());
    return { ask: async () => inText(await client.callTool({ name: 'getUserDetails' })), close: () => client.close() };
  },
};

const older = 'examples/express/server.ts';
let house: ExpressApp;
before(async () => void (house = await startExpressApp({ program: older })));
after(() => house[Symbol.asyncDispose]());

for (const program of [older, 'examples/express/server-v2.ts'])
  test(`${program}: two people at once get their own profiles, through every client`, async () => {
    await using own = program === older ? undefined : await startExpressApp({ program });
    const app = own ?? house;
    for (const [name, connect] of Object.entries(clients)) {
      const dana = await connect(app, app.dana);
      const omar = await connect(app, app.omar);
      const answers = await Promise.all([dana.ask(), omar.ask(), dana.ask(), omar.ask()]);
      assert.deepEqual(
        answers.map(({ displayName }) => displayName),
        ['Dana Sato', 'Omar Haddad', 'Dana Sato', 'Omar Haddad'],
        name,
      );
      await Promise.all([dana.close(), omar.close()]);
    }
  });

test('the example for SDK v1 says of what it does not have that it has not', async () => {
  const { access } = await house.signIn(house.dana);
  for (const method of ['GET', 'DELETE']) {
    const headers = { authorization: `Bearer ${access}`, accept: 'text/event-stream' };
    const answer = await fetch(`${house.url}/mcp`, { method, headers });
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'POST'], method);
  }
});
