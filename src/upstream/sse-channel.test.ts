// Tests of conversations over HTTP+SSE (2024-11-05): with real servers, and with one by hand that breaks the rules.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { notification, request } from '../protocol/message.ts';
import type { Message } from '../protocol/message.ts';
import { initializeResult } from '../../test/support/http-upstream.ts';
import type { SeenRequest } from '../../test/support/http-upstream.ts';
import { event, startEverythingOverSse, startSseByHand } from '../../test/support/sse-servers.ts';
import { callTool, fault, openConversation, textOf, upstreamOf } from '../../test/support/upstream-conversations.ts';
import type { Connection, Upstream } from './channel.ts';

const connect = (upstream: Upstream): Promise<Connection> =>
  upstream.connect({ era: 'legacy', onPush: () => {}, onClose: () => {} });

/** Answers `initialize` and leaves all other messages to `hear`. */
const greeting =
  (hear: (seen: SeenRequest, stream: ServerResponse) => void = () => {}) =>
  (seen: SeenRequest, stream: ServerResponse, response: ServerResponse): void => {
    response.writeHead(202).end();
    if (seen.message.method === 'initialize') stream.write(event(initializeResult(seen.message.id)));
    else hear(seen, stream);
  };

const say = (id: unknown, text: string): string =>
  event({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });

async function openByHand(context: TestContext, hear: (seen: SeenRequest, stream: ServerResponse) => void, more = {}) {
  const server = await startSseByHand({ post: greeting(hear) });
  context.after(() => server[Symbol.asyncDispose]());
  return { server, ...(await openConversation(context, 'legacy', { url: server.url, transport: 'sse', ...more })) };
}

test('finds out that a real server has only this transport, for clients of both eras, and asks once', async (context) => {
  await using server = await startEverythingOverSse();
  const upstream = upstreamOf(context, { url: server.url });
  assert.equal(await upstream.eraFor('legacy'), 'legacy');
  assert.equal(await upstream.eraFor('modern'), 'legacy');
  const { channel, initialized } = await connect(upstream);
  assert.equal((initialized?.result?.['serverInfo'] as { name: string }).name, 'mcp-servers/everything');
  await channel.send(notification('notifications/initialized'));
  const steps: unknown[] = [];
  const args = { duration: 0.2, steps: 2 };
  const answer = await channel.send(callTool('a', 'trigger-long-running-operation', args, { progressToken: 't' }), {
    interim: (message) => void steps.push('params' in message && message.params['progress']),
  });
  assert.match(textOf(answer), /completed/);
  assert.deepEqual(steps, [1, 2]);
  assert.equal(server.open(), 1);
  await channel.close();
  while (server.open() > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('is not asked to find out where the settings say it', async (context) => {
  await using server = await startEverythingOverSse();
  const upstream = upstreamOf(context, { url: server.url, transport: 'sse' });
  assert.equal(await upstream.eraFor('modern'), 'legacy');
  assert.equal(server.open(), 0);
  const only = upstreamOf(context, { url: server.url, transport: 'streamable-http' });
  await assert.rejects(only.eraFor('legacy'), fault('upstream_unavailable', /no revision of MCP that we know/));
});

for (const status of [401, 403, 429, 500, 302]) {
  test(`concludes nothing from ${status} in place of the stream, and asks again`, async (context) => {
    await using server = await startSseByHand({ post: greeting(), get: status });
    const upstream = upstreamOf(context, { url: server.url });
    for (let attempt = 0; attempt < 2; attempt++)
      await assert.rejects(upstream.eraFor('legacy'), fault('upstream_unavailable', new RegExp(`HTTP ${status}`)));
  });
}

test('a server that answers GET with something else speaks nothing that we know', async (context) => {
  for (const get of [404, 405, 200]) {
    await using server = await startSseByHand({ post: greeting(), get });
    const upstream = upstreamOf(context, { url: server.url });
    await assert.rejects(upstream.eraFor('legacy'), fault('upstream_unavailable', /no revision of MCP that we know/));
  }
});

test('sends the configured headers with the stream and with every message', async (context) => {
  const headers = { authorization: { source: 'env', name: 'TOKEN' } };
  const { server, channel } = await openByHand(context, ({ message }, stream) => stream.write(say(message.id, 'x')), {
    headers,
  });
  await channel.send(callTool(1, 'x'));
  assert.deepEqual(
    server.seen.map(({ method, path, headers: { authorization } }) => [method, path, authorization]),
    [
      ['GET', '/mcp', 'secret of TOKEN'],
      ['POST', '/message', 'secret of TOKEN'],
      ['POST', '/message', 'secret of TOKEN'],
    ],
  );
});

test('keeps the bytes of messages, whichever way they go', async (context) => {
  const { server, channel, pushes } = await openByHand(context, ({ message }, stream) => {
    stream.write('event: message\ndata: {"jsonrpc":"2.0", "method":"notifications/message","params":{"n":1.0}}\n\n');
    stream.write('event: ping\ndata: {"jsonrpc":"2.0","method":"not/a/message"}\n\n');
    stream.write(`data: { "jsonrpc":"2.0", "id":${String(message.id)}, "result":{"a":1.0} }\n\n`);
  });
  const asked = request(1, 'tools/list');
  const { raw } = await channel.send({
    ...asked,
    raw: Buffer.from('{ "jsonrpc":"2.0","id":1,"method":"tools/list" }'),
  });
  assert.equal(raw.toString(), '{ "jsonrpc":"2.0", "id":1, "result":{"a":1.0} }');
  assert.equal(server.seen.at(-1)?.body.toString(), '{ "jsonrpc":"2.0","id":1,"method":"tools/list" }');
  assert.deepEqual(
    pushes.map((message) => message.raw.toString()),
    ['{"jsonrpc":"2.0", "method":"notifications/message","params":{"n":1.0}}'],
  );
});

test('hears every member of a batch, in its order and with its own bytes', async (context) => {
  const { channel, pushes } = await openByHand(context, ({ message }, stream) => {
    const progress =
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"t","progress":1.0}}';
    const push = '{ "jsonrpc":"2.0","method":"notifications/message","params":{"n":1.0} }';
    const answer = `{"jsonrpc":"2.0","id":${String(message.id)},"result":{"a":1.0}}`;
    stream.write(`data: [${progress}, ${push},{"not":"a message"},\ndata: ${answer}]\n\n`);
  });
  const steps: string[] = [];
  const { raw } = await channel.send(callTool(1, 'x', {}, { progressToken: 't' }), {
    interim: (message) => void steps.push(message.raw.toString()),
  });
  assert.equal(raw.toString(), '{"jsonrpc":"2.0","id":1,"result":{"a":1.0}}');
  assert.match(steps.join(), /"progress":1\.0/);
  assert.deepEqual(
    pushes.map((message) => message.raw.toString()),
    ['{ "jsonrpc":"2.0","method":"notifications/message","params":{"n":1.0} }'],
  );
});

test('the end of the stream is the end of the conversation', async (context) => {
  const { channel, closed, upstream } = await openByHand(context, (_, stream) => void stream.end());
  await assert.rejects(channel.send(callTool(1, 'x')), fault('upstream_unavailable', /ended the conversation/));
  assert.match(await closed, /ended the conversation/);
  assert.equal(upstream.status().open, 0);
  await assert.rejects(channel.send(callTool(2, 'x')), fault('upstream_unavailable', /ended the conversation/));
});

test('a call whose message is not taken fails at once, and its id can be used again', async (context) => {
  let refuses = true;
  await using server = await startSseByHand({
    post: (seen, stream, response) => {
      if (seen.message.method === 'initialize' || !refuses)
        return greeting(({ message }) => stream.write(say(message.id, 'taken')))(seen, stream, response);
      response.writeHead(503).end();
    },
  });
  const { channel } = await openConversation(context, 'legacy', { url: server.url, transport: 'sse' });
  await assert.rejects(channel.send(callTool(1, 'x')), fault('upstream_unavailable', /HTTP 503/));
  await assert.rejects(channel.send(notification('notifications/initialized')), /HTTP 503/);
  refuses = false;
  assert.equal(textOf(await channel.send(callTool(1, 'x'))), 'taken');
});

test('times out a call that is not answered, and goes on', async (context) => {
  const hear = ({ message }: SeenRequest, stream: ServerResponse): void => {
    if (message.id === 2) stream.write(say(2, 'still here'));
  };
  const { channel } = await openByHand(context, hear, { timeoutSeconds: 1 });
  await assert.rejects(channel.send(callTool(1, 'x')), fault('upstream_timeout', /1 seconds/));
  assert.equal(textOf(await channel.send(callTool(2, 'x'))), 'still here');
});

test('does not wait for an endpoint that is never named, nor take anything else for it', async (context) => {
  await using silent = await startSseByHand({ post: greeting(), endpoint: null });
  const settings = { transport: 'sse', startSeconds: 1 };
  await assert.rejects(
    connect(upstreamOf(context, { url: silent.url, ...settings })),
    fault('upstream_timeout', /1 seconds/),
  );
  await using hasty = await startSseByHand({ post: greeting(), first: 'data: {"jsonrpc":"2.0","method":"x"}\n\n' });
  await assert.rejects(
    connect(upstreamOf(context, { url: hasty.url, ...settings })),
    fault('upstream_answer_invalid', /does not begin with an endpoint/),
  );
});

test('the address for messages is where it was first said to be', async (context) => {
  const { server, channel } = await openByHand(context, ({ message }, stream) => {
    stream.write('event: endpoint\ndata: /elsewhere\n\n');
    stream.write(say(message.id, 'x'));
  });
  await channel.send(callTool(1, 'x'));
  await channel.send(callTool(2, 'x'));
  assert.deepEqual([...new Set(server.seen.map(({ path }) => path))], ['/mcp', '/message']);
});

test('bounds what one event may hold', async (context) => {
  const { channel, closed } = await openByHand(
    context,
    (_, stream) => void stream.write(`data: ${'x'.repeat(100_000)}`),
    { maxMessageBytes: 65_536 },
  );
  await assert.rejects(channel.send(callTool(1, 'x')), fault('upstream_unavailable', /exceeds 65536 bytes/));
  assert.match(await closed, /exceeds 65536/);
});

test('holds the stream back while the owner of a request is busy', async (context) => {
  const { channel } = await openByHand(context, ({ message }, stream) => {
    const progress = { method: 'notifications/progress', params: { progressToken: 't', progress: 1 } };
    stream.write(event({ jsonrpc: '2.0', ...progress }) + say(message.id, 'done'));
  });
  const gate = Promise.withResolvers<void>();
  const heard: Message[] = [];
  const call = channel.send(callTool(1, 'x', {}, { progressToken: 't' }), {
    interim: (message) => (heard.push(message), gate.promise),
  });
  assert.equal(await Promise.race([call, new Promise((resolve) => setTimeout(resolve, 100, 'held'))]), 'held');
  assert.equal(heard.length, 1);
  gate.resolve();
  assert.equal(textOf(await call), 'done');
});
