// However an app writes its answer, the session that it announces is heard first, and an answer can be broken off.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { listenFor } from './announced-session.ts';

async function heard(answer: (response: ServerResponse) => void, accept = true) {
  const [headers, endpoints]: [string[], string[]] = [[], []];
  const server = createServer((_request, response) => {
    listenFor(response, {
      onHeader: (id) => headers.push(id) > 0 && accept,
      onEndpoint: (address) => endpoints.push(address) > 0 && accept,
    });
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const text = await fetch(`http://127.0.0.1:${port}/`).then(
    (response) => response.text(),
    () => 'broken off',
  );
  server.close();
  return { headers, endpoints, text };
}

const ways: Record<string, (response: ServerResponse) => void> = {
  'writeHead with an object': (response) => response.writeHead(200, { 'Mcp-Session-Id': 'x' }).end('body'),
  'writeHead with a message': (response) => response.writeHead(200, 'fine', { 'mcp-session-id': 'x' }).end('body'),
  'writeHead with names and values in turn': (response) =>
    response.writeHead(200, ['content-type', 'text/plain', 'MCP-Session-Id', 'x']).end('body'),
  'setHeader, and nothing else': (response) => response.setHeader('mcp-session-id', 'x').end('body'),
  'flushed ahead of the body': (response) => {
    response.setHeader('mcp-session-id', 'x');
    response.flushHeaders();
    response.end('body');
  },
};

for (const [way, answer] of Object.entries(ways))
  test(`a session in the head: ${way}`, async () => {
    const { headers, text } = await heard(answer);
    assert.deepEqual([new Set(headers), text], [new Set(['x']), 'body']);
    assert.equal((await heard(answer, false)).text, 'broken off');
  });

test('a session in the first event, as text or as bytes; later events are no announcement', async () => {
  const event = 'event: endpoint\ndata: /message?sessionId=x\n\n';
  for (const written of [event, Buffer.from(event)]) {
    const answer = (response: ServerResponse): void => {
      response.write(written);
      response.write('event: endpoint\ndata: /message?sessionId=y\n\n');
      response.end();
    };
    assert.deepEqual((await heard(answer)).endpoints, ['/message?sessionId=x']);
    assert.equal((await heard(answer, false)).text, 'broken off');
  }
});
