// Tests of event streams from HTTP servers: read in any pieces, held back, gone on with, given up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { notification } from '../protocol/message.ts';
import { answerJson, initializeResult, startHttpUpstream } from '../../test/support/http-upstream.ts';
import {
  callTool,
  fault,
  openConversation,
  startByHand,
  startStream,
  textOf,
} from '../../test/support/upstream-conversations.ts';

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
  const { channel } = await openConversation(context, 'legacy', { url: server.url });
  const before: string[] = [];
  const answer = await channel.send(callTool(1, 'x'), {
    interim: (message) => void before.push(message.raw.toString()),
  });
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
  const { channel } = await openConversation(context, 'legacy', { url: server.url });
  const gate = Promise.withResolvers<void>();
  let taken = 0;
  const answer = channel.send(callTool(1, 'x'), { interim: () => (taken++, gate.promise) });
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
  const { channel } = await openConversation(context, 'legacy', { url: server.url });
  assert.equal(textOf(await channel.send(callTool(1, 'x'))), 'resumed');
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
  const { channel, nextPush, pushes } = await openConversation(context, 'legacy', { url: server.url });
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
    const opened = await openConversation(context, 'legacy', { url: without.url });
    await opened.channel.send(notification('notifications/initialized'));
    await opened.channel.send(notification('notifications/roots/list_changed'));
    await after(1500);
    assert.equal(without.seen.filter(({ method }) => method === 'GET').length, 1);
    assert.equal(opened.upstream.status().open, 1);
  }
});

test('does not count keep-alives and events as silence', async (context) => {
  await using server = await startByHand(async (seen, response) => {
    startStream(response);
    for (let count = 0; count < 8; count++) {
      await after(500);
      response.write(': keep-alive\n\n');
    }
    response.end(
      `data: {"jsonrpc":"2.0","id":${seen.message.id},"result":{"content":[{"type":"text","text":"at last"}]}}\n\n`,
    );
  });
  const { channel } = await openConversation(context, 'legacy', { url: server.url, timeoutSeconds: 3 });
  assert.equal(textOf(await channel.send(callTool(1, 'x'))), 'at last');
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
    const { channel } = await openConversation(context, era, { url: server.url });
    const giveUp = new AbortController();
    const answer = channel.send(callTool(1, 'x'), { signal: giveUp.signal });
    await heard.promise;
    giveUp.abort(new Error('left'));
    await assert.rejects(answer, /left/);
    const outcome = await Promise.race([cut.promise, after(300, 'open')]);
    assert.equal(outcome, era === 'modern' ? 'cut' : 'open');
  }
});

test('a call given up while its stream is held back disturbs nothing', async (context) => {
  await using server = await startByHand((seen, response) => {
    startStream(response);
    const event = `data: ${notification('notifications/message', {}).raw}\n\n`;
    response.write(event + event);
    setTimeout(() => response.end(`data: {"jsonrpc":"2.0","id":${seen.message.id},"result":{}}\n\n`), 100);
  });
  for (const era of ['legacy', 'modern'] as const) {
    const { channel, upstream } = await openConversation(context, era, { url: server.url });
    const giveUp = new AbortController();
    let taken = 0;
    const interim = (): Promise<void> => {
      taken++;
      giveUp.abort(new Error('left'));
      return Promise.reject(new Error('cannot write'));
    };
    await assert.rejects(channel.send(callTool(1, 'x'), { interim, signal: giveUp.signal }), /left/);
    assert.deepEqual((await channel.send(callTool(2, 'x'))).result, {});
    assert.equal(taken, 1);
    assert.equal(upstream.status().lastError, undefined);
  }
});

test('a call whose owner cannot take a message fails with that very error', async (context) => {
  await using server = await startByHand((_, response) => {
    startStream(response);
    response.write(`data: ${notification('notifications/message', {}).raw}\n\n`);
  });
  const { channel } = await openConversation(context, 'legacy', { url: server.url });
  for (const interim of [() => Promise.reject(new Error('pipe broke')), () => assert.fail('pipe broke')]) {
    await assert.rejects(channel.send(callTool(1, 'x'), { interim }), /pipe broke/);
  }
});

test('gives up waiting for a stream to go on when the call is given up', async (context) => {
  await using server = await startByHand((_, response) => {
    startStream(response);
    response.end('id: event-1\nretry: 500\ndata:\n\n');
  });
  const { channel } = await openConversation(context, 'legacy', { url: server.url });
  const giveUp = new AbortController();
  const answer = channel.send(callTool(1, 'x'), { signal: giveUp.signal });
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
  const { channel } = await openConversation(context, 'legacy', { url: server.url });
  await assert.rejects(channel.send(callTool(1, 'x')), fault('upstream_answer_invalid', /without an answer/));
  assert.equal(server.seen.filter(({ method }) => method === 'GET').length, 5);
});
