// A client of 2026-07-28 at a server of the older revisions: logs, progress, questions, pages to open first, what is removed.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { openEventStream } from './support/event-stream.ts';
import type { SeenRequest } from './support/http-upstream.ts';
import { answerJson } from './support/http-upstream.ts';
import { startTelling } from './support/legacy-listener.ts';
import type { Telling } from './support/legacy-listener.ts';
import { beginEventStream, event } from './support/mcp-by-hand.ts';
import { modern, post } from './support/mcp-post.ts';

const prefix = 'io.modelcontextprotocol/';

interface Call {
  readonly meta?: Record<string, unknown>;
  readonly capabilities?: object;
  readonly more?: Record<string, unknown>;
  readonly args?: object;
  readonly id?: number;
  readonly token?: string;
}

function calling({ meta = {}, capabilities = {}, more = {}, args = {}, id = 1 }: Call = {}) {
  const call = modern('tools/call', { name: 'read', arguments: args, ...more }, id);
  const { params } = call.body as { params: { _meta: Record<string, unknown> } };
  Object.assign(params._meta, { [`${prefix}clientCapabilities`]: capabilities }, meta);
  return call;
}

function call(telling: Telling, options: Call = {}) {
  const { body, headers } = calling(options);
  return post(telling.url, body, { token: options.token ?? 'dana', headers });
}

type Take = (seen: SeenRequest, response: ServerResponse) => void;

/** A server whose tool does what a test says. */
const telling = (take: Take, more: Parameters<typeof startTelling>[0] = {}): Promise<Telling> =>
  startTelling({
    capabilities: { tools: {}, logging: {} },
    ...more,
    handle(seen, response) {
      const { method, id } = seen.message;
      if (method === 'logging/setLevel') answerJson(response, { jsonrpc: '2.0', id, result: {} });
      if (method === 'tools/call') take(seen, response);
      return method === 'logging/setLevel' || method === 'tools/call';
    },
  });

const done = (id: unknown, result: object = { content: [] }): string => event({ id, result });
const said = (level: string, data: string): string =>
  event({ method: 'notifications/message', params: { level, data } });

test('log messages reach the request that asked for them, from its level on; the server logs what the most curious wants', async () => {
  await using server = await telling(({ message }, response) => {
    beginEventStream(response).end(said('debug', 'fine') + said('warning', 'careful') + done(message.id));
  });
  const silent = await call(server);
  assert.doesNotMatch(silent.body, /notifications.message/, 'nothing for who has not asked');
  assert.equal(server.asked('logging/setLevel').length, 0);

  const warned = await call(server, { meta: { [`${prefix}logLevel`]: 'warning' } });
  assert.match(warned.body, /careful/);
  assert.doesNotMatch(warned.body, /fine/);
  const curious = await call(server, { meta: { [`${prefix}logLevel`]: 'debug' } });
  assert.match(curious.body, /fine[^]*careful/);
  assert.deepEqual(
    server.asked('logging/setLevel').map(({ params }) => params!['level']),
    ['warning', 'debug'],
  );
});

test('a log message on no stream of a request belongs to the only call under way, or to nobody', async () => {
  const open: { id: unknown; response: ServerResponse }[] = [];
  await using server = await telling(({ message }, response) => {
    beginEventStream(response).write(said('error', 'begun'));
    open.push({ id: message.id, response });
  });
  const begin = async (id: number) => {
    const { body, headers } = calling({ id, meta: { [`${prefix}logLevel`]: 'info' } });
    const stream = await openEventStream(server.url, body, { token: 'dana', headers });
    await stream.until(/begun/);
    return stream;
  };
  const alone = await begin(1);
  await server.say('notifications/message', { level: 'info', data: 'for the only one' });
  await alone.until(/for the only one/);
  const second = await begin(2);
  await server.say('notifications/message', { level: 'info', data: 'for whom' });
  await server.say('notifications/message', { level: 'info', data: 'for whom' });
  for (const { id, response } of open) response.end(done(id));
  assert.doesNotMatch(await alone.ended, /for whom/);
  assert.doesNotMatch(await second.ended, /for whom/);
});

test('progress comes under the token of the client and before the result; that of others does not', async () => {
  await using server = await telling(({ message }, response) => {
    const { progressToken } = message.params!['_meta'] as { progressToken: unknown };
    assert.notEqual(progressToken, 'mine');
    const progress = (token: unknown) =>
      event({ method: 'notifications/progress', params: { progressToken: token, progress: 1 } });
    beginEventStream(response).end(progress('other') + progress(progressToken) + done(message.id));
  });
  const { body } = await call(server, { meta: { progressToken: 'mine' } });
  const methods = body
    .split('data: ')
    .slice(1)
    .map((text) => JSON.parse(text) as { method?: string; params?: object });
  assert.deepEqual(methods[0]!.params, { progressToken: 'mine', progress: 1 });
  assert.equal(methods.length, 2);
});

const page = { mode: 'url', message: 'Please sign in', url: 'https://sign-in.example.com/', elicitationId: 'e1' };

test('a page that the server wants opened first becomes a question, and the call is made anew after it', async () => {
  let calls = 0;
  await using server = await telling(({ message: { id } }, response) => {
    const error = { code: -32042, message: 'Sign in first', data: { elicitations: [page] } };
    answerJson(
      response,
      calls++ === 0 ? { jsonrpc: '2.0', id, error } : { jsonrpc: '2.0', id, result: { content: [] } },
    );
  });
  const capabilities = { elicitation: { url: {} } };
  const { result } = (await call(server, { capabilities })).message;
  const { inputRequests, requestState } = result as { inputRequests: Record<string, object>; requestState: string };
  const [[key, asked]] = Object.entries(inputRequests) as [[string, object]];
  const { elicitationId: _id, ...params } = page;
  assert.deepEqual(asked, { method: 'elicitation/create', params });

  const declined = { requestState, inputResponses: { [key]: { action: 'decline' } } };
  const refused = await call(server, { id: 2, capabilities, more: declined });
  assert.equal(refused.message.error!.data!['reason'], 'gateway_input_refused');
  const changed = await call(server, { id: 3, capabilities, more: { requestState }, args: { other: 1 } });
  assert.equal(changed.message.error!.code, -32602);
  assert.equal(calls, 1, 'nothing was carried out for either');

  const accepted = { requestState, inputResponses: { [key]: { action: 'accept' } } };
  const opened = await call(server, { id: 4, capabilities, more: accepted });
  assert.deepEqual([opened.message.result!['resultType'], calls], ['complete', 2]);
});

test('a client that cannot open pages is told what it lacks', async () => {
  await using server = await telling(({ message: { id } }, response) => {
    const error = { code: -32042, message: 'Sign in first', data: { elicitations: [page] } };
    answerJson(response, { jsonrpc: '2.0', id, error });
  });
  const { status, message } = await call(server, { capabilities: { elicitation: {} } });
  assert.deepEqual([status, message.error!.code], [400, -32021]);
  assert.deepEqual(message.error!.data!['requiredCapabilities'], { elicitation: { url: {} } });
});

test('a page at an address that is none, or on another scheme, is no question', async () => {
  await using server = await telling(({ message: { id } }, response) => {
    const elicitations = [{ ...page, url: 'javascript:alert(1)' }];
    answerJson(response, {
      jsonrpc: '2.0',
      id,
      error: { code: -32042, message: 'Sign in first', data: { elicitations } },
    });
  });
  const { message } = await call(server, { capabilities: { elicitation: { url: {} } } });
  assert.equal(message.error!.code, -32603);
});

/** A server that asks the client for its model in the middle of a call, and what it makes of the answer. */
const asking = (finish: (answer: { result?: unknown; error?: { code: number } }) => object): Promise<Telling> => {
  let waiting: { id: unknown; response: ServerResponse } | undefined;
  return startTelling({
    capabilities: { tools: {} },
    handle({ message }, response) {
      if (message.method === 'tools/call') {
        const params = { messages: [], maxTokens: 1 };
        beginEventStream(response).write(event({ id: 'q', method: 'sampling/createMessage', params }));
        waiting = { id: message.id, response };
        return true;
      }
      if (message.id !== 'q') return false;
      waiting!.response.end(done(waiting!.id, finish(message as never)));
      response.writeHead(202).end();
      return true;
    },
  });
};

test('a server that cannot do without what the client lacks: the client is told so', async () => {
  await using server = await asking(() => ({ content: [], isError: true }));
  const { body } = await call(server);
  assert.match(body, /-32021/);
  assert.match(body, /"requiredCapabilities":\{"sampling":\{\}\}/);
});

test('a server that can do without is not stopped', async () => {
  await using server = await asking(({ error }) => ({ content: [{ type: 'text', text: `without: ${error?.code}` }] }));
  assert.match((await call(server)).body, /without: -32601/);
});

test('what the modern revision removed is not found, and a ping of the server is answered here', async () => {
  await using server = await startTelling();
  for (const method of ['ping', 'resources/subscribe', 'logging/setLevel', 'initialize']) {
    const { body, headers } = modern(method, { uri: 'file:///a', level: 'info' });
    const { status, message } = await post(server.url, body, {
      token: 'dana',
      headers: { ...headers, 'mcp-name': undefined },
    });
    assert.deepEqual([status, message.error?.code], [404, -32601], method);
  }
  const stream = await server.listen({ toolsListChanged: true });
  server.streams[0]!.write(event({ id: 'p', method: 'ping' }));
  assert.deepEqual((await server.answered('p'))['result'], {});
  stream.leave();
});

test('a question outside of any call is answered for the client: nobody is there to be asked', async () => {
  await using server = await startTelling();
  const stream = await server.listen({ toolsListChanged: true });
  server.streams[0]!.write(event({ id: 'q', method: 'elicitation/create', params: { message: 'Hm?' } }));
  assert.equal(((await server.answered('q'))['error'] as { code: number }).code, -32601);
  stream.leave();
});

test('a resource that is not there has the code of the modern revision, and its URI', async () => {
  await using server = await startTelling({
    handle({ message }, response) {
      if (message.method !== 'resources/read') return false;
      answerJson(response, { jsonrpc: '2.0', id: message.id, error: { code: -32002, message: 'no such resource' } });
      return true;
    },
  });
  const { body, headers } = modern('resources/read', { uri: 'file:///gone' });
  const { error } = (await post(server.url, body, { token: 'dana', headers })).message;
  assert.deepEqual([error!.code, error!.data], [-32602, { uri: 'file:///gone' }]);
});

test('tools whose header annotations are not allowed are not shown; the others are, and their headers are checked', async () => {
  const schema = (property: object) => ({ type: 'object', properties: { region: property } });
  const good = { name: 'read', inputSchema: schema({ type: 'string', 'x-mcp-header': 'Region' }) };
  const bad = { name: 'bad', inputSchema: schema({ type: 'number', 'x-mcp-header': 'Region' }) };
  await using server = await startTelling({ tools: [good, bad] });
  const { body, headers } = modern('tools/list');
  const { result } = (await post(server.url, body, { token: 'dana', headers })).message;
  assert.deepEqual(
    (result!['tools'] as { name: string }[]).map(({ name }) => name),
    ['read'],
  );
  const use = calling({ args: { region: 'here' } });
  const sent = (region: string) =>
    post(server.url, use.body, { token: 'dana', headers: { ...use.headers, 'mcp-param-region': region } });
  assert.deepEqual([(await sent('here')).status, (await sent('there')).status], [200, 400]);
});

/** A server that forgets its sessions whenever a tool is called, until it has forgotten so many. */
const forgetful = (times: number): Promise<Telling> => {
  let forgotten = 0;
  return telling(({ message: { id } }, response) => {
    if (forgotten++ < times) response.writeHead(404).end();
    else answerJson(response, { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'done' }] } });
  });
};

test('a server that has forgotten the session gets a new one, and once more what it refused', async () => {
  await using server = await forgetful(1);
  assert.match((await call(server)).body, /done/);
  assert.equal(server.asked('tools/call').length, 2);
});

test('a server that forgets every session is not asked for ever', async () => {
  await using server = await forgetful(100);
  assert.equal((await call(server)).message.error?.data?.['reason'], 'upstream_unavailable');
  assert.equal(server.asked('tools/call').length, 2);
});
