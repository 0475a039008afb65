// The attacker runs a server, and names resources in its announcements that the listener has no right to know of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEventStream } from '../support/event-stream.ts';
import { messagesOn, startTelling } from '../support/legacy-listener.ts';
import type { Telling } from '../support/legacy-listener.ts';
import { beginEventStream, event } from '../support/mcp-by-hand.ts';
import { openLegacySession, post } from '../support/mcp-post.ts';

const updated = 'notifications/resources/updated';
const hidden = ['file:///salaries', 'file:///project-x', 'file:///pro', 'file:///', '', 'x'.repeat(5000)];

async function tell(telling: Telling): Promise<void> {
  for (const uri of hidden) await telling.say(updated, { uri, title: 'Salaries' });
  await telling.say(updated, { uri: ['file:///project'] });
  await telling.say(updated, { uri: 'file:///project/salaries' });
}

test('control: the server does name them', async () => {
  await using telling = await startTelling();
  const stream = await openEventStream(telling.upstream.url, undefined);
  await tell(telling);
  await stream.until(/project\/salaries/);
  assert.match(stream.text(), /file:\/\/\/salaries[^]*Salaries/);
  stream.leave();
});

test('only what the listener asked for and may read is ever named', async () => {
  await using telling = await startTelling();
  const stream = await telling.listen({ resourceSubscriptions: ['file:///project'] });
  await tell(telling);
  await stream.until(/updated/);
  await telling.say(updated, { uri: 'file:///project' });
  stream.leave();
  const told = messagesOn(stream).filter(({ method }) => method === updated);
  assert.ok(told.length > 0);
  for (const { params } of told) assert.equal(params['uri'], 'file:///project');
  assert.doesNotMatch(stream.text(), /salaries|project-x|Salaries/i);
});

for (const path of ['/mcp/raw', '/mcp']) {
  for (const uri of [undefined, 'file:///project']) {
    const who = uri === undefined ? 'a client that subscribed to nothing' : 'a client that subscribed to one resource';
    test(`${who} hears of no other, at ${path}`, async () => {
      await using telling = await startTelling({ resources: [{ uri: 'file:///project', name: 'project' }] });
      const url = `${telling.room.url}${path}`;
      const headers = await openLegacySession(url, 'dana');
      const ask = (method: string, params = {}) =>
        post(url, { jsonrpc: '2.0', id: method, method, params }, { token: 'dana', headers });
      await ask('tools/list');
      if (uri !== undefined) assert.deepEqual((await ask('resources/subscribe', { uri })).message.result, {});
      const stream = await openEventStream(url, undefined, { token: 'dana', headers });
      await tell(telling);
      await telling.say('notifications/tools/list_changed'); // comes after all of it
      await stream.until(/list_changed/);
      stream.leave();
      const told = messagesOn(stream).filter(({ method }) => method === updated);
      assert.deepEqual(
        told.map(({ params }) => params['uri']),
        uri === undefined ? [] : ['file:///project/salaries'], // it may be read, and lies below
      );
    });
  }
}

for (const path of ['/mcp/raw', '/mcp']) {
  test(`nor does a client hear of one on the stream of its own call, at ${path}`, async () => {
    await using telling = await startTelling({
      handle({ message }, response) {
        if (message.method !== 'tools/call') return false;
        beginEventStream(response).write(event({ method: updated, params: { uri: 'file:///salaries' } }));
        response.end(event({ id: message.id, result: { content: [] } }));
        return true;
      },
    });
    const url = `${telling.room.url}${path}`;
    const headers = await openLegacySession(url, 'dana');
    const params = { name: path === '/mcp' ? 'raw__read' : 'read', arguments: {} };
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
    const { message, body } = await post(url, call, { token: 'dana', headers });
    assert.deepEqual(message.result, { content: [] });
    assert.doesNotMatch(body, /salaries/);
  });
}
