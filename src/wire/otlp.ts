// Metrics and traces to a collector, connected: what of a request its spans are made of, and where servers are.
import os from 'node:os';
import { genkan } from '../base/genkan.ts';
import type { Config } from '../config/load.ts';
import type { Observed } from '../gateway/observed.ts';
import { resourceOf } from '../record/export/formats/otlp.ts';
import type { Metrics } from '../record/metrics.ts';
import type { Call, Place } from '../record/telemetry/otlp-traces.ts';
import { createTelemetry } from '../record/telemetry/telemetry.ts';
import type { Telemetry } from '../record/telemetry/telemetry.ts';
import type { UpstreamSettings } from '../upstream/settings.ts';
import type { Foundation } from './foundation.ts';

export interface OpenTelemetry {
  readonly telemetry: Telemetry;
  /** Takes the spans of a request that is over, if they are to be collected. */
  readonly collect: (observed: Observed) => void;
}

/** Undefined where there is no collector. */
export function openTelemetry({ settings }: Config, ground: Foundation, metrics: Metrics): OpenTelemetry | undefined {
  const { otlp } = settings.telemetry;
  if (otlp === undefined) return undefined;
  const [origin] = ground.record.publicKey().split('+', 1);
  const telemetry = createTelemetry(otlp, {
    ...ground,
    metrics,
    secret: ground.secretFor('telemetry'),
    fetch,
    resource: { ...resourceOf({ version: genkan.version, origin: origin!, host: os.hostname() }), ...otlp.resource },
  });
  const places = placesOf(settings.servers);
  const { people } = otlp.traces;
  return {
    telemetry,
    collect(observed) {
      if (telemetry.collects && observed.arrival.trace.sampled) telemetry.add(callOf(observed, places, people));
    },
  };
}

function callOf(observed: Observed, places: ReadonlyMap<string, Place>, people: boolean): Call {
  const { arrival, course, method, server, tool, prompt, result, error, code, id, seconds } = observed;
  const { trace, pipe, headers } = arrival;
  const revision = headers['mcp-protocol-version'];
  const untilMs = arrival.since + seconds * 1000;
  return {
    traceId: trace.traceId,
    spanId: trace.spanId,
    parentId: trace.parentId,
    state: trace.state,
    atMs: arrival.atMs,
    seconds,
    method,
    server,
    tool,
    prompt,
    result,
    error,
    code,
    id,
    revision: typeof revision === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(revision) ? revision : undefined,
    isPiped: pipe !== undefined,
    correlationId: arrival.correlationId,
    caller: people ? { person: observed.person, address: arrival.sourceIP } : undefined,
    steps: course && stepsOf(course, untilMs),
    beyond: course && beyondOf(course, arrival, untilMs, places.get(server)),
  };
}

type Course = NonNullable<Observed['course']>;

function stepsOf({ beganMs, judgedMs, askedMs, answeredMs, examinedMs }: Course, untilMs: number): Call['steps'] {
  if (answeredMs === undefined || examinedMs === undefined) return undefined;
  return {
    judge: (judgedMs - beganMs) / 1000,
    wait: (askedMs - judgedMs) / 1000,
    examine: (examinedMs - answeredMs) / 1000,
    record: (untilMs - examinedMs) / 1000,
  };
}

function beyondOf(
  { beyond, sentMs, answeredMs, failure }: Course,
  { atMs, since }: Observed['arrival'],
  untilMs: number,
  place: Place | undefined,
): Call['beyond'] {
  if (sentMs === undefined) return undefined;
  return {
    spanId: beyond.spanId,
    atMs: atMs + (sentMs - since),
    seconds: ((answeredMs ?? untilMs) - sentMs) / 1000,
    error: failure?.error,
    code: failure?.code,
    place,
  };
}

/** Of those that stand in the configuration. */
function placesOf(servers: UpstreamSettings): ReadonlyMap<string, Place> {
  return new Map(
    Object.entries(servers).flatMap(([name, server]): [string, Place][] => {
      if ('command' in server) return [[name, { transport: 'pipe' }]];
      if (!('url' in server)) return [];
      const { hostname, port, protocol } = new URL(server.url);
      const known = port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port);
      return [[name, { transport: 'tcp', address: hostname, port: known }]];
    }),
  );
}
