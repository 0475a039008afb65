// The attacker runs a server that never answers the message with which a conversation begins, and says other things instead, without end.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { send } from '../support/event-stream.ts';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { makersUse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { beginEventStream, event, mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, post } from '../support/mcp-post.ts';
import type { Posted } from '../support/mcp-post.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const megabyte = 1024 * 1024;
const flood = 48 * megabyte;
const part = event({ method: 'notifications/message', params: { level: 'info', data: 'x'.repeat(megabyte / 4) } });
const sign = event({ method: 'notifications/message', params: { level: 'info', data: 'more to come' } });
const startSeconds = 5;

interface Flooding extends HttpUpstream {
  /** Resolves when a stream has taken all that is said at once, or was broken off. From then on there are signs of life alone. */
  readonly said: Promise<void>;
  /** Resolves when the other side has closed the last of them. */
  over(): Promise<unknown>;
}

/** @param method what it answers with a flood @param after times that it answers as it should before */
async function startFlooding(method: string, after: number): Promise<Flooding> {
  const { promise: said, resolve } = Promise.withResolvers<void>();
  const streams: ServerResponse[] = [];
  let asked = 0;
  async function speak(stream: ServerResponse): Promise<void> {
    const cut = once(stream, 'close'); // what is being written then is never said to be
    for (let bytes = 0; bytes < flood && !stream.destroyed; bytes += part.length)
      await Promise.race([cut, new Promise<void>((resolve) => stream.write(part, () => resolve()))]);
    resolve();
    const signs = setInterval(() => stream.write(sign), 100);
    stream.once('close', () => clearInterval(signs));
    if (stream.destroyed) clearInterval(signs);
  }
  const upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['legacy'],
      handle({ message }, response) {
        if (message.method !== method || asked++ < after) return false;
        streams.push(beginEventStream(response));
        void speak(response);
        return true;
      },
    }),
  );
  return Object.assign(upstream, {
    said,
    over: () => Promise.all(streams.map((stream) => stream.destroyed || once(stream, 'close'))),
  });
}

const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const reasonOf = ({ message }: Posted): unknown => message.error?.data?.['reason'];

/** The least of several readings: what a collection frees is given back some turns of the event loop later. */
async function keptBytes(): Promise<number> {
  let least = Infinity;
  for (let reading = 0; reading < 10; reading++) {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    least = Math.min(least, heapUsed + arrayBuffers);
    await new Promise(setImmediate);
  }
  return least;
}

test('control: whoever waits for the answer hears everything else', async () => {
  await using server = await startFlooding('initialize', 0);
  const outgoing = send(server.url, initialize);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let [bytes, answered] = [0, false];
  const enough = new Promise<void>((resolve) => {
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      answered ||= chunk.includes('"result"');
      if (bytes > flood && chunk.includes('more to come')) resolve();
    });
  });
  await enough;
  assert.ok(!answered);
  outgoing.destroy();
});

for (const [when, after] of [
  ['to find out what it speaks', 0],
  ['to begin a conversation', 1],
] as const)
  test(`a server that floods whoever asks ${when} fills no memory, and nobody waits longer than starting may take`, async () => {
    await using server = await startFlooding('initialize', after);
    const evil = { url: server.url, startSeconds };
    await using room = await openGatewayRoom({ access: makersUse('evil'), servers: { evil } });
    const url = `${room.url}/mcp/evil`;
    const before = await keptBytes();
    const { body, headers } = modern('tools/list');
    const answers = Promise.all([
      post(url, initialize, { token: 'dana' }),
      post(url, body, { token: 'erin', headers }),
    ]);
    answers.catch(() => undefined); // what fails before they come is to be told
    await server.said;
    const kept = (await keptBytes()) - before;
    assert.ok(kept < flood / 2, `${Math.round(kept / megabyte)} MiB`);
    assert.deepEqual((await answers).map(reasonOf), ['upstream_timeout', 'upstream_timeout']);
    await server.over();
  });

test('a server that answers the end of the handshake with a flood is waited for no longer either', async () => {
  await using server = await startFlooding('notifications/initialized', 0);
  const evil = { url: server.url, startSeconds: 1 };
  await using room = await openGatewayRoom({ access: makersUse('evil'), servers: { evil } });
  const { body, headers } = modern('tools/list');
  assert.equal(reasonOf(await post(`${room.url}/mcp/evil`, body, { token: 'erin', headers })), 'upstream_timeout');
  await server.over();
});
