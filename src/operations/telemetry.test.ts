// What the test of telemetry says to people.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../base/errors.ts';
import type { Caller } from './operation.ts';
import type { House } from './house.ts';
import { operationOf } from './registry.ts';

const operation = operationOf('telemetry.test');
const run = (telemetry: House['telemetry']): unknown => operation.run({ telemetry } as House, {}, {} as Caller);

test('says that there is no collector', async () => {
  const refused = await run(undefined);
  assert.ok(isRefusal(refused as never));
  assert.equal((refused as { code: string }).code, 'telemetry_off');
});

test('says what was taken, by which name it is found, and that hardly anything is sampled', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const signals = [
    { signal: 'traces', sent: 1, rejected: 0, ms: 12 },
    { signal: 'metrics', sent: 200, rejected: 3, message: 'too old', ms: 8 },
  ] as const;
  const output = await run({ test: () => Promise.resolve({ traceId, signals }), sampledShare: 0 });
  assert.deepEqual(operation.print!(output as never).split('\n'), [
    'traces: the collector has taken 1 of 1 spans after 12 ms',
    'metrics: the collector has taken 197 of 200 data points after 8 ms, and says: too old',
    `the span is genkan.telemetry.test in trace ${traceId}`,
    'telemetry.sampledShare is 0: spans are sent of requests alone whose clients mark their trace as sampled',
  ]);
});
