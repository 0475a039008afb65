// The attacker has a valid session and never reads what is sent to it, so that it piles up in Genkan's memory.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { after, beforeEach, afterEach, before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openEventStream, send } from '../support/event-stream.ts';
import { openGatewayRoom } from '../support/gateway-room.ts';
import type { GatewayRoom } from '../support/gateway-room.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { openSseSession } from '../support/http-sse-client.ts';
import { makersUse } from '../support/house.ts';
import { beginEventStream, event, mcpByHand } from '../support/mcp-by-hand.ts';
import { openLegacySession, post } from '../support/mcp-post.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const megabyte = 1024 * 1024;
const pushed = 40 * megabyte;
const boundBytes = 24 * megabyte;
const said = (data: string): string => event({ method: 'notifications/message', params: { level: 'info', data } });
const chunk = Buffer.from(said('x'.repeat(128 * 1024)));

let upstream: HttpUpstream;
let room: GatewayRoom;
let url: string;
const token = 'dana';
let headers: Record<string, string>;
/** The server's own stream towards Genkan. */
let server: ServerResponse;
/** Genkan has come to the end of what was pushed. */
let heard = Promise.withResolvers<void>();
const lastId = 'the last question';
const warnings: Error[] = [];
const warned = (warning: Error): void => void warnings.push(warning);

before(async () => {
  process.on('warning', warned);
  upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['legacy'],
      onStream: (response) => (server = response),
      handle({ message }, response) {
        if (message.id === lastId) heard.resolve();
        if (message.method !== 'tools/call') return false;
        beginEventStream(response).write(event({ method: 'notifications/progress', params: { progressToken: 1 } }));
        return true;
      },
    }),
  );
});
beforeEach(async () => {
  room = await openGatewayRoom({ access: makersUse('raw'), servers: { raw: { url: upstream.url } } });
  url = `${room.url}/mcp/raw`;
  headers = await openLegacySession(url, token);
  const listed = await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token, headers });
  assert.ok(listed.message.result);
});
afterEach(() => room[Symbol.asyncDispose]());
after(async () => {
  process.off('warning', warned);
  await upstream[Symbol.asyncDispose]();
});

/** The least of a few readings: what a collection frees is given back some turns of the event loop later. */
async function heldBytes(readings = 3, enough = 0): Promise<number> {
  let least = Infinity;
  for (let reading = 0; reading < readings && least >= enough; reading++) {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    least = Math.min(least, heapUsed + external);
    await new Promise(setImmediate);
  }
  return least;
}

/** Each reading stops the world, so one that is within bounds is enough. */
async function staysBounded(already: number): Promise<void> {
  assert.ok((await heldBytes(10, already + boundBytes)) - already < boundBytes);
}

/** Sends as much as Genkan takes, then a last word. A question that is open already is answered by Genkan itself, in its turn. */
async function pushAll(response: ServerResponse): Promise<void> {
  for (let bytes = 0; bytes < pushed; bytes += chunk.length) {
    if (!response.write(chunk)) await once(response, 'drain');
  }
  heard = Promise.withResolvers();
  const question = event({ id: lastId, method: 'ping' });
  response.write(said('the last word') + question + question);
  await heard.promise;
}

/** What a client gets that listens at last: by then everything that was pushed has been dealt with. */
async function listenAtLast(): Promise<string> {
  const stream = await openEventStream(url, undefined, { token, headers });
  await stream.until(/the last word/);
  const text = stream.text();
  stream.leave();
  return text;
}

test('control: a stream that is written without looking keeps everything', async () => {
  const finished = Promise.withResolvers<number>();
  await using plain = await startHttpUpstream((_seen, response) => {
    beginEventStream(response);
    for (let bytes = 0; bytes < pushed; bytes += chunk.length) response.write(chunk);
    finished.resolve(response.writableLength);
  });
  const outgoing = send(plain.url, undefined);
  assert.ok((await finished.promise) > pushed / 2);
  outgoing.destroy();
});

test(
  'a client that does not read its stream loses the stream, not the session, and costs no memory',
  { timeout: 20_000 },
  async () => {
    const already = await heldBytes();
    const outgoing = send(url, undefined, { token, headers });
    const lost = room.hangUp();
    await once(outgoing, 'response');
    await pushAll(server);
    await lost; // the connection too is let go, although nothing has been read
    const text = await listenAtLast();
    assert.ok(text.length <= 1.5 * megabyte, `${text.length} characters were kept for later`);
    await staysBounded(already);
    outgoing.destroy();
    assert.equal((await post(url, { jsonrpc: '2.0', id: 2, method: 'ping' }, { token, headers })).status, 200);
  },
);

test('an HTTP+SSE client that does not read loses its stream, which is its session', { timeout: 20_000 }, async () => {
  const [already, earlier] = [await heldBytes(), server];
  const client = await openSseSession(`${url}/sse`, token);
  while (server === earlier) await new Promise(setImmediate);
  client.stream.response.pause();
  const lost = room.recorded(({ action }) => action === 'session/end');
  await Promise.race([pushAll(server), lost]); // the server's own stream is let go with the session
  await lost;
  await staysBounded(already);
  assert.equal((await client.post({ jsonrpc: '2.0', id: 2, method: 'ping' })).status, 404);
  client.stream.leave();
});

test('what waits for a client that has no stream is bounded by its bytes, and the oldest gives way', async () => {
  const already = await heldBytes();
  await pushAll(server);
  const text = await listenAtLast();
  assert.ok(text.length <= 1.5 * megabyte, `${text.length} characters were kept for later`);
  await staysBounded(already);
});

test('a call whose answer is not read does not become a place to pile up either', async () => {
  const already = await heldBytes();
  const outgoing = send(
    url,
    { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'read' } },
    { token, headers },
  );
  await once(outgoing, 'response');
  await pushAll(server);
  const text = await listenAtLast();
  assert.ok(text.length <= 1.5 * megabyte, `${text.length} characters were kept for later`);
  await staysBounded(already);
  outgoing.destroy();
  assert.deepEqual(
    warnings.map(({ name }) => name).filter((name) => name === 'MaxListenersExceededWarning'),
    [],
  );
});
