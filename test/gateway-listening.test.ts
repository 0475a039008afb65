// subscriptions/listen of a modern client at a server of the older revisions: acknowledged, tagged, filtered, counted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openEventStream } from './support/event-stream.ts';
import { messagesOn, startTelling } from './support/legacy-listener.ts';
import { event } from './support/mcp-by-hand.ts';
import { modern, post } from './support/mcp-post.ts';

const subscriptionId = 'io.modelcontextprotocol/subscriptionId';
const toolsChanged = 'notifications/tools/list_changed';
const updated = 'notifications/resources/updated';

test('it is acknowledged first, with the part of the filter that can be honoured', async () => {
  await using telling = await startTelling();
  const stream = await telling.listen(
    { toolsListChanged: true, resourceSubscriptions: ['file:///a'], unheardOf: true },
    { id: 7 },
  );
  const [first] = messagesOn(stream);
  assert.equal(first!.method, 'notifications/subscriptions/acknowledged');
  assert.deepEqual(first!.params, {
    _meta: { [subscriptionId]: 7 },
    notifications: { toolsListChanged: true, resourceSubscriptions: ['file:///a'] },
  });
  stream.leave();
});

test('it is acknowledged only once the server can be heard: what changes after that is not lost', async () => {
  const open = Promise.withResolvers<void>();
  await using telling = await startTelling({ opens: open.promise });
  const { body, headers } = modern('subscriptions/listen', { notifications: { toolsListChanged: true } }, 'early');
  const stream = openEventStream(telling.url, body, { token: 'dana', headers });
  await telling.knocked();
  // Nothing shows that somebody waits; long enough for an acknowledgement that does not.
  const begun = stream.then((early) => early.until(/acknowledged/)).then(() => 'acknowledged');
  assert.equal(await Promise.race([begun, pause(300, 'waits')]), 'waits');
  open.resolve();
  assert.equal(await begun, 'acknowledged');
  await Promise.all(telling.streams.map((each) => each.write(event({ method: toolsChanged }))));
  const heard = await stream;
  await heard.until(/list_changed/);
  assert.equal(telling.streams.length, 1);
  heard.leave();
});

test('a resource for which the server grants no subscription is left out of the acknowledgement', async () => {
  await using telling = await startTelling({
    handle({ message }, response) {
      if (message.method !== 'resources/subscribe' || message.params!['uri'] !== 'file:///b') return false;
      const error = { code: -32602, message: 'no such resource' };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error }));
      return true;
    },
  });
  const stream = await telling.listen({ resourceSubscriptions: ['file:///a', 'file:///b'] });
  assert.deepEqual(messagesOn(stream)[0]!.params['notifications'], { resourceSubscriptions: ['file:///a'] });
  stream.leave();
  await telling.until('resources/unsubscribe', 1);
  assert.deepEqual(
    telling.asked('resources/unsubscribe').map(({ params }) => params!['uri']),
    ['file:///a'],
  );
});

test('what the server says reaches those who listen for it, tagged with their own id', async () => {
  await using telling = await startTelling();
  const tools = await telling.listen({ toolsListChanged: true }, { id: 'tools' });
  const resources = await telling.listen({ resourceSubscriptions: ['file:///a'] }, { id: 'resources' });
  await telling.say(toolsChanged);
  await telling.say(updated, { uri: 'file:///a', _meta: { 'example.com/why': 'saved' } });
  await Promise.all([tools.until(/list_changed/), resources.until(/updated/)]);
  assert.deepEqual(messagesOn(tools).slice(1), [
    { jsonrpc: '2.0', method: toolsChanged, params: { _meta: { [subscriptionId]: 'tools' } } },
  ]);
  assert.deepEqual(messagesOn(resources).slice(1), [
    {
      jsonrpc: '2.0',
      method: updated,
      params: { uri: 'file:///a', _meta: { 'example.com/why': 'saved', [subscriptionId]: 'resources' } },
    },
  ]);
  tools.leave();
  resources.leave();
});

test('an update below a watched resource is told as one of the watched resource', async () => {
  await using telling = await startTelling();
  const stream = await telling.listen({ resourceSubscriptions: ['file:///project'] });
  await telling.say(updated, { uri: 'file:///project/src/a.ts' });
  await stream.until(/updated/);
  assert.equal(messagesOn(stream)[1]!.params['uri'], 'file:///project');
  stream.leave();
});

test('the server is asked once for all who watch, and told when the last has left', async () => {
  await using telling = await startTelling();
  const first = await telling.listen({ resourceSubscriptions: ['file:///a', 'file:///b'] }, { id: 1 });
  const second = await telling.listen({ resourceSubscriptions: ['file:///a'] }, { id: 2 });
  assert.equal(telling.asked('resources/subscribe').length, 2);
  first.leave();
  await telling.until('resources/unsubscribe', 1);
  assert.deepEqual(
    telling.asked('resources/unsubscribe').map(({ params }) => params!['uri']),
    ['file:///b'],
  );
  await telling.say(updated, { uri: 'file:///a' });
  await second.until(/updated/);
  second.leave();
  await telling.until('resources/unsubscribe', 2);
});

test('one who comes back while the server is being told that nobody is left is subscribed again', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await using telling = await startTelling({
    async handle({ message }) {
      if (message.method === 'resources/unsubscribe') await released;
      return false;
    },
  });
  const first = await telling.listen({ resourceSubscriptions: ['file:///a'] }, { id: 1 });
  first.leave();
  await telling.until('resources/unsubscribe', 1);
  const again = telling.listen({ resourceSubscriptions: ['file:///a'] }, { id: 2 });
  release();
  const second = await again;
  assert.deepEqual(messagesOn(second)[0]!.params['notifications'], { resourceSubscriptions: ['file:///a'] });
  assert.equal(telling.asked('resources/subscribe').length, 2);
  second.leave();
});

test('the lists of a server without an event stream are compared while somebody listens', async () => {
  const tools: object[] = [{ name: 'one', inputSchema: { type: 'object' } }];
  await using telling = await startTelling({ deaf: true, tools, gateway: { listPollSeconds: 1 } });
  const { body, headers } = modern('tools/list');
  await post(telling.url, body, { token: 'dana', headers }); // the server has said by now that it has no such stream
  const stream = await telling.listen({ toolsListChanged: true, resourceSubscriptions: ['file:///a'] });
  assert.deepEqual(messagesOn(stream)[0]!.params['notifications'], { toolsListChanged: true }, 'what cannot be told');
  await telling.until('tools/list', 3); // by the second look the first is over
  assert.equal(messagesOn(stream).length, 1, 'nothing has changed yet');
  tools.push({ name: 'two', inputSchema: { type: 'object' } });
  await stream.until(/list_changed/);
  stream.leave();
  await telling.room.recorded(({ action, result }) => action === 'subscriptions/listen' && result !== 'intent');
});

test('a conversation in which somebody listens is not given up as idle', async () => {
  await using telling = await startTelling({ server: { idleSeconds: 1 } });
  const stream = await telling.listen({ toolsListChanged: true });
  const { body, headers } = modern('tools/list');
  await post(telling.url, body, { token: 'erin', headers });
  await telling.heard();
  const idle = telling.streams.at(-1)!;
  await new Promise((resolve) => idle.once('close', resolve)); // hers, in which nobody listens
  await telling.say(toolsChanged);
  await stream.until(/list_changed/);
  stream.leave();
});

test('it ends in order when Genkan closes the conversation, and with an error when the server is gone', async () => {
  await using telling = await startTelling({ handle: ({ message }, response) => sessionGone(message, response) });
  const stream = await telling.listen({ toolsListChanged: true });
  const { body, headers } = modern('tools/call', { name: 'read', arguments: {} });
  await post(telling.url, body, { token: 'dana', headers });
  const lost = await stream.ended;
  assert.match(lost, /upstream_unavailable/);

  const next = await telling.listen({ toolsListChanged: true });
  telling.room.gateway.drain();
  await next.ended;
  assert.deepEqual(messagesOn(next).at(-1), {
    jsonrpc: '2.0',
    id: 'listen-1',
    result: { resultType: 'complete', _meta: { [subscriptionId]: 'listen-1' } },
  });
});

function sessionGone(message: { method?: string }, response: import('node:http').ServerResponse): boolean {
  if (message.method !== 'tools/call') return false;
  response.writeHead(404).end();
  return true;
}

test('capabilities say that subscriptions are carried, as the server declares them', async () => {
  await using telling = await startTelling();
  const { body, headers } = modern('server/discover');
  const { message } = await post(telling.url, body, { token: 'dana', headers });
  const { tools, resources } = message.result!['capabilities'] as Record<string, Record<string, boolean>>;
  assert.deepEqual([tools!['listChanged'], resources!['subscribe']], [true, true]);
});
