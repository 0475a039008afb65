// The attacker may only read, and sends what they may not do among a lot that they may.
import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { answerJson, startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { openGatewayRoom } from '../support/gateway-room.ts';
import type { GatewayRoom } from '../support/gateway-room.ts';
import { makersUse, openTestHouse } from '../support/house.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { post } from '../support/mcp-post.ts';

interface Answer {
  readonly id: number;
  readonly result?: object;
  readonly error?: { readonly code: number };
}

const token = 'dana';
const makersRead = {
  assignments: [{ principal: { group: 'makers' }, role: 'MCP User', scope: '/servers/raw/tools/read' }],
};
/** Names of the tools that the server was made to carry out. */
const carriedOut: string[] = [];
let underWay = 0;
/** Calls with `hold` among their arguments are answered when it resolves. */
let mayAnswer = Promise.withResolvers<void>();
let mostAtOnce = 0;
let upstream: HttpUpstream;
let room: GatewayRoom;
let say: (body: object | string) => ReturnType<typeof post>;

const call = (id: number, name: string, args = {}): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});

before(async () => {
  upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['legacy'],
      async handle({ message }, response) {
        if (message.method === 'initialize') {
          const result = {
            protocolVersion: '2025-03-26',
            capabilities: { tools: {} },
            serverInfo: { name: 'x', version: '1' },
          };
          answerJson(response, { jsonrpc: '2.0', id: message.id, result });
          return true;
        }
        if (message.method !== 'tools/call') return false;
        mostAtOnce = Math.max(mostAtOnce, ++underWay);
        carriedOut.push(String(message.params!['name']));
        if (message.params!['arguments'] !== undefined && 'hold' in (message.params!['arguments'] as object))
          await mayAnswer.promise;
        await new Promise(setImmediate);
        underWay--;
        return false;
      },
    }),
  );
});
beforeEach(async () => {
  room = await openGatewayRoom({
    servers: { raw: { url: upstream.url } },
    access: makersRead,
  });
  const url = `${room.url}/mcp/raw`;
  const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const opened = await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, { token });
  const headers = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  say = (body) => post(url, body, { token, headers });
  carriedOut.length = mostAtOnce = 0;
});
afterEach(() => room[Symbol.asyncDispose]());
after(() => upstream[Symbol.asyncDispose]());

test('control: a filter that looks at the first message of a batch lets all the others pass', async () => {
  const done: unknown[] = [];
  await using naive = await startHttpUpstream(({ message }, response) => {
    const batch = message as unknown as { readonly params: { readonly name: string } }[];
    if (batch[0]!.params.name !== 'read') return void response.writeHead(403).end();
    for (const { params } of batch) done.push(params.name);
    response.writeHead(202).end();
  });
  assert.equal((await post(naive.url, [call(1, 'read'), call(2, 'write')])).status, 202);
  assert.deepEqual(done, ['read', 'write']);
});

test('each member is decided by itself: what is forbidden is not carried out, what is allowed is', async () => {
  const posted = await say([call(1, 'read'), call(2, 'write'), call(3, 'read')]);
  const answers = JSON.parse(posted.body) as Answer[];
  const verdict = (id: number): Answer => answers.find((answer) => answer.id === id)!;
  assert.deepEqual([answers.length, carriedOut], [3, ['read', 'read']]);
  assert.ok(verdict(1).result !== undefined && verdict(3).result !== undefined);
  assert.equal(verdict(2).error!.code, -31010);
  const recorded = room.records.filter(({ action }) => action === 'tools/call').map(({ result }) => result);
  assert.deepEqual(recorded.toSorted(), ['allowed', 'allowed', 'denied']);
});

test('a forbidden call is found however its name is written, and in every depth of brackets', async () => {
  const hidden = '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"n\\u0061me":"write","arguments":{}}}';
  const posted = await say(`[${JSON.stringify(call(1, 'read'))},${hidden}]`);
  assert.equal((JSON.parse(posted.body) as Answer[]).find(({ id }) => id === 2)!.error!.code, -31010);
  const twice = '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"read","n\\u0061me":"write"}}';
  assert.equal((await say(`[${JSON.stringify(call(1, 'read'))},${twice}]`)).status, 400);
  assert.equal((await say([call(1, 'read'), [call(2, 'write')]])).status, 400);
  assert.equal((await say(`[${JSON.stringify(call(1, 'read'))}][${JSON.stringify(call(2, 'write'))}]`)).status, 400);
  assert.deepEqual(carriedOut, ['read'], 'of a batch that cannot be read, nothing is carried out');
});

test('two requests under one id are refused before either is carried out', async () => {
  const posted = await say([call(1, 'read'), call(1, 'read')]);
  assert.deepEqual([posted.status, posted.message.error?.code, carriedOut], [400, -32600, []]);
});

test('a bomb of a thousand calls in one request is refused, and fifty are taken a few at a time', async () => {
  const many = (count: number): object[] => Array.from({ length: count }, (_, id) => call(id, 'read'));
  assert.equal((await say(many(1000))).status, 400);
  assert.equal((await say(`[${'[],'.repeat(300_000)}[]]`)).status, 400);
  assert.deepEqual(carriedOut, []);
  assert.equal((JSON.parse((await say(many(50))).body) as Answer[]).length, 50);
  assert.equal(carriedOut.length, 50);
  assert.ok(mostAtOnce <= 8, `${mostAtOnce} at once`);
});

test('nothing in a batch opens a session or answers what nobody asked', async () => {
  const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
  const before = room.gateway.sessions();
  assert.equal((await say([initialize, call(2, 'write')])).status, 400);
  assert.equal(room.gateway.sessions(), before);
  assert.equal((await say([{ jsonrpc: '2.0', id: 'q', result: {} }])).status, 400);
});

test('the outcome of one member is not taken for that of another: what a crash cuts off stays to be found', async () => {
  await using house = await openTestHouse({ servers: { raw: { url: upstream.url } }, access: makersUse('raw') });
  const url = `${house.url}/mcp/raw`;
  const dana = await house.token('dana', 'raw');
  const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const opened = await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, { token: dana });
  const headers = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };

  mayAnswer = Promise.withResolvers();
  const batch = [call(1, 'write'), call(2, 'write', { hold: true }), call(3, 'write', { hold: true })];
  const answered = post(url, batch, { token: dana, headers });
  const results = async (): Promise<string[]> =>
    (await house.house.audit.list({ action: 'tools/call' })).map(({ result }) => result);
  while (!(await results()).includes('allowed') || carriedOut.length < 3) await new Promise(setImmediate);

  const log = new DatabaseSync(path.join(house.dataDirectory, 'audit.db'), { readOnly: true });
  const open = log.prepare('SELECT resource FROM open_intent JOIN record USING (idx)').all();
  log.close();
  assert.deepEqual(
    open.map(({ resource }) => resource),
    ['/servers/raw/tools/write', '/servers/raw/tools/write'],
  );
  mayAnswer.resolve();
  assert.equal((JSON.parse((await answered).body) as Answer[]).length, 3);
  assert.deepEqual((await results()).toSorted(), [...Array(3).fill('allowed'), ...Array(3).fill('intent')]);
});
