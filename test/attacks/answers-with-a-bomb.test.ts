// Threat: a server answers with a little that becomes very much once it is unpacked, or says that it is short and does not stop.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { makersUse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, post } from '../support/mcp-post.ts';

const maxMessageBytes = 65_536;
const unpackedBytes = 64 * 1024 * 1024;
const bomb = gzipSync(
  `{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"${'a'.repeat(unpackedBytes)}"}]}}`,
);
const piece = Buffer.alloc(65_536, 0x20);

test('a packed bomb is not unpacked, and an answer without end is broken off', async () => {
  const sent = { bytes: 0 };
  await using upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['modern'],
      handle({ message, path }, response) {
        if (path === '/bomb') {
          response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
          return true;
        }
        const how = message.method === 'tools/call' ? message.params!['name'] : undefined;
        if (how === 'read') {
          response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
          return true;
        }
        if (how !== 'write') return false;
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = (): void => {
          while (!response.destroyed && sent.bytes < unpackedBytes) {
            sent.bytes += piece.length;
            if (!response.write(piece)) return void response.once('drain', more);
          }
        };
        more();
        return true;
      },
    }),
  );
  const naive = await fetch(upstream.url.replace('/mcp', '/bomb'), { method: 'POST', body: '{}' });
  assert.ok((await naive.text()).length > unpackedBytes, 'control: whoever unpacks has it all');

  await using room = await openGatewayRoom({
    access: makersUse('bomber'),
    servers: { bomber: { url: upstream.url, maxMessageBytes } },
  });
  for (const name of ['read', 'write']) {
    const { body, headers } = modern('tools/call', { name, arguments: {} });
    const { message } = await post(`${room.url}/mcp/bomber`, body, { token: 'dana', headers });
    assert.ok(message.error !== undefined, name);
    assert.doesNotMatch(message.error.message, /aaaa/);
  }
  assert.ok(sent.bytes < unpackedBytes / 2, `${sent.bytes} bytes were taken`);
});
