// Tests of the span between a client's and a server's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainTraces, spanBeside, traceOf } from './tracing.ts';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

test('goes on with the trace of a client under a span of ours', () => {
  const trace = traceOf({ traceparent, tracestate: 'a=1' }, plainTraces);
  assert.equal(trace.traceId, '4bf92f3577b34da6a3ce929d0e0e4736');
  assert.equal(trace.parentId, '00f067aa0ba902b7');
  assert.match(trace.spanId, /^[0-9a-f]{16}$/);
  assert.notEqual(trace.spanId, trace.parentId);
  assert.equal(trace.sampled, true);
  assert.equal(trace.state, 'a=1');
});

test('begins a trace where there is none, and asks whether it is sampled', () => {
  const began = traceOf({ traceparent: 'none', tracestate: 'a=1' }, { ...plainTraces, samples: () => true });
  assert.match(began.traceId, /^[0-9a-f]{32}$/);
  assert.deepEqual([began.parentId, began.state, began.sampled], [undefined, undefined, true]);
  assert.equal(traceOf({}, plainTraces).sampled, false);
});

test('each message of several that came together has a span of its own', () => {
  const trace = traceOf({ traceparent }, plainTraces);
  const spans = Array.from({ length: 3000 }, () => spanBeside(trace));
  assert.ok(spans.every(({ traceId, parentId }) => traceId === trace.traceId && parentId === trace.parentId));
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, 3000);
});
