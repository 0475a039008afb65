// A trace on its way through a whole Genkan: from a client, by header or message, over our span, to a server by whichever way it can hear.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { echoingChild } from './support/echoing-child.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { mcpByHand, readTool } from './support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';
import type { Posted } from './support/mcp-post.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const clientSpan = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${clientSpan}-01`;

let upstream: HttpUpstream;
let house: TestHouse;

before(async () => {
  upstream = await startHttpUpstream(mcpByHand({ tools: [readTool] }));
  house = await openTestHouse({
    access: makersUse('http', 'child'),
    telemetry: { baggage: ['region'], sampledShare: 1 },
    servers: { http: { url: upstream.url }, child: { command: [process.execPath, '-e', echoingChild] } },
  });
});
after(async () => {
  await upstream[Symbol.asyncDispose]();
  await house[Symbol.asyncDispose]();
});

const lastCall = () => upstream.seen.findLast(({ message }) => message.method === 'tools/call')!;
const metaOf = (params: unknown) => (params as { _meta?: Record<string, unknown> } | undefined)?._meta;
async function lastRecord() {
  const [entry] = await house.house.audit.list({ limit: 1, action: 'tools/call' });
  return entry!;
}

/** A call of the stateless era with this in its `_meta` and these headers. */
async function call(meta: object, headers: Record<string, string> = {}): Promise<void> {
  const asked = modern('tools/call', { name: 'read', arguments: {} });
  const { params } = asked.body as { params: { _meta: object } };
  Object.assign(params._meta, meta);
  const token = await house.token('dana', 'http');
  const answered = await post(`${house.url}/mcp/http`, asked.body, {
    token,
    headers: { ...asked.headers, ...headers },
  });
  assert.ok(answered.message.result, answered.body);
}

test('a trace in the message goes on with our span, in the message and in the headers, and stands in the record', async () => {
  const said = { traceparent, tracestate: 'rojo=1', baggage: 'region=eu,userId=alice', 'example.com/note': 'kept' };
  await call(said, { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00` });
  const { headers, message } = lastCall();
  const { traceId: recorded, spanId } = await lastRecord();
  assert.equal(recorded, traceId, 'the message counts more than its headers');
  assert.notEqual(spanId, clientSpan);
  const handedOn = { traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'rojo=1', baggage: 'region=eu' };
  const meta = metaOf(message.params)!;
  for (const [name, value] of Object.entries(handedOn)) {
    assert.equal(meta[name], value);
    assert.equal(headers[name], value);
  }
  assert.equal(meta['example.com/note'], 'kept');
  assert.equal(meta['io.modelcontextprotocol/protocolVersion'], '2026-07-28');
});

test('a trace in the headers goes on where the message names none', async () => {
  await call({}, { traceparent, tracestate: 'rojo=1' });
  const { headers, message } = lastCall();
  const { spanId } = await lastRecord();
  assert.equal(headers['traceparent'], `00-${traceId}-${spanId}-01`);
  assert.equal(headers['tracestate'], 'rojo=1');
  assert.equal(metaOf(message.params)!['traceparent'], undefined, 'the message keeps its bytes');
});

test('without a trace one begins here, sampled as the settings say', async () => {
  await call({});
  const { traceId: made, spanId } = await lastRecord();
  assert.equal(lastCall().headers['traceparent'], `00-${made}-${spanId}-01`);
});

test('a client of the legacy era keeps its bytes where headers can say it', async () => {
  const token = await house.token('dana', 'http');
  const headers = { ...(await openLegacySession(`${house.url}/mcp/http`, token)), traceparent };
  const bytes = '{"id": 5,"jsonrpc" :"2.0","method":"tools/call","params":{"name":"read","arguments":{"n":1.0e2}}}';
  await post(`${house.url}/mcp/http`, bytes, { token, headers });
  assert.equal(lastCall().body.toString(), bytes);
  assert.match(
    String(lastCall().headers['traceparent']),
    new RegExp(`^00-${traceId}-(?!${clientSpan})[0-9a-f]{16}-01$`),
  );
});

test('a server over stdio hears of it in the message, from clients of both eras', async () => {
  const token = await house.token('dana', 'child');
  const check = ({ message }: Posted): void => {
    const [{ text }] = message.result!['content'] as [{ text: string }];
    const traceparentSeen = metaOf(JSON.parse(text))!['traceparent'];
    assert.match(String(traceparentSeen), new RegExp(`^00-${traceId}-(?!${clientSpan})[0-9a-f]{16}-01$`));
  };
  const legacy = { ...(await openLegacySession(`${house.url}/mcp/child`, token)), traceparent };
  const asked = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'read', arguments: {} } };
  check(await post(`${house.url}/mcp/child`, asked, { token, headers: legacy }));
  const { body, headers } = modern('tools/call', { name: 'read', arguments: {} });
  check(await post(`${house.url}/mcp/child`, body, { token, headers: { ...headers, traceparent } }));
});
