// Operations on telemetry: whether the collector takes it.
import { z } from 'zod';
import { isRefusal, refuse } from '../base/errors.ts';
import { defineOperation } from './operation.ts';

const test = defineOperation({
  id: 'telemetry.test',
  summary: 'Send a span that says it is a test, and the metrics, to the collector now, and say what it answered',
  about:
    'The span is called genkan.telemetry.test; with its trace id it is found wherever the collector sends it on to.',
  action: 'genkan/telemetry/test',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({
    traceId: z.string().optional().describe('Of the span; absent where traces are not sent.'),
    sampledShare: z.number().describe('Share of the requests without a trace of their client that is sampled.'),
    signals: z.array(
      z.object({
        signal: z.enum(['metrics', 'traces']),
        sent: z.int().describe('Data points or spans.'),
        rejected: z.int().describe('How many of them the collector rejected.'),
        message: z.string().optional().describe('What it had to say.'),
        ms: z.number(),
      }),
    ),
  }),
  async run({ telemetry }) {
    if (telemetry === undefined) return refuse('telemetry_off');
    const tested = await telemetry.test();
    return isRefusal(tested)
      ? tested
      : { ...tested, signals: [...tested.signals], sampledShare: telemetry.sampledShare };
  },
  print: ({ traceId, sampledShare, signals }) =>
    [
      ...signals.map(
        ({ signal, sent, rejected, message, ms }) =>
          `${signal}: the collector has taken ${sent - rejected} of ${sent} ${signal === 'metrics' ? 'data points' : 'spans'} after ${ms} ms${message === undefined ? '' : `, and says: ${message}`}`,
      ),
      ...(traceId === undefined ? [] : [`the span is genkan.telemetry.test in trace ${traceId}`]),
      ...(traceId !== undefined && sampledShare === 0
        ? ['telemetry.sampledShare is 0: spans are sent of requests alone whose clients mark their trace as sampled']
        : []),
    ].join('\n'),
});

export const telemetryOperations = [test];
