// Tests of conversations over HTTP: with servers of the official SDK, and with one written by hand for what those never do.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { GenkanError } from '../base/errors.ts';
import type { ErrorCode } from '../base/errors.ts';
import { modernHeaders } from '../protocol/headers.ts';
import { notification, request } from '../protocol/message.ts';
import type { Era, Message, RequestId, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { answerJson, initializeResult, startHttpUpstream } from '../../test/support/http-upstream.ts';
import type { SeenRequest } from '../../test/support/http-upstream.ts';
import { startDualEraServer, startSessionServer } from '../../test/support/sdk-servers.ts';
import { plainNeighbours } from '../../test/support/upstream-neighbours.ts';
import type { Channel, Upstream } from './channel.ts';
import { serverSettings } from './settings.ts';
import { createUpstream } from './upstream.ts';

interface Opened {
  readonly upstream: Upstream;
  readonly channel: Channel;
  readonly pushes: Message[];
  readonly nextPush: () => Promise<Message>;
  readonly closed: Promise<string>;
}

function upstreamAt(context: TestContext, url: string, settings: object = {}): Upstream {
  const upstream = createUpstream('sample', serverSettings.parse({ url, ...settings }), plainNeighbours);
  context.after(() => upstream.close());
  return upstream;
}

async function open(context: TestContext, era: Era, url: string, settings: object = {}): Promise<Opened> {
  const upstream = upstreamAt(context, url, settings);
  const pushes: Message[] = [];
  let wake = Promise.withResolvers<Message>();
  const { promise: closed, resolve: onClose } = Promise.withResolvers<string>();
  const onPush = (message: Message): void => {
    pushes.push(message);
    wake.resolve(message);
    wake = Promise.withResolvers();
  };
  const { channel } = await upstream.connect({ era, onPush, onClose });
  return { upstream, channel, pushes, nextPush: () => wake.promise, closed };
}

const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const call = (id: RequestId, name: string, args: object = {}, meta: object = {}): RequestMessage =>
  request(id, 'tools/call', { name, arguments: args, _meta: meta });

const textOf = ({ result }: ResponseMessage): string => (result as { content: [{ text: string }] }).content[0].text;

const fault = (code: ErrorCode, detail: RegExp) => (error: unknown) => {
  assert.ok(error instanceof GenkanError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, detail);
  return true;
};

/** A server by hand that opens a session and leaves every other POST to `handle`. */
const startByHand = (handle: (request: SeenRequest, response: ServerResponse) => void, get = 405) =>
  startHttpUpstream((seen, response) => {
    if (seen.method !== 'POST') return void response.writeHead(seen.method === 'GET' ? get : 200).end();
    if (seen.message.method === 'initialize') {
      return answerJson(response, initializeResult(seen.message.id), 200, { 'mcp-session-id': 'session-1' });
    }
    return handle(seen, response);
  });

const startStream = (response: ServerResponse): void =>
  void response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();

test('keeps a session with a server of the SDK: calls, progress, pushes, farewell', async (context) => {
  await using server = await startSessionServer();
  const { channel, upstream, nextPush } = await open(context, 'legacy', server.url);
  await channel.send(notification('notifications/initialized'));
  assert.equal(textOf(await channel.send(call(1, 'echo', { text: 'hello' }))), 'hello');
  const steps: unknown[] = [];
  const counted = await channel.send(call('1', 'count', {}, { progressToken: 'p' }), {
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
  const { channel } = await open(context, 'modern', server.url);
  const steps: unknown[] = [];
  for (let id = 0; id < 20; id++) {
    const message = call(id, 'echo', { text: `${id}` }, envelope);
    assert.equal(textOf(await channel.send(message, { headers: modernHeaders(message) })), `${id}`);
  }
  const counting = call('c', 'count', {}, { ...envelope, progressToken: 'p' });
  const interim = (message: Message): void => void steps.push('params' in message && message.params['progress']);
  await channel.send(counting, { headers: modernHeaders(counting), interim });
  assert.deepEqual(steps, [1, 2, 3]);
  assert.ok(server.connections() <= 2, 'connections are kept and used again');
  assert.ok(server.seen.every(({ headers }) => headers['mcp-session-id'] === undefined));
});

test('passes a JSON-RPC error with status 4xx on as the answer that it is', async (context) => {
  await using server = await startDualEraServer();
  const { channel } = await open(context, 'modern', server.url);
  const unknown = request(1, 'no/such', { _meta: envelope });
  const answer = await channel.send(unknown, { headers: modernHeaders(unknown) });
  assert.equal(answer.error?.code, -32601);
});

test('sends the bytes it was given and keeps those it was answered with', async (context) => {
  const body = '{ "jsonrpc":"2.0",\n"id" : 1, "result":{ "kept" : 1.0 } }';
  await using server = await startByHand((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  const { channel } = await open(context, 'legacy', server.url);
  const raw = Buffer.from('{"method":"x","id":1, "jsonrpc":"2.0","params":{"n":1.50}}');
  const answer = await channel.send({ kind: 'request', id: 1, method: 'x', params: { n: 1.5 }, raw });
  assert.equal(answer.raw.toString(), body);
  assert.deepEqual(server.seen.at(-1)!.body, raw);
});

test('reads event streams however their bytes are cut', async (context) => {
  const stream =
    ': keep-alive\r\n\r\nevent: message\r\ndata: {"jsonrpc":"2.0","method":"notifications/message","params":{"data":"ü"}}\r\n\r\n' +
    'data: {"jsonrpc":"2.0",\ndata: "id":1,"result":{"content":[{"type":"text","text":"café"}]}}\n\n';
  await using server = await startByHand(async (_, response) => {
    startStream(response);
    for (const byte of Buffer.from(stream)) {
      if (!response.write(Buffer.of(byte))) await new Promise((resolve) => response.once('drain', resolve));
      await new Promise(setImmediate);
    }
    response.end();
  });
  const { channel } = await open(context, 'legacy', server.url);
  const before: string[] = [];
  const answer = await channel.send(call(1, 'x'), { interim: (message) => void before.push(message.raw.toString()) });
  assert.equal(textOf(answer), 'café');
  assert.equal(before.length, 1);
  assert.match(before[0]!, /ü/);
});

test('holds a stream back while the owner of the request is busy', async (context) => {
  let written = 0;
  const event = `data: ${notification('notifications/message', { data: 'x'.repeat(60_000) }).raw}\n\n`;
  await using server = await startByHand(async (seen, response) => {
    startStream(response);
    for (let count = 0; count < 400; count++) {
      if (!response.write(event)) await new Promise((resolve) => response.once('drain', resolve));
      written++;
    }
    response.end(`data: {"jsonrpc":"2.0","id":${seen.message.id},"result":{}}\n\n`);
  });
  const { channel } = await open(context, 'legacy', server.url);
  const gate = Promise.withResolvers<void>();
  let taken = 0;
  const answer = channel.send(call(1, 'x'), { interim: () => (taken++, gate.promise) });
  await after(500);
  assert.equal(taken, 1);
  assert.ok(written < 350, `${written} of 400 events were written although nobody took them`);
  gate.resolve();
  await answer;
  assert.equal(taken, 400);
});

test('goes on with a stream that ends before its answer, after the time that the server asks for', async (context) => {
  let endedAtMs = 0;
  let resumedAtMs = 0;
  await using server = await startHttpUpstream((seen, response) => {
    if (seen.message.method === 'initialize') return answerJson(response, initializeResult(seen.message.id));
    startStream(response);
    if (seen.method === 'POST') {
      response.end('id: event-1\nretry: 300\ndata:\n\n');
      endedAtMs = performance.now();
    } else {
      resumedAtMs = performance.now();
      assert.equal(seen.headers['last-event-id'], 'event-1');
      response.end(
        'id: event-2\ndata: {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"resumed"}]}}\n\n',
      );
    }
  });
  const { channel } = await open(context, 'legacy', server.url);
  assert.equal(textOf(await channel.send(call(1, 'x'))), 'resumed');
  assert.ok(resumedAtMs - endedAtMs >= 290);
});

test('opens the stream for pushes again when it breaks, and not at all where there is none', async (context) => {
  let gets = 0;
  await using server = await startHttpUpstream((seen, response) => {
    if (seen.message.method === 'initialize') return answerJson(response, initializeResult(seen.message.id));
    if (seen.method !== 'GET') return void response.writeHead(202).end();
    gets++;
    startStream(response);
    response.write(
      `id: event-${gets}\nretry: 100\ndata: ${notification('notifications/message', { data: gets }).raw}\n\n`,
      () => {
        if (gets === 1) response.destroy();
      },
    );
  });
  const { channel, nextPush, pushes } = await open(context, 'legacy', server.url);
  assert.equal(gets, 0);
  const first = nextPush();
  await channel.send(notification('notifications/initialized'));
  await first;
  await nextPush();
  assert.deepEqual(
    pushes.map((message) => 'params' in message && message.params['data']),
    [1, 2],
  );
  assert.equal(server.seen.at(-1)!.headers['last-event-id'], 'event-1');

  for (const status of [404, 405]) {
    await using without = await startByHand((_, response) => void response.writeHead(202).end(), status);
    const opened = await open(context, 'legacy', without.url);
    await opened.channel.send(notification('notifications/initialized'));
    await opened.channel.send(notification('notifications/roots/list_changed'));
    await after(1500);
    assert.equal(without.seen.filter(({ method }) => method === 'GET').length, 1);
    assert.equal(opened.upstream.status().open, 1);
  }
});

test('says that a session is gone, once, and ends the conversation', async (context) => {
  await using server = await startByHand((_, response) => void response.writeHead(404).end());
  const { channel, closed, upstream } = await open(context, 'legacy', server.url);
  const outcomes = await Promise.allSettled([channel.send(call(1, 'x')), channel.send(call(2, 'x'))]);
  for (const { reason } of outcomes as PromiseRejectedResult[])
    assert.ok(fault('upstream_unavailable', /session is gone/)(reason));
  assert.match(await closed, /session is gone/);
  assert.equal(upstream.status().open, 0);
  await assert.rejects(channel.send(call(3, 'x')), fault('upstream_unavailable', /session is gone/));
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
    ['busy', (r) => r.writeHead(429).end(), 'upstream_unavailable', /HTTP 429/],
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
  const { channel } = await open(context, 'legacy', server.url, { timeoutSeconds: 1, maxMessageBytes: 2048 });
  await Promise.all(
    answers.map(([name, , code, detail]) =>
      assert.rejects(channel.send(call(1, name)), (error: Error) => {
        assert.ok(fault(code, detail)(error), name);
        return !error.message.includes('s3cret');
      }),
    ),
  );
});

test('does not count keep-alives and events as silence', async (context) => {
  await using server = await startByHand(async (seen, response) => {
    startStream(response);
    for (let count = 0; count < 5; count++) {
      await after(500);
      response.write(': keep-alive\n\n');
    }
    response.end(
      `data: {"jsonrpc":"2.0","id":${seen.message.id},"result":{"content":[{"type":"text","text":"at last"}]}}\n\n`,
    );
  });
  const { channel } = await open(context, 'legacy', server.url, { timeoutSeconds: 1.5 });
  assert.equal(textOf(await channel.send(call(1, 'x'))), 'at last');
});

test('closes the stream of a call that was given up only where that means to cancel it', async (context) => {
  for (const era of ['legacy', 'modern'] as const) {
    const cut = Promise.withResolvers<'cut'>();
    const heard = Promise.withResolvers<void>();
    await using server = await startByHand((_, response) => {
      startStream(response);
      heard.resolve();
      response.on('close', () => cut.resolve('cut'));
    });
    const { channel } = await open(context, era, server.url);
    const giveUp = new AbortController();
    const answer = channel.send(call(1, 'x'), { signal: giveUp.signal });
    await heard.promise;
    giveUp.abort(new Error('left'));
    await assert.rejects(answer, /left/);
    const outcome = await Promise.race([cut.promise, after(300, 'open')]);
    assert.equal(outcome, era === 'modern' ? 'cut' : 'open');
  }
});

test('bounds calls in flight and conversations, and makes room where one is idle', async (context) => {
  await using server = await startByHand(() => {});
  const upstream = upstreamAt(context, server.url, { maxChannels: 2, maxCalls: 2 });
  const ended: string[] = [];
  const connect = (name: string) =>
    upstream.connect({ era: 'legacy', onPush: () => {}, onClose: (reason) => ended.push(`${name}: ${reason}`) });
  const { channel: one } = await connect('one');
  const { channel: two } = await connect('two');
  const waiting = one.send(call(1, 'x')).catch(() => {});
  const { channel: three } = await connect('three');
  assert.deepEqual(ended, ['two: it made room for another conversation']);
  await assert.rejects(two.send(call(1, 'x')), fault('upstream_unavailable', /closed/));
  const alsoWaiting = three.send(call(1, 'x')).catch(() => {});
  await assert.rejects(three.send(call(2, 'x')), fault('upstream_unavailable', /2 calls are in flight/));
  await assert.rejects(connect('four'), fault('upstream_unavailable', /2 conversations are open and busy/));
  await upstream.close();
  await Promise.all([waiting, alsoWaiting]);
});

test('closes a conversation that nobody uses', async (context) => {
  await using server = await startByHand((_, response) => void response.writeHead(202).end());
  const { closed, upstream } = await open(context, 'legacy', server.url, { idleSeconds: 1 });
  assert.match(await closed, /not used/);
  assert.equal(upstream.status().open, 0);
});

test('sends secrets as headers and never a word of them elsewhere', async (context) => {
  await using server = await startByHand((_, response) => void response.writeHead(500).end());
  const headers = { authorization: { source: 'env', name: 'TOKEN' } };
  const { channel, upstream } = await open(context, 'legacy', server.url, { headers });
  assert.equal(server.seen[0]!.headers.authorization, 'secret of TOKEN');
  await assert.rejects(
    channel.send(call(1, 'x')),
    (error: Error) => !JSON.stringify([error, error.message, error.stack]).includes('secret of'),
  );
  assert.ok(!JSON.stringify(upstream.status()).includes('secret of'));
});

test('a dead server is dead at once after three attempts, and another is not affected', async (context) => {
  const gone = await startByHand(() => {});
  await gone[Symbol.asyncDispose]();
  const dead = upstreamAt(context, gone.url);
  await using server = await startSessionServer();
  const alive = await open(context, 'legacy', server.url);
  for (let attempt = 0; attempt < 3; attempt++)
    await assert.rejects(dead.eras(), fault('upstream_unavailable', /ECONNREFUSED/));
  const before = performance.now();
  await assert.rejects(dead.eras(), fault('upstream_unavailable', /a moment ago/));
  assert.ok(performance.now() - before < 50);
  assert.equal(textOf(await alive.channel.send(call(1, 'echo', { text: 'fine' }))), 'fine');
});

test('a call given up while its stream is held back disturbs nothing', async (context) => {
  await using server = await startByHand((seen, response) => {
    startStream(response);
    const event = `data: ${notification('notifications/message', {}).raw}\n\n`;
    response.write(event + event);
    setTimeout(() => response.end(`data: {"jsonrpc":"2.0","id":${seen.message.id},"result":{}}\n\n`), 100);
  });
  for (const era of ['legacy', 'modern'] as const) {
    const { channel, upstream } = await open(context, era, server.url);
    const giveUp = new AbortController();
    let taken = 0;
    const interim = (): Promise<void> => {
      taken++;
      giveUp.abort(new Error('left'));
      return Promise.reject(new Error('cannot write'));
    };
    await assert.rejects(channel.send(call(1, 'x'), { interim, signal: giveUp.signal }), /left/);
    assert.deepEqual((await channel.send(call(2, 'x'))).result, {});
    assert.equal(taken, 1);
    assert.equal(upstream.status().lastError, undefined);
  }
});

test('a call whose owner cannot take a message fails with that very error', async (context) => {
  await using server = await startByHand((_, response) => {
    startStream(response);
    response.write(`data: ${notification('notifications/message', {}).raw}\n\n`);
  });
  const { channel } = await open(context, 'legacy', server.url);
  for (const interim of [() => Promise.reject(new Error('pipe broke')), () => assert.fail('pipe broke')]) {
    await assert.rejects(channel.send(call(1, 'x'), { interim }), /pipe broke/);
  }
});

test('gives up waiting for a stream to go on when the call is given up', async (context) => {
  await using server = await startByHand((_, response) => {
    startStream(response);
    response.end('id: event-1\nretry: 500\ndata:\n\n');
  });
  const { channel } = await open(context, 'legacy', server.url);
  const giveUp = new AbortController();
  const answer = channel.send(call(1, 'x'), { signal: giveUp.signal });
  await after(100);
  giveUp.abort(new Error('left'));
  await assert.rejects(answer, /left/);
  await after(700);
  assert.equal(server.seen.filter(({ method }) => method === 'GET').length, 0);
});

test('stops going on with a stream that never gets anywhere', async (context) => {
  await using server = await startHttpUpstream((seen, response) => {
    if (seen.message.method === 'initialize') return answerJson(response, initializeResult(seen.message.id));
    startStream(response);
    response.end('id: event-1\nretry: 100\ndata:\n\n');
  });
  const { channel } = await open(context, 'legacy', server.url);
  await assert.rejects(channel.send(call(1, 'x')), fault('upstream_answer_invalid', /without an answer/));
  assert.equal(server.seen.filter(({ method }) => method === 'GET').length, 5);
});
