// The trace that a message is part of: its client's where it names one, else one that begins here. The span between the two sides is ours.
import { spanId, traceId } from '../base/ids.ts';
import type { Message } from '../protocol/message.ts';
import { readTrace, traceCarried, traceIn, withTrace } from '../protocol/trace-context.ts';
import type { TraceContext } from '../protocol/trace-context.ts';
import type { Arrival } from './arrival.ts';

/** Our span: what servers and records are told of. */
export interface Trace extends TraceContext {
  /** The client's span; absent where the trace begins here. */
  readonly parentId?: string;
}

/** Where nobody has said anything: no trace that begins here is sampled, and no baggage travels. */
export const plainTraces = { samples: () => false, baggage: new Set<string>() };

export interface TraceRules {
  /** Whether a trace that begins here is sampled. */
  readonly samples: () => boolean;
  /** Names in the client's baggage that servers get to see. */
  readonly baggage: ReadonlySet<string>;
  /** Whether the spans of traces that are sampled are collected. */
  readonly collected?: boolean;
}

/** The span of a request to a server. */
export interface Beyond extends TraceContext {
  /** Called when it leaves; some are answered here. */
  readonly sent?: () => void;
}

/** What headers say before any message is read. */
export function traceOf(headers: Readonly<Record<string, unknown>>, rules: TraceRules): Trace {
  const said = 'traceparent' in headers ? readTrace(headers, rules.baggage) : undefined;
  return said === undefined ? { traceId: traceId(), spanId: spanId(), sampled: rules.samples() } : within(said);
}

const within = (said: TraceContext): Trace => ({ ...said, parentId: said.spanId, spanId: spanId() });

/** Where nobody would ever see a span between, servers are told of the one that the record has. */
export const spanBeyond = (trace: Trace, { collected = false }: TraceRules, sent: () => void): Beyond =>
  collected && trace.sampled ? { ...trace, spanId: spanId(), sent } : trace;

/** One of several messages that came together. */
export const spanBeside = (trace: Trace): Trace => ({ ...trace, spanId: spanId() });

/**
 * What a message says of its trace is about the message alone, and so counts more than what its headers say (OpenTelemetry,
 * semantic conventions for MCP, "Context propagation"). It goes no further: in its place stands what we have understood.
 */
export function inItsTrace(
  arrival: Arrival,
  message: Message,
  rules: TraceRules,
): { readonly arrival: Arrival; readonly message: Message } {
  if (message.kind === 'response') return { arrival, message };
  const meta = traceIn(message);
  if (meta === undefined) return { arrival, message };
  const said = readTrace(meta, rules.baggage);
  const trace = said === undefined ? arrival.trace : within(said);
  return { arrival: { ...arrival, trace }, message: withTrace(message, traceCarried(trace)) };
}

/** What a line of our log says so that what belongs together is found. */
export const marksOf = ({ correlationId, trace }: Arrival) => ({ correlationId, traceId: trace.traceId });
