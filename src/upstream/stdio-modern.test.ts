// Tests of modern conversations with child processes: what belongs to which request on the one stream, and how requests are cancelled.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { request } from '../protocol/message.ts';
import type { JsonObject, Message, RequestId, RequestMessage } from '../protocol/message.ts';
import { parseMessage } from '../protocol/parse.ts';
import { callTool, fault, openConversation, textOf, upstreamOf } from '../../test/support/upstream-conversations.ts';
import type { OpenedConversation } from '../../test/support/upstream-conversations.ts';
import type { Channel } from './channel.ts';
import { ownDiscover } from './probe.ts';
import { quickNode } from '../../test/support/quick-node.ts';

const server = path.join(import.meta.dirname, '../../test/support/eras-stdio-server.ts');
const open = (context: TestContext, settings = {}): Promise<OpenedConversation> =>
  openConversation(context, 'modern', { command: [...quickNode, server], ...settings });

/** What the server has read, the question whether it is there aside. */
async function sentTo({ channel }: OpenedConversation): Promise<string[]> {
  const lines = JSON.parse(textOf(await channel.send(callTool('what', 'say what was sent')))) as string[];
  return lines.slice(1, -1);
}

const params = (message: Message): JsonObject => ('params' in message ? message.params : {});
const listen = (id: RequestId): RequestMessage => request(id, 'subscriptions/listen', { notifications: {} });

/** A message as a client would have written it, with whatever blanks and numbers. */
function written(text: string): RequestMessage {
  const message = parseMessage(Buffer.from(text), { maxBytes: 1e6, maxDepth: 64 });
  assert.ok('kind' in message && message.kind === 'request');
  return message;
}

test('talks to a real server', async (context) => {
  const program = path.join(import.meta.dirname, '../../test/conformance/upstream/stdio.ts');
  const { channel } = await openConversation(context, 'modern', { command: [...quickNode, program] });
  const { _meta } = ownDiscover().params as { _meta: JsonObject };
  const answer = await channel.send(callTool('a', 'test_simple_text', {}, _meta));
  assert.match(textOf(answer), /simple text/);
});

test('leaves every byte of a request and its answer as it is', async (context) => {
  const conversation = await open(context);
  const text =
    '{ "jsonrpc":"2.0", "id":1, "method":"tools/call", "params":{"name":"hold","a":1.0,"b":12345678901234567890} }';
  const held = conversation.channel.send(written(text));
  assert.deepEqual(await sentTo(conversation), [text]);
  await conversation.channel.send(callTool('next', 'answer what is held'));
  assert.equal(
    (await held).raw.toString(),
    '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[{"type":"text","text":"held 1"}]}}',
  );
});

test('tells requests with the same id and token apart, changing nothing else in them', async (context) => {
  const conversation = await open(context);
  const { channel } = conversation;
  const text = (name: string): string =>
    `{ "jsonrpc":"2.0", "id" : 7, "method":"tools/call", "params":{"name":"${name}","a":1.0,"_meta":{"progressToken" : 7} } }`;
  const steps: unknown[] = [];
  const first = channel.send(written(text('hold')));
  const second = channel.send(written(text('progress')), {
    interim: (message) => void steps.push(params(message)['progressToken'], params(message)['progress']),
  });
  const answered = await second;
  assert.equal(answered.id, 7);
  assert.equal(textOf(answered), 'done');
  assert.match(answered.raw.toString(), /^\{"jsonrpc":"2\.0","id":7,"result":/);
  assert.deepEqual(steps, [7, 1, 7, 2]);

  const sent = await sentTo(conversation);
  assert.equal(sent[0], text('hold'));
  const unique = (JSON.parse(sent[1]!) as { id: string }).id;
  assert.equal(sent[1], text('progress').replaceAll(/(?<= : )7/g, JSON.stringify(unique)));
  await channel.send(callTool(8, 'answer what is held'));
  assert.equal((await first).id, 7);
  assert.equal(textOf(await first), 'held 7');
});

test('cancels a request that is given up, and never gives its late answer to another', async (context) => {
  const conversation = await open(context);
  const { channel } = conversation;
  const giveUp = new AbortController();
  const given = channel.send(callTool(1, 'hold', {}, { progressToken: 1 }), { signal: giveUp.signal });
  giveUp.abort(new Error('the client left'));
  await assert.rejects(given, /the client left/);
  const next = channel.send(callTool(1, 'hold', {}, { progressToken: 1 }));
  const [first, cancelled, second] = await sentTo(conversation);
  assert.equal((JSON.parse(first!) as { id: unknown }).id, 1);
  assert.deepEqual(JSON.parse(cancelled!), {
    jsonrpc: '2.0',
    method: 'notifications/cancelled',
    params: { requestId: 1 },
  });
  const { id } = JSON.parse(second!) as { id: string };
  await channel.send(callTool(2, 'answer what is held'));
  assert.equal(textOf(await next), `held ${id}`);
});

test('cancels a request under the id by which the server knows it', async (context) => {
  const conversation = await open(context);
  const { channel } = conversation;
  const giveUp = new AbortController();
  const first = channel.send(callTool(1, 'hold'));
  const second = channel.send(callTool(1, 'hold'), { signal: giveUp.signal });
  giveUp.abort(new Error('the client left'));
  await assert.rejects(second, /the client left/);
  const [, renumbered, cancelled] = (await sentTo(conversation)).map((line) => JSON.parse(line) as JsonObject);
  assert.deepEqual(cancelled!['params'], { requestId: renumbered!['id'] });
  await channel.send(callTool(2, 'answer what is held'));
  assert.equal(textOf(await first), 'held 1');
});

test('cancels a request that takes too long', async (context) => {
  const conversation = await open(context, { timeoutSeconds: 1 });
  await assert.rejects(conversation.channel.send(callTool(1, 'hold')), fault('upstream_timeout', /1 seconds/));
  const sent = (await sentTo(conversation)).map((line) => JSON.parse(line) as JsonObject);
  assert.deepEqual(
    sent.map(({ method }) => method),
    ['tools/call', 'notifications/cancelled'],
  );
});

test('hands over what belongs to a subscription, to each its own', async (context) => {
  const { channel, pushes } = await open(context);
  const heard: Record<string, Message[]> = { first: [], second: [] };
  const outcomes = ['first', 'second'].map((name) =>
    channel.send(listen(1), { interim: (message) => void heard[name]!.push(message) }),
  );
  await channel.send(callTool(2, 'change'));
  for (const messages of Object.values(heard)) {
    assert.deepEqual(
      messages.map((message) => [
        'method' in message && message.method,
        (params(message)['_meta'] as JsonObject)['io.modelcontextprotocol/subscriptionId'],
      ]),
      [
        ['notifications/subscriptions/acknowledged', 1],
        ['notifications/resources/updated', 1],
      ],
    );
  }
  await channel.send(callTool(3, 'end subscriptions in order'));
  for (const outcome of outcomes) {
    const { id, result } = await outcome;
    assert.equal(id, 1);
    assert.deepEqual(result?.['_meta'], { 'io.modelcontextprotocol/subscriptionId': 1 });
  }
  assert.deepEqual(pushes, []);
});

test('a subscription outlasts the time that a call may take, and ends when it is cancelled', async (context) => {
  const conversation = await open(context, { timeoutSeconds: 1 });
  const { channel } = conversation;
  const giveUp = new AbortController();
  const acknowledged = Promise.withResolvers<void>();
  let outcome: unknown = 'open';
  const listening = channel
    .send(listen('l'), { signal: giveUp.signal, interim: () => acknowledged.resolve() })
    .catch((error: Error) => (outcome = error.message));
  await acknowledged.promise;
  await assert.rejects(channel.send(callTool(1, 'hold')), fault('upstream_timeout', /1 seconds/));
  assert.equal(outcome, 'open');
  giveUp.abort(new Error('enough'));
  await listening;
  assert.equal(outcome, 'enough');
  const sent = (await sentTo(conversation)).map((line) => JSON.parse(line) as JsonObject);
  assert.deepEqual(sent.at(-1)?.['params'], { requestId: 'l' });
});

test('a subscription ends with an error when the server tears it down, and nothing is cancelled then', async (context) => {
  const conversation = await open(context);
  const listening = conversation.channel.send(listen(1));
  const torn = assert.rejects(listening, fault('upstream_unavailable', /ended the subscription/));
  await conversation.channel.send(callTool(2, 'tear subscriptions down'));
  await torn;
  const methods = (await sentTo(conversation)).map((line) => (JSON.parse(line) as JsonObject)['method']);
  assert.deepEqual(methods, ['subscriptions/listen', 'tools/call']);
});

test('subscriptions take no room from calls', async (context) => {
  const { channel } = await open(context, { maxCalls: 1 });
  const listening = [1, 2].map((id) => channel.send(listen(id)).catch(() => 'over'));
  assert.equal(textOf(await channel.send(callTool(3, 'change'))), 'done');
  await channel.close();
  assert.deepEqual(await Promise.all(listening), ['over', 'over']);
});

test('hands log messages to the one request that asked for them, and to no other', async (context) => {
  const { channel, pushes } = await open(context);
  const logging = { 'io.modelcontextprotocol/logLevel': 'info' };
  const heard: string[] = [];
  const hear = (who: string) => ({ interim: () => void heard.push(who) });
  const quiet = channel.send(callTool(1, 'hold'), hear('quiet'));
  await channel.send(callTool(2, 'log', {}, logging), hear('logging'));
  assert.deepEqual([heard, pushes.length], [['logging'], 0]);

  const other = channel.send(callTool(3, 'hold', {}, logging), hear('other'));
  await channel.send(callTool(4, 'log', {}, logging), hear('logging'));
  assert.deepEqual(heard, ['logging']);
  assert.deepEqual(
    pushes.map((message) => 'method' in message && message.method),
    ['notifications/message'],
  );
  await channel.send(callTool(5, 'answer what is held'));
  await Promise.all([quiet, other]);
});

test('tells everybody when the child dies', async (context) => {
  const { channel, closed } = await open(context);
  const waiting = channel.send(listen(1));
  const dying = channel.send(callTool(2, 'die'));
  for (const outcome of [waiting, dying]) await assert.rejects(outcome, fault('upstream_unavailable', /code 5/));
  assert.match(await closed, /code 5/);
});

test('conversations of one owner share a process, and nobody else does', async (context) => {
  const upstream = upstreamOf(context, { command: [...quickNode, server] });
  const ended: string[] = [];
  const connect = async (owner?: string) => {
    const onClose = (reason: string): void => void ended.push(`${owner}: ${reason}`);
    return (await upstream.connect({ era: 'modern', onPush: () => {}, onClose, ...(owner && { owner }) })).channel;
  };
  const channels = await Promise.all(['dana', 'dana', 'kim', undefined].map(connect));
  const pids = await Promise.all(
    channels.map(async (channel) => textOf(await channel.send(callTool(1, 'say who you are')))),
  );
  assert.equal(new Set(pids).size, 3);
  assert.equal(pids[0], pids[1]);
  const [first, second] = channels as [Channel, Channel];

  const left = assert.rejects(first.send(callTool(2, 'hold')), fault('upstream_unavailable', /it was closed/));
  await first.close();
  await left;
  const sent = (JSON.parse(textOf(await second.send(callTool(3, 'say what was sent')))) as string[]).map(
    (line) => JSON.parse(line) as JsonObject,
  );
  assert.deepEqual(sent.at(-2)?.['params'], { requestId: 2 });
  await assert.rejects(first.send(callTool(4, 'say who you are')), fault('upstream_unavailable', /it was closed/));

  const third = await connect('dana');
  assert.equal(textOf(await third.send(callTool(1, 'say who you are'))), pids[0]);
  await assert.rejects(second.send(callTool(5, 'die')), fault('upstream_unavailable', /code 5/));
  assert.deepEqual(ended.sort(), Array(2).fill('dana: it exited with code 5'));
  const fourth = await connect('dana');
  assert.notEqual(textOf(await fourth.send(callTool(1, 'say who you are'))), pids[0]);
});
