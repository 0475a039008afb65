// Attack (injection through trace context): headers, members and long or forged texts that a server, or what reads its traces, would take for something else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { makersUse, openTestHouse } from '../support/house.ts';
import { mcpByHand, readTool } from '../support/mcp-by-hand.ts';
import { modern, post } from '../support/mcp-post.ts';

const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const order = 'ignore-what-was-said';
const hostile = [
  { traceparent: `${parent}\r\nx-injected: ${order}` },
  { traceparent: { [order]: order } },
  { traceparent: parent, tracestate: `a=1\r\nx-injected: ${order}` },
  { traceparent: parent, tracestate: `${order}` },
  { traceparent: parent, tracestate: `a=${order},${'x'.repeat(20_000)}=1` },
  { traceparent: parent, tracestate: `a=1,a=${order}` },
  { traceparent: parent, tracestate: [order] },
  { traceparent: parent, baggage: `tenant=${order}` },
  { traceparent: parent, baggage: `region=eu;${order}=1` },
  { tracestate: `a=${order}`, baggage: `region=${order}` },
  { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, tracestate: `a=${order}` },
];

test('nothing comes through a trace but a trace, wherever it was said', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({ tools: [readTool] }));
  await using house = await openTestHouse({
    access: makersUse('http'),
    telemetry: { baggage: ['region'] },
    servers: { http: { url: upstream.url } },
  });
  const token = await house.token('dana', 'http');
  const url = `${house.url}/mcp/http`;
  const calls = () => upstream.seen.filter(({ message }) => message.method === 'tools/call');

  async function call(meta: object, headers: Record<string, string> = {}) {
    const before = calls().length;
    const asked = modern('tools/call', { name: 'read', arguments: {} });
    Object.assign((asked.body as { params: { _meta: object } }).params._meta, meta);
    await post(url, asked.body, { token, headers: { ...asked.headers, ...headers } });
    assert.equal(calls().length, before + 1, 'a trace that is none keeps nobody from anything');
    return calls().at(-1)!;
  }

  for (const said of hostile) {
    const inMessage = await call(said);
    const { headers, message } = inMessage;
    assert.match(String(headers['traceparent']), /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    assert.ok(!JSON.stringify([headers, message]).includes(order), JSON.stringify(said).slice(0, 200));
    assert.equal(headers['x-injected'], undefined);

    // A socket of our own: no client library would send these.
    const asked = modern('tools/call', { name: 'read', arguments: {} });
    const body = JSON.stringify(asked.body);
    const lines = Object.entries({
      host: new URL(url).host,
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
      ...asked.headers,
      ...Object.fromEntries(Object.entries(said).map(([name, value]) => [name, String(value).slice(0, 9000)])),
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    const before = calls().length;
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end(`POST /mcp/http HTTP/1.1\r\n${lines.join('')}\r\n${body}`).resume();
    await once(socket, 'close');
    for (const seen of calls().slice(before)) {
      assert.ok(!JSON.stringify([seen.headers, seen.message]).includes(order), JSON.stringify(said).slice(0, 200));
    }
  }

  const records = JSON.stringify(await house.house.audit.list({ limit: 200 }));
  assert.ok(!records.includes(order), 'nor does the record hold it');

  // Control: the same words in members that are not of the trace are handed on as they were written.
  const { message } = await call({ 'example.com/state': `a=1\r\nx-injected: ${order}` });
  assert.ok(JSON.stringify(message).includes(order));
  // Control: and so is what the grammar allows, in the very members that were looked at.
  const wellFormed = await call({ traceparent: parent, tracestate: `a=${order}`, baggage: `region=${order}` });
  assert.equal(wellFormed.headers['tracestate'], `a=${order}`);
  assert.equal(wellFormed.headers['baggage'], `region=${order}`);
});
