// The attacker holds a valid token and sends whatever might crash, confuse or exhaust: bodies, headers, sizes, encodings.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { answerJson, startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { makersUse, openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import { modern, post } from '../support/mcp-post.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const requests = 1000;
const maxRequestBytes = 65_536;
let upstream: HttpUpstream;
let house: TestHouse;
let token: string;

before(async () => {
  const base = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
  upstream = await startHttpUpstream(({ message: { id, method } }, response) => {
    const greeting = { ...base, supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
    const inputSchema = { type: 'object', properties: { text: { type: 'string' } }, additionalProperties: false };
    const listed = { ...base, tools: [{ name: 'echo', inputSchema }] };
    const called = { resultType: 'complete', content: [] };
    const result = method === 'server/discover' ? greeting : method === 'tools/list' ? listed : called;
    answerJson(response, { jsonrpc: '2.0', id, result });
  });
  house = await openTestHouse({
    access: makersUse('raw'),
    servers: { raw: { url: upstream.url } },
    inspect: { maxRequestBytes },
  });
  token = await house.token('dana', 'raw');
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

/** A small generator with a fixed seed, so that a failure can be repeated (mulberry32). */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const good = modern('tools/call', { name: 'echo', arguments: { text: 'x' } });
const goodText = JSON.stringify(good.body);
type Attempt = { body: string | Buffer; headers: Record<string, string | undefined>; method?: string };
type Maker = (roll: () => number) => Attempt;

const values = [
  'null',
  '[]',
  '{}',
  '""',
  '-0',
  '1e999',
  '"\\ud800"',
  '"\\u0000"',
  'true',
  '9007199254740993',
  '[[[[]]]]',
];
const pick = <T>(items: readonly T[], roll: () => number): T => items[Math.floor(roll() * items.length)]!;

const makers: Record<string, Maker> = {
  'flipped bytes': (roll) => {
    const bytes = Buffer.from(goodText);
    for (let flips = 1 + Math.floor(roll() * 8); flips > 0; flips--)
      bytes[Math.floor(roll() * bytes.length)] = Math.floor(roll() * 256);
    return { body: bytes, headers: good.headers };
  },
  'cut off': (roll) => ({ body: goodText.slice(0, Math.floor(roll() * goodText.length)), headers: good.headers }),
  'a member replaced': (roll) => {
    const member = pick(
      ['"jsonrpc":"2.0"', '"id":1', '"method":"tools/call"', '"name":"echo"', '"arguments":{"text":"x"}'],
      roll,
    );
    return {
      body: goodText.replace(member, `${member.slice(0, member.indexOf(':'))}:${pick(values, roll)}`),
      headers: good.headers,
    };
  },
  'a member twice': (roll) => ({
    body: goodText.replace(
      '"name":"echo"',
      pick(
        ['"name":"echo","name":"other"', '"name":"echo","n\\u0061me":"other"', '"Name":"other","name":"echo"'],
        roll,
      ),
    ),
    headers: good.headers,
  }),
  'nested too deep': (roll) => {
    const depth = 65 + Math.floor(roll() * 5000);
    return { body: goodText.replace('"x"', '['.repeat(depth) + ']'.repeat(depth)), headers: good.headers };
  },
  'far too large': (roll) => ({
    body: goodText.replace('"x"', `"${'x'.repeat(maxRequestBytes + Math.floor(roll() * 100_000))}"`),
    headers: good.headers,
  }),
  'not UTF-8': (roll) => ({
    body: pick(
      [
        Buffer.from(goodText, 'utf16le'),
        Buffer.from(goodText.replace('x', 'é'), 'latin1'),
        Buffer.from(`\ufeff${goodText}`),
        gzipSync(goodText),
      ],
      roll,
    ),
    headers: { ...good.headers, ...(roll() < 0.3 && { 'content-encoding': 'gzip' }) },
  }),
  'a hostile header': (roll) => ({
    body: goodText,
    headers: {
      ...good.headers,
      ...pick<Record<string, string | undefined>>(
        [
          { 'mcp-method': undefined },
          { 'mcp-name': '=?base64?////?=' },
          { 'mcp-name': 'x'.repeat(8000) },
          { 'mcp-protocol-version': '9999-99-99' },
          { 'mcp-session-id': '../../etc/passwd' },
          { 'content-type': 'text/plain' },
          { 'content-type': 'application/json; charset=utf-7' },
          { accept: 'x'.repeat(4000) },
          { authorization: `Bearer ${'x'.repeat(4000)}` },
          { authorization: 'Basic Z2Vua2FuOmdlbmthbg==' },
        ],
        roll,
      ),
    },
  }),
  'a batch': (roll) => ({
    body: `[${Array.from({ length: 1 + Math.floor(roll() * 50) }, () => goodText).join(',')}]`,
    headers: good.headers,
  }),
  'a polluted prototype': (roll) => ({
    body: goodText.replace(
      '"text"',
      pick(['"__proto__":{"text":"x"},"a"', '"constructor":{"prototype":{}},"a"', '"toString":1,"a"'], roll),
    ),
    headers: good.headers,
  }),
  'another HTTP method': (roll) => ({
    body: goodText,
    headers: good.headers,
    method: pick(['PUT', 'PATCH', 'DELETE', 'GET', 'PROPFIND'], roll),
  }),
};

test('a thousand malformed requests get clean errors, none is forwarded wrongly, nothing crashes or leaks', async (t) => {
  const roll = random(20260728);
  const kinds = Object.entries(makers);
  const statuses = new Map<number, number>();
  const send = async (index: number): Promise<void> => {
    const [kind, make] = kinds[index % kinds.length]!;
    const { body, headers, method } = make(roll);
    const answered = await post(`${house.url}/mcp/raw`, body, { token, headers, method }).catch(
      (error: NodeJS.ErrnoException) => {
        // A body that is far too large is answered before it is read; the rest of it meets a closed connection.
        assert.ok(
          kind === 'far too large' && ['EPIPE', 'ECONNRESET'].includes(error.code ?? ''),
          `${kind}: ${error.message}`,
        );
      },
    );
    if (answered === undefined) return;
    statuses.set(answered.status, (statuses.get(answered.status) ?? 0) + 1);
    assert.ok(answered.status < 500, `${kind} was answered ${answered.status}: ${answered.body.slice(0, 200)}`);
    if (answered.status !== 200)
      assert.ok(answered.message.error?.message, `${kind}: ${answered.status} without an explanation`);
    assert.doesNotMatch(answered.body, /\bat .+:\d+:\d+|node_modules/, `${kind} shows the inside`);
  };
  for (let index = 0; index < 100; index++) await send(index); // until caches and pools have their size
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < requests; index++) await send(index);
  collectGarbage();
  const grownMiB = (process.memoryUsage().heapUsed - before) / 1_048_576;
  t.diagnostic(
    `answers by status: ${JSON.stringify(Object.fromEntries(statuses))}; heap grew by ${grownMiB.toFixed(1)} MiB`,
  );
  assert.ok(grownMiB < 32, `the heap grew by ${grownMiB.toFixed(1)} MiB`);
  for (const { message } of upstream.seen.filter((seen) => seen.message.method === 'tools/call')) {
    assert.equal(message.params?.['name'], 'echo');
  }
  const last = await post(`${house.url}/mcp/raw`, good.body, { token, headers: good.headers });
  assert.ok(last.message.result, 'and it still serves');
});

test('bytes that are not even HTTP end their connection and nothing else', async () => {
  const { hostname, port } = new URL(house.url);
  for (const bytes of [
    '\0\0\0\0',
    'GET / HTTP/9.9\r\n\r\n',
    `POST /mcp/raw HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nx`,
    `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.write(bytes));
      socket
        .on('error', () => undefined)
        .on('close', () => resolve())
        .resume();
    });
  }
  assert.equal((await fetch(`${house.url}/healthz`)).status, 200);
});

test('control: a server without the door reads a member that stands twice as it likes, and carries it out', async () => {
  const twice = goodText.replace('"name":"echo"', '"name":"echo","name":"other"');
  const direct = await post(upstream.url, twice, { headers: good.headers });
  assert.ok(direct.message.result);
  assert.equal(upstream.seen.at(-1)!.message.params?.['name'], 'other');
  const refused = await post(`${house.url}/mcp/raw`, twice, { token, headers: good.headers });
  assert.equal(refused.message.error?.data?.['reason'], 'inspect_duplicate_key');
});
