// The kill switch on two processes that share a database: what is ended on one ends on the other within two seconds.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openEventStream } from './support/event-stream.ts';
import type { EventStream } from './support/event-stream.ts';
import { openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import { mcpByHand, readTool } from './support/mcp-by-hand.ts';
import { openLegacySession, modern, post } from './support/mcp-post.ts';
import { openSecondHouse } from './support/second-house.ts';

/** From the receipt of the order, on every process. */
const boundMs = 2000;
const issuer = 'http://127.0.0.1:9';
const dana = `${issuer}#dana`;

async function openBoth() {
  await using opened = new AsyncDisposableStack();
  const waiting = Promise.withResolvers<void>();
  let calls = 0;
  const upstream = opened.use(
    await startHttpUpstream(
      mcpByHand({
        tools: [readTool, { ...readTool, name: 'wait' }],
        onStream: () => undefined,
        handle({ message }, response) {
          if (message.method !== 'tools/call' || message.params!['name'] !== 'wait') return false;
          response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
          calls += 1;
          waiting.resolve();
          return true; // and never answers
        },
      }),
    ),
  );
  const settings = {
    servers: { notes: { url: upstream.url, insecureHttp: true } },
    access: {
      assignments: ['dana', 'omar'].map((name) => ({
        principal: { user: `${issuer}#${name}` },
        role: 'MCP User',
        scope: '/servers/notes',
      })),
    },
    // Nothing but the switch is to notice anything in time.
    identity: { provider: { issuer, allowInsecureIssuer: true, clientId: 'test' }, verdictSeconds: 60 },
    gateway: { recheckSeconds: 60 },
  };
  const first = opened.use(await openTestHouse(settings));
  const second = opened.use(await openSecondHouse(first, settings));
  const stack = opened.move();
  return {
    first,
    second,
    waiting: waiting.promise,
    calls: () => calls,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** As the command line on this machine does it. */
async function order({ url, dataDirectory }: TestHouse, operation: string, input: object): Promise<unknown> {
  const key = readFileSync(path.join(dataDirectory, 'keys', 'operator.key'), 'utf8').trim();
  const headers = { authorization: `Operator ${key}` };
  const { status, body } = await post(`${url}/api/${operation}`, input, { headers });
  assert.equal(status, 200, body);
  return JSON.parse(body);
}

interface Occupied {
  readonly streams: readonly EventStream[];
  readonly call: ReturnType<typeof post>;
  /** What the next request is answered with. */
  again(): ReturnType<typeof post>;
}

/** Everything that a client can have open at an address. */
async function occupy(url: string, token: string): Promise<Occupied> {
  const session = await openLegacySession(url, token);
  const listen = modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
  const stream = await openEventStream(url, undefined, { token, headers: session });
  const listening = await openEventStream(url, listen.body, { token, headers: listen.headers });
  const wait = modern('tools/call', { name: 'wait', arguments: {} }, 2);
  const list = modern('tools/list', {}, 3);
  return {
    streams: [stream, listening],
    call: post(url, wait.body, { token, headers: wait.headers }),
    again: () => post(url, list.body, { token, headers: list.headers }),
  };
}

/** Waits until everything is over, and tells how long that took. */
async function measured(t: TestContext, what: string, act: () => Promise<unknown>, { streams, call, again }: Occupied) {
  assert.equal((await again()).status, 200);
  const begunAt = performance.now();
  const acted = act();
  await Promise.all([...streams.map(({ ended }) => ended), call]);
  const tookMs = performance.now() - begunAt;
  await acted;
  t.diagnostic(`${what}: ${Math.round(tookMs)} ms until streams and calls at the other process were over`);
  assert.ok(tookMs < boundMs, `${what} took ${tookMs} ms`);
}

test('a disabled person is out on the other process: streams, the call under way, and every token', async (t) => {
  await using both = await openBoth();
  const { first, second } = both;
  const at = (url: string): string => `${url}/mcp/notes`;
  const token = await first.token('dana', 'notes');
  const other = await first.token('omar', 'notes');
  const occupied = await occupy(at(second.url), token);
  await both.waiting;
  const bystander = await openEventStream(at(second.url), undefined, {
    token: other,
    headers: await openLegacySession(at(second.url), other),
  });

  await measured(
    t,
    'principal disable',
    () => order(first, 'principal/disable', { user: 'dana@example.com', reason: 'left' }),
    occupied,
  );
  const { message } = await occupied.call;
  assert.equal(message.error?.data?.['reason'], 'identity_principal_disabled', JSON.stringify(message));
  for (const url of [first.url, second.url]) {
    const list = modern('tools/list');
    const refused = await post(at(url), list.body, { token, headers: list.headers });
    assert.equal(refused.status, 401);
    assert.match(
      String(refused.headers['www-authenticate']),
      /error="invalid_token", error_description="This account is disabled here/,
    );
  }
  await assert.rejects(first.token('dana', 'notes'), /disabled/);
  assert.equal(bystander.response.complete, false, 'nobody else is touched');
  bystander.leave();

  const { principals } = (await order(first, 'principal/list', { disabled: true })) as {
    principals: { id: string; disabled: object[] }[];
  };
  assert.deepEqual(
    principals.map(({ id, disabled }) => [id, disabled.length]),
    [[dana, 1]],
  );
  await order(first, 'principal/enable', { user: dana });
  const list = modern('tools/list');
  assert.equal(
    (await post(at(second.url), list.body, { token, headers: list.headers })).status,
    401,
    'what was ended stays ended',
  );
  const fresh = await first.token('dana', 'notes');
  assert.equal((await post(at(second.url), list.body, { token: fresh, headers: list.headers })).status, 200);
});

test('a revoked client, an ended session and a disabled server are over on the other process, and nothing else is', async (t) => {
  await using both = await openBoth();
  const { first, second } = both;
  const url = `${second.url}/mcp/notes`;
  const list = modern('tools/list');
  const answered = async (token: string): Promise<number> =>
    (await post(url, list.body, { token, headers: list.headers })).status;
  const mine = await first.token('dana', 'notes');
  const others = await first.token('omar', 'notes');
  const twice = await first.token('dana', 'notes');

  const { sessions } = (await order(first, 'session/list', { user: dana })) as {
    sessions: { id: string; client: string; resource: string; since: string }[];
  };
  assert.equal(sessions.length, 2);
  assert.deepEqual([sessions[0]!.client, sessions[0]!.resource], ['genkan-cli', `${first.url}/mcp/notes`]);
  const claims = JSON.parse(Buffer.from(mine.split('.')[1]!, 'base64url').toString()) as { grant: string };
  const session = sessions.find(({ id }) => id === claims.grant)!;
  assert.equal(await answered(session.id), 401, 'the handle opens nothing');
  const [occupied, kept] = [
    await occupy(url, mine),
    await openEventStream(url, undefined, { token: others, headers: await openLegacySession(url, others) }),
  ];
  await measured(
    t,
    'session revoke',
    () => order(first, 'session/revoke', { id: session.id, reason: 'lost laptop' }),
    occupied,
  );
  assert.deepEqual([await answered(mine), await answered(twice), await answered(others)], [401, 200, 200]);

  await measured(
    t,
    'session revoke --user',
    () => order(first, 'session/revoke', { user: dana }),
    await occupy(url, twice),
  );
  assert.equal(await answered(await first.token('dana', 'notes')), 200, 'they may come back');

  await measured(
    t,
    'server disable',
    () => order(first, 'server/disable', { name: 'notes', reason: 'poisoned' }),
    await occupy(url, others),
  );
  await kept.ended;
  const refused = await post(url, list.body, { token: others, headers: list.headers });
  assert.equal(refused.message.error?.data?.['reason'], 'upstream_not_approved', refused.body);
  await order(first, 'server/approve', { name: 'notes' });
  const deadline = Date.now() + boundMs;
  const isOn = async () => (await post(url, list.body, { token: others, headers: list.headers })).message.result;
  while ((await isOn()) === undefined) assert.ok(Date.now() < deadline, 'approved on one, off on the other');

  await measured(
    t,
    'client revoke',
    () => order(first, 'client/revoke', { client: 'genkan-cli', reason: 'leaks' }),
    await occupy(url, others),
  );
  assert.equal(await answered(others), 401);
});

/** What the address for everything calls a tool. A server that was approved on one process comes to the other within the bound. */
async function toolFor(name: string, url: string, token: string): Promise<string> {
  const list = modern('tools/list');
  const deadline = Date.now() + boundMs;
  for (;;) {
    const { message } = await post(`${url}/mcp`, list.body, { token, headers: list.headers });
    const { tools } = message.result as { tools: { name: string }[] };
    const tool = tools.find((each) => each.name.includes(name));
    if (tool !== undefined) return tool.name;
    assert.ok(Date.now() < deadline, `approved on one, not listed on the other: ${JSON.stringify(tools)}`);
  }
}

test('at the address for everything, too, a call at a server that is disabled hears that it is', async (t) => {
  await using both = await openBoth();
  const { first, second } = both;
  const token = await first.token('dana');
  for (const url of [first.url, second.url]) {
    const wait = modern('tools/call', { name: await toolFor('wait', url, token), arguments: {} }, 2);
    const called = both.calls();
    const call = post(`${url}/mcp`, wait.body, { token, headers: wait.headers });
    while (both.calls() === called) await new Promise(setImmediate);
    const begunAt = performance.now();
    await order(first, 'server/disable', { name: 'notes', reason: 'poisoned' });
    const { message: answer } = await call;
    t.diagnostic(`${Math.round(performance.now() - begunAt)} ms`);
    assert.equal(answer.error?.data?.['reason'], 'upstream_not_approved', JSON.stringify(answer));
    await order(first, 'server/approve', { name: 'notes' });
  }
});
