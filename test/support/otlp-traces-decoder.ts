// Reads an ExportTraceServiceRequest in the JSON mapping of OTLP as strictly as trace.proto (opentelemetry-proto v1) allows. What it does not know it refuses.
import { fixed64, hex, inScopes, keyValues, message, text, whole } from './otlp-decoder.ts';
import type { From, Value } from './otlp-decoder.ts';

export interface DecodedSpan extends From {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly status: 'unset' | 'ok' | 'error';
}

const fields =
  'traceId spanId traceState parentSpanId flags name kind startTimeUnixNano endTimeUnixNano attributes droppedAttributesCount events droppedEventsCount links droppedLinksCount status';
const kinds = ['internal', 'server', 'client', 'producer', 'consumer'] as const;
const statuses = ['unset', 'ok', 'error'] as const;

function spanIn(given: unknown, where: string): Omit<DecodedSpan, keyof From> {
  const span = message(given, where, fields.split(' '));
  const kind = kinds[Number(span['kind']) - 1];
  if (kind === undefined) throw new Error(`${where}: is of no kind`);
  const status = message(span['status'] ?? {}, `${where}.status`, ['message', 'code']);
  const code = statuses[Number(status['code'] ?? 0)];
  if (code === undefined) throw new Error(`${where}: has no such status`);
  const flags = span['flags'] ?? 0;
  if (!Number.isInteger(flags) || Number(flags) < 0 || Number(flags) > 0x3ff)
    throw new Error(`${where}: the upper 22 bits of flags are not zero`);
  const [start, end] = ['startTimeUnixNano', 'endTimeUnixNano'].map((name) => whole(span[name], where, fixed64));
  if (start === 0n || end! < start!) throw new Error(`${where}: ends before it begins`);
  const ids = { traceId: hex(span['traceId'], where, 16), spanId: hex(span['spanId'], where, 8) };
  if (ids.traceId === '' || ids.spanId === '') throw new Error(`${where}: has no ids`);
  const name = text(span['name'], where);
  if (name === '') throw new Error(`${where}: has no name`);
  return {
    ...ids,
    parentSpanId: hex(span['parentSpanId'], where, 8),
    traceState: text(span['traceState'], where),
    flags: Number(flags),
    name,
    kind,
    start: start!,
    end: end!,
    attributes: keyValues(span['attributes'], where),
    status: code,
  };
}

/** @throws Error on what the definitions do not allow */
export const decodeTraces = (json: string): readonly DecodedSpan[] =>
  inScopes(json, ['resourceSpans', 'scopeSpans', 'spans'], spanIn);
