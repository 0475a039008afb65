// Tests of conversations with child processes: real ones, and one that misbehaves on request.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { notification, request } from '../protocol/message.ts';
import type { Message } from '../protocol/message.ts';
import { callTool, fault, openConversation, textOf, upstreamOf } from '../../test/support/upstream-conversations.ts';
import { hostileServer, withoutNetwork } from '../../test/support/upstream-neighbours.ts';

test('talks to a real server and hands its progress to the request that asked for it', async (context) => {
  const program = path.join(import.meta.dirname, '../../node_modules/.bin/mcp-server-everything');
  const { channel } = await openConversation(context, 'legacy', { command: withoutNetwork([program, 'stdio']) });
  await channel.send(notification('notifications/initialized'));
  const tools = (await channel.send(request(1, 'tools/list'))).result?.['tools'] as { name: string }[];
  assert.ok(tools.some(({ name }) => name === 'echo'));
  const steps: unknown[] = [];
  const args = { duration: 0.3, steps: 3 };
  const long = await channel.send(callTool('a', 'trigger-long-running-operation', args, { progressToken: 'token' }), {
    interim: (message) => void steps.push('params' in message && message.params['progress']),
  });
  assert.deepEqual(steps, [1, 2, 3]);
  assert.match(textOf(long), /completed/);
});

test('keeps the bytes that the child wrote', async (context) => {
  const { channel } = await openConversation(context, 'legacy', { command: hostileServer() });
  const { raw } = await channel.send(callTool(1, 'echo', { text: 'ö\n' }));
  assert.equal(raw.toString(), '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"ö\\n"}]}}');
});

test('reads on after lines that are not MCP', async (context) => {
  const { channel } = await openConversation(context, 'legacy', { command: hostileServer() });
  assert.equal(textOf(await channel.send(callTool(1, 'junk lines'))), 'after junk');
});

test('takes a batch apart', async (context) => {
  const { channel, pushes } = await openConversation(context, 'legacy', { command: hostileServer() });
  assert.equal(textOf(await channel.send(callTool(1, 'in a batch'))), 'batched');
  assert.deepEqual(
    pushes.map(({ raw }) => raw.toString()),
    ['{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'],
  );
});

test('gives a response only to the request with its very id', async (context) => {
  const { channel, pushes } = await openConversation(context, 'legacy', { command: hostileServer() });
  assert.equal(textOf(await channel.send(callTool(7, 'answer as the other type'))), 'for you');
  assert.equal(textOf(await channel.send(callTool(8, 'answer twice'))), 'first');
  assert.equal(textOf(await channel.send(callTool('8', 'echo', { text: 'next' }))), 'next');
  assert.deepEqual(pushes, []);
});

test('refuses an id that is in use, also by a call that was given up', async (context) => {
  const { channel } = await openConversation(context, 'legacy', { command: hostileServer() });
  const giveUp = new AbortController();
  const first = channel.send(callTool(1, 'never answer'), { signal: giveUp.signal });
  await assert.rejects(channel.send(callTool(1, 'echo')), fault('inspect_not_jsonrpc', /in use/));
  giveUp.abort(new Error('gone'));
  await assert.rejects(first, /gone/);
  await assert.rejects(channel.send(callTool(1, 'echo')), fault('inspect_not_jsonrpc', /in use/));
});

test('hands over what belongs to no request', async (context) => {
  const { channel, pushes } = await openConversation(context, 'legacy', { command: hostileServer() });
  const steps: Message[] = [];
  await channel.send(callTool(1, 'progress', {}, { progressToken: 1 }), {
    interim: (message) => void steps.push(message),
  });
  assert.equal(steps.length, 3);
  assert.deepEqual(
    pushes.map((message) => 'method' in message && message.method),
    ['notifications/progress', 'notifications/message', 'elicitation/create'],
  );
});

test('holds the stream back while the owner of a request is busy, and no longer than the request is open', async (context) => {
  const { channel } = await openConversation(context, 'legacy', { command: hostileServer() });
  const gate = Promise.withResolvers<void>();
  const steps: number[] = [];
  const slow = channel.send(callTool(1, 'progress', {}, { progressToken: 'slow' }), {
    interim: () => (steps.push(steps.length), gate.promise),
  });
  const behind = channel.send(callTool(2, 'echo', { text: 'behind' }));
  const first = await Promise.race([slow, behind, new Promise((resolve) => setTimeout(resolve, 200, 'held'))]);
  assert.equal(first, 'held');
  assert.equal(steps.length, 1);
  gate.resolve();
  await slow;
  assert.equal(steps.length, 3);
  assert.equal(textOf(await behind), 'behind');

  const giveUp = new AbortController();
  const stuck = channel.send(callTool(3, 'progress', {}, { progressToken: 'stuck' }), {
    interim: () => (giveUp.abort(new Error('left')), new Promise<void>(() => {})),
    signal: giveUp.signal,
  });
  await assert.rejects(stuck, /left/);
  assert.equal(textOf(await channel.send(callTool(4, 'echo', { text: 'free again' }))), 'free again');
});

test('times out a call that is not answered', async (context) => {
  const { channel } = await openConversation(context, 'legacy', { command: hostileServer(), timeoutSeconds: 1 });
  await assert.rejects(channel.send(callTool(1, 'never answer')), fault('upstream_timeout', /1 seconds/));
  assert.equal(textOf(await channel.send(callTool(2, 'echo', { text: 'still here' }))), 'still here');
});

test('ends a child that writes a line without end', async (context) => {
  const { channel, closed } = await openConversation(context, 'legacy', {
    command: hostileServer(),
    maxMessageBytes: 1024 * 1024,
  });
  await assert.rejects(
    channel.send(callTool(1, 'endless line')),
    fault('upstream_unavailable', /line of more than 1048576/),
  );
  assert.match(await closed, /line of more than/);
});

test('drains standard error however much there is', async (context) => {
  const { channel } = await openConversation(context, 'legacy', { command: hostileServer() });
  assert.match(textOf(await channel.send(callTool(1, 'endless stderr'))), /12.5 MiB/);
});

test('does not pile up messages for a child that does not read', async (context) => {
  const { channel } = await openConversation(context, 'legacy', {
    command: hostileServer(),
    maxMessageBytes: 256 * 1024,
  });
  await channel.send(callTool(1, 'stop reading'));
  const text = 'x'.repeat(100_000);
  const outcomes: Promise<unknown>[] = [];
  for (let id = 2; id < 12; id++)
    outcomes.push(channel.send(callTool(id, 'echo', { text })).catch((error: Error) => error));
  const last = (await outcomes.at(-1)) as Error;
  assert.ok(fault('upstream_unavailable', /does not read its input/)(last));
});

test('bounds the calls in flight', async (context) => {
  const { channel } = await openConversation(context, 'legacy', { command: hostileServer(), maxCalls: 2 });
  const waiting = [1, 2].map((id) => channel.send(callTool(id, 'never answer')).catch(() => {}));
  await assert.rejects(channel.send(callTool(3, 'echo')), fault('upstream_unavailable', /2 calls are in flight/));
  await channel.close();
  await Promise.all(waiting);
});

test('tells everybody when the child dies, once, without its secrets', async (context) => {
  const { channel, closed } = await openConversation(context, 'legacy', {
    command: hostileServer(),
    env: { PASSWORD: { source: 'env', name: 'X' } },
  });
  const waiting = channel.send(callTool(1, 'never answer'));
  const dying = channel.send(callTool(2, 'die with last words'));
  for (const outcome of [waiting, dying]) {
    await assert.rejects(outcome, fault('upstream_unavailable', /exited with code 7: fatal: my password is \*\*\*/));
  }
  assert.match(await closed, /code 7/);
  await assert.rejects(channel.send(callTool(3, 'echo')), fault('upstream_unavailable', /code 7/));
});

test('still reads the answer of a child that dies right after it', async (context) => {
  const { channel } = await openConversation(context, 'legacy', { command: hostileServer() });
  assert.equal(textOf(await channel.send(callTool(1, 'answer and die'))), 'goodbye');
});

test('says why a server does not start', async (context) => {
  const failing: [string[], RegExp][] = [
    [['/no/such/program'], /ENOENT|No such file/],
    [hostileServer('--die-at-once'), /exited with code 3/],
    [hostileServer('--modern-only'), /only revisions from 2026-07-28/],
  ];
  for (const [command, detail] of failing) {
    const upstream = upstreamOf(context, { command });
    const connecting = upstream.connect({ era: 'legacy', onPush: () => {}, onClose: () => {} });
    await assert.rejects(connecting, fault('upstream_unavailable', detail));
    assert.match(upstream.status().lastError ?? '', detail);
    assert.equal(upstream.status().open, 0);
  }
});

test('does not wait for a server that keeps silent, and not at all after three times', async (context) => {
  const command = hostileServer('--stay-silent');
  const upstream = upstreamOf(context, { command, startSeconds: 1 });
  const connect = () => upstream.connect({ era: 'legacy', onPush: () => {}, onClose: () => {} });
  const attempts = await Promise.allSettled([connect(), connect(), connect()]);
  for (const attempt of attempts)
    assert.ok(fault('upstream_timeout', /1 seconds/)((attempt as PromiseRejectedResult).reason));
  await assert.rejects(connect(), fault('upstream_unavailable', /a moment ago/));
});

test('gives a child its own environment and of ours only what is harmless', async (context) => {
  process.env['GENKAN_TEST_SECRET'] = 'ours';
  const { channel } = await openConversation(context, 'legacy', {
    command: hostileServer(),
    env: { PLAIN: 'text', REFERRED: { source: 'env', name: 'TOKEN' } },
  });
  const environment = JSON.parse(textOf(await channel.send(callTool(1, 'environment')))) as Record<string, string>;
  assert.equal(environment['PLAIN'], 'text');
  assert.equal(environment['REFERRED'], 'secret of TOKEN');
  assert.equal(environment['PATH'], process.env['PATH']);
  assert.equal(environment['GENKAN_TEST_SECRET'], undefined);
});
