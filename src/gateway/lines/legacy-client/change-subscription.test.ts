// Tests for the one subscription of a session: it follows what is watched without a gap, and comes back when it ends.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { TestContext } from 'node:test';
import { GenkanError } from '../../../base/errors.ts';
import { createLog } from '../../../base/log.ts';
import { failure, notification, result } from '../../../protocol/message.ts';
import type {
  JsonObject,
  Message,
  NotificationMessage,
  RequestMessage,
  ResponseMessage,
} from '../../../protocol/message.ts';
import { createChangeSubscription } from './change-subscription.ts';
import type { ChangeSubscription } from './change-subscription.ts';
import type { Outlet } from '../../conversations/conversation.ts';

/** One `subscriptions/listen` as the server sees it. */
interface Listen {
  readonly message: RequestMessage;
  readonly filter: JsonObject;
  readonly signal: AbortSignal;
  say(method: string, params?: JsonObject): void;
  /** @param honoured the whole filter unless said otherwise */
  acknowledge(honoured?: JsonObject): void;
  end(response?: ResponseMessage): void;
}

interface Stage {
  readonly changes: ChangeSubscription;
  readonly listens: Listen[];
  readonly pushed: NotificationMessage[];
  next(): Promise<Listen>;
}

const capabilities = { tools: { listChanged: true }, prompts: {}, resources: { subscribe: true, listChanged: true } };
const lists = { toolsListChanged: true, resourcesListChanged: true };

function stage(context: TestContext, declared: JsonObject = capabilities): Stage {
  const listens: Listen[] = [];
  const pushed: NotificationMessage[] = [];
  let heard = Promise.withResolvers<Listen>();
  const changes = createChangeSubscription({
    server: 's',
    capabilities: declared,
    log: createLog('silent'),
    push: (message: Message) => void pushed.push(message as NotificationMessage),
    send(message, { outlet, signal }) {
      const { promise, resolve, reject } = Promise.withResolvers<ResponseMessage>();
      signal.addEventListener('abort', () => reject(signal.reason as Error));
      const listen = listenOf(message, outlet, signal, resolve);
      listens.push(listen);
      heard.resolve(listen);
      heard = Promise.withResolvers();
      return promise;
    },
  });
  context.after(() => changes.close());
  return { changes, listens, pushed, next: () => heard.promise };
}

function listenOf(
  message: RequestMessage,
  outlet: Outlet,
  signal: AbortSignal,
  resolve: (response: ResponseMessage) => void,
): Listen {
  const filter = message.params['notifications'] as JsonObject;
  const _meta = { 'io.modelcontextprotocol/subscriptionId': message.id };
  const say = (method: string, params: JsonObject = {}): void =>
    void outlet.interim(notification(method, { ...params, _meta: { ...(params['_meta'] as JsonObject), ..._meta } }));
  return {
    message,
    filter,
    signal,
    say,
    acknowledge: (honoured = filter) => say('notifications/subscriptions/acknowledged', { notifications: honoured }),
    end: (response = result(message.id, { resultType: 'complete', _meta })) => resolve(response),
  };
}

/** A server that refuses whoever asks, among others, for a resource that it does not have. */
function strictStage(context: TestContext, declared?: JsonObject) {
  const stood = stage(context, declared);
  const gone = new Set<string>();
  const serve = ({ filter, message, acknowledge, end }: Listen): void => {
    const { resourceSubscriptions: uris = [] } = filter as { resourceSubscriptions?: string[] };
    const missing = uris.find((uri) => gone.has(uri));
    if (missing === undefined) acknowledge();
    else end(failure(message.id, { code: -32602, message: `No ${missing}` }));
    void stood.next().then(serve);
  };
  void stood.next().then(serve);
  const live = (): Listen => {
    const open = stood.listens.filter(({ signal }) => !signal.aborted).filter(({ filter }) => !refuses(filter));
    assert.equal(open.length, 1, 'one stream, and no other is left open');
    return open[0]!;
  };
  const refuses = ({ resourceSubscriptions: uris }: JsonObject): boolean =>
    Array.isArray(uris) && uris.some((uri) => gone.has(uri as string));
  return { ...stood, gone, live };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('asks for the lists that the server announces, and passes on what was asked for, without the id of the subscription', async (context) => {
  const { changes, pushed, next } = stage(context);
  const opening = next();
  changes.start();
  const { filter, say, acknowledge } = await opening;
  assert.deepEqual(filter, lists);
  say('notifications/tools/list_changed');
  acknowledge();
  say('notifications/tools/list_changed', { _meta: { 'com.example/a': 1 } });
  say('notifications/prompts/list_changed');
  say('notifications/resources/updated', { uri: 'file:///a' });
  say('notifications/message', { level: 'info', data: 1 });
  const told = pushed.map(({ method, params }) => [method, params]);
  const expected = [['notifications/tools/list_changed', { _meta: { 'com.example/a': 1 } }]];
  assert.deepEqual(told, expected, 'nothing before the acknowledgement, nothing unasked');
});

test('a new filter is acknowledged before the stream with the old one is closed', async (context) => {
  const { changes, listens, pushed, next } = stage(context);
  const opening = next();
  changes.start();
  const first = await opening;
  first.acknowledge();
  await settled();
  const replacing = next();
  const watching = changes.watch('file:///a');
  const second = await replacing;
  assert.deepEqual(second.filter, { ...lists, resourceSubscriptions: ['file:///a'] });
  assert.notEqual(second.message.id, first.message.id);
  first.say('notifications/tools/list_changed');
  assert.deepEqual([first.signal.aborted, pushed.length], [false, 1], 'the old one is still heard');
  second.acknowledge();
  assert.equal(await watching, undefined);
  assert.ok(first.signal.aborted);
  for (const uri of ['file:///a', 'file:///a/b', 'file:///ab', 'file:///c'])
    second.say('notifications/resources/updated', { uri });
  assert.deepEqual(
    pushed.slice(1).map(({ params }) => params),
    [{ uri: 'file:///a' }, { uri: 'file:///a/b' }],
  );

  const shrinking = next();
  const leaving = changes.unwatch('file:///a');
  const third = await shrinking;
  assert.deepEqual(third.filter, lists);
  second.say('notifications/resources/updated', { uri: 'file:///a' });
  assert.equal(pushed.length, 3, 'not heard any more, from the first moment');
  third.acknowledge();
  await leaving;
  assert.deepEqual(
    listens.map(({ signal }) => signal.aborted),
    [true, true, false],
  );
});

test('what is watched at the same time is asked for at once', async (context) => {
  const { changes, listens, next } = stage(context);
  const opening = next();
  const both = Promise.all([changes.watch('file:///a'), changes.watch('file:///b')]);
  const { filter, acknowledge } = await opening;
  assert.deepEqual(filter, { resourceSubscriptions: ['file:///a', 'file:///b'] });
  acknowledge();
  assert.deepEqual(await both, [undefined, undefined]);
  assert.equal(listens.length, 1);
});

test('a resource whose changes the server does not tell is not watched, and the refusal is its own', async (context) => {
  const { changes, next } = stage(context);
  let opening = next();
  const untold = changes.watch('file:///a');
  (await opening).acknowledge({ resourceSubscriptions: [] });
  await assert.rejects(
    untold,
    (error: unknown) => error instanceof GenkanError && error.code === 'upstream_changes_untold',
  );

  opening = next();
  const refused = changes.watch('file:///b');
  const listen = await opening;
  assert.deepEqual(listen.filter, { resourceSubscriptions: ['file:///b'] }, 'the other one is forgotten');
  const error = { code: -32602, message: 'No such resource', data: { uri: 'file:///b' } };
  listen.end(failure(listen.message.id, error));
  assert.deepEqual(await refused, error);

  await assert.rejects(changes.watch(`file:///${'a'.repeat(5000)}`), /URI is too long/);
});

test('a stream that ends by itself is opened again, later each time, and what can have changed meanwhile is told', async (context) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  context.after(() => mock.timers.reset());
  const { changes, listens, pushed, next } = stage(context);
  let opening = next();
  changes.start();
  for (const pauseMs of [1000, 2000, 4000]) {
    const listen = await opening;
    listen.acknowledge();
    await settled();
    opening = next();
    listen.end();
    await settled();
    const before = listens.length;
    mock.timers.tick(pauseMs - 1);
    await settled();
    assert.equal(listens.length, before, `not before ${pauseMs} ms`);
    mock.timers.tick(1);
  }
  const before = pushed.length;
  (await opening).acknowledge();
  await settled();
  const told = pushed.slice(before).map(({ method }) => method);
  assert.deepEqual(told, ['notifications/tools/list_changed', 'notifications/resources/list_changed']);
  const replacing = next();
  const watching = changes.watch('file:///a');
  (await replacing).acknowledge();
  await watching;
  assert.equal(pushed.length, before + 2, 'where there was no gap, nothing is told');
});

test('one that ends with its acknowledgement is opened again too; one that has nothing to tell is not', async (context) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  context.after(() => mock.timers.reset());
  const { changes, listens, next } = stage(context);
  let opening = next();
  changes.start();
  const first = await opening;
  opening = next();
  first.acknowledge();
  first.end();
  await settled();
  mock.timers.tick(1000);
  const second = await opening;
  second.acknowledge({});
  second.end();
  await settled();
  mock.timers.tick(3_600_000);
  await settled();
  assert.equal(listens.length, 2);
});

test('a refusal stands, unless the server is only busy', async (context) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  context.after(() => mock.timers.reset());
  const { changes, listens, next } = stage(context);
  let opening = next();
  changes.start();
  for (const code of [-32603, -32601]) {
    const listen = await opening;
    opening = next();
    listen.end(failure(listen.message.id, { code, message: 'no' }));
    await settled();
    mock.timers.tick(3_600_000);
    await settled();
  }
  assert.equal(listens.length, 2);
});

test('a server that does not acknowledge in time is asked again', async (context) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  context.after(() => mock.timers.reset());
  const { changes, next } = stage(context);
  let opening = next();
  changes.start();
  const { signal } = await opening;
  opening = next();
  mock.timers.tick(30_000);
  assert.ok(signal.aborted);
  await settled();
  mock.timers.tick(1000);
  await opening;
});

test('the end of the session ends the stream, one on its way included, and nothing is opened after it', async (context) => {
  const { changes, listens, next } = stage(context);
  let opening = next();
  changes.start();
  const first = await opening;
  first.acknowledge();
  await settled();
  opening = next();
  void changes.watch('file:///a').catch(() => undefined);
  const second = await opening;
  changes.close();
  second.acknowledge();
  await settled();
  assert.deepEqual(
    listens.map(({ signal }) => signal.aborted),
    [true, true],
  );
  void changes.watch('file:///b').catch(() => undefined);
  await settled();
  assert.equal(listens.length, 2);
});

test('no session watches without end', async (context) => {
  const { changes, next } = stage(context);
  const opening = next();
  const all = Promise.allSettled(Array.from({ length: 257 }, (_, index) => changes.watch(`file:///${index}`)));
  const { filter, acknowledge } = await opening;
  acknowledge();
  const refused = (await all).filter(({ status }) => status === 'rejected');
  assert.deepEqual([(filter['resourceSubscriptions'] as unknown[]).length, refused.length], [256, 1]);
});

test('a resource that a strict server refuses keeps nobody from watching another, however many ask at once', async (context) => {
  const { changes, listens, gone, live } = strictStage(context);
  changes.start();
  await changes.watch('file:///a');
  gone.add('file:///x').add('file:///y');
  const uris = ['file:///b', 'file:///x', 'file:///c', 'file:///d', 'file:///y', 'file:///e'];
  const answers = await Promise.all(uris.map((uri) => changes.watch(uri)));
  assert.deepEqual(
    answers.map((refused) => refused?.message),
    [undefined, 'No file:///x', undefined, undefined, 'No file:///y', undefined],
  );
  const { filter } = live();
  const granted = ['file:///a', 'file:///b', 'file:///c', 'file:///d', 'file:///e'];
  assert.deepEqual(filter, { ...lists, resourceSubscriptions: granted });
  assert.ok(listens.length < 16, `${listens.length} subscriptions`);
});

test('whoever asks for a resource that is being asked for gets the same answer', async (context) => {
  const { changes, listens, gone } = strictStage(context);
  gone.add('file:///x');
  const ask = async (uri: string): Promise<unknown[]> => {
    const answers = await Promise.all([changes.watch(uri), changes.watch(uri)]);
    return answers.map((refused) => refused?.message);
  };
  assert.deepEqual(await ask('file:///x'), ['No file:///x', 'No file:///x']);
  assert.deepEqual(await ask('file:///a'), [undefined, undefined]);
  assert.equal(listens.length, 2);
});

test('a watched resource that is gone keeps nobody from watching another, and its client is told to look', async (context) => {
  const { changes, pushed, gone, live } = strictStage(context);
  await changes.watch('file:///a');
  await changes.watch('file:///b');
  gone.add('file:///a');
  assert.equal(await changes.watch('file:///c'), undefined);
  assert.deepEqual(live().filter, { resourceSubscriptions: ['file:///b', 'file:///c'] });
  assert.deepEqual(
    pushed.map(({ params }) => params),
    [{ uri: 'file:///a' }],
  );
});

test('where every watched resource is gone after a gap, the lists are still listened to', async (context) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  context.after(() => mock.timers.reset());
  const { changes, gone, live, pushed } = strictStage(context);
  changes.start();
  await changes.watch('file:///a');
  const broken = live();
  gone.add('file:///a');
  broken.end();
  await settled();
  mock.timers.tick(1000);
  await settled();
  await settled();
  assert.deepEqual(live().filter, lists);
  assert.ok(pushed.some(({ params }) => params['uri'] === 'file:///a'));
});
