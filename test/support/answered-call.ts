// A call as telemetry hears of it once it is answered.
import type { Call } from '../../src/record/telemetry/otlp-traces.ts';

/** @param number makes ids of its own */
export const answeredCall = (number: number, more: Partial<Call> = {}): Call => ({
  traceId: (number + 1).toString(16).padStart(32, '0'),
  spanId: (number + 1).toString(16).padStart(16, '0'),
  parentId: undefined,
  state: undefined,
  atMs: 1_700_000_000_000,
  seconds: 0.25,
  method: 'tools/call',
  server: 'azure',
  tool: 'read',
  prompt: undefined,
  result: 'allowed',
  error: undefined,
  code: undefined,
  id: number,
  revision: '2026-07-28',
  isPiped: false,
  correlationId: `call-${number}`,
  caller: undefined,
  steps: undefined,
  beyond: undefined,
  ...more,
});
