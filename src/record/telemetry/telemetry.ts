// Sends metrics and spans to a collector by OTLP. No call waits for it: spans wait in a queue that has an end, and metrics are read when it is time.
import { setTimeout as passed } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import { refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import { correlationId, spanId, traceId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { reasonOf } from '../export/exporter.ts';
import { SinkError, inForm } from '../export/sink.ts';
import type { HttpNeighbours } from '../export/webhook-sink.ts';
import type { Metrics } from '../metrics.ts';
import { createDelivery } from './delivery.ts';
import type { Signal } from './delivery.ts';
import type { Resource } from './envelope.ts';
import { createHealth } from './health.ts';
import { metricsMessages, metricsRequest } from './otlp-metrics.ts';
import { spansIn, tracesRequest } from './otlp-traces.ts';
import type { Call } from './otlp-traces.ts';
import type { TelemetryOtlpSettings } from './settings.ts';

export interface Telemetry {
  /** Whether spans are sent. */
  readonly collects: boolean;
  /** Takes the spans of a request that is over; drops them when too many wait. */
  add(call: Call): void;
  /** Begins to send. */
  attend(): void;
  /** Sends a span that says it is a test, and what metrics there are. @returns refusal `telemetry_not_delivered` */
  test(): Promise<Tested | Refusal>;
  /** Sends what is there, if that can be done within seconds. */
  close(): Promise<void>;
}

export interface Tested {
  /** Of the span. */
  readonly traceId: string | undefined;
  readonly signals: readonly {
    readonly signal: Signal;
    readonly sent: number;
    readonly rejected: number;
    readonly message?: string | undefined;
    readonly ms: number;
  }[];
}

export interface TelemetryNeighbours extends HttpNeighbours {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly resource: Resource;
  /** Resolves after so long, or when the signal says so. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
}

/** Of a message: writing it keeps calls waiting for no more than a few milliseconds. */
const batchCalls = 128;
/** How long calls wait for others. */
const gatherMs = 5000;
const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** However long a receiver wants to be left alone. */
const leastRetryAfterMs = 500;
const mostRetryAfterMs = 3_600_000;
const flushMs = 5000;

export const testSpan = 'genkan.telemetry.test';

export function createTelemetry(settings: TelemetryOtlpSettings, neighbours: TelemetryNeighbours): Telemetry {
  const { clock, log, metrics, resource, random = Math.random, pause = pass } = neighbours;
  const { maxQueue } = settings.traces;
  const deliver = createDelivery(settings, neighbours);
  const health = createHealth(log);
  const taken = metrics.counter('genkan_telemetry_sent_total', 'Data points and spans that the collector has taken.', [
    'signal',
  ]);
  const dropped = metrics.counter(
    'genkan_telemetry_dropped_total',
    'Data points and spans that were not sent, or not taken: the queue was full, the request refused, a part of it rejected, or Genkan ended.',
    ['signal', 'reason'],
  );
  const failures = metrics.counter('genkan_telemetry_failures_total', 'Requests that the collector did not take.', [
    'signal',
  ]);
  let queue: Call[] = [];
  const enough = Math.min(batchCalls, maxQueue);
  metrics.gaugeOf('genkan_telemetry_queue', 'Requests whose spans wait to be sent.', () => queue.length);
  const overflow = dropped.with('traces', 'queue full');
  // A count that begins with what was dropped first shows no rise.
  for (const signal of ['metrics', 'traces'] as const)
    for (const reason of ['refused', 'rejected']) dropped.with(signal, reason);

  /** No new attempt begins after the first; the second ends those under way. */
  const closing = new AbortController();
  const ended = new AbortController();
  let gathered = new AbortController();
  let running: Promise<unknown> | undefined;
  const inRow: Record<Signal, number> = { metrics: 0, traces: 0 };

  /** @returns how long to wait before it is sent again; undefined where it will not be */
  async function attempt(signal: Signal, write: () => object, amount: number): Promise<number | undefined> {
    try {
      const { rejected, message } = await deliver(signal, inForm(write), ended.signal);
      inRow[signal] = 0;
      taken.with(signal).add(Math.max(0, amount - rejected));
      if (rejected > 0) dropped.with(signal, 'rejected').add(rejected);
      health.works(signal, rejected, message);
      return undefined;
    } catch (error) {
      failures.with(signal).add();
      health.fails(signal, reasonOf(error));
      if (error instanceof SinkError && !error.retryable) {
        inRow[signal] = 0;
        dropped.with(signal, 'refused').add(amount);
        return undefined;
      }
      const backOffMs =
        Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(inRow[signal]++, 10)) * (0.5 + random() / 2);
      const retryAfterMs = error instanceof SinkError ? error.retryAfterMs : undefined;
      // It may say "at once", again and again.
      return retryAfterMs === undefined
        ? backOffMs
        : Math.max(leastRetryAfterMs, Math.min(retryAfterMs, mostRetryAfterMs));
    }
  }

  /** What is sent stays in the queue until it is settled, and so counts. */
  async function sendCalls(): Promise<number | undefined> {
    const batch = queue.slice(0, batchCalls);
    const waitMs = await attempt('traces', () => tracesRequest(batch, resource), spansIn(batch));
    if (waitMs === undefined) queue = queue.slice(batch.length);
    return waitMs;
  }

  async function sendMetrics(): Promise<number | undefined> {
    for (const { request, points } of metricsMessages(metrics.read('push'), resource, clock.now())) {
      const waitMs = await attempt('metrics', () => request, points);
      if (waitMs !== undefined) return waitMs;
    }
    return undefined;
  }

  async function attendCalls(): Promise<void> {
    while (!closing.signal.aborted) {
      if (queue.length < enough) {
        gathered = new AbortController();
        await pause(gatherMs, AbortSignal.any([closing.signal, gathered.signal]));
      }
      // One message, however often it is tried: what has come meanwhile gathers anew.
      let waitMs: number | undefined;
      do {
        if (queue.length === 0 || closing.signal.aborted) break;
        waitMs = await sendCalls();
        if (waitMs !== undefined) await pause(waitMs, closing.signal);
      } while (waitMs !== undefined);
    }
  }

  async function attendMetrics(): Promise<void> {
    const intervalMs = settings.metrics.intervalSeconds * 1000;
    let waitMs: number | undefined;
    while (!closing.signal.aborted) {
      await pause(waitMs ?? intervalMs, closing.signal);
      // They are counted from the beginning, so that a later reading holds all that an earlier one did.
      if (!closing.signal.aborted) waitMs = await sendMetrics().catch(unread);
    }
  }

  const unread = (error: unknown): undefined => void log.error({ err: error }, 'metrics could not be read');

  async function flush(): Promise<void> {
    const calls = async (): Promise<void> => {
      while (queue.length > 0 && !ended.signal.aborted) if ((await sendCalls()) !== undefined) return;
    };
    await Promise.all([calls(), settings.metrics.enabled && sendMetrics().catch(unread)]);
    if (queue.length === 0) return;
    dropped.with('traces', 'ended').add(spansIn(queue));
    log.warn({ requests: queue.length }, 'spans were not sent');
  }

  async function testSignal(signal: Signal, request: object, sent: number): Promise<Tested['signals'][number]> {
    const beganMs = clock.now();
    const { rejected, message } = await deliver(signal, request, ended.signal);
    return { signal, sent, rejected, message, ms: clock.now() - beganMs };
  }

  return {
    collects: settings.traces.enabled,
    add(call) {
      if (queue.length >= maxQueue) return overflow.add(call.beyond === undefined ? 1 : 2);
      queue.push(call);
      if (queue.length === enough) gathered.abort();
    },
    attend() {
      running ??= Promise.all([
        settings.traces.enabled && attendCalls(),
        settings.metrics.enabled && attendMetrics(),
      ]).catch((error: unknown) => log.error({ err: error }, 'telemetry is not sent any more'));
    },
    async test() {
      const signals: Tested['signals'][number][] = [];
      let signal: Signal = 'traces';
      const call = testCall(clock.now());
      try {
        if (settings.traces.enabled) signals.push(await testSignal('traces', tracesRequest([call], resource), 1));
        signal = 'metrics';
        // Only what serves has metrics that are worth anything; without them it is seen as well that they would be taken.
        const messages =
          running === undefined
            ? [{ request: metricsRequest([], resource), points: 0 }]
            : metricsMessages(metrics.read('push'), resource, clock.now());
        if (settings.metrics.enabled)
          for (const { request, points } of messages) signals.push(await testSignal('metrics', request, points));
      } catch (error) {
        return refuse('telemetry_not_delivered', { signal, reason: reasonOf(error) });
      }
      return { traceId: settings.traces.enabled ? call.traceId : undefined, signals };
    },
    async close() {
      closing.abort();
      if (running === undefined) return;
      const timer = setTimeout(() => ended.abort(new DOMException('it took too long', 'TimeoutError')), flushMs);
      try {
        await running;
        await flush();
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

const testCall = (nowMs: number): Call => ({
  traceId: traceId(),
  spanId: spanId(),
  parentId: undefined,
  state: undefined,
  atMs: nowMs,
  seconds: 0,
  method: testSpan,
  server: '',
  tool: undefined,
  prompt: undefined,
  result: 'allowed',
  error: undefined,
  code: undefined,
  id: undefined,
  revision: undefined,
  isPiped: false,
  correlationId: correlationId(),
  caller: undefined,
  steps: undefined,
  beyond: undefined,
});

const pass = (ms: number, signal: AbortSignal): Promise<void> =>
  passed(ms, undefined, { signal, ref: false }).catch(() => undefined);
