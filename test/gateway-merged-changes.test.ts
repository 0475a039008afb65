// What a client of /mcp hears of changes: from every server, from those that come and go, and from Genkan when its rights change.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { openEventStream } from './support/event-stream.ts';
import type { EventStream } from './support/event-stream.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { beginEventStream, event, mcpByHand } from './support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';
import { assign, unassign } from './support/policy-ground.ts';

interface Telling extends HttpUpstream {
  /** Says something on every stream that is open for it. */
  tell(method: string, params?: object): void;
  /** Resolves as soon as as many streams are open. */
  heardBy(streams: number): Promise<void>;
  /** Breaks every stream off. */
  hangUp(): void;
}

/** A server that has something to tell: on GET streams to legacy clients, on `subscriptions/listen` streams to modern ones. */
async function startTelling(eras: readonly ('legacy' | 'modern')[], uri: string): Promise<Telling> {
  const streams = new Map<ServerResponse, object>();
  const waiting = new Set<() => void>();
  function open(response: ServerResponse, params: object): void {
    streams.set(response, params);
    response.once('close', () => streams.delete(response));
    for (const look of waiting) look();
  }
  const upstream = await startHttpUpstream(
    mcpByHand({
      eras,
      resources: [{ uri, name: 'r' }],
      onStream: (response) => open(response, {}),
      handle({ message }, response) {
        if (message.method === 'resources/subscribe') {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: {} }));
          return true;
        }
        if (message.method !== 'subscriptions/listen' || !eras.includes('modern')) return false;
        const tag = { _meta: { 'io.modelcontextprotocol/subscriptionId': message.id } };
        const acknowledged = {
          method: 'notifications/subscriptions/acknowledged',
          params: { ...tag, notifications: message.params!['notifications'] },
        };
        beginEventStream(response).write(event(acknowledged));
        open(response, tag);
        return true;
      },
    }),
  );
  return {
    ...upstream,
    tell(method, params = {}) {
      for (const [response, own] of streams) response.write(event({ method, params: { ...params, ...own } }));
    },
    hangUp() {
      for (const response of streams.keys()) response.destroy();
      streams.clear();
    },
    heardBy: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (streams.size < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

const toolsChanged = /"method":"notifications\/tools\/list_changed"/;
const updated = (uri: string): RegExp => new RegExp(`"method":"notifications/resources/updated".*${uri}`);
const listId = 'watch-1';

async function listen(url: string, token: string, notifications: object): Promise<EventStream> {
  const { body, headers } = modern('subscriptions/listen', { notifications }, listId);
  const stream = await openEventStream(url, body, { token, headers });
  await stream.until(/acknowledged/);
  return stream;
}

interface Event {
  readonly method: string;
  readonly params: Record<string, unknown> & { readonly _meta?: Record<string, unknown> };
}

const eventsOf = (stream: EventStream): Event[] =>
  stream
    .text()
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)) as Event);

async function ask(url: string, token: string, method: string, session?: object, params = {}): Promise<object> {
  const { body, headers } = modern(method, params);
  const plain = { jsonrpc: '2.0', id: 1, method, params };
  const given = (session as Record<string, string> | undefined) ?? headers;
  return (await post(url, session === undefined ? body : plain, { token, headers: given })).message.result!;
}

const openHouse = (one: Telling, two: Telling, more: object = {}): Promise<TestHouse> =>
  openTestHouse({
    access: makersUse('one', 'two'),
    servers: { one: { url: one.url }, two: { url: two.url } },
    gateway: { recheckSeconds: 0.1 },
    ...more,
  });

for (const eras of [['legacy'], ['modern'], ['legacy', 'modern']] as const) {
  test(`a modern client hears of both servers on one stream, under its own id (servers: ${eras.join(' and ')})`, async () => {
    await using one = await startTelling(eras, 'file:///one');
    await using two = await startTelling(eras, 'file:///two');
    await using house = await openHouse(one, two);
    const token = await house.token('dana');
    const url = `${house.url}/mcp`;
    await ask(url, token, 'resources/list');
    const wanted = { toolsListChanged: true, resourceSubscriptions: ['file:///one', 'file:///two'] };
    const stream = await listen(url, token, wanted);
    assert.deepEqual(eventsOf(stream)[0]!.params['notifications'], wanted);
    await Promise.all([one.heardBy(1), two.heardBy(1)]);
    one.tell('notifications/tools/list_changed');
    await stream.until(toolsChanged);
    two.tell('notifications/prompts/list_changed'); // nobody has asked for it
    two.tell('notifications/resources/updated', { uri: 'file:///one' }); // not its own
    two.tell('notifications/resources/updated', { uri: 'file:///two' });
    await stream.until(updated('file:///two'));
    for (const { method, params } of eventsOf(stream)) {
      assert.doesNotMatch(method, /prompts/);
      assert.equal(params._meta!['io.modelcontextprotocol/subscriptionId'], listId);
      assert.notEqual(params['uri'], 'file:///one');
    }
    stream.leave();
  });

  test(`a legacy client hears of both servers on its stream, and watches a resource where it is (servers: ${eras.join(' and ')})`, async () => {
    await using one = await startTelling(eras, 'file:///one');
    await using two = await startTelling(eras, 'file:///two');
    await using house = await openHouse(one, two);
    const token = await house.token('dana');
    const url = `${house.url}/mcp`;
    const session = await openLegacySession(url, token);
    await ask(url, token, 'resources/list', session);
    const stream = await openEventStream(url, undefined, { token, headers: session });
    assert.deepEqual(await ask(url, token, 'resources/subscribe', session, { uri: 'file:///two' }), {});
    await Promise.all([one.heardBy(1), two.heardBy(1)]);
    one.tell('notifications/resources/updated', { uri: 'file:///two' }); // not its own
    one.tell('notifications/tools/list_changed');
    await stream.until(toolsChanged);
    assert.doesNotMatch(stream.text(), /updated/);
    two.tell('notifications/resources/updated', { uri: 'file:///two' });
    await stream.until(updated('file:///two'));
    assert.doesNotMatch(stream.text(), /subscriptionId/);
    stream.leave();
  });
}

for (const era of ['legacy', 'modern'] as const) {
  test(`what a server lists too late is announced when it is there, and shown from then on (${era})`, async () => {
    const late = Promise.withResolvers<void>();
    await using slow = await startHttpUpstream(
      mcpByHand({
        eras: [era],
        async handle({ message }) {
          if (message.method === 'tools/list') await late.promise;
          return false;
        },
      }),
    );
    await using quick = await startTelling([era], 'file:///quick');
    await using house = await openTestHouse({
      access: makersUse('quick', 'slow'),
      servers: { quick: { url: quick.url }, slow: { url: slow.url } },
      gateway: { listDeadlineSeconds: 1, recheckSeconds: 0.1 },
    });
    const url = `${house.url}/mcp`;
    const token = await house.token('dana');
    const session = era === 'legacy' ? await openLegacySession(url, token) : undefined;
    const stream =
      session === undefined
        ? await listen(url, token, { toolsListChanged: true })
        : await openEventStream(url, undefined, { token, headers: session });
    const first = (await ask(url, token, 'tools/list', session)) as { tools: object[]; _meta: object };
    assert.deepEqual([first.tools.length, first._meta], [2, { 'genkan/servers': { missing: ['slow'] } }]);
    assert.doesNotMatch(stream.text(), toolsChanged);
    late.resolve();
    await stream.until(toolsChanged);
    const second = (await ask(url, token, 'tools/list', session)) as { tools: object[]; _meta?: object };
    assert.deepEqual([second.tools.length, second._meta], [4, undefined]);
    stream.leave();
  });

  for (const server of [undefined, 'one'] as const) {
    const address = server === undefined ? '/mcp' : `/mcp/${server}`;
    test(`a person hears that rights were given and taken, and nobody else does (${era}, ${address})`, async () => {
      await using one = await startTelling([era], 'file:///one');
      await using two = await startTelling([era], 'file:///two');
      const access = {
        assignments: ['one', 'two'].flatMap((name) => [
          { principal: { group: 'makers' }, role: 'MCP User', scope: `/servers/${name}/tools/read` },
          { principal: { user: 'http://127.0.0.1:9#omar' }, role: 'MCP User', scope: `/servers/${name}/tools/read` },
        ]),
      };
      await using house = await openHouse(one, two, { access });
      const url = `${house.url}${address}`;
      const dana = (await house.house.people.find('dana'))!;
      async function open(person: 'dana' | 'omar') {
        const token = await house.token(person, server);
        const session = era === 'legacy' ? await openLegacySession(url, token) : undefined;
        const names = async (): Promise<string[]> => {
          const { tools } = (await ask(url, token, 'tools/list', session)) as { tools: { name: string }[] };
          return tools.map(({ name }) => name);
        };
        const before = await names();
        const stream =
          session === undefined
            ? await listen(url, token, { toolsListChanged: true })
            : await openEventStream(url, undefined, { token, headers: session });
        return { names, before, stream };
      }
      const [hers, his] = [await open('dana'), await open('omar')];

      const principal = { kind: 'user', id: dana.id } as const;
      const scope = '/servers/one/tools/write';
      const { id } = await assign(house.house.access, { principal, role: 'MCP User', scope }, dana);
      await hers.stream.until(toolsChanged);
      assert.equal((await hers.names()).length, hers.before.length + 1);
      await unassign(house.house.access, id);
      await hers.stream.until(new RegExp(`${toolsChanged.source}[^]*${toolsChanged.source}`));
      assert.deepEqual(await hers.names(), hers.before);

      // His stream is looked at as often as hers; what he hears of his own right is the first that he hears.
      const omar = (await house.house.people.find('omar'))!;
      assert.doesNotMatch(his.stream.text(), toolsChanged);
      await assign(house.house.access, { principal: { kind: 'user', id: omar.id }, role: 'MCP User', scope }, omar);
      await his.stream.until(toolsChanged);
      assert.equal(his.stream.text().match(new RegExp(toolsChanged, 'g'))!.length, 1);
      hers.stream.leave();
      his.stream.leave();
    });
  }

  test(`servers that are taken out of use and come again are said and followed (${era})`, async () => {
    await using one = await startTelling([era], 'file:///one');
    await using two = await startTelling([era], 'file:///two');
    await using house = await openHouse(one, two);
    const url = `${house.url}/mcp`;
    const token = await house.token('dana');
    const session = era === 'legacy' ? await openLegacySession(url, token) : undefined;
    const names = async (): Promise<string[]> => {
      const { tools } = (await ask(url, token, 'tools/list', session)) as { tools: { name: string }[] };
      return tools.map(({ name }) => name);
    };
    assert.equal((await names()).length, 4);
    const stream =
      session === undefined
        ? await listen(url, token, { toolsListChanged: true })
        : await openEventStream(url, undefined, { token, headers: session });
    const heard = (times: number): Promise<void> =>
      stream.until(new RegExp(Array.from({ length: times }, () => toolsChanged.source).join('[^]*')));
    await two.heardBy(1);
    await house.house.catalogue.disable('two', 'test');
    await heard(1);
    assert.equal((await names()).length, 2);
    await house.house.catalogue.approve('two', 'test');
    await heard(2);
    assert.equal((await names()).length, 4);
    await two.heardBy(1);
    two.tell('notifications/tools/list_changed');
    await heard(3);
    stream.leave();
  });
}

test('a stream that a server broke off is opened again, and whatever can have changed meanwhile is said to have', async () => {
  await using one = await startTelling(['modern'], 'file:///one');
  await using two = await startTelling(['modern'], 'file:///two');
  await using house = await openHouse(one, two);
  const token = await house.token('dana');
  const url = `${house.url}/mcp`;
  await ask(url, token, 'resources/list');
  const stream = await listen(url, token, { toolsListChanged: true, resourceSubscriptions: ['file:///one'] });
  await Promise.all([one.heardBy(1), two.heardBy(1)]);
  assert.doesNotMatch(stream.text(), /changed"|updated/);
  one.hangUp();
  await stream.until(toolsChanged);
  await stream.until(updated('file:///one'));
  assert.doesNotMatch(stream.text(), /prompts/);
  stream.leave();
});

test('a list that comes late but is what was shown already is not announced', async () => {
  let late: Promise<void> | undefined;
  await using slow = await startHttpUpstream(
    mcpByHand({
      eras: ['legacy'],
      async handle({ message }) {
        if (message.method === 'tools/list') await late;
        return false;
      },
    }),
  );
  await using quick = await startTelling(['legacy'], 'file:///quick');
  await using house = await openTestHouse({
    access: makersUse('quick', 'slow'),
    servers: { quick: { url: quick.url }, slow: { url: slow.url } },
    gateway: { listDeadlineSeconds: 1 },
  });
  const url = `${house.url}/mcp`;
  const token = await house.token('dana');
  const session = await openLegacySession(url, token);
  const stream = await openEventStream(url, undefined, { token, headers: session });
  const list = async () => (await ask(url, token, 'tools/list', session)) as { tools: object[]; _meta?: object };
  const first = await list();
  const { promise, resolve } = Promise.withResolvers<void>();
  late = promise;
  assert.deepEqual(await list(), { ...first, _meta: { 'genkan/servers': { stale: ['slow'] } } });
  resolve();
  assert.deepEqual(await list(), first, 'the late list has come');
  quick.tell('notifications/prompts/list_changed');
  await stream.until(/prompts\/list_changed/);
  assert.doesNotMatch(stream.text(), toolsChanged);
  stream.leave();
});
