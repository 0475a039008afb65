// The attacker has a valid token and no right on a server, and wants to cause anything there at all: a process, a message, a place taken.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openEventStream } from '../support/event-stream.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { makersUse, openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from '../support/mcp-post.ts';
import type { Posted } from '../support/mcp-post.ts';
import { assign, unassign } from '../support/policy-ground.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-knock-'));
const started = path.join(folder, 'started');
let upstream: HttpUpstream;
let house: TestHouse;

before(async () => {
  upstream = await startHttpUpstream(mcpByHand({ resources: [{ uri: 'file:///a', name: 'a' }] }));
  // A process that does nothing but leave a trace of having been started.
  const trace = [process.execPath, '-e', `require('node:fs').writeFileSync(${JSON.stringify(started)}, '')`];
  house = await openTestHouse({
    access: makersUse('raw', 'child'),
    servers: { raw: { url: upstream.url }, child: { command: trace, startSeconds: 15 } },
  });
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const uses: readonly [string, Record<string, unknown>][] = [
  ['tools/call', { name: 'read', arguments: {} }],
  ['prompts/get', { name: 'any' }],
  ['resources/read', { uri: 'file:///a' }],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'any' }, argument: { name: 'a', value: '' } }],
];
const lists = { 'tools/list': 'tools', 'prompts/list': 'prompts', 'resources/list': 'resources' };

/** Everything that either era offers, at one address. */
async function knockEverywhere(url: string, token: string): Promise<Posted[]> {
  const session = await openLegacySession(url, token);
  const stream = await openEventStream(url, undefined, { token, headers: session });
  stream.leave();
  const answers: Posted[] = [];
  const methods: [string, Record<string, unknown>][] = [
    ...Object.keys(lists).map((method): [string, Record<string, unknown>] => [method, {}]),
    ...uses,
  ];
  for (const [method, params] of methods) {
    answers.push(await post(url, { jsonrpc: '2.0', id: 1, method, params }, { token, headers: session }));
    const { body, headers } = modern(method, params);
    answers.push(await post(url, body, { token, headers }));
  }
  for (const method of ['resources/subscribe', 'logging/setLevel', 'ping'])
    await post(url, { jsonrpc: '2.0', id: 2, method, params: { uri: 'file:///a' } }, { token, headers: session });
  for (const method of ['notifications/cancelled', 'notifications/roots/list_changed'])
    await post(url, { jsonrpc: '2.0', method, params: { requestId: 1 } }, { token, headers: session });
  const discover = modern('server/discover');
  assert.equal((await post(url, discover.body, { token, headers: discover.headers })).status, 200);
  const watch = modern('subscriptions/listen', { notifications: { resourceSubscriptions: ['file:///a'] } });
  answers.push(await post(url, watch.body, { token, headers: watch.headers }));
  await post(url, '', { token, headers: session, method: 'DELETE' });
  return answers;
}

test('control: with a right, a session, a list and a call reach the server', async () => {
  const token = await house.token('dana', 'raw');
  const already = upstream.seen.length;
  const headers = await openLegacySession(`${house.url}/mcp/raw`, token);
  await post(`${house.url}/mcp/raw`, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token, headers });
  const seen = upstream.seen.slice(already).map(({ message }) => message.method);
  assert.ok(seen.includes('initialize') && seen.includes('tools/list'));
});

test('the server hears nothing of somebody without any right on it, whatever they send', async () => {
  const already = upstream.seen.length;
  await knockEverywhere(`${house.url}/mcp/raw`, await house.token('omar', 'raw'));
  assert.deepEqual(upstream.seen.slice(already), []);
});

test('no process is started for them', async () => {
  await knockEverywhere(`${house.url}/mcp/child`, await house.token('omar', 'child'));
  assert.ok(!existsSync(started));
  const { body, headers } = modern('tools/list');
  await post(`${house.url}/mcp/child`, body, { token: await house.token('dana', 'child'), headers });
  assert.ok(existsSync(started), 'control: for somebody with a right it is');
});

test('at /mcp nothing is opened for them either', async () => {
  rmSync(started, { force: true });
  const already = upstream.seen.length;
  await knockEverywhere(`${house.url}/mcp`, await house.token('omar'));
  assert.deepEqual(upstream.seen.slice(already), []);
  assert.ok(!existsSync(started));
});

test('they get empty lists, and refusals that name the action they miss', async () => {
  const answers = await knockEverywhere(`${house.url}/mcp/raw`, await house.token('omar', 'raw'));
  const listed = answers.slice(0, 2 * Object.keys(lists).length);
  assert.deepEqual(
    listed.flatMap(({ message }) => Object.values(lists).flatMap((member) => message.result![member] ?? [])),
    [],
  );
  const refused = answers.slice(listed.length).map(({ message }) => message.error!);
  assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set([-31010]));
  assert.deepEqual(
    new Set(refused.flatMap(({ data }) => data!['missing'])),
    new Set(['mcp/servers/raw/tools/read/call', 'mcp/servers/raw/prompts/any/get', 'mcp/servers/raw/resources/read']),
  );
});

test('at /mcp the lines to servers without a right stay closed for those who have one elsewhere', async () => {
  await using other = await startHttpUpstream(mcpByHand({}));
  await using own = await openTestHouse({
    access: makersUse('raw'),
    servers: { raw: { url: upstream.url }, other: { url: other.url } },
  });
  const token = await own.token('dana');
  const url = `${own.url}/mcp`;
  const session = await openLegacySession(url, token);
  for (const [method, params] of [['tools/list', {}], ['tools/call', { name: 'other__read' }], ...uses] as const)
    await post(url, { jsonrpc: '2.0', id: 1, method, params }, { token, headers: session });
  for (const [method, params] of [
    ['tools/list', {}],
    ['tools/call', { name: 'other__read', arguments: {} }],
  ] as const) {
    const { body, headers } = modern(method, params);
    await post(url, body, { token, headers });
  }
  assert.deepEqual(other.seen, []);
});

test('a right given or taken while they are connected holds at once: the session is over, the new one shows it', async () => {
  const token = await house.token('omar', 'raw');
  const url = `${house.url}/mcp/raw`;
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const toolsOf = ({ message }: Posted): unknown[] => message.result!['tools'] as unknown[];
  const poor = await openLegacySession(url, token);
  assert.deepEqual(toolsOf(await post(url, list, { token, headers: poor })), []);

  const omar = (await house.house.people.find('omar'))!;
  const request = { principal: { kind: 'user', id: omar.id }, role: 'MCP User', scope: '/servers/raw' } as const;
  const { id } = await assign(house.house.access, request, omar);
  assert.equal((await post(url, list, { token, headers: poor })).status, 404);
  const rich = await openLegacySession(url, token);
  assert.equal(toolsOf(await post(url, list, { token, headers: rich })).length, 2);
  const { body, headers } = modern('tools/list');
  assert.equal(toolsOf(await post(url, body, { token, headers })).length, 2);

  await unassign(house.house.access, id);
  const already = upstream.seen.filter(({ method }) => method === 'POST').length;
  assert.equal((await post(url, list, { token, headers: rich })).status, 404);
  assert.deepEqual(toolsOf(await post(url, body, { token, headers })), []);
  assert.equal(upstream.seen.filter(({ method }) => method === 'POST').length, already);
});
