// Requests as spans: an ExportTraceServiceRequest (opentelemetry-proto 1.x, trace.proto) in the JSON mapping of OTLP, by the conventions for MCP. Nothing of what was said in a request is in it.
import { keyValues } from '../export/formats/otlp.ts';
import type { KeyValue } from '../export/formats/otlp.ts';
import { attribute, executeTool } from './conventions.ts';
import { nanoseconds, scope } from './envelope.ts';
import type { Resource } from './envelope.ts';

/** A request that is over, as little of it as spans need. */
export interface Call {
  readonly traceId: string;
  readonly spanId: string;
  /** The client's span. */
  readonly parentId: string | undefined;
  readonly state: string | undefined;
  readonly atMs: number;
  readonly seconds: number;
  readonly method: string;
  readonly server: string;
  readonly tool: string | undefined;
  readonly prompt: string | undefined;
  readonly result: string;
  readonly error: string | undefined;
  /** Of the JSON-RPC error. */
  readonly code: number | undefined;
  readonly id: string | number | undefined;
  readonly revision: string | undefined;
  readonly isPiped: boolean;
  readonly correlationId: string;
  /** Where spans are to say so. */
  readonly caller: { readonly person: string; readonly address: string } | undefined;
  /** What took how long, in seconds. */
  readonly steps:
    { readonly judge: number; readonly wait: number; readonly examine: number; readonly record: number } | undefined;
  /** The request to the server; absent where none was made. */
  readonly beyond:
    | {
        readonly spanId: string;
        readonly atMs: number;
        readonly seconds: number;
        readonly error: string | undefined;
        readonly code: number | undefined;
        readonly place: Place | undefined;
      }
    | undefined;
}

/** Where a server is, as far as that is known. */
export interface Place {
  readonly transport: 'pipe' | 'tcp';
  readonly address?: string;
  readonly port?: number;
}

type Attributes = Readonly<Record<string, unknown>>;

/** `SpanKind`. */
const [serverKind, clientKind] = [2, 3];
/** `STATUS_CODE_ERROR`. */
const failed = { code: 2 };
/** `SpanFlags`: sampled; and of the parent, that it is known whether it is elsewhere, and that it is. */
const [sampled, parentKnown, parentElsewhere] = [0x001, 0x100, 0x200];

export const tracesRequest = (calls: readonly Call[], resource: Resource): object => ({
  resourceSpans: [
    { resource: { attributes: keyValues(resource) }, scopeSpans: [{ scope, spans: calls.flatMap(spansOf) }] },
  ],
});

export const spansIn = (calls: readonly Call[]): number =>
  calls.reduce((count, { beyond }) => count + (beyond === undefined ? 1 : 2), 0);

function spansOf(call: Call): object[] {
  const { traceId, spanId, parentId, state, beyond, error, caller, steps } = call;
  const common = { traceId, ...(state !== undefined && { traceState: state }), name: nameOf(call) };
  const about = aboutOf(call);
  const received = {
    ...common,
    spanId,
    ...(parentId !== undefined && { parentSpanId: parentId }),
    flags: parentId === undefined ? sampled : sampled | parentKnown | parentElsewhere,
    kind: serverKind,
    ...during(call),
    attributes: [
      ...keyValues({
        ...about,
        ...failureOf(call),
        [attribute.result]: call.result,
        [attribute.correlationId]: call.correlationId,
        [attribute.requestId]: idOf(call.id),
        [attribute.protocolVersion]: call.revision,
        [attribute.transport]: call.isPiped ? 'pipe' : 'tcp',
        [attribute.protocol]: call.isPiped ? undefined : 'http',
        [attribute.person]: caller?.person,
        [attribute.clientAddress]: caller?.address === '' ? undefined : caller?.address,
      }),
      ...(steps === undefined ? [] : durations(steps)),
    ],
    ...(error !== undefined && { status: failed }),
  };
  if (beyond === undefined) return [received];
  const { place } = beyond;
  const sent = {
    ...common,
    spanId: beyond.spanId,
    parentSpanId: spanId,
    flags: sampled | parentKnown,
    kind: clientKind,
    ...during(beyond),
    attributes: keyValues({
      ...about,
      ...failureOf(beyond),
      [attribute.transport]: place?.transport,
      [attribute.protocol]: place?.transport === 'tcp' ? 'http' : undefined,
      [attribute.serverAddress]: place?.address,
      [attribute.serverPort]: place?.port,
    }),
    ...(beyond.error !== undefined && { status: failed }),
  };
  return [received, sent];
}

/** Of prompts only those that there certainly are: clients may name any, and names of spans are counted by. */
const nameOf = ({ method, tool, prompt, error }: Call): string =>
  [method, tool ?? (error === undefined ? prompt : undefined)].filter((part) => part !== undefined).join(' ');

const aboutOf = ({ method, server, tool, prompt, error }: Call): Attributes => ({
  [attribute.method]: method,
  [attribute.operation]: method === 'tools/call' ? executeTool : undefined,
  [attribute.tool]: tool,
  [attribute.prompt]: error === undefined ? prompt?.slice(0, 128) : undefined,
  [attribute.server]: server === '' ? undefined : server,
});

/** Always as the same type, also where it is a whole number. */
const durations = ({ judge, wait, examine, record }: NonNullable<Call['steps']>): readonly KeyValue[] =>
  [
    [attribute.judgeDuration, judge] as const,
    [attribute.waitDuration, wait] as const,
    [attribute.examineDuration, examine] as const,
    [attribute.recordDuration, record] as const,
  ].map(([key, seconds]) => ({ key, value: { doubleValue: seconds } }));

const failureOf = ({ error, code }: Pick<Call, 'error' | 'code'>): Attributes => ({
  [attribute.errorType]: error,
  [attribute.statusCode]: code === undefined ? undefined : String(code),
});

const during = ({ atMs, seconds }: Pick<Call, 'atMs' | 'seconds'>): object => ({
  startTimeUnixNano: nanoseconds(atMs),
  endTimeUnixNano: nanoseconds(atMs + seconds * 1000),
});

/** Clients choose it, and so may put anything there. */
const idOf = (id: Call['id']): string | undefined =>
  id !== undefined && /^[A-Za-z0-9_.:-]{1,64}$/.test(String(id)) ? String(id) : undefined;
