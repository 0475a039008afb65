// Reads an ExportMetricsServiceRequest in the JSON mapping of OTLP as strictly as metrics.proto (opentelemetry-proto v1) allows. What it does not know it refuses.
import { fixed64, hex, inScopes, keyValues, list, message, text, whole } from './otlp-decoder.ts';
import type { From, Json, Value } from './otlp-decoder.ts';

export interface DecodedPoint {
  readonly attributes: Readonly<Record<string, Value>>;
  /** Absent on gauges. */
  readonly start: bigint;
  readonly time: bigint;
  readonly value?: number;
  readonly histogram?: {
    readonly count: number;
    readonly sum: number;
    readonly bucketCounts: readonly number[];
    readonly explicitBounds: readonly number[];
    readonly exemplars: readonly { readonly traceId: string; readonly spanId: string; readonly value: number }[];
  };
}

export interface DecodedMetric extends From {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly type: 'gauge' | 'sum' | 'histogram';
  readonly points: readonly DecodedPoint[];
}

function double(value: unknown, where: string): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  throw new Error(`${where}: is no double`);
}

function timed(point: Json, where: string): Pick<DecodedPoint, 'attributes' | 'start' | 'time'> {
  const time = whole(point['timeUnixNano'], where, fixed64);
  if (time === 0n) throw new Error(`${where}: has no time`);
  return {
    attributes: keyValues(point['attributes'], where),
    start: whole(point['startTimeUnixNano'], where, fixed64),
    time,
  };
}

function numberPoint(given: unknown, where: string): DecodedPoint {
  const known = 'attributes startTimeUnixNano timeUnixNano asDouble asInt exemplars flags';
  const point = message(given, where, known.split(' '));
  return { ...timed(point, where), value: double(point['asDouble'], where) };
}

function exemplar(given: unknown, where: string) {
  const known = 'filteredAttributes timeUnixNano asDouble asInt spanId traceId';
  const one = message(given, where, known.split(' '));
  if (whole(one['timeUnixNano'], where, fixed64) === 0n) throw new Error(`${where}: has no time`);
  return {
    traceId: hex(one['traceId'], where, 16),
    spanId: hex(one['spanId'], where, 8),
    value: double(one['asDouble'], where),
  };
}

function histogramPoint(given: unknown, where: string): DecodedPoint {
  const known =
    'attributes startTimeUnixNano timeUnixNano count sum bucketCounts explicitBounds exemplars flags min max';
  const point = message(given, where, known.split(' '));
  const bucketCounts = list(point['bucketCounts'], where).map((count) => Number(whole(count, where, fixed64)));
  const explicitBounds = list(point['explicitBounds'], where).map((bound) => double(bound, where));
  const count = Number(whole(point['count'], where, fixed64));
  if (bucketCounts.length !== explicitBounds.length + 1) throw new Error(`${where}: buckets and bounds do not fit`);
  if (explicitBounds.some((bound, at) => at > 0 && bound <= explicitBounds[at - 1]!))
    throw new Error(`${where}: bounds do not ascend`);
  if (bucketCounts.reduce((total, one) => total + one, 0) !== count)
    throw new Error(`${where}: buckets do not add up to the count`);
  const exemplars = list(point['exemplars'], where).map((one) => exemplar(one, where));
  return {
    ...timed(point, where),
    histogram: { count, sum: double(point['sum'], where), bucketCounts, explicitBounds, exemplars },
  };
}

const cumulative = 2;

function metricIn(given: unknown, where: string): Omit<DecodedMetric, keyof From> {
  const metric = message(given, where, ['name', 'description', 'unit', 'gauge', 'sum', 'histogram', 'metadata']);
  const name = text(metric['name'], where);
  const types = (['gauge', 'sum', 'histogram'] as const).filter((type) => type in metric);
  const [type] = types;
  if (type === undefined || types.length > 1 || name === '') throw new Error(`${where}: is not one of a oneof`);
  const known = {
    gauge: ['dataPoints'],
    sum: ['dataPoints', 'aggregationTemporality', 'isMonotonic'],
    histogram: ['dataPoints', 'aggregationTemporality'],
  }[type];
  const data = message(metric[type], `${where}.${type}`, known);
  if (type !== 'gauge' && data['aggregationTemporality'] !== cumulative) throw new Error(`${where}: is not cumulative`);
  if (type === 'sum' && data['isMonotonic'] !== true) throw new Error(`${where}: is not monotonic`);
  const read = type === 'histogram' ? histogramPoint : numberPoint;
  const points = list(data['dataPoints'], where).map((point, at) => read(point, `${name}[${at}]`));
  for (const { start, time } of points)
    if ((type === 'gauge') !== (start === 0n) || start > time) throw new Error(`${where}: has no such start`);
  return { name, description: text(metric['description'], where), unit: text(metric['unit'], where), type, points };
}

/** @throws Error on what the definitions do not allow */
export const decodeMetrics = (json: string): readonly DecodedMetric[] =>
  inScopes(json, ['resourceMetrics', 'scopeMetrics', 'metrics'], metricIn);
