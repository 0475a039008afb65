// What is large takes long to be looked at. Nobody else waits for that.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { mcpByHand, readTool } from './support/mcp-by-hand.ts';
import { modern, post } from './support/mcp-post.ts';

const words = 'The ships of the harbour sail at seven, and those of the island a little later. ';
const large = words.repeat(Math.floor((15 * 1024 * 1024) / words.length));

let upstream: HttpUpstream;
let house: TestHouse;
let token: string;
/** The large answer has been written to Genkan. */
let written: PromiseWithResolvers<void>;

before(async () => {
  upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['modern'],
      tools: [readTool, { ...readTool, name: 'peek' }],
      async handle({ message }, response) {
        if (message.method !== 'tools/call' || message.params!['name'] !== 'read') return false;
        const result = { resultType: 'complete', content: [{ type: 'text', text: large }] };
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
        await once(response, 'finish');
        written.resolve();
        return true;
      },
    }),
  );
  house = await openTestHouse({
    access: makersUse('large'),
    servers: { large: { url: upstream.url } },
    inspect: { maxResultCharacters: large.length },
  });
  token = await house.token('dana', 'large');
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const call = (name: string) => {
  const { body, headers } = modern('tools/call', { name, arguments: {} });
  return post(`${house.url}/mcp/large`, body, { token, headers });
};

test('while fifteen megabytes are examined, others are answered', async () => {
  written = Promise.withResolvers();
  assert.ok((await call('peek')).message.result);
  let isOver = false;
  const answered = call('read').finally(() => (isOver = true));
  await written.promise;
  let meanwhile = 0;
  while (!isOver) {
    assert.ok((await call('peek')).message.result);
    if (!isOver) meanwhile++;
  }
  const { message } = await answered;
  assert.equal((message.result!['content'] as { text: string }[])[0]!.text.length, large.length);
  assert.ok(meanwhile >= 3, `${meanwhile} calls were answered meanwhile`);
});
