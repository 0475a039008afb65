// Audit records as OpenTelemetry logs: an ExportLogsServiceRequest (opentelemetry-proto 1.x) in the JSON mapping of OTLP, with the names of the semantic conventions where there are some.
import type { ExportedRecord, FormatContext } from '../sink.ts';
import { attribute, executeTool, toolError } from '../../telemetry/conventions.ts';
import type { Reading, Severity } from './reading.ts';
import { readRecord } from './reading.ts';

/** `AnyValue` of common.proto; without a member it is null. */
export type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } }
  | { readonly kvlistValue: { readonly values: readonly KeyValue[] } }
  | { readonly [never: string]: never };

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

/** logs.proto, `SeverityNumber`: info, warning and error, with room for more and less grave ones in between. */
const severities = {
  Informational: 9,
  Low: 13,
  Medium: 14,
  High: 17,
  Critical: 21,
} as const satisfies Record<Severity, number>;

/** Says of every record which attributes it may have. */
export const eventName = 'genkan.audit';

export const logsRequest = (batch: readonly ExportedRecord[], context: FormatContext): object => ({
  resourceLogs: [
    {
      resource: {
        attributes: keyValues(resourceOf(context)),
      },
      scopeLogs: [
        {
          scope: { name: eventName, version: context.version },
          logRecords: batch.map(logRecord),
        },
      ],
    },
  ],
});

export const resourceOf = ({ version, origin, host }: FormatContext): Readonly<Record<string, string>> => ({
  'service.name': 'genkan',
  'service.version': version,
  // Each replica keeps a log of its own, so that its name is that of the replica.
  'service.instance.id': origin,
  'host.name': host,
});

function logRecord(record: ExportedRecord): object {
  const reading = readRecord(record);
  const { timestamp, traceId, spanId } = record;
  const nanoseconds = `${timestamp}000000`;
  const isTraced = traceId !== undefined && /^(?!0+$)[0-9a-f]{32}$/i.test(traceId);
  return {
    timeUnixNano: nanoseconds,
    observedTimeUnixNano: nanoseconds,
    severityNumber: severities[reading.severity],
    severityText: reading.severity,
    eventName,
    body: { stringValue: reading.message },
    attributes: keyValues(attributesOf(record, reading)),
    ...(isTraced && { traceId }),
    ...(isTraced && spanId !== undefined && /^(?!0+$)[0-9a-f]{16}$/i.test(spanId) && { spanId }),
  };
}

function attributesOf(record: ExportedRecord, { who, ip, code, ending, severity: _, ...reading }: Reading): Attributes {
  const { action, tool, details, userAgent } = record;
  const isMcp =
    /^(?:[a-z]+\/[a-zA-Z/_]+|initialize|ping)$/.test(action) && !/^(?:limits|pin|session|mcp)\//.test(action);
  const isNumber = code !== undefined && /^-?\d{1,9}$/.test(code);
  return {
    // "Other log records with the same id will be considered duplicates and can be removed safely."
    'log.record.uid': record.eventId,
    'user.id': who.id,
    'user.name': who.name,
    'user.roles': record.because?.map(({ role }) => role),
    [attribute.clientAddress]: ip,
    'user_agent.original': userAgent === '' ? undefined : userAgent,
    [attribute.errorType]:
      ending === 'failure' ? (code ?? (details['toolError'] === true ? toolError : record.result)) : undefined,
    [attribute.statusCode]: isNumber ? code : undefined,
    ...(isMcp && {
      [attribute.method]: action,
      [attribute.operation]: action === 'tools/call' ? executeTool : undefined,
      [attribute.tool]: tool,
      [attribute.prompt]: action === 'prompts/get' ? reading.object : undefined,
      [attribute.resourceUri]: /^resources\/(?:read|(?:un)?subscribe)$/.test(action) ? reading.object : undefined,
    }),
    // Ours, by the names that the record itself has for them.
    ...Object.fromEntries(own.map(([name, key]) => [name, record[key]])),
  };
}

type Attributes = Readonly<Record<string, unknown>>;

const own = [
  ['genkan.action', 'action'],
  ['genkan.resource', 'resource'],
  ['genkan.result', 'result'],
  ['genkan.correlation_id', 'correlationId'],
  ['genkan.index', 'index'],
  ['genkan.actor', 'actor'],
  ['genkan.client', 'client'],
  ['genkan.server', 'server'],
  ['genkan.effect', 'effect'],
  ['genkan.action_required', 'actionRequired'],
  ['genkan.because', 'because'],
  ['genkan.groups', 'groups'],
  ['genkan.rules', 'rules'],
  ['genkan.approval', 'approval'],
  ['genkan.findings', 'findings'],
  ['genkan.more_findings', 'moreFindings'],
  ['genkan.duration_ms', 'durationMs'],
  ['genkan.bytes_in', 'bytesIn'],
  ['genkan.bytes_out', 'bytesOut'],
  ['genkan.arguments', 'arguments'],
  ['genkan.answer', 'answer'],
  ['genkan.subject', 'subject'],
  ['genkan.withheld', 'withheld'],
  ['genkan.details', 'details'],
] as const satisfies readonly (readonly [string, keyof ExportedRecord])[];

export function keyValues(attributes: Attributes, depth = 0): readonly KeyValue[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined || key === '' ? [] : [{ key: key.toWellFormed(), value: anyValue(value, depth) }],
  );
}

const deepest = 16;

function anyValue(value: unknown, depth: number): AnyValue {
  // What is nested deeper becomes text: receivers of protobuf stop at a hundred messages.
  if (depth >= deepest && typeof value === 'object' && value !== null) return { stringValue: JSON.stringify(value) };
  switch (typeof value) {
    case 'string':
      return { stringValue: value.toWellFormed() };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
    case 'object':
      if (value === null) return {};
      if (Array.isArray(value)) return { arrayValue: { values: value.map((each) => anyValue(each, depth + 1)) } };
      return { kvlistValue: { values: keyValues(value as Attributes, depth + 1) } };
    default:
      return {};
  }
}
