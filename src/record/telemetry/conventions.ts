// Names that others know: the OpenTelemetry semantic conventions for MCP, in the one place where metrics, spans and logs take them from.
// Source: open-telemetry/semantic-conventions-genai, docs/gen-ai/mcp.md (status "Development", main of 2026), which builds on
// the semantic conventions 1.41.1 for `error`, `network`, `rpc` and `client`. They moved there from 1.39.0 under the same names.

export const attribute = {
  method: 'mcp.method.name',
  resourceUri: 'mcp.resource.uri',
  operation: 'gen_ai.operation.name',
  tool: 'gen_ai.tool.name',
  prompt: 'gen_ai.prompt.name',
  statusCode: 'rpc.response.status_code',
  errorType: 'error.type',
  clientAddress: 'client.address',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  protocolVersion: 'mcp.protocol.version',
  requestId: 'jsonrpc.request.id',
  transport: 'network.transport',
  protocol: 'network.protocol.name',
  person: 'user.id',
  /** Ours: the conventions know but one server. */
  server: 'genkan.server',
  result: 'genkan.result',
  correlationId: 'genkan.correlation_id',
  judgeDuration: 'genkan.judge.duration',
  waitDuration: 'genkan.wait.duration',
  examineDuration: 'genkan.examine.duration',
  recordDuration: 'genkan.record.duration',
} as const;

/** `gen_ai.operation.name` of `tools/call`, and of nothing else. */
export const executeTool = 'execute_tool';
/** `error.type` of a result that says of itself that it is one. */
export const toolError = 'tool_error';
/** `error.type` where there is no better word. */
export const otherError = '_OTHER';

export const metric = {
  serverDuration: 'mcp.server.operation.duration',
  clientDuration: 'mcp.client.operation.duration',
  loopDelayP50: 'nodejs.eventloop.delay.p50',
  loopDelayP99: 'nodejs.eventloop.delay.p99',
  loopDelayMax: 'nodejs.eventloop.delay.max',
  loopUtilization: 'nodejs.eventloop.utilization',
} as const;

/** Buckets that the conventions ask for, in seconds. */
export const operationBounds = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

const units = { s: '_seconds', '1': '_ratio' } as const;

/** As Prometheus spells it (OpenTelemetry, "Prometheus and OpenMetrics Compatibility"). */
export const inPrometheus = (name: string, unit?: keyof typeof units): string =>
  name.replaceAll('.', '_') + (unit === undefined ? '' : units[unit]);

const spelt = new Map(
  Object.values(metric).flatMap((name) =>
    Object.keys(units).map((unit) => [inPrometheus(name, unit as keyof typeof units), { name, unit }] as const),
  ),
);
const speltLabels = new Map(Object.values(attribute).map((name) => [inPrometheus(name), name]));
const ownUnits: readonly (readonly [end: RegExp, unit: string])[] = [
  [/_seconds(?:_total)?$/, 's'],
  [/_bytes(?:_total)?$/, 'By'],
  [/_ratio$/, '1'],
];

/** As OTLP has it: under the name of the conventions where there is one, else under its own; the unit as UCUM has it. */
export const inOtlp = (name: string): { readonly name: string; readonly unit: string } =>
  spelt.get(name) ?? { name, unit: ownUnits.find(([end]) => end.test(name))?.[1] ?? '' };

export const labelInOtlp = (label: string): string => speltLabels.get(label) ?? label;

const knownCodes: ReadonlySet<number> = new Set([
  -32700, -32600, -32601, -32602, -32603, -32000, -32001, -32002, -32020, -32021, -32022, -32042,
]);

/** A server can answer with any number; what is counted by it must not grow with that. */
export const errorTypeOfCode = (code: number): string => (knownCodes.has(code) ? String(code) : otherError);
