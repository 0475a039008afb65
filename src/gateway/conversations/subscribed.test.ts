// What a session hears of resources: those that it subscribed to, for as long as their person may read them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure, notification, request, result } from '../../protocol/message.ts';
import type { ResponseMessage } from '../../protocol/message.ts';
import { createSubscribed } from './subscribed.ts';
import type { Subscribed } from './subscribed.ts';

const updated = (uri: unknown) => notification('notifications/resources/updated', { uri, title: 'T' });
const yes = (): Promise<ResponseMessage> => Promise.resolve(result(1, {}));
const no = (): Promise<ResponseMessage> => Promise.resolve(failure(1, { code: -32002, message: 'not found' }));
const ask = (subscribed: Subscribed, what: 'subscribe' | 'unsubscribe', uri: string, answer = yes) =>
  subscribed.note(request(1, `resources/${what}`, { uri }), 's', answer);

test('only what was subscribed to at this server is heard, and what lies below it', async () => {
  const subscribed = createSubscribed(() => true);
  await ask(subscribed, 'subscribe', 'file:///a');
  for (const uri of ['file:///a', 'file:///a/b', 'file:///a?p=2']) {
    const message = updated(uri);
    assert.equal(subscribed.heard('s', message), message);
    assert.equal(subscribed.heard('other', message), undefined);
  }
  for (const uri of ['file:///ab', 'file:///', ['file:///a'], undefined])
    assert.equal(subscribed.heard('s', updated(uri)), undefined);
  await ask(subscribed, 'unsubscribe', 'file:///a');
  assert.equal(subscribed.heard('s', updated('file:///a')), undefined);
});

test('news that come with the answer are heard, and none after a refusal', async () => {
  const subscribed = createSubscribed(() => true);
  const { promise, resolve } = Promise.withResolvers<ResponseMessage>();
  const asked = ask(subscribed, 'subscribe', 'file:///a', () => promise);
  assert.ok(subscribed.heard('s', updated('file:///a')));
  resolve(await no());
  await asked;
  assert.equal(subscribed.heard('s', updated('file:///a')), undefined);
});

test('with the right to read it ends what is heard, and what may not be read below it has no name', async () => {
  const readable = new Set(['file:///a']);
  const subscribed = createSubscribed((_server, uri) => readable.has(uri));
  await ask(subscribed, 'subscribe', 'file:///a');
  assert.deepEqual(subscribed.heard('s', updated('file:///a/salaries'))?.params, { uri: 'file:///a' });
  readable.clear();
  assert.equal(subscribed.heard('s', updated('file:///a')), undefined);
});

test('a session that watches too much is told so', async () => {
  const subscribed = createSubscribed(() => true);
  for (let index = 0; index < 1000; index++) await ask(subscribed, 'subscribe', `file:///${index}`);
  await assert.rejects(ask(subscribed, 'subscribe', 'file:///more'), { code: 'gateway_watched_full' });
  await ask(subscribed, 'subscribe', 'file:///1');
});
