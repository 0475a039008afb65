// What monitoring learns of requests: the traces that they are part of, and how long which part of them takes.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Access } from '../access/decision.ts';
import type { Neighbours } from '../gateway/neighbours.ts';
import type { TraceRules } from '../gateway/tracing.ts';
import type { Examination } from '../inspect/examination/examination.ts';
import type { Work } from '../inspect/examination/looking.ts';
import type { Recorder } from '../record/entry.ts';
import type { Histogram, Metrics, Reader } from '../record/metrics.ts';
import { attribute, inPrometheus, metric, operationBounds } from '../record/telemetry/conventions.ts';
import type { TelemetrySettings } from '../record/telemetry/settings.ts';

/** @param collected whether somebody gets the spans of requests that are sampled */
export const traceRules = ({ sampledShare, baggage }: TelemetrySettings, collected: boolean): TraceRules => ({
  samples: () => sampledShare > 0 && Math.random() < sampledShare,
  baggage: new Set(baggage),
  collected,
});

const { method, tool, server, result, errorType } = attribute;
const labels = (...names: readonly string[]): string[] => names.map((name) => inPrometheus(name));

/** Counts and times requests. Every series is looked up by texts that are bounded: methods, servers and tools that there are, codes. */
export function observeRequests(metrics: Metrics, collect?: Neighbours['observe']): Neighbours['observe'] {
  const requests = metrics.histogram(
    'genkan_request_duration_seconds',
    'Time from the arrival of an MCP request to its answer.',
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    ['method', 'server', 'result'],
  );
  const operations = metrics.histogram(
    inPrometheus(metric.serverDuration, 's'),
    'The same by tool and kind of error, as the OpenTelemetry conventions for MCP have it; with traces as exemplars.',
    operationBounds,
    labels(method, server, tool, result, errorType),
  );
  const upstream = metrics.histogram(
    inPrometheus(metric.clientDuration, 's'),
    'How much of that servers take: from the request to a server to its answer.',
    operationBounds,
    labels(method, server, tool, errorType),
  );
  return (observed) => {
    const { method, server, tool = '', result, error = '', seconds, upstreamSeconds } = observed;
    const { trace } = observed.arrival;
    requests.with(method, server, result).observe(seconds, trace);
    operations.with(method, server, tool, result, error).observe(seconds, trace);
    if (upstreamSeconds !== undefined && server !== '')
      upstream.with(method, server, tool, error).observe(upstreamSeconds, trace);
    collect?.(observed);
  };
}

/** Access that is timed at every decision. */
export function timedAccess(access: Access, metrics: Metrics): Access {
  const seconds = metrics
    .histogram(
      'genkan_decision_duration_seconds',
      'Time that a decision on the rights to one call takes.',
      [1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 1e-3, 1e-2],
    )
    .with();
  return {
    ...access,
    decide(principal, request) {
      const before = performance.now();
      const decision = access.decide(principal, request);
      seconds.observe((performance.now() - before) / 1000);
      return decision;
    },
  };
}

/** Examination that is timed; waiting for judges and for its turn counts. */
export function timedExamination({ said, call }: Examination, metrics: Metrics): Examination {
  const seconds = metrics.histogram(
    'genkan_inspection_duration_seconds',
    'Time that the prompt shield and redaction take, with waiting for judges: for what callers and for what servers say.',
    [1e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30],
    ['of'],
  );
  const [ofCall, ofServer] = [seconds.with('call'), seconds.with('server')];
  return {
    said: (saying) => timed(said(saying), ofServer),
    call: (given, speech) => timed(call(given, speech), ofCall),
  };
}

function* timed<Value>(work: Work<Value>, seconds: Histogram): Work<Value> {
  const before = performance.now();
  const value = yield* work;
  seconds.observe((performance.now() - before) / 1000);
  return value;
}

/** A recorder that is timed until what it is given is durable. */
export function timedRecorder(recorder: Recorder, metrics: Metrics): Recorder {
  const seconds = metrics
    .histogram(
      'genkan_audit_append_duration_seconds',
      'Time until a record of a call is durable; calls wait for it.',
      [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    )
    .with();
  return {
    ...recorder,
    async append(...given) {
      const before = performance.now();
      const index = await recorder.append(...given);
      seconds.observe((performance.now() - before) / 1000);
      return index;
    },
  };
}

/** A number that has to be asked for: what is shown is what the question before found. */
export function lastKnown(ask: () => Promise<number>, onError: (error: unknown) => void): () => number {
  let known = 0;
  let asking: Promise<void> | undefined;
  const look = (): void => {
    asking ??= ask()
      .then((found) => void (known = found), onError)
      .finally(() => (asking = undefined));
  };
  look();
  return () => {
    look();
    return known;
  };
}

/** The process itself. @returns ends the watch over its event loop */
export function observeProcess(metrics: Metrics): () => void {
  // What is told since the last reading, each reader has of its own: else one would take it from the other.
  const loops = { page: watchLoop(), push: watchLoop() } satisfies Record<Reader, unknown>;
  const since = 'since metrics were last read. The watch itself ticks every 20 ms.';
  const { loopDelayP50, loopDelayP99, loopDelayMax, loopUtilization } = metric;
  metrics.gaugeOf(inPrometheus(loopDelayP50, 's'), `Median delay of the event loop ${since}`, (reader) =>
    loops[reader].percentile(50),
  );
  metrics.gaugeOf(
    inPrometheus(loopDelayP99, 's'),
    `99th percentile of the delay of the event loop ${since}`,
    (reader) => loops[reader].percentile(99),
  );
  metrics.gaugeOf(inPrometheus(loopDelayMax, 's'), `Longest delay of the event loop ${since}`, (reader) =>
    loops[reader].longest(),
  );
  metrics.gaugeOf(
    inPrometheus(loopUtilization, '1'),
    'Share of the time in which the event loop was busy since then.',
    (reader) => loops[reader].utilization(),
  );
  metrics.counterOf(
    'process_cpu_seconds_total',
    'User and system time of the processor.',
    () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    performance.timeOrigin,
  );
  metrics.gaugeOf('process_resident_memory_bytes', 'Memory that the process holds.', () => process.memoryUsage.rss());
  const startedAt = Math.round(performance.timeOrigin) / 1000;
  metrics.gaugeOf('process_start_time_seconds', 'When the process began, in seconds since 1970.', () => startedAt);
  return () => Object.values(loops).forEach(({ end }) => end());
}

/** Begins anew with every reading of the longest delay. */
function watchLoop() {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  let before = performance.eventLoopUtilization();
  return {
    percentile: (share: number): number => (delay.count === 0 ? 0 : delay.percentile(share) / 1e9),
    longest(): number {
      const longest = delay.count === 0 ? 0 : delay.max / 1e9;
      delay.reset();
      return longest;
    },
    utilization(): number {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      return utilization;
    },
    end: () => delay.disable(),
  };
}
