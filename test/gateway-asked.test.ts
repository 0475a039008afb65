// A client of the older revisions at a modern server: it is asked what the server needs, on the stream of its own call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { startHttpFixture } from './conformance/upstream/http.ts';
import { openEventStream } from './support/event-stream.ts';
import { openGatewayRoom } from './support/gateway-room.ts';
import type { GatewayRoom } from './support/gateway-room.ts';
import { makersUse } from './support/house.ts';
import { answerJson, startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { beginEventStream, event, mcpByHand } from './support/mcp-by-hand.ts';
import { openLegacySession, post } from './support/mcp-post.ts';

const everything = { elicitation: { form: {} }, sampling: {}, roots: { listChanged: true } };

const openRoom = (upstream: HttpUpstream): Promise<GatewayRoom> =>
  openGatewayRoom({ access: { assignments: assigned }, servers: { modern: { url: upstream.url } } });
const { assignments: assigned } = makersUse('modern') as { assignments: object[] };

/** The official client of the older revisions, in a session that ends with the test. */
async function connect(
  context: TestContext,
  room: GatewayRoom,
  capabilities: object = everything,
): Promise<{ client: Client; transport: StreamableHTTPClientTransport }> {
  const client = new Client({ name: 'old', version: '1' }, { capabilities });
  const requestInit = { headers: { authorization: 'Bearer dana' } };
  const transport = new StreamableHTTPClientTransport(new URL(`${room.url}/mcp/modern`), { requestInit });
  await client.connect(transport);
  context.after(() => client.close());
  return { client, transport };
}

const calls = (upstream: HttpUpstream): number =>
  upstream.seen.filter(({ message }) => message.method === 'tools/call').length;
const textOf = (result: unknown): string => (result as { content: { text: string }[] }).content[0]!.text;
const accept = { action: 'accept', content: { name: 'Dana' } } as const;

test('elicitation, sampling and roots of one result are asked at once, and the call goes on with the answers', async (context) => {
  await using upstream = await startHttpFixture('modern');
  await using room = await openRoom(upstream);
  const { client } = await connect(context, room);
  client.setRequestHandler(ElicitRequestSchema, () => accept);
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => ({
    model: 'm',
    role: 'assistant',
    content: { type: 'text', text: `re: ${JSON.stringify(params.messages)}` },
  }));
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///home/dana' }] }));
  const told = textOf(await client.callTool({ name: 'test_input_required_result_multiple_inputs', arguments: {} }));
  for (const answer of [/"name":"Dana"/, /re: .*Generate a greeting/, /file:\/\/\/home\/dana/])
    assert.match(told, answer);
  assert.equal(calls(upstream), 2);
  const { records } = room;
  assert.equal(records.filter(({ action }) => action === 'mcp/answer').length, 3, 'each answer is on record');
});

test('a server may ask again, and in prompts too', async (context) => {
  await using upstream = await startHttpFixture('modern');
  await using room = await openRoom(upstream);
  const { client } = await connect(context, room);
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => ({
    action: 'accept',
    content: /color/.test(params.message) ? { color: 'red' } : { name: 'Dana', context: 'home' },
  }));
  const rounds = await client.callTool({ name: 'test_input_required_result_multi_round', arguments: {} });
  assert.equal(textOf(rounds), 'Dana likes red.');
  const prompt = await client.getPrompt({ name: 'test_input_required_result_prompt' });
  assert.match(JSON.stringify(prompt), /home/);
});

test('a person who declines is heard by the server; a client that fails is not, and ends its call', async (context) => {
  await using upstream = await startHttpFixture('modern');
  await using room = await openRoom(upstream);
  const { client } = await connect(context, room);
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'decline' }));
  client.setRequestHandler(CreateMessageRequestSchema, () => {
    throw new Error('rejected by the user');
  });
  const declined = await client.callTool({ name: 'test_elicitation', arguments: { message: 'Who?' } });
  assert.match(textOf(declined), /action=decline/);
  const before = calls(upstream);
  const failing = client.callTool({ name: 'test_sampling', arguments: { prompt: 'hello' } });
  await assert.rejects(failing, /was not answered/);
  assert.equal(calls(upstream), before + 1);
});

test('a client that declared nothing is told why its call cannot be carried out', async (context) => {
  await using upstream = await startHttpFixture('modern');
  await using room = await openRoom(upstream);
  const { client } = await connect(context, room, {});
  const result = await client.callTool({ name: 'test_missing_capability', arguments: {} });
  assert.equal(result.isError, true);
  assert.match(textOf(result), /sampling/i);
});

test('a call that is cancelled while a person is asked is not continued, and the question is withdrawn', async (context) => {
  await using upstream = await startHttpFixture('modern');
  await using room = await openRoom(upstream);
  const { client } = await connect(context, room);
  const asking = Promise.withResolvers<AbortSignal>();
  client.setRequestHandler(ElicitRequestSchema, (_request, { signal }) => {
    asking.resolve(signal);
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve({ action: 'cancel' })));
  });
  const leaving = new AbortController();
  const call = client.callTool({ name: 'test_elicitation', arguments: { message: 'Who?' } }, undefined, {
    signal: leaving.signal,
  });
  const asked = await asking.promise;
  const withdrawn = new Promise((resolve) => asked.addEventListener('abort', resolve));
  leaving.abort();
  await assert.rejects(call);
  await withdrawn;
  const outcome = await room.recorded(({ action, result }) => action === 'tools/call' && result !== 'intent');
  assert.equal(outcome.details['error'], 'gateway_cancelled');
  assert.equal(calls(upstream), 1);
});

test('a session that is ended while a person is asked leaves nothing behind', async (context) => {
  const listening = new Set<object>();
  await using upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['modern'],
      handle({ message }, response) {
        if (message.method === 'subscriptions/listen') {
          listening.add(response);
          response.once('close', () => listening.delete(response));
          beginEventStream(response).write(
            event({
              method: 'notifications/subscriptions/acknowledged',
              params: { notifications: { toolsListChanged: true } },
            }),
          );
          return true;
        }
        if (message.method !== 'tools/call') return false;
        const inputRequests = { a: { method: 'roots/list' } };
        answerJson(response, {
          jsonrpc: '2.0',
          id: message.id,
          result: { resultType: 'input_required', inputRequests },
        });
        return true;
      },
    }),
  );
  await using room = await openRoom(upstream);
  const { client, transport } = await connect(context, room);
  const asking = Promise.withResolvers<void>();
  client.setRequestHandler(ListRootsRequestSchema, () => {
    asking.resolve();
    return new Promise(() => undefined);
  });
  const call = client.callTool({ name: 'read', arguments: {} });
  call.catch(() => undefined);
  await asking.promise;
  assert.equal(listening.size, 1);
  const [stream] = listening as Set<import('node:http').ServerResponse>;
  const ended = new Promise((resolve) => stream!.once('close', resolve));
  await transport.terminateSession();
  await assert.rejects(call, /not available/);
  await ended;
  assert.equal(room.gateway.sessions(), 0);
  assert.equal(calls(upstream), 1);
});

for (const protocolVersion of ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])
  test(`in ${protocolVersion} the question comes on the event stream of the call, and so does the answer`, async () => {
    await using upstream = await startHttpFixture('modern');
    await using room = await openRoom(upstream);
    const url = `${room.url}/mcp/modern`;
    const params = { protocolVersion, capabilities: { roots: {} }, clientInfo: { name: 'old', version: '1' } };
    const opened = await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, { token: 'dana' });
    assert.equal(opened.message.result!['protocolVersion'], protocolVersion);
    const headers = {
      'mcp-session-id': String(opened.headers['mcp-session-id']),
      ...(protocolVersion >= '2025-06-18' && { 'mcp-protocol-version': protocolVersion }),
    };
    const name = 'test_input_required_result_list_roots';
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } };
    const stream = await openEventStream(url, call, { token: 'dana', headers });
    await stream.until(/roots\/list.*\n\n/);
    const question = JSON.parse(/data: (.*roots\/list.*)/.exec(stream.text())![1]!) as { id: string };
    const answer = { jsonrpc: '2.0', id: question.id, result: { roots: [{ uri: 'file:///srv' }] } };
    assert.equal((await post(url, answer, { token: 'dana', headers })).status, 202);
    assert.match(await stream.ended, /file:\/\/\/srv/);
    assert.equal((await post(url, answer, { token: 'dana', headers })).status, 400, 'an answer counts once');
  });

test('the level that the client wants is asked for with each request, and what the server logs reaches it', async (context) => {
  await using upstream = await startHttpFixture('modern');
  await using room = await openRoom(upstream);
  const { client } = await connect(context, room);
  const heard: string[] = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void heard.push(params.level));
  await assert.rejects(
    client.request({ method: 'logging/setLevel', params: { level: 'loud' as never } }, anyResult),
    /-32602/,
  );
  await client.setLoggingLevel('debug');
  await client.callTool({ name: 'test_tool_with_logging', arguments: {} });
  const last = upstream.seen.findLast(({ message }) => message.method === 'tools/call')!.message.params!;
  assert.equal((last['_meta'] as Record<string, unknown>)['io.modelcontextprotocol/logLevel'], 'debug');
  assert.ok(heard.length > 0);
});
const anyResult = {
  parse: (value: unknown) => value,
  safeParse: (data: unknown) => ({ success: true, data }),
} as never;

test('a cancelled call closes its stream at the server; a client that only hangs up does not', async () => {
  const streams = new Map<unknown, { closed: Promise<unknown>; finish: () => void }>();
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['modern'],
      handle({ message }, response) {
        if (message.method !== 'tools/call') return false;
        beginEventStream(response);
        const result = { resultType: 'complete', content: [{ type: 'text', text: 'finished' }] };
        const finish = (): void => void response.end(event({ id: message.id, result }));
        streams.set(message.id, {
          closed: new Promise((resolve) => response.once('close', () => resolve(response.writableFinished))),
          finish,
        });
        begun[streams.size - 1]!.resolve();
        return true;
      },
    }),
  );
  await using room = await openRoom(upstream);
  const url = `${room.url}/mcp/modern`;
  const headers = await openLegacySession(url, 'dana');
  const call = (id: string) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'read', arguments: {} } });

  const cancelled = post(url, call('one'), { token: 'dana', headers });
  await begun[0]!.promise;
  const params = { requestId: 'one' };
  await post(url, { jsonrpc: '2.0', method: 'notifications/cancelled', params }, { token: 'dana', headers });
  assert.equal(await streams.get('one')!.closed, false, 'broken off before its end');
  await cancelled;

  const left = await openEventStream(url, call('two'), { token: 'dana', headers });
  await begun[1]!.promise;
  await left.until(/id: (\d+\.\d+)/);
  const [, lastEventId] = /id: (\d+\.\d+)/.exec(left.text())!;
  const hungUp = room.hangUp();
  left.leave();
  await hungUp;
  streams.get('two')!.finish();
  assert.equal(await streams.get('two')!.closed, true, 'the server could finish');
  const back = await openEventStream(url, undefined, {
    token: 'dana',
    headers: { ...headers, 'last-event-id': lastEventId },
  });
  assert.match(await back.ended, /finished/);
});
