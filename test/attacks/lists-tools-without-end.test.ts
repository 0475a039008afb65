// The attacker runs a server whose list of tools goes on and on, a large page at a time, whenever a tool is not known.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { makersUse } from '../support/house.ts';
import { answerJson, startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, post } from '../support/mcp-post.ts';

const pages = 60;
const pageBytes = 300_000;

/** Bounded, so that the control comes to an end. */
async function startEndless(): Promise<HttpUpstream & { asked: () => number }> {
  let asked = 0;
  const upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['modern'],
      handle({ message }, response) {
        if (message.method !== 'tools/list') return false;
        const page = ++asked;
        const tools = [{ name: `tool-${page}`, description: 'd'.repeat(pageBytes), inputSchema: { type: 'object' } }];
        const more = page < pages && { nextCursor: String(page) };
        const listed = { resultType: 'complete', ttlMs: 0, cacheScope: 'private', tools, ...more };
        answerJson(response, { jsonrpc: '2.0', id: message.id, result: listed });
        return true;
      },
    }),
  );
  return Object.assign(upstream, { asked: () => asked });
}

test('control: whoever follows its cursors gets page after page', async () => {
  await using server = await startEndless();
  let [cursor, bytes] = [undefined as unknown, 0];
  do {
    const { body, headers } = modern('tools/list', cursor === undefined ? {} : { cursor });
    const { body: text, message } = await post(server.url, body, { headers });
    bytes += text.length;
    cursor = message.result?.['nextCursor'];
  } while (cursor !== undefined);
  assert.equal(server.asked(), pages);
  assert.ok(bytes > pages * pageBytes);
});

test('Genkan looks for an unknown tool no further than it could remember', async () => {
  await using server = await startEndless();
  await using room = await openGatewayRoom({ access: makersUse('endless'), servers: { endless: { url: server.url } } });
  const { body, headers } = modern('tools/call', { name: 'no such tool', arguments: {} });
  await post(`${room.url}/mcp/endless`, body, { token: 'dana', headers });
  assert.ok(server.asked() <= 10, `${server.asked()} pages`);
});
