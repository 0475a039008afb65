// Limits at the door: what callers are told, what stays under way for how long, what is recorded; and servers that have limits of their own.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { openEventStream } from './support/event-stream.ts';
import { openGatewayRoom } from './support/gateway-room.ts';
import type { GatewayRoom } from './support/gateway-room.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream, SeenRequest } from './support/http-upstream.ts';
import { beginEventStream, event, mcpByHand } from './support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';
import type { Posted } from './support/mcp-post.ts';
import { until } from './support/redis.ts';

type Handle = (seen: SeenRequest, response: ServerResponse) => boolean | Promise<boolean>;

interface Door extends AsyncDisposable {
  readonly room: GatewayRoom;
  readonly upstream: HttpUpstream;
  readonly url: string;
  call(name?: string, token?: string, url?: string): Promise<Posted>;
  calls(): number;
}

async function openDoor(limits: readonly object[], handle?: Handle): Promise<Door> {
  const upstream = await startHttpUpstream(mcpByHand({ ...(handle && { handle }), onStream: () => {} }));
  const room = await openGatewayRoom({
    access: { ...makersUse('raw'), limits },
    servers: { raw: { url: upstream.url } },
  });
  const url = `${room.url}/mcp/raw`;
  return {
    room,
    upstream,
    url,
    call(name = 'read', token = 'dana', at = url) {
      const { body, headers } = modern('tools/call', { name, arguments: {} });
      return post(at, body, { token, headers });
    },
    calls: () => upstream.seen.filter(({ message }) => message.method === 'tools/call').length,
    async [Symbol.asyncDispose]() {
      await room[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

test('a call too many is answered 429, with when to come again in head and body', async () => {
  await using door = await openDoor([{ name: 'calls', rate: '2/min' }]);
  assert.deepEqual([(await door.call()).status, (await door.call()).status], [200, 200]);
  const { status, headers, message } = await door.call();
  assert.equal(status, 429);
  const wait = Number(headers['retry-after']);
  assert.ok(wait > 0 && wait <= 30);
  assert.equal(headers['ratelimit-policy'], '"calls";q=2;w=60');
  assert.equal(headers['ratelimit'], `"calls";r=0;t=${wait}`);
  assert.equal(message.error!.code, -31010);
  const { reason, limit, retryAfterSeconds } = message.error!.data!;
  assert.deepEqual([reason, limit, retryAfterSeconds], ['access_limit_exceeded', 'calls', wait]);
  assert.match(message.error!.message, /Nothing was carried out\. Try again in \d+ seconds/);
  assert.equal(door.calls(), 2, 'nothing of it reaches the server');
  door.room.pass(wait);
  assert.equal((await door.call()).status, 200);
});

test('of a flood the first refusal is recorded and the others are counted; every call that passes is recorded', async () => {
  await using door = await openDoor([{ name: 'calls', rate: '3/h' }]);
  for (let call = 0; call < 20; call++) await door.call('write');
  await door.room.limits.flush();
  const { records } = door.room;
  const of = (result: string) => records.filter((entry) => entry.action === 'tools/call' && entry.result === result);
  assert.deepEqual([of('intent').length, of('allowed').length, of('denied').length], [3, 3, 1]);
  assert.equal(of('denied')[0]!.details['code'], 'access_limit_exceeded');
  const counted = records.filter(({ action }) => action === 'limits/refused');
  assert.deepEqual(
    counted.map(({ user, resource, details }) => [user, resource, details['notRecorded']]),
    [['dana', '/limits/calls', 16]],
  );
});

test('roles come first: whom they refuse costs nothing and learns of no limit', async () => {
  await using door = await openDoor([{ name: 'together', per: [], rate: '1/h' }]);
  for (let call = 0; call < 3; call++) {
    const { message } = await door.call('read', 'omar');
    assert.equal(message.error!.data!['reason'], 'access_action_missing');
  }
  assert.equal((await door.call()).status, 200);
});

test('lists and pings are counted where a limit names them, and not otherwise', async () => {
  await using door = await openDoor([
    { name: 'calls', rate: '1/h' },
    { name: 'lists', match: { methods: ['tools/list'] }, rate: '2/h' },
  ]);
  const { body, headers } = modern('tools/list');
  const list = async () => (await post(door.url, body, { token: 'dana', headers })).status;
  assert.deepEqual([await list(), await list(), await list()], [200, 200, 429]);
  assert.equal((await door.call()).status, 200);
});

test('each member of a batch counts, and is answered for itself', async () => {
  await using door = await openDoor([{ name: 'calls', rate: '2/h' }], ({ message }, response) => {
    if (message.method !== 'initialize') return false;
    const result = { protocolVersion: '2025-03-26', capabilities: {}, serverInfo: { name: 'old', version: '1' } };
    const head = { 'content-type': 'application/json', 'mcp-session-id': 'old' };
    response.writeHead(200, head).end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
    return true;
  });
  const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const greeted = await post(door.url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, { token: 'dana' });
  const session = { 'mcp-session-id': String(greeted.headers['mcp-session-id']) };
  const one = (id: number) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'read', arguments: {} } });
  const { status, body } = await post(door.url, [1, 2, 3, 4].map(one), { token: 'dana', headers: session });
  assert.equal(status, 200);
  const answers = JSON.parse(body) as { error?: { data: { reason: string } } }[];
  assert.deepEqual(answers.map(({ error }) => error?.data.reason ?? 'passed').toSorted(), [
    'access_limit_exceeded',
    'access_limit_exceeded',
    'passed',
    'passed',
  ]);
});

test('a call keeps its place until it is answered, a stream for all its life', async () => {
  const pending: ServerResponse[] = [];
  await using door = await openDoor([{ name: 'at-once', concurrency: 2 }], ({ message }, response) => {
    if (message.method !== 'tools/call') return false;
    pending.push(response);
    return true;
  });
  const first = door.call();
  await until(() => pending.length === 1);
  const headers = await openLegacySession(door.url, 'dana');
  const stream = await openEventStream(door.url, undefined, { token: 'dana', headers });
  assert.equal(stream.status, 200);
  const refused = await door.call();
  assert.equal(refused.status, 429);
  assert.equal(refused.headers['ratelimit-policy'], '"at-once-concurrency";q=2;qu="concurrent-requests"');
  assert.equal((await post(door.url, '', { token: 'dana', headers, method: 'GET' })).status, 429, 'nor a stream');
  stream.leave();
  await until(async () => {
    const answer = door.call().then(({ status }) => status);
    await Promise.race([answer, until(() => pending.length === 2)]);
    return pending.length === 2;
  });
  pending[0]!.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { content: [], resultType: 'complete' } }));
  assert.equal((await first).status, 200);
});

test('a subscription counts for as long as it is open', async () => {
  await using door = await openDoor([{ name: 'at-once', concurrency: 1 }], ({ message }, response) => {
    if (message.method !== 'subscriptions/listen') return false;
    const meta = { 'io.modelcontextprotocol/subscriptionId': message.id };
    const acknowledged = 'notifications/subscriptions/acknowledged';
    beginEventStream(response).write(event({ method: acknowledged, params: { _meta: meta, notifications: {} } }));
    return true;
  });
  const { body, headers } = modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
  const stream = await openEventStream(door.url, body, { token: 'dana', headers });
  await stream.until(/acknowledged/);
  assert.equal((await door.call()).status, 429);
  stream.leave();
  await until(async () => (await door.call()).status === 200);
});

test('a call that waits for its person has left its place', async () => {
  await using door = await openDoor([{ name: 'at-once', concurrency: 1 }], ({ message }, response) => {
    if (message.method !== 'tools/call' || message.params!['name'] !== 'write') return false;
    const inputRequests = {
      ask: { method: 'elicitation/create', params: { message: 'Really?', requestedSchema: {} } },
    };
    const result = { resultType: 'input_required', inputRequests, requestState: 'later' };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
    return true;
  });
  const parked = await door.call('write');
  assert.equal(parked.message.result?.['resultType'], 'input_required');
  assert.equal((await door.call()).status, 200);
});

test('many calls at once: exactly as many as the limit reach the server, the costly ones count more', async () => {
  await using door = await openDoor([
    { name: 'cost', rate: '1/h', burst: 50, weights: { effect: { write: 5, destroy: 10 } } },
  ]);
  const answers = await Promise.all(Array.from({ length: 60 }, () => door.call('write')));
  assert.equal(answers.filter(({ status }) => status === 200).length, 5, 'nobody has said that it destroys nothing');
  assert.equal(door.calls(), 5);
});

test('administrators see who is near a limit and let them begin anew, and the metrics count refusals', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({}));
  await using house = await openTestHouse({
    access: { ...makersUse('raw'), limits: [{ name: 'calls', rate: '2/h' }] },
    servers: { raw: { url: upstream.url } },
  });
  const url = `${house.url}/mcp/raw`;
  const token = await house.token('dana', 'raw');
  const { body, headers } = modern('tools/call', { name: 'read', arguments: {} });
  const call = async () => (await post(url, body, { token, headers })).status;
  assert.deepEqual([await call(), await call(), await call()], [200, 200, 429]);
  const [row] = await house.house.limits.list(5);
  const { shown, rateUsed } = row!.top[0]!;
  assert.equal(rateUsed, 2);
  const metrics = await (await fetch(`${house.url}/metrics`)).text();
  assert.match(metrics, /genkan_limit_refusals_total\{limit="calls"\} 1/);
  assert.equal(await house.house.limits.reset({ key: shown }), 1);
  assert.equal(await call(), 200);
});

const busy = (status: number, retryAfter?: string): Handle => {
  return ({ message }, response) => {
    if (message.method !== 'tools/call') return false;
    response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end('slow down');
    return true;
  };
};

test('a server that asks to be left alone is left alone, and callers are told for how long', async () => {
  for (const status of [429, 503]) {
    await using door = await openDoor([], busy(status, '30'));
    const refused = await door.call('write');
    assert.equal(refused.status, 429);
    const wait = Number(refused.headers['retry-after']);
    assert.ok(wait >= 30 && wait <= 33, `${wait}`);
    assert.equal(refused.message.error!.data!['reason'], 'upstream_rate_limited');
    assert.equal((await door.call('read', 'erin')).status, 429);
    assert.equal(door.calls(), 1, 'nobody has asked it again');
    door.room.pass(34);
    await door.call('write');
    assert.equal(door.calls(), 2);
    const outcomes = door.room.records.filter(({ action, result }) => action === 'tools/call' && result !== 'intent');
    assert.deepEqual(outcomes.map(({ result, details }) => [result, details['error']])[0], [
      'failed',
      'upstream_rate_limited',
    ]);
  }
});

test('a call that only reads is made once more after a moment; one with effects never', async () => {
  let refusals = 0;
  await using door = await openDoor([], ({ message }, response) => {
    if (message.method !== 'tools/call' || refusals++ > 0) return false;
    response.writeHead(429, { 'retry-after': '1' }).end();
    return true;
  });
  const answer = door.call('read');
  await until(() => refusals === 1);
  door.room.pass(3);
  assert.equal((await answer).status, 200);
  assert.equal(door.calls(), 2);

  await using careful = await openDoor([], busy(429, '1'));
  assert.equal((await careful.call('write')).status, 429);
  assert.equal(careful.calls(), 1);
});

test('no server is left alone for longer than five minutes, and 503 alone asks for nothing', async () => {
  await using far = await openDoor([], busy(429, '86400'));
  assert.equal(Number((await far.call('write')).headers['retry-after']), 300);
  await using broken = await openDoor([], busy(503));
  assert.equal((await broken.call('write')).message.error!.data!['reason'], 'upstream_unavailable');
  await broken.call('write');
  assert.equal(broken.calls(), 2);
});
