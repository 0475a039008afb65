// Tests of trace context: what is understood, what is not, and which bytes of a message change.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestMessage } from './message.ts';
import { parseMessage } from './parse.ts';
import { readTrace, traceCarried, withTrace } from './trace-context.ts';

const none: ReadonlySet<string> = new Set();
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${spanId}-01`;
const stateOf = (tracestate: unknown) => readTrace({ traceparent, tracestate }, none)?.state;

test('reads a traceparent, and of a version to come what it knows', () => {
  const read = { traceId, spanId, sampled: true, state: undefined, baggage: undefined };
  assert.deepEqual(readTrace({ traceparent }, none), read);
  assert.deepEqual(readTrace({ traceparent: `cc-${traceId}-${spanId}-00-what-the-future-will-be` }, none), {
    ...read,
    sampled: false,
  });
  assert.equal(traceCarried({ ...read, sampled: false })['traceparent'], `00-${traceId}-${spanId}-00`);
});

test('takes nothing for a traceparent that is none', () => {
  const forged = [
    undefined,
    7,
    '',
    traceparent.toUpperCase(),
    ` ${traceparent}`,
    `${traceparent}\r\nx-evil: 1`,
    `${traceparent}-more`,
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId}-${spanId}-1`,
    `cc-${traceId}-${spanId}-01${'-x'.repeat(1000)}`,
    `${traceparent}, ${traceparent}`,
  ];
  for (const said of forged)
    assert.equal(readTrace({ traceparent: said, tracestate: 'a=1' }, none), undefined, String(said));
});

test('hands on a tracestate as the grammar allows it, and drops all of one that is not', () => {
  assert.equal(stateOf('rojo=00f067aa0ba902b7 ,\t congo=t61rcWkgMzE,'), 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE');
  assert.equal(stateOf('fw529a3039@dt=FfffC, 1a@b=x y'), 'fw529a3039@dt=FfffC,1a@b=x y');
  for (const forged of ['', 'a', '=1', 'A=1', 'a=1,a=2', 'a=1=2', 'a=', 'a=\u00e9', 'a=1\r\nx: y', 'a=\u0000', ['a=1']])
    assert.equal(stateOf(forged), undefined, JSON.stringify(forged));
  assert.equal(stateOf(Array.from({ length: 33 }, (_, at) => `k${at}=1`).join(',')), undefined);
  assert.equal(stateOf(`a=${'x'.repeat(5000)}`), undefined);
});

test('cuts a long tracestate after the last entry that fits', () => {
  const entries = Array.from({ length: 5 }, (_, at) => `k${at}=${'x'.repeat(120)}`);
  assert.equal(stateOf(entries.join(',')), entries.slice(0, 4).join(','));
});

test('hands on of baggage what is allowed by name, without its properties', () => {
  const baggage = 'userId=alice, region = eu;secret=1,x=%22,bad="1"';
  assert.equal(readTrace({ traceparent, baggage }, none)?.baggage, undefined);
  assert.equal(readTrace({ traceparent, baggage }, new Set(['region', 'x', 'bad']))?.baggage, 'region=eu,x=%22');
});

function parsed(text: string): RequestMessage {
  const message = parseMessage(Buffer.from(text), { maxBytes: 1_048_576, maxDepth: 64 });
  assert.ok('kind' in message && message.kind === 'request', text);
  return message;
}

const ours = { traceparent: `00-${traceId}-${'1'.repeat(16)}-01` };
const became = (text: string): string => {
  const told = withTrace(parsed(text), ours);
  const read = parsed(told.raw.toString());
  assert.deepEqual(read.params, told.params, 'what is judged is what is sent');
  return told.raw.toString();
};

test('stands in the place of what a message said of its trace; every other member keeps its bytes', () => {
  const own = `"traceparent":"${ours.traceparent}"`;
  assert.equal(
    became(
      '{ "id":1,"jsonrpc":"2.0","method":"m","params":{"arguments":{"n":1.0e2,"_meta":{"traceparent":1}},"_meta":{"tracestate":"a=1", "x/y":12345678901234567890,\n"\\u0074raceparent" : {"a":[1]},"progressToken":7}} }',
    ),
    `{ "id":1,"jsonrpc":"2.0","method":"m","params":{"arguments":{"n":1.0e2,"_meta":{"traceparent":1}},"_meta":{"x/y":12345678901234567890,"progressToken":7,${own}}} }`,
  );
});

test('brings about what is missing on the way', () => {
  const own = `{"traceparent":"${ours.traceparent}"}`;
  assert.equal(
    became('{"jsonrpc":"2.0","id":1,"method":"ping"}'),
    `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":${own}}}`,
  );
  assert.equal(
    became('{"jsonrpc":"2.0","id":1,"params":{ },"method":"ping"}'),
    `{"jsonrpc":"2.0","id":1,"params":{"_meta":${own}},"method":"ping"}`,
  );
  assert.equal(
    became('{"jsonrpc":"2.0","id":1,"params":{"_meta":{}},"method":"ping"}'),
    `{"jsonrpc":"2.0","id":1,"params":{"_meta":${own}},"method":"ping"}`,
  );
});
