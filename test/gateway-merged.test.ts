// All servers together at /mcp: one that is slow, dead or busy does not spoil the others.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { startHttpUpstream } from './support/http-upstream.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import { mcpByHand, readTool } from './support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';
import type { Posted } from './support/mcp-post.ts';

const namesOf = ({ message }: Posted, member: string): string[] =>
  (message.result![member] as { name: string }[]).map(({ name }) => name);

test('two lists asked for at once over one child process both come back whole', async () => {
  const command = [
    process.execPath,
    path.join(import.meta.dirname, 'support/fragile-stdio-server.ts'),
    '--two-at-a-time',
  ];
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
  assert.ok(performance.now() - beginning < 2500);
  for (const listed of lists) assert.deepEqual(namesOf(listed, 'tools'), ['good__read']);
});

test('what a server has listed stays known when it later fails to list', async () => {
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
  assert.equal(namesOf(await ask('resources/list'), 'resources').length, 1);
  fails = true;
  assert.equal(namesOf(await ask('resources/list'), 'resources').length, 0);
  assert.ok((await ask('resources/read', { uri: 'file:///a' })).message.result);
});

test('a cancellation reaches the server of the call and no other', async () => {
  let arrived: () => void = () => {};
  const callArrived = new Promise<void>((resolve) => (arrived = resolve));
  const hangs = mcpByHand({
    eras: ['legacy'],
    handle({ message }) {
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
  await answered;
  const cancelled = ({ seen }: typeof one) =>
    seen.filter(({ message }) => message.method === 'notifications/cancelled').map(({ message }) => message.params);
  assert.deepEqual([cancelled(one), cancelled(two)], [[cancel.params], []]);
});
