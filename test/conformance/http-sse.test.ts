// The HTTP+SSE transport of 2024-11-05, which the official suite does not know: the official client loses nothing on it.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { ssePath } from '../../src/gateway/arrival.ts';
import { makersUse, openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { tour, tourist } from './legs/tour.ts';
import type { Outcomes } from './legs/tour.ts';
import { startHttpFixture } from './upstream/http.ts';
import { quickNode } from '../support/quick-node.ts';

const off = { suspicious: 'off', certain: 'off' };
const shield = { results: off, descriptions: off, questions: off };
const upstreams: HttpUpstream[] = [];
let house: TestHouse;
let direct: Outcomes;

before(async () => {
  const [dual, legacy, modern] = [
    await startHttpFixture('dual'),
    await startHttpFixture('legacy'),
    await startHttpFixture('modern'),
  ];
  upstreams.push(dual, legacy, modern);
  const stdio = { command: [...quickNode, path.join(import.meta.dirname, 'upstream', 'stdio.ts')] };
  house = await openTestHouse({
    servers: { dual: { url: dual.url }, legacy: { url: legacy.url }, modern: { url: modern.url }, stdio },
    access: makersUse('dual', 'legacy', 'modern', 'stdio'),
    // One server in four shapes; what is compared here is what comes through, and not what is noted beside it.
    inspect: { shield, pins: { alike: [['dual', 'legacy', 'modern', 'stdio']] } },
  });
  const url = new URL(dual.url.replace('127.0.0.1', 'localhost'));
  direct = await walk(new StreamableHTTPClientTransport(url));
});
after(async () => {
  await house[Symbol.asyncDispose]();
  for (const upstream of upstreams) await upstream[Symbol.asyncDispose]();
});

async function walk(transport: StreamableHTTPClientTransport | SSEClientTransport): Promise<Outcomes> {
  const client = new Client({ name: 'tourist', version: '1' }, tourist);
  await client.connect(transport);
  try {
    return await tour(client);
  } finally {
    await client.close();
  }
}

async function overSse(server: string | undefined): Promise<SSEClientTransport> {
  const headers = { authorization: `Bearer ${await house.token('dana', server)}` };
  const options = { requestInit: { headers } };
  return new SSEClientTransport(new URL(house.url + ssePath(server, 'sse')), options);
}

for (const server of ['dual', 'legacy', 'stdio', 'modern']) {
  test(`nothing is lost on the way to a server of the shape "${server}"`, async () => {
    const through = await walk(await overSse(server));
    for (const [step, outcome] of Object.entries(direct)) assert.deepEqual(through[step], outcome, step);
  });
}

test('a client that tries the newest transport first, and then the newest revision, arrives all the same', async () => {
  const sse = await overSse('legacy');
  const url = new URL(`${house.url}/mcp/legacy/sse`);
  const requestInit = { headers: { authorization: `Bearer ${await house.token('dana', 'legacy')}` } };
  const newest = new Client({ name: 'newest', version: '1' });
  await assert.rejects(newest.connect(new StreamableHTTPClientTransport(url, { requestInit })), { status: 405 });
  const client = new Client({ name: 'newest', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(sse);
  try {
    const { content } = await client.callTool({ name: 'test_simple_text' });
    assert.match(JSON.stringify(content), /simple text/);
  } finally {
    await client.close();
  }
});

test('all servers together are at one address, and each can ask', async () => {
  const client = new Client({ name: 'test', version: '1' }, { capabilities: { roots: {} } });
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///home/dana' }] }));
  await client.connect(await overSse(undefined));
  try {
    const { tools } = await client.listTools();
    for (const server of ['dual', 'legacy', 'stdio', 'modern']) {
      assert.ok(tools.some(({ name }) => name === `${server}__test_simple_text`));
      const asked = await client.callTool({ name: `${server}__test_input_required_result_list_roots` });
      assert.match(JSON.stringify(asked), /home\/dana/, server);
    }
  } finally {
    await client.close();
  }
});
