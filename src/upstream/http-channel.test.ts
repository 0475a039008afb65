// Tests of conversations over HTTP: with servers of the official SDK, and with one written by hand for what those never do.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import type { ErrorCode } from '../base/errors.ts';
import { modernHeaders } from '../protocol/headers.ts';
import { notification, request } from '../protocol/message.ts';
import type { Message } from '../protocol/message.ts';
import { answerJson } from '../../test/support/http-upstream.ts';
import { startDualEraServer, startSessionServer } from '../../test/support/sdk-servers.ts';
import {
  callTool,
  fault,
  openConversation,
  startByHand,
  startStream,
  textOf,
  upstreamOf,
} from '../../test/support/upstream-conversations.ts';

const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

test('keeps a session with a server of the SDK: calls, progress, pushes, farewell', async (context) => {
  await using server = await startSessionServer();
  const { channel, upstream, nextPush } = await openConversation(context, 'legacy', { url: server.url });
  await channel.send(notification('notifications/initialized'));
  assert.equal(textOf(await channel.send(callTool(1, 'echo', { text: 'hello' }))), 'hello');
  const steps: unknown[] = [];
  const counted = await channel.send(callTool('1', 'count', {}, { progressToken: 'p' }), {
    interim: (message) => void steps.push('params' in message && message.params['progress']),
  });
  assert.deepEqual([steps, textOf(counted)], [[1, 2, 3], 'three']);

  const pushed = nextPush();
  while (!server.seen.some(({ method }) => method === 'GET')) await after(5);
  await after(50);
  [...server.servers.values()][0]!.sendToolListChanged();
  assert.equal(
    'method' in (await pushed) && ((await pushed) as { method: string }).method,
    'notifications/tools/list_changed',
  );

  assert.equal(upstream.status().open, 1);
  await channel.close();
  assert.equal(upstream.status().open, 0);
  assert.equal(server.seen.at(-1)!.method, 'DELETE');
  assert.equal(server.servers.size, 0);
  const session = server.seen.at(-1)!.headers['mcp-session-id'];
  for (const { headers } of server.seen.slice(1)) {
    assert.equal(headers['mcp-session-id'], session);
    assert.equal(headers['mcp-protocol-version'], '2025-11-25');
  }
});

test('speaks without state to a modern server of the SDK, on few connections', async (context) => {
  await using server = await startDualEraServer();
  const { channel } = await openConversation(context, 'modern', { url: server.url });
  const steps: unknown[] = [];
  for (let id = 0; id < 20; id++) {
    const message = callTool(id, 'echo', { text: `${id}` }, envelope);
    assert.equal(textOf(await channel.send(message, { headers: modernHeaders(message) })), `${id}`);
  }
  const counting = callTool('c', 'count', {}, { ...envelope, progressToken: 'p' });
  const interim = (message: Message): void => void steps.push('params' in message && message.params['progress']);
  await channel.send(counting, { headers: modernHeaders(counting), interim });
  assert.deepEqual(steps, [1, 2, 3]);
  assert.ok(server.connections() <= 2, 'connections are kept and used again');
  assert.ok(server.seen.every(({ headers }) => headers['mcp-session-id'] === undefined));
});

test('passes a JSON-RPC error with status 4xx on as the answer that it is', async (context) => {
  await using server = await startDualEraServer();
  const { channel } = await openConversation(context, 'modern', { url: server.url });
  const unknown = request(1, 'no/such', { _meta: envelope });
  const answer = await channel.send(unknown, { headers: modernHeaders(unknown) });
  assert.equal(answer.error?.code, -32601);
});

test('sends the bytes it was given and keeps those it was answered with', async (context) => {
  const body = '{ "jsonrpc":"2.0",\n"id" : 1, "result":{ "kept" : 1.0 } }';
  await using server = await startByHand((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  const { channel } = await openConversation(context, 'legacy', { url: server.url });
  const raw = Buffer.from('{"method":"x","id":1, "jsonrpc":"2.0","params":{"n":1.50}}');
  const answer = await channel.send({ kind: 'request', id: 1, method: 'x', params: { n: 1.5 }, raw });
  assert.equal(answer.raw.toString(), body);
  assert.deepEqual(server.seen.at(-1)!.body, raw);
});

test('takes the batches of older servers apart, in answers and on streams', async (context) => {
  const part = (message: object): string => JSON.stringify({ jsonrpc: '2.0', ...message });
  const progress = part({ method: 'notifications/progress', params: { progress: 1 } });
  await using server = await startByHand(({ message }, response) => {
    const answer = part({ id: message.id, result: { of: message.method } });
    if (message.method === 'array')
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(`[${progress},${answer}]`);
    if (message.method === 'nothing')
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(`[${progress}]`);
    startStream(response);
    response.end(`data: [${progress},${progress}]\n\ndata: [${progress}, ${answer}]\n\n`);
  });
  const { channel } = await openConversation(context, 'legacy', { url: server.url });
  for (const [method, before] of [
    ['array', 1],
    ['stream', 3],
  ] as const) {
    const heard: Message[] = [];
    const { result } = await channel.send(request(1, method), { interim: (message) => void heard.push(message) });
    assert.deepEqual([result, heard.length, heard[0]!.raw.toString()], [{ of: method }, before, progress]);
  }
  await assert.rejects(channel.send(request(1, 'nothing')), fault('upstream_answer_invalid', /no answer/));
});

test('says that a session is gone, once, and ends the conversation', async (context) => {
  await using server = await startByHand((_, response) => void response.writeHead(404).end());
  const { channel, closed, upstream } = await openConversation(context, 'legacy', { url: server.url });
  const outcomes = await Promise.allSettled([channel.send(callTool(1, 'x')), channel.send(callTool(2, 'x'))]);
  for (const { reason } of outcomes as PromiseRejectedResult[])
    assert.ok(fault('upstream_unavailable', /session is gone/)(reason));
  assert.match(await closed, /session is gone/);
  assert.equal(upstream.status().open, 0);
  await assert.rejects(channel.send(callTool(3, 'x')), fault('upstream_unavailable', /session is gone/));
});

test('tells faults of the server apart, without repeating what it says', async (context) => {
  const jsonRpc = (id: unknown): string => JSON.stringify({ jsonrpc: '2.0', id, result: {} });
  const answers: [string, (response: ServerResponse) => void, ErrorCode, RegExp][] = [
    ['not signed in', (r) => r.writeHead(401).end('token=s3cret'), 'upstream_unavailable', /HTTP 401/],
    [
      'forbidden',
      (r) => answerJson(r, { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'no' } }, 403),
      'upstream_unavailable',
      /HTTP 403/,
    ],
    ['busy', (r) => r.writeHead(429).end(), 'upstream_rate_limited', /no more requests for the moment/],
    ['broken', (r) => r.writeHead(500).end('s3cret'), 'upstream_unavailable', /HTTP 500/],
    [
      'elsewhere',
      (r) => r.writeHead(307, { location: 'http://169.254.169.254/' }).end(),
      'upstream_unavailable',
      /HTTP 307.*not followed/,
    ],
    ['not MCP', (r) => r.writeHead(200).end('<html>s3cret</html>'), 'upstream_answer_invalid', /inspect_not_json/],
    ['nothing', (r) => r.writeHead(202).end(), 'upstream_answer_invalid', /inspect_not_json/],
    ['to another request', (r) => r.writeHead(200).end(jsonRpc('1')), 'upstream_answer_invalid', /another request/],
    [
      'cut off',
      (r) => (r.writeHead(200, { 'content-length': '100' }), r.write('{'), setTimeout(() => r.destroy(), 20)),
      'upstream_unavailable',
      /./,
    ],
    [
      'no answer in the stream',
      (r) => (startStream(r), r.end(': nothing\n\n')),
      'upstream_answer_invalid',
      /without an answer/,
    ],
    [
      'nonsense in the stream',
      (r) => (startStream(r), r.write('data: nonsense\n\n')),
      'upstream_answer_invalid',
      /inspect_not_json/,
    ],
    ['too much', (r) => void r.writeHead(200).end('x'.repeat(3000)), 'upstream_answer_invalid', /exceeds 2048 bytes/],
    [
      'announced too much',
      (r) => (r.writeHead(200, { 'content-length': '3000' }), r.flushHeaders()),
      'upstream_answer_invalid',
      /exceeds 2048/,
    ],
    [
      'too much in one event',
      (r) => (startStream(r), r.write(`data: ${'x'.repeat(3000)}`)),
      'upstream_answer_invalid',
      /exceeds 2048/,
    ],
    ['no head', () => {}, 'upstream_timeout', /1 seconds/],
    ['silence in the stream', (r) => startStream(r), 'upstream_timeout', /1 seconds/],
  ];
  await using server = await startByHand(({ message }, response) => {
    answers.find(([name]) => name === (message.params as { name: string }).name)![1](response);
  });
  const { channel } = await openConversation(context, 'legacy', {
    url: server.url,
    timeoutSeconds: 1,
    maxMessageBytes: 2048,
  });
  await Promise.all(
    answers.map(([name, , code, detail]) =>
      assert.rejects(channel.send(callTool(1, name)), (error: Error) => {
        assert.ok(fault(code, detail)(error), name);
        return !error.message.includes('s3cret');
      }),
    ),
  );
});

test('bounds calls in flight and conversations, and makes room where one is idle', async (context) => {
  await using server = await startByHand(() => {});
  const upstream = upstreamOf(context, { url: server.url, maxChannels: 2, maxCalls: 2 });
  const ended: string[] = [];
  const connect = (name: string) =>
    upstream.connect({ era: 'legacy', onPush: () => {}, onClose: (reason) => ended.push(`${name}: ${reason}`) });
  const { channel: one } = await connect('one');
  const { channel: two } = await connect('two');
  const waiting = one.send(callTool(1, 'x')).catch(() => {});
  const { channel: three } = await connect('three');
  assert.deepEqual(ended, ['two: it made room for another conversation']);
  await assert.rejects(two.send(callTool(1, 'x')), fault('upstream_unavailable', /closed/));
  const alsoWaiting = three.send(callTool(1, 'x')).catch(() => {});
  await assert.rejects(three.send(callTool(2, 'x')), fault('upstream_unavailable', /2 calls are in flight/));
  await assert.rejects(connect('four'), fault('upstream_unavailable', /2 conversations are open and busy/));
  await upstream.close();
  await Promise.all([waiting, alsoWaiting]);
});

test('hands on a cancellation of what is under way or was given up, once, and no other', async (context) => {
  const heard: unknown[] = [];
  await using server = await startByHand(({ message }, response) => {
    if (message.id === 'answered') return answerJson(response, { jsonrpc: '2.0', id: message.id, result: {} });
    if (message.id !== undefined) return;
    heard.push(message.params!['requestId']);
    response.writeHead(202).end();
  });
  const { channel } = await openConversation(context, 'legacy', { url: server.url, timeoutSeconds: 1 });
  const given = new AbortController();
  const left = channel.send(callTool('given up', 'x'), { signal: given.signal });
  const late = channel.send(callTool('too late', 'x'));
  await channel.send(callTool('answered', 'x'));
  given.abort(new Error('enough'));
  await assert.rejects(left, /enough/);
  const cancel = async (...ids: string[]): Promise<void> => {
    for (const requestId of ids) await channel.send(notification('notifications/cancelled', { requestId }));
  };
  await cancel('answered', 'never was', 'given up', 'given up');
  await assert.rejects(late, fault('upstream_timeout', /1 seconds/));
  await cancel('too late', 'too late');
  assert.deepEqual(heard, ['given up', 'too late']);
});

test('closes a conversation that nobody uses', async (context) => {
  await using server = await startByHand((_, response) => void response.writeHead(202).end());
  const { closed, upstream } = await openConversation(context, 'legacy', { url: server.url, idleSeconds: 1 });
  assert.match(await closed, /not used/);
  assert.equal(upstream.status().open, 0);
});

test('sends secrets as headers and never a word of them elsewhere', async (context) => {
  await using server = await startByHand((_, response) => void response.writeHead(500).end());
  const headers = { authorization: { source: 'env', name: 'TOKEN' } };
  const { channel, upstream } = await openConversation(context, 'legacy', { url: server.url, headers });
  assert.equal(server.seen[0]!.headers.authorization, 'secret of TOKEN');
  await assert.rejects(
    channel.send(callTool(1, 'x')),
    (error: Error) => !JSON.stringify([error, error.message, error.stack]).includes('secret of'),
  );
  assert.ok(!JSON.stringify(upstream.status()).includes('secret of'));
});

test('a dead server is dead at once after three attempts, and another is not affected', async (context) => {
  const gone = await startByHand(() => {});
  await gone[Symbol.asyncDispose]();
  const dead = upstreamOf(context, { url: gone.url });
  await using server = await startSessionServer();
  const alive = await openConversation(context, 'legacy', { url: server.url });
  for (let attempt = 0; attempt < 3; attempt++)
    await assert.rejects(dead.eraFor('modern'), fault('upstream_unavailable', /ECONNREFUSED/));
  await assert.rejects(dead.eraFor('modern'), fault('upstream_unavailable', /a moment ago/));
  assert.equal(textOf(await alive.channel.send(callTool(1, 'echo', { text: 'fine' }))), 'fine');
});
