// All servers together at /mcp: one that is slow, dead or busy does not spoil the others.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { answerJson, startHttpUpstream } from './support/http-upstream.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import { mcpByHand, readTool } from './support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';
import type { Posted } from './support/mcp-post.ts';
import { quickNode } from './support/quick-node.ts';

const namesOf = ({ message }: Posted, member: string): string[] =>
  (message.result![member] as { name: string }[]).map(({ name }) => name);

test('two lists asked for at once over one child process both come back whole', async () => {
  const command = [...quickNode, path.join(import.meta.dirname, 'support/fragile-stdio-server.ts'), '--two-at-a-time'];
  await using house = await openTestHouse({ access: makersUse('child'), servers: { child: { command } } });
  const token = await house.token('dana');
  const headers = await openLegacySession(`${house.url}/mcp`, token);
  const [tools, prompts] = await Promise.all(
    ['tools/list', 'prompts/list'].map((method, id) =>
      post(`${house.url}/mcp`, { jsonrpc: '2.0', id, method }, { token, headers }),
    ),
  );
  assert.deepEqual(namesOf(tools!, 'tools'), ['child__tool']);
  assert.deepEqual(namesOf(prompts!, 'prompts'), ['child__prompt']);
});

test('a server that never answers and one that is gone cost the deadline of a list, not the other servers', async () => {
  await using good = await startHttpUpstream(mcpByHand({ tools: [readTool] }));
  await using mute = await startHttpUpstream(mcpByHand({ handle: ({ message }) => message.method === 'tools/list' }));
  const gone = await startHttpUpstream(mcpByHand({}));
  await gone[Symbol.asyncDispose]();
  await using house = await openTestHouse({
    access: makersUse('good', 'gone', 'mute'),
    servers: { good: { url: good.url }, gone: { url: gone.url }, mute: { url: mute.url } },
    gateway: { listDeadlineSeconds: 1 },
  });
  const token = await house.token('dana');
  const session = await openLegacySession(`${house.url}/mcp`, token);
  const { body, headers } = modern('tools/list');
  const beginning = performance.now();
  const lists = await Promise.all([
    post(`${house.url}/mcp`, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token, headers: session }),
    post(`${house.url}/mcp`, body, { token, headers }),
  ]);
  assert.ok(performance.now() - beginning < 10_000);
  for (const listed of lists) assert.deepEqual(namesOf(listed, 'tools'), ['good__read']);
});

test('what a server has listed stays known and shown when it later fails to list, and the client is told', async () => {
  let fails = false;
  await using upstream = await startHttpUpstream(
    mcpByHand({
      resources: [{ uri: 'file:///a', name: 'a' }],
      handle({ message }, response) {
        if (!fails || message.method !== 'resources/list') return false;
        response.writeHead(500).end();
        return true;
      },
    }),
  );
  await using house = await openTestHouse({ access: makersUse('raw'), servers: { raw: { url: upstream.url } } });
  const token = await house.token('dana');
  const headers = await openLegacySession(`${house.url}/mcp`, token);
  const ask = (method: string, params = {}) =>
    post(`${house.url}/mcp`, { jsonrpc: '2.0', id: 1, method, params }, { token, headers });
  const fresh = await ask('resources/list');
  assert.deepEqual([namesOf(fresh, 'resources').length, fresh.message.result!['_meta']], [1, undefined]);
  fails = true;
  const stale = await ask('resources/list');
  assert.equal(namesOf(stale, 'resources').length, 1);
  assert.deepEqual(stale.message.result!['_meta'], { 'genkan/servers': { stale: ['raw'] } });
  assert.doesNotMatch(stale.body, /notifications\/message/, 'it has not asked for any log');
  assert.ok((await ask('resources/read', { uri: 'file:///a' })).message.result);

  await ask('logging/setLevel', { level: 'error' });
  assert.doesNotMatch((await ask('resources/list')).body, /notifications\/message/);
  await ask('logging/setLevel', { level: 'warning' });
  fails = false;
  await ask('resources/list');
  fails = true;
  const warned = await ask('resources/list');
  assert.match(warned.body, /"method":"notifications\/message".*"level":"warning".*"stale":\["raw"\]/);
  assert.doesNotMatch((await ask('resources/list')).body, /notifications\/message/, 'once is enough');
});

test('a long list comes in pages that an SDK client walks by itself, and a cursor that fits no more is refused', async () => {
  const tools = Array.from({ length: 1200 }, (_, index) => ({
    name: `tool-${index}`,
    inputSchema: { type: 'object' },
  }));
  await using long = await startHttpUpstream(mcpByHand({ tools }));
  await using short = await startHttpUpstream(mcpByHand({ tools: [readTool] }));
  await using house = await openTestHouse({
    access: makersUse('a-short', 'long', 'z-short'),
    servers: { long: { url: long.url }, 'a-short': { url: short.url }, 'z-short': { url: short.url } },
  });
  const token = await house.token('dana');
  const expected = ['a-short__read', ...tools.map(({ name }) => `long__${name}`), 'z-short__read'];
  for (const versionNegotiation of [{ mode: 'legacy' }, { mode: { pin: '2026-07-28' } }] as const) {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${house.url}/mcp`), { requestInit }));
    const asked = (): number => long.seen.filter(({ message }) => message.method === 'tools/list').length;
    const before = asked();
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.request({ method: 'tools/list', params: { cursor } });
      found.push(...page.tools.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    assert.deepEqual(found, expected);
    assert.equal(asked() - before, 1, 'later pages cost its server nothing');
    await client.close();
  }
  for (const cursor of ['nonsense', '500.aaaaaaaaaaaaaaaaaaaaaa', 7]) {
    const { body, headers } = modern('tools/list', { cursor });
    const { error } = (await post(`${house.url}/mcp`, body, { token, headers })).message;
    assert.deepEqual([error!.code, error!.data!['reason']], [-32602, 'gateway_cursor_unknown']);
  }
});

test('every page is private, and is kept no longer than any part of it may be', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({}));
  await using brief = await startHttpUpstream(
    mcpByHand({
      handle({ message }, response) {
        if (message.method !== 'tools/list') return false;
        const result = { tools: [readTool], resultType: 'complete', ttlMs: 5000, cacheScope: 'public' };
        answerJson(response, { jsonrpc: '2.0', id: message.id, result });
        return true;
      },
    }),
  );
  await using house = await openTestHouse({
    access: makersUse('brief', 'raw'),
    servers: { raw: { url: upstream.url }, brief: { url: brief.url } },
  });
  const { body, headers } = modern('tools/list');
  const { result } = (await post(`${house.url}/mcp`, body, { token: await house.token('dana'), headers })).message;
  assert.deepEqual([result!['ttlMs'], result!['cacheScope']], [5000, 'private']);
});

test('the greeting holds what every server says of itself, and does not wait for one that is slow', async () => {
  const says = (instructions: string) =>
    mcpByHand({
      handle({ message }, response) {
        if (message.method !== 'initialize' && message.method !== 'server/discover') return false;
        const legacy = { protocolVersion: '2025-11-25', serverInfo: { name: 'by hand', version: '0' } };
        const discovered = {
          supportedVersions: ['2026-07-28'],
          resultType: 'complete',
          ttlMs: 0,
          cacheScope: 'public',
        };
        const own = message.method === 'initialize' ? legacy : discovered;
        answerJson(response, { jsonrpc: '2.0', id: message.id, result: { ...own, capabilities: {}, instructions } });
        return true;
      },
    });
  await using quick = await startHttpUpstream(says('Be quick.'));
  await using mute = await startHttpUpstream(() => undefined);
  await using hidden = await startHttpUpstream(says('For others.'));
  await using house = await openTestHouse({
    access: makersUse('quick', 'mute'),
    servers: { quick: { url: quick.url }, mute: { url: mute.url }, hidden: { url: hidden.url } },
  });
  const token = await house.token('dana');
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const { body, headers } = modern('server/discover');
  const beginning = performance.now();
  const greetings = await Promise.all([
    post(`${house.url}/mcp`, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, { token }),
    post(`${house.url}/mcp`, body, { token, headers }),
  ]);
  assert.ok(performance.now() - beginning < 10_000);
  for (const { message } of greetings) {
    assert.match(message.result!['instructions'] as string, /\nquick> Be quick\.$/);
    assert.doesNotMatch(message.result!['instructions'] as string, /For others/);
  }
});

test('a call of a server that is gone fails at once, and names it', async () => {
  await using other = await startHttpUpstream(mcpByHand({}));
  const gone = await startHttpUpstream(mcpByHand({}));
  await using house = await openTestHouse({
    access: makersUse('gone', 'other'),
    servers: { gone: { url: gone.url }, other: { url: other.url } },
  });
  const token = await house.token('dana');
  const headers = await openLegacySession(`${house.url}/mcp`, token);
  const ask = (method: string, params = {}) =>
    post(`${house.url}/mcp`, { jsonrpc: '2.0', id: 1, method, params }, { token, headers });
  await ask('tools/list');
  await gone[Symbol.asyncDispose]();
  const beginning = performance.now();
  const { error } = (await ask('tools/call', { name: 'gone__read' })).message;
  assert.equal(error!.data!['reason'], 'upstream_unavailable');
  assert.match(error!.message, /"gone"/);
  assert.ok(performance.now() - beginning < 10_000);
  assert.ok((await ask('tools/call', { name: 'other__read' })).message.result);
});

test('a cancellation reaches the server of the call and no other', async () => {
  let arrived: () => void = () => {};
  const callArrived = new Promise<void>((resolve) => (arrived = resolve));
  const heard = Promise.withResolvers<void>();
  const hangs = mcpByHand({
    eras: ['legacy'],
    handle({ message }) {
      if (message.method === 'notifications/cancelled') heard.resolve();
      if (message.method !== 'tools/call') return false;
      arrived();
      return true;
    },
  });
  await using one = await startHttpUpstream(hangs);
  await using two = await startHttpUpstream(hangs);
  await using house = await openTestHouse({
    access: makersUse('one', 'two'),
    servers: { one: { url: one.url }, two: { url: two.url } },
  });
  const token = await house.token('dana');
  const url = `${house.url}/mcp`;
  const headers = await openLegacySession(url, token);
  await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token, headers });
  const answered = post(
    url,
    { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'one__read' } },
    { token, headers },
  );
  await callArrived;
  const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7, reason: 'private' } };
  assert.equal((await post(url, cancel, { token, headers })).status, 202);
  await Promise.all([answered, heard.promise]);
  const cancelled = ({ seen }: typeof one) =>
    seen.filter(({ message }) => message.method === 'notifications/cancelled').map(({ message }) => message.params);
  assert.deepEqual([cancelled(one), cancelled(two)], [[cancel.params], []]);
});
