// A client whose connection is cut during a call comes back and is told what it missed.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { openEventStream } from './support/event-stream.ts';
import type { EventStream } from './support/event-stream.ts';
import { openGatewayRoom } from './support/gateway-room.ts';
import type { GatewayRoom } from './support/gateway-room.ts';
import { answerJson, startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { makersUse } from './support/house.ts';
import { beginEventStream, event, mcpByHand } from './support/mcp-by-hand.ts';
import { openLegacySession, post } from './support/mcp-post.ts';

const call = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'read', arguments: {} } };
const said = { jsonrpc: '2.0', id: 7, result: { content: [{ type: 'text', text: 'done' }] } };
const priming = /^id: (\S+)\nretry: \d+\ndata: \n\n/;
const answered = /^id: \S+\ndata: \{"jsonrpc":"2.0","id":7,"result":.*"done".*\}\n\n$/;

let upstream: HttpUpstream;
let room: GatewayRoom;
let url: string;
let calls = 0;
let answerTo: (response: ServerResponse) => void;
/** Takes the stream with which Genkan comes back to the server. */
let goOnAt: ((response: ServerResponse) => void) | undefined;

before(async () => {
  upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['legacy'],
      handle({ message }, response) {
        if (message.method !== 'tools/call') return false;
        calls++;
        answerTo(response);
        return true;
      },
      onStream(response) {
        if (response.req.headers['last-event-id'] !== undefined) goOnAt?.(response);
      },
    }),
  );
});
beforeEach(async () => {
  const servers = { raw: { url: upstream.url } };
  room = await openGatewayRoom({ access: makersUse('raw'), servers, gateway: { recheckSeconds: 0.1 } });
  url = `${room.url}/mcp/raw`;
});
afterEach(() => room[Symbol.asyncDispose]());
after(() => upstream[Symbol.asyncDispose]());

const session = async (token = 'dana'): Promise<Record<string, string>> => ({
  ...(await openLegacySession(url, token)),
});

const comeBack = (headers: Record<string, string>, id: string, token = 'dana'): Promise<EventStream> =>
  openEventStream(url, undefined, { token, headers: { ...headers, 'last-event-id': id } });

/** Makes a call that stays unanswered and breaks the connection off after the first event. */
async function cutOff(headers: Record<string, string>): Promise<{ id: string; release: () => void }> {
  const asked = Promise.withResolvers<ServerResponse>();
  answerTo = asked.resolve;
  const stream = await openEventStream(url, call, { token: 'dana', headers });
  await stream.until(priming);
  const left = room.hangUp();
  stream.leave();
  await left;
  const response = await asked.promise;
  return { id: priming.exec(stream.text())![1]!, release: () => answerJson(response, said) };
}

test('the answer reaches a client that comes back while the call is under way, and the call was made once', async () => {
  const headers = await session();
  const before = calls;
  const { id, release } = await cutOff(headers);
  const stream = await comeBack(headers, id);
  release();
  assert.match(await stream.ended, answered);
  assert.equal(calls - before, 1);
});

test('the answer reaches a client that comes back after the call, as often as it does', async () => {
  const headers = await session();
  const { id, release } = await cutOff(headers);
  release();
  await room.recorded(({ action }) => action === 'tools/call');
  for (let times = 0; times < 2; times++) assert.match(await (await comeBack(headers, id)).ended, answered);
});

test('after an event in the middle, only what followed it is told', async () => {
  const headers = await session();
  answerTo = (response) => {
    const progress = (n: number): string =>
      event({ method: 'notifications/progress', params: { progressToken: 1, progress: n } });
    beginEventStream(response).end(progress(1) + progress(2) + event(said));
  };
  const text = await (await openEventStream(url, call, { token: 'dana', headers })).ended;
  const ids = [...text.matchAll(/^id: (\S+)$/gm)].map(([, id]) => id!);
  assert.equal(new Set(ids).size, 4);
  const missed = await (await comeBack(headers, ids[1]!)).ended;
  assert.ok(text.endsWith(missed));
  assert.deepEqual([...missed.matchAll(/^id: (\S+)$/gm)].map(([, id]) => id), ids.slice(2)); // prettier-ignore
});

test('an id that was guessed or belongs to another session opens nothing', async () => {
  const headers = await session();
  const { id, release } = await cutOff(headers);
  const other = await session();
  const guesses = [id.replace(/\d+$/, '9'), '1.0', '', '-1.0', '0.0.0', '__proto__.0'];
  for (const [owner, wrong] of [[other, id], ...guesses.map((guess) => [headers, guess])] as const) {
    const stream = await comeBack(owner as Record<string, string>, wrong as string);
    assert.equal(stream.status, 204, String(wrong));
    assert.equal(await stream.ended, '');
  }
  assert.equal((await comeBack(headers, id, 'erin')).status, 404, 'nor does the right one for anybody else');
  release();
  assert.match(await (await comeBack(headers, id)).ended, answered);
});

test('a stream that was come back to ends with the right to it', async () => {
  const headers = await session();
  const { id, release } = await cutOff(headers);
  const stream = await comeBack(headers, id);
  room.revoke('dana');
  assert.equal(await stream.ended, '');
  release();
  assert.equal((await comeBack(headers, id)).status, 401);
});

test('a stream that was come back to is answered although Genkan is stopped meanwhile', async () => {
  const headers = await session();
  const { id, release } = await cutOff(headers);
  const stream = await comeBack(headers, id);
  room.gateway.drain();
  release();
  assert.match(await stream.ended, answered);
});

test('nothing of an answer is kept before its record is durable', async () => {
  const headers = await session();
  const { id, release } = await cutOff(headers);
  const recording = Promise.withResolvers<void>();
  const durable = Promise.withResolvers<void>();
  room.onRecord = ({ action }) => {
    if (action !== 'tools/call') return;
    recording.resolve();
    return durable.promise;
  };
  release();
  await recording.promise;
  const stream = await comeBack(headers, id);
  assert.equal(stream.text(), '');
  durable.resolve();
  assert.match(await stream.ended, answered);
});

test('what is answered at once as JSON is JSON, and a client of an older revision gets no event without data', async () => {
  const headers = await session();
  answerTo = (response) => answerJson(response, said);
  const quick = await openEventStream(url, call, { token: 'dana', headers });
  assert.equal(quick.response.headers['content-type'], 'application/json');
  answerTo = (response) =>
    void beginEventStream(response).end(event({ method: 'notifications/progress', params: {} }) + event(said));
  const older = { ...headers, 'mcp-protocol-version': '2025-06-18' };
  const text = await (await openEventStream(url, call, { token: 'dana', headers: older })).ended;
  assert.doesNotMatch(text, /^(id|retry):/m);
  assert.match(text, /"done"/);
});

test('an answer that is too large to be kept reaches the client that stayed', async () => {
  const headers = await session();
  const large = { ...said, result: { content: [{ type: 'text', text: 'x'.repeat(1_200_000) }] } };
  answerTo = (response) =>
    void beginEventStream(response).end(event({ method: 'notifications/progress', params: {} }) + event(large));
  const text = await (await openEventStream(url, call, { token: 'dana', headers })).ended;
  assert.ok(text.length > 1_200_000);
  assert.equal((await comeBack(headers, priming.exec(text)![1]!)).status, 204);
  assert.equal((await post(url, { jsonrpc: '2.0', id: 8, method: 'ping' }, { token: 'dana', headers })).status, 200);
});

test('when the server hangs up for its client to come back, Genkan does so too, and the answer arrives after that', async () => {
  const headers = await session();
  const asked = Promise.withResolvers<ServerResponse>();
  const goesOn = Promise.withResolvers<ServerResponse>();
  answerTo = asked.resolve;
  goOnAt = goesOn.resolve;
  const stream = openEventStream(url, call, { token: 'dana', headers });
  beginEventStream(await asked.promise).end('id: 1\nretry: 10\ndata: \n\n');
  const begun = await (await stream).ended;
  assert.match(begun, new RegExp(`${priming.source}$`), 'nothing but an id to come back with');
  const further = await comeBack(headers, priming.exec(begun)![1]!);
  (await goesOn.promise).end(`id: 2\n${event(said)}`);
  assert.match(await further.ended, answered);
});

test('what the server answers on a stream comes on a stream, unless the client did not say that it reads one', async () => {
  const headers = await session();
  answerTo = (response) => beginEventStream(response).end(event(said));
  const streamed = await post(url, call, { token: 'dana', headers });
  assert.match(streamed.headers['content-type']!, /^text\/event-stream/);
  assert.deepEqual(streamed.message, said);
  const plain = await post(url, call, { token: 'dana', headers: { ...headers, accept: 'application/json' } });
  assert.match(plain.headers['content-type']!, /^application\/json/);
  assert.deepEqual(plain.message, said);
});
