// The gateway in front of servers that are reached by stdio in the newest revision, and by the oldest of all transports.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { openGatewayRoom } from './support/gateway-room.ts';
import { makersUse } from './support/house.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';
import { startEverythingOverSse } from './support/sse-servers.ts';
import { quickNode } from './support/quick-node.ts';

const stdio = path.join(import.meta.dirname, 'conformance/upstream/stdio.ts');
const echo = { name: 'echo', arguments: { message: 'hello' } };
const said = ({ message }: Awaited<ReturnType<typeof post>>): string =>
  (message.result as { content: [{ text: string }] }).content[0].text;

test('clients of both eras reach a server that has only HTTP+SSE', async () => {
  await using server = await startEverythingOverSse();
  await using room = await openGatewayRoom({ servers: { old: { url: server.url } }, access: makersUse('old') });
  const url = `${room.url}/mcp/old`;
  const { body, headers } = modern('tools/call', echo);
  assert.match(said(await post(url, body, { token: 'dana', headers })), /hello/);
  const session = await openLegacySession(url, 'dana');
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: echo };
  assert.match(said(await post(url, call, { token: 'dana', headers: session })), /hello/);
});

test('requests with the same id and token at the same time are each answered on their own, over one process', async () => {
  await using room = await openGatewayRoom({
    servers: { child: { command: [...quickNode, stdio], maxChannels: 1 } },
    access: makersUse('child'),
  });
  const params = { name: 'test_tool_with_progress', arguments: {} };
  const { body, headers } = modern('tools/call', params, 7) as { body: { params: { _meta: object } }; headers: object };
  const asking = { ...body, params: { ...body.params, _meta: { ...body.params._meta, progressToken: 7 } } };
  const call = () => post(`${room.url}/mcp/child`, asking, { token: 'dana', headers: { ...headers } });
  for (const answer of await Promise.all([call(), call(), call()])) {
    assert.ok(answer.message.result !== undefined, answer.body);
    assert.equal(answer.message.id, 7);
    const progress = answer.body.match(/"progressToken":7,/g);
    assert.equal(progress?.length, 3, answer.body);
  }
});
