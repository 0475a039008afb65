// Tests of what an upstream does for all of its conversations: owners that fail, and bounds of one kind that leave room for another.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { notification, request } from '../protocol/message.ts';
import type { Message } from '../protocol/message.ts';
import { answerJson, initializeResult, startHttpUpstream } from '../../test/support/http-upstream.ts';
import {
  callTool,
  fault,
  startByHand,
  startStream,
  textOf,
  upstreamOf,
} from '../../test/support/upstream-conversations.ts';
import { hostileServer } from '../../test/support/upstream-neighbours.ts';
import type { Connection, Upstream } from './channel.ts';
import { maxLightChannels } from './limits.ts';

const failing: Record<string, () => void | Promise<void>> = {
  'at once': () => assert.fail('the owner broke'),
  later: () => Promise.reject(new Error('the owner broke')),
};

/** Opens a conversation whose owner fails to hear anything, even of its end. */
function openFailing(upstream: Upstream, fail: () => void | Promise<void>): Promise<[Connection, Promise<string>]> {
  const ended = Promise.withResolvers<string>();
  const onClose = (reason: string): void | Promise<void> => {
    ended.resolve(reason);
    return fail();
  };
  return upstream.connect({ era: 'legacy', onPush: fail, onClose }).then((opened) => [opened, ended.promise]);
}

async function openCalm(
  context: TestContext,
  upstream: Upstream,
  pushes: Message[] = [],
): Promise<Connection['channel']> {
  const { channel } = await upstream.connect({ era: 'legacy', onPush: (m) => void pushes.push(m), onClose: () => {} });
  context.after(() => channel.close());
  return channel;
}

// An exception that nobody catches would fail these tests, as it would end the process.
for (const [when, fail] of Object.entries(failing)) {
  test(`over stdio, an owner that fails ${when} to hear its server loses its conversation and nobody else's`, async (context) => {
    const upstream = upstreamOf(context, { command: hostileServer() });
    const bystander = await openCalm(context, upstream);
    const [{ channel }, ended] = await openFailing(upstream, fail);
    const call = channel.send(callTool(1, 'progress', {}, { progressToken: 'nobody waits with it' }));
    assert.match(await ended, /owner failed/);
    // What is sure is that nothing hangs: an answer in the same breath may still count.
    await call.catch((error: unknown) => fault('upstream_unavailable', /it was closed/)(error));
    await assert.rejects(channel.send(callTool(2, 'echo')), fault('upstream_unavailable', /it was closed/));
    assert.equal(textOf(await bystander.send(callTool(1, 'echo', { text: 'still here' }))), 'still here');
    assert.equal(upstream.status().open, 1);
  });

  test(`over HTTP, an owner that fails ${when} to hear the stream of pushes loses its conversation and nobody else's`, async (context) => {
    await using server = await startHttpUpstream((seen, response) => {
      if (seen.message.method === 'initialize') return answerJson(response, initializeResult(seen.message.id));
      if (seen.method !== 'GET') return void response.writeHead(202).end();
      startStream(response);
      response.write(`data: ${notification('notifications/message', { data: 1 }).raw}\n\n`.repeat(3));
    });
    const upstream = upstreamOf(context, { url: server.url });
    const bystander = await openCalm(context, upstream);
    const [{ channel }, ended] = await openFailing(upstream, fail);
    await channel.send(notification('notifications/initialized'));
    assert.match(await ended, /owner failed/);
    await assert.rejects(channel.send(callTool(1, 'x')), fault('upstream_unavailable', /it was closed/));
    await bystander.send(notification('notifications/roots/list_changed'));
    assert.equal(upstream.status().open, 1);
  });

  test(`an owner that fails ${when} to hear that its child died disturbs nobody`, async (context) => {
    const upstream = upstreamOf(context, { command: hostileServer() });
    const [{ channel }, ended] = await openFailing(upstream, fail);
    await assert.rejects(channel.send(callTool(1, 'die with last words')), fault('upstream_unavailable', /code 7/));
    assert.match(await ended, /code 7/);
    assert.equal(upstream.status().open, 0);
  });

  test(`an owner that fails ${when} to take what precedes an answer loses that call alone`, async (context) => {
    const upstream = upstreamOf(context, { command: hostileServer() });
    const channel = await openCalm(context, upstream);
    const call = channel.send(callTool(1, 'progress', {}, { progressToken: 1 }), { interim: fail });
    await assert.rejects(call, /the owner broke/);
    assert.equal(textOf(await channel.send(callTool(2, 'echo', { text: 'still here' }))), 'still here');
  });
}

/** Hears one message at a time, each for some turns of the event loop. */
function slowOwner() {
  const all = Promise.withResolvers<void>();
  let [hearing, most, heard] = [0, 0, 0];
  async function onPush(): Promise<void> {
    most = Math.max(most, ++hearing);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    hearing--;
    if (++heard === 3) all.resolve();
  }
  return { onPush, onClose: () => {}, all: all.promise, most: () => most, heard: () => heard };
}

test('a child is not read on before its owner has heard it, and its answer comes after what it said before', async (context) => {
  const upstream = upstreamOf(context, { command: hostileServer() });
  const owner = slowOwner();
  const { channel } = await upstream.connect({ era: 'legacy', ...owner });
  await channel.send(callTool(1, 'progress', {}, { progressToken: 'nobody waits with it' }));
  assert.deepEqual([owner.heard(), owner.most()], [6, 1]);
});

for (const [how, text] of Object.entries({
  'in events': `data: ${notification('notifications/message', { data: 1 }).raw}\n\n`.repeat(3),
  'in a batch': `data: [${Array(3)
    .fill(notification('notifications/message', { data: 1 }).raw)
    .join()}]\n\n`,
}))
  test(`a stream of pushes is not read on before its owner has heard it (${how})`, async (context) => {
    await using server = await startHttpUpstream((seen, response) => {
      if (seen.message.method === 'initialize') return answerJson(response, initializeResult(seen.message.id));
      if (seen.method !== 'GET') return void response.writeHead(202).end();
      startStream(response);
      response.write(text);
    });
    const owner = slowOwner();
    const { channel } = await upstreamOf(context, { url: server.url }).connect({ era: 'legacy', ...owner });
    await channel.send(notification('notifications/initialized'));
    await owner.all;
    assert.equal(owner.most(), 1);
  });

test('closes every conversation although the owner of one fails to hear of it', async (context) => {
  const upstream = upstreamOf(context, { command: hostileServer() });
  await openFailing(upstream, failing['at once']!);
  await openCalm(context, upstream);
  await upstream.close();
  assert.equal(upstream.status().open, 0);
});

test('subscriptions take no room from calls, and have a bound of their own', async (context) => {
  await using server = await startByHand(({ message }, response) => {
    if (message.method === 'subscriptions/listen') return startStream(response);
    answerJson(response, { jsonrpc: '2.0', id: message.id, result: { content: [{ type: 'text', text: 'answered' }] } });
  });
  const upstream = upstreamOf(context, { url: server.url, maxCalls: 1, maxListens: 2 });
  const { channel } = await upstream.connect({ era: 'modern', onPush: () => {}, onClose: () => {} });
  const givenUp = new AbortController();
  const listen = (id: number): Promise<unknown> =>
    channel.send(request(id, 'subscriptions/listen'), { signal: givenUp.signal });
  const open = [listen(1), listen(2)].map((each) => assert.rejects(each, /enough/));
  await assert.rejects(listen(3), fault('upstream_unavailable', /2 subscriptions are open/));
  assert.equal(textOf(await channel.send(callTool(4, 'x'))), 'answered');
  givenUp.abort(new Error('enough'));
  await Promise.all(open);
});

test('one person has at most three quarters of the conversations, and gives up idle ones of their own for more', async (context) => {
  await using server = await startByHand(() => {});
  const upstream = upstreamOf(context, { url: server.url, maxChannels: 8 });
  const ended: string[] = [];
  const connect = async (person: string): Promise<Connection['channel']> => {
    const onClose = (): void => void ended.push(person);
    return (await upstream.connect({ era: 'legacy', person, onPush: () => {}, onClose })).channel;
  };
  const waiting: Promise<unknown>[] = [];
  const busy = async (person: string): Promise<void> =>
    void waiting.push((await connect(person)).send(callTool(1, 'x')).catch(() => {}));
  for (let count = 0; count < 8; count++) await connect('erin'); // idle ones count: they may be busy in a moment
  assert.deepEqual([upstream.status().open, ended], [6, ['erin', 'erin']]);
  for (let count = 0; count < 6; count++) await busy('erin');
  await assert.rejects(connect('erin'), fault('upstream_unavailable', /one person has 6 of 8/));
  for (let count = 0; count < 2; count++) await busy('dana');
  await assert.rejects(connect('omar'), fault('upstream_unavailable', /8 conversations are open and busy/));
  assert.ok(ended.every((person) => person === 'erin'));
  await upstream.close();
  await Promise.all(waiting);
});

test('modern conversations are gone once closed, and those that nobody closes are bounded', async (context) => {
  await using server = await startByHand(() => {});
  const upstream = upstreamOf(context, { url: server.url, maxChannels: 1 });
  const ended: string[] = [];
  const open = (): Promise<Connection> =>
    upstream.connect({ era: 'modern', onPush: () => {}, onClose: (reason) => void ended.push(reason) });
  const { channel } = await open();
  await channel.close();
  assert.equal(upstream.status().open, 0);
  for (let count = 0; count < maxLightChannels + 2; count++) await open();
  assert.equal(upstream.status().open, maxLightChannels);
  assert.deepEqual(ended, Array(2).fill('it made room for another conversation'));
  assert.equal(server.seen.length, 0);
});
