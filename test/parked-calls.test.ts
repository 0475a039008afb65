// Calls that wait for a person: the server is told when nobody comes back, and nothing is ever carried out twice.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { openGatewayRoom } from './support/gateway-room.ts';
import { makersUse } from './support/house.ts';
import { startTelling } from './support/legacy-listener.ts';
import { beginEventStream, event } from './support/mcp-by-hand.ts';
import { modern, post } from './support/mcp-post.ts';

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

async function park(url: string) {
  const { result } = (await call(url)).message;
  const { inputRequests, requestState } = result as { inputRequests: Record<string, object>; requestState: string };
  const [[key, question]] = Object.entries(inputRequests) as [[string, object]];
  return { question, more: { requestState, inputResponses: { [key]: { action: 'accept', content: {} } } } };
}

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
