// At /mcp, servers of both eras ask clients of both eras: each client is asked in its own way, and each server gets its own answer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { CallToolResult } from '@modelcontextprotocol/client';
import { startHttpFixture } from './conformance/upstream/http.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import type { HttpUpstream } from './support/http-upstream.ts';

let servers: Record<'legacy' | 'modern', HttpUpstream>;
let house: TestHouse;

before(async () => {
  servers = { legacy: await startHttpFixture('legacy'), modern: await startHttpFixture('modern') };
  house = await openTestHouse({
    access: makersUse('legacy', 'modern'),
    servers: { legacy: { url: servers.legacy.url }, modern: { url: servers.modern.url } },
  });
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await Promise.all(Object.values(servers).map((server) => server[Symbol.asyncDispose]()));
});

for (const [era, versionNegotiation] of [
  ['legacy', { mode: 'legacy' }],
  ['modern', { mode: { pin: '2026-07-28' } }],
] as const) {
  test(`a ${era} client is asked by both servers at the same time, and no answer goes astray`, async () => {
    const client = new Client(
      { name: 'test', version: '1' },
      { versionNegotiation, capabilities: { elicitation: {} } },
    );
    const asked: string[] = [];
    client.setRequestHandler('elicitation/create', ({ params }) => {
      const [, server, message] = /^(\w+)> (.*)$/.exec(params.message) ?? [];
      asked.push(server!);
      return {
        action: 'accept',
        content: { name: 'Dana', username: 'dana', email: `${message!.length}@example.com` },
      };
    });
    const requestInit = { headers: { authorization: `Bearer ${await house.token('dana')}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${house.url}/mcp`), { requestInit }));
    const { tools } = await client.listTools();
    const names = ['legacy', 'modern', 'legacy', 'modern'].map((server) => `${server}__test_elicitation`);
    for (const name of names) assert.ok(tools.some((tool) => tool.name === name));
    const args = (index: number) => ({ message: 'm'.repeat(index + 1) });
    const results = (await Promise.all(
      names.map((name, index) => client.callTool({ name, arguments: args(index) })),
    )) as CallToolResult[];
    assert.deepEqual(asked.toSorted(), ['legacy', 'legacy', 'modern', 'modern'], 'each question says who asks');
    for (const [index, result] of results.entries()) {
      assert.equal(result.isError ?? false, false, JSON.stringify(result));
      assert.match(JSON.stringify(result), new RegExp(`${index + 1}@example\\.com`));
    }
    await client.close();
  });
}
