// Step-up with clients that nobody made for it: a policy asks for a second factor, the client asks its person, the call passes.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { openTestHouse } from './support/house.ts';
import { startOidcStandIn } from './support/oidc-stand-in.ts';
import type { OidcStandIn } from './support/oidc-stand-in.ts';
import { createSdkSignIn } from './support/sdk-sign-in.ts';
import type { SdkSignIn } from './support/sdk-sign-in.ts';
import { startDualEraServer } from './support/sdk-servers.ts';

const seed = path.join(import.meta.dirname, 'golden/conditional-access/seed.json');
const contexts = { mfa: 'c1', compliantDevice: 'c2' };

/** Proves exactly what a sign-in is asked to prove. */
function provesWhatIsAsked(provider: OidcStandIn): void {
  provider.tamper = (claims) => {
    const asked = provider.requests.at(-1)!.get('acr_values');
    return asked === null ? claims : { ...claims, acrs: asked.split(' ') };
  };
}

async function openHouse(identity: object, server: string) {
  const provider = await startOidcStandIn();
  provider.person = {
    sub: 'dana',
    name: 'Dana',
    preferred_username: 'dana@example.com',
    groups: ['azure-mcp-admins'],
  };
  provesWhatIsAsked(provider);
  const settings = {
    identity: {
      provider: { issuer: provider.issuer, allowInsecureIssuer: true, clientId: 'genkan' },
      verdictSeconds: 1,
      ...identity,
    },
    servers: { sample: { url: server } },
    access: {
      assignments: [{ principal: { group: 'azure-mcp-admins' }, role: 'MCP User', scope: '/servers/sample' }],
    },
  };
  const house = await openTestHouse(settings, provider.issuer);
  return {
    ...house,
    provider,
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await provider.close();
    },
  };
}

interface Caller {
  connect(): Promise<void>;
  finish(code: string): Promise<void>;
  list(): Promise<string[]>;
  call(tool: string, given: object): Promise<unknown>;
  close(): Promise<void>;
}

type MakeCaller = (url: string, signIn: SdkSignIn) => Caller;

const generations: Readonly<Record<string, MakeCaller>> = {
  'SDK 2': (url, { provider }) => {
    const make = () => ({
      client: new Client({ name: 'test', version: '1' }),
      transport: new StreamableHTTPClientTransport(new URL(url), { authProvider: provider as never }),
    });
    let { client, transport } = make();
    return {
      connect: () => client.connect(transport),
      async finish(code) {
        await transport.finishAuth(new URLSearchParams({ code, iss: new URL(url).origin }));
        ({ client, transport } = make());
        await client.connect(transport);
      },
      list: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: (name, given) => client.callTool({ name, arguments: given as Record<string, unknown> }),
      close: () => client.close(),
    };
  },
  'SDK 1': (url, { provider }) => {
    const make = () => ({
      client: new OlderClient({ name: 'test', version: '1' }),
      transport: new OlderTransport(new URL(url), { authProvider: provider as never }),
    });
    let { client, transport } = make();
    return {
      connect: () => client.connect(transport as never),
      async finish(code) {
        await transport.finishAuth(code);
        ({ client, transport } = make());
        await client.connect(transport as never);
      },
      list: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: (name, given) => client.callTool({ name, arguments: given as Record<string, unknown> }),
      close: () => client.close(),
    };
  },
};

/** What a client asks for, besides to stay connected. */
const scopesOf = ({ searchParams }: URL): string[] =>
  searchParams
    .get('scope')!
    .split(' ')
    .filter((scope) => scope !== 'offline_access')
    .sort();

const said = (answer: unknown): string => JSON.stringify((answer as { content?: unknown }).content);

for (const [generation, make] of Object.entries(generations)) {
  test(`${generation}: a client with least scopes reads, and asks its person before it does more`, async () => {
    await using server = await startDualEraServer();
    await using house = await openHouse({ scopes: 'least' }, `${server.url}/mcp`);
    const signIn = createSdkSignIn();
    for (const address of ['/mcp/sample', '/mcp']) {
      const caller = make(`${house.url}${address}`, signIn);
      signIn.kept.tokens = undefined;
      await assert.rejects(caller.connect(), 'nobody is signed in');
      assert.deepEqual(scopesOf(signIn.requests.at(-1)!), ['mcp:read']);
      await caller.finish(await signIn.code());
      assert.equal(signIn.kept.tokens!.scope!.includes('destroy'), false);
      const tool = address === '/mcp' ? (await caller.list()).find((name) => name.endsWith('echo'))! : 'echo';
      // Nothing says that the tool only reads, so it is taken to destroy.
      await assert.rejects(caller.call(tool, { text: 'too much' }));
      assert.deepEqual(scopesOf(signIn.requests.at(-1)!), ['mcp:destroy', 'mcp:read']);
      await caller.finish(await signIn.code());
      assert.match(said(await caller.call(tool, { text: 'allowed' })), /allowed/);
      await caller.close();
    }
    assert.ok(
      signIn.pages.some((page) => page.includes('Delete and stop things')),
      'the person is told',
    );
    const [entry] = await house.house.audit.list({ limit: 1, action: 'tools/call', result: 'challenged' });
    assert.equal(entry!.details['code'], 'identity_scope_missing');
  });

  test(`${generation}: an administrator without the second factor is asked for it, and then the call passes`, async () => {
    await using server = await startDualEraServer();
    await using house = await openHouse({ conditionalAccess: { policies: [seed], contexts } }, `${server.url}/mcp`);
    const signIn = createSdkSignIn();
    const caller = make(`${house.url}/mcp/sample`, signIn);
    await assert.rejects(caller.connect(), 'nobody is signed in');
    assert.deepEqual(scopesOf(signIn.requests.at(-1)!), ['mcp']);
    // The first sign-in proves who it is and no more, so the first request after it is challenged.
    await assert.rejects(caller.finish(await signIn.code()), 'the second factor is missing');
    assert.deepEqual(scopesOf(signIn.requests.at(-1)!), ['auth:c1', 'auth:c2', 'mcp']);
    await caller.finish(await signIn.code());
    assert.equal(house.provider.requests.at(-1)!.get('acr_values'), 'c1 c2', 'exactly what was asked for');
    assert.match(said(await caller.call('echo', { text: 'proven' })), /proven/);
    await caller.close();
    const entries = await house.house.audit.list({ limit: 100 });
    const challenged = entries.find(({ action }) => action === 'identity.conditionalAccess')!;
    assert.equal(challenged.result, 'challenged');
    assert.deepEqual(challenged.details['policies'], ['MCP Server Admin MFA Policy']);
  });
}
