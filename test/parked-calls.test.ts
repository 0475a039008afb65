// Calls that wait for a person: the server is told when nobody comes back, and nothing is ever carried out twice.
import assert from 'node:assert/strict';
import { mkdtempDisposable, watch } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { openGatewayRoom } from './support/gateway-room.ts';
import { makersUse } from './support/house.ts';
import { startTelling } from './support/legacy-listener.ts';
import { beginEventStream, event } from './support/mcp-by-hand.ts';
import { modern, post } from './support/mcp-post.ts';
import { quickNode } from './support/quick-node.ts';

const capabilities = { elicitation: { form: {} } };

function call(url: string, more: Record<string, unknown> = {}, token = 'dana', declared: object = capabilities) {
  const { body, headers } = modern('tools/call', { name: 'write', arguments: { amount: 1 }, ...more });
  const { params } = body as { params: { _meta: Record<string, unknown> } };
  params._meta['io.modelcontextprotocol/clientCapabilities'] = declared;
  return post(url, body, { token, headers });
}

/** A server that asks before it acts, and acts when it is told to. */
async function startAsking(gateway: object = {}) {
  const calls: { readonly id: unknown; readonly response: ServerResponse }[] = [];
  const server = await startTelling({
    gateway,
    handle({ message }, response) {
      if (message.method === 'tools/call') {
        calls.push({ id: message.id, response });
        const params = { message: 'Really?', requestedSchema: { type: 'object', properties: {} }, task: { ttl: 1 } };
        const question = { id: `q${calls.length}`, method: 'elicitation/create', params };
        beginEventStream(response).write(event(question));
        return true;
      }
      if (typeof message.id !== 'string' || !/^q\d+$/.test(message.id)) return false;
      const { id, response: stream } = calls[Number(message.id.slice(1)) - 1]!;
      stream.end(event({ id, result: { content: [{ type: 'text', text: JSON.stringify(message['result']) }] } }));
      response.writeHead(202).end();
      return true;
    },
  });
  return Object.assign(server, { calls });
}

interface Question {
  readonly params: { readonly message: string };
}

async function park(url: string, more?: Record<string, unknown>) {
  const { result } = (await call(url, more)).message;
  const { inputRequests, requestState } = result as { inputRequests: Record<string, Question>; requestState: string };
  const questions = Object.values(inputRequests);
  const answers = Object.keys(inputRequests).map((key) => [key, { action: 'accept', content: {} }]);
  const asked = questions.map(({ params }) => params.message);
  return { question: questions[0]!, asked, more: { requestState, inputResponses: Object.fromEntries(answers) } };
}

const elicitation = (id: string) => ({
  id,
  method: 'elicitation/create',
  params: { message: id, requestedSchema: { type: 'object', properties: {} } },
});

const invalid = async (answer: ReturnType<typeof call>): Promise<void> => {
  const { error } = (await answer).message;
  assert.deepEqual([error?.code, error?.data?.['reason']], [-32602, 'gateway_request_state_invalid']);
};

test('the question is asked without what belongs to the older revision, and the call goes on with the answer', async () => {
  await using server = await startAsking();
  const { question, more } = await park(server.url);
  const params = { message: 'Really?', requestedSchema: { type: 'object', properties: {} } };
  assert.deepEqual(question, { method: 'elicitation/create', params });
  assert.match((await call(server.url, more)).body, /accept/);
  assert.equal(server.calls.length, 1);
});

test('a call to which nobody comes back is cancelled at its server, and is over', async () => {
  await using server = await startAsking({ parkedSeconds: 1 });
  const { more } = await park(server.url);
  await server.until('notifications/cancelled', 1);
  assert.equal(server.asked('notifications/cancelled')[0]!.params!['requestId'], server.calls[0]!.id);
  await invalid(call(server.url, more));
  assert.equal(server.calls.length, 1);
});

test('the server breaks off: the client that comes back is told, and the call is not made again', async () => {
  await using server = await startAsking();
  const { more } = await park(server.url);
  server.calls[0]!.response.destroy();
  const { error } = (await call(server.url, more)).message;
  assert.equal(error?.code, -31012);
  assert.equal(server.calls.length, 1);
});

test('another client of the same person, or one that declares something else, does not take the call up', async () => {
  await using server = await startAsking();
  const { more } = await park(server.url);
  await invalid(call(server.url, more, 'dana-other'));
  await invalid(call(server.url, more, 'dana', { elicitation: { form: {}, url: {} } }));
  await invalid(call(server.url, more, 'erin'));
  assert.equal(server.calls.length, 1, 'nothing was carried out for them');
  assert.match((await call(server.url, more)).body, /accept/, 'control: the client that left it does');
});

test('a call that was parked before Genkan was started anew is over', async () => {
  await using server = await startAsking();
  const { more } = await park(server.url);
  await using restarted = await openGatewayRoom({
    access: makersUse('raw'),
    servers: { raw: { url: server.upstream.url } },
  });
  await invalid(call(`${restarted.url}/mcp/raw`, more));
  assert.equal(server.calls.length, 1);
});

test('a question that the server withdraws is not waited for', async () => {
  await using server = await startAsking();
  const { more } = await park(server.url);
  const [{ id, response }] = server.calls as [(typeof server.calls)[0]];
  response.write(event({ method: 'notifications/cancelled', params: { requestId: 'q1' } }));
  response.end(event({ id, result: { content: [{ type: 'text', text: 'without you' }] } }));
  assert.match((await call(server.url, more)).body, /without you/);
});

test('what the server asks while its call is parked is asked at the return, whichever way it comes', async () => {
  await using server = await startAsking();
  const { more } = await park(server.url);
  server.calls[0]!.response.write(event(elicitation('on its stream')) + event({ id: 'ping 1', method: 'ping' }));
  server.streams[0]!.write(event(elicitation('unasked')) + event({ id: 'ping 2', method: 'ping' }));
  await Promise.all([server.answered('ping 1'), server.answered('ping 2')]);
  // The server goes on only with all three: here with the answer to the first, which it has been told to wait with.
  const { response } = server.calls[0]!;
  server.calls[0] = { id: 'not yet', response: { end: () => undefined } as unknown as ServerResponse };
  const again = await park(server.url, more);
  assert.deepEqual(again.asked.toSorted(), ['on its stream', 'unasked']);
  const ending = call(server.url, again.more);
  const answers = await Promise.all(['q1', 'on its stream', 'unasked'].map((id) => server.answered(id)));
  assert.deepEqual(
    answers.map(({ result }) => (result as { action: string }).action),
    ['accept', 'accept', 'accept'],
  );
  const [{ id }] = server.asked('tools/call') as [{ id: unknown }];
  response.end(event({ id, result: { content: [{ type: 'text', text: 'all three' }] } }));
  assert.match((await ending).body, /all three/);
});

test('a question of one of several parked calls is asked of the client that comes back first', async () => {
  await using server = await startAsking();
  const first = await park(server.url);
  await park(server.url);
  server.streams[0]!.write(event(elicitation('whose?')) + event({ id: 'ping', method: 'ping' }));
  await server.answered('ping');
  const { response } = server.calls[0]!;
  server.calls[0] = { id: 'not yet', response: { end: () => undefined } as unknown as ServerResponse };
  const again = await park(server.url, first.more);
  assert.deepEqual(again.asked, ['whose?']);
  const ending = call(server.url, again.more);
  assert.deepEqual((await server.answered('whose?'))['result'], { action: 'accept', content: {} });
  const [{ id }] = server.asked('tools/call') as [{ id: unknown }];
  response.end(event({ id, result: { content: [{ type: 'text', text: 'done' }] } }));
  assert.match((await ending).body, /done/);
});

test('where nobody comes back, such a question is over with the last call that waited', async () => {
  await using server = await startAsking({ parkedSeconds: 1 });
  await park(server.url);
  server.streams[0]!.write(event(elicitation('whose?')));
  assert.deepEqual((await server.answered('whose?'))['result'], { action: 'cancel' });
  assert.equal(server.asked('notifications/cancelled').length, 1);
});

test('a server that asks without end while its call is parked gets errors, and no answer in the name of a person', async () => {
  await using server = await startAsking();
  await park(server.url);
  const ids = Array.from({ length: 17 }, (_, index) => `more ${index}`);
  server.streams[0]!.write(ids.map((id) => event(elicitation(id))).join(''));
  assert.ok((await server.answered('more 16'))['error']);
  const answered = server.upstream.seen.filter(({ message }) => message.method === undefined && message.id !== 'q1');
  assert.deepEqual(
    answered.map(({ message }) => message.id).filter((id) => ids.includes(id as string)),
    ['more 16'],
  );
});

test('a stdio server that asks twice, far apart, is answered twice by the person: in both eras', async () => {
  await using directory = await mkdtempDisposable(path.join(tmpdir(), 'asking-'));
  const script = path.join(import.meta.dirname, 'support/asking-twice-stdio-server.ts');
  const command = [...quickNode, script, '200', path.join(directory.path, 'heard')];
  await using room = await openGatewayRoom({ access: makersUse('twice'), servers: { twice: { command } } });
  const url = `${room.url}/mcp/twice`;

  const changes = watch(directory.path, { signal: AbortSignal.timeout(20_000) });
  const heard = changes.next();
  const first = await park(url, { name: 'read', arguments: {} });
  assert.deepEqual(first.asked, ['first?']);
  await heard; // the person takes longer than the server
  await changes.return!();
  const second = await park(url, { name: 'read', arguments: {}, ...first.more });
  assert.deepEqual(second.asked, ['second?']);
  assert.match((await call(url, { name: 'read', arguments: {}, ...second.more })).body, /accept accept/);

  const client = new Client({ name: 'old', version: '1' }, { capabilities: { elicitation: { form: {} } } });
  const asked: string[] = [];
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push(params.message);
    return { action: 'accept', content: { ok: true } };
  });
  const requestInit = { headers: { authorization: 'Bearer dana' } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  const { content } = await client.callTool({ name: 'read', arguments: {} });
  await client.close();
  assert.deepEqual(asked, ['first?', 'second?']);
  assert.deepEqual(content, [{ type: 'text', text: 'accept accept' }]);
});
