// Metrics as an ExportMetricsServiceRequest (opentelemetry-proto 1.x, metrics.proto) in the JSON mapping of OTLP.
import { keyValues } from '../export/formats/otlp.ts';
import type { Exemplar, FamilyRead } from '../metrics.ts';
import { inOtlp, labelInOtlp } from './conventions.ts';
import { nanoseconds, scope } from './envelope.ts';
import type { Resource } from './envelope.ts';

/** `AGGREGATION_TEMPORALITY_CUMULATIVE`. */
const cumulative = 2;
/** Of a message: writing it keeps calls waiting for no more than a few milliseconds. */
const mostPoints = 250;

export interface MetricsMessage {
  readonly points: number;
  readonly request: object;
}

/** In as many messages as keep each of them small. */
export function metricsMessages(families: readonly FamilyRead[], resource: Resource, nowMs: number): MetricsMessage[] {
  const parts = families.flatMap((family) => parted(family));
  const messages: { points: number; metrics: object[] }[] = [];
  for (const part of parts) {
    const last = messages.at(-1);
    const { length } = part.points;
    const fits = last !== undefined && last.points + length <= mostPoints;
    const message = fits ? last : { points: 0, metrics: [] };
    if (!fits) messages.push(message);
    message.points += length;
    message.metrics.push(metricOf(part, nowMs));
  }
  return messages.map(({ points, metrics }) => ({ points, request: metricsRequest(metrics, resource) }));
}

export const metricsRequest = (metrics: readonly object[], resource: Resource): object => ({
  resourceMetrics: [{ resource: { attributes: keyValues(resource) }, scopeMetrics: [{ scope, metrics }] }],
});

function parted(family: FamilyRead): FamilyRead[] {
  const parts: FamilyRead[] = [];
  for (let from = 0; from < family.points.length; from += mostPoints)
    parts.push({ ...family, points: family.points.slice(from, from + mostPoints) } as FamilyRead);
  return parts;
}

function metricOf(family: FamilyRead, nowMs: number): object {
  const times = { startTimeUnixNano: nanoseconds(family.sinceMs), timeUnixNano: nanoseconds(nowMs) };
  // Prometheus takes a label without a value for none.
  const attributes = (values: readonly string[]): object => ({
    attributes: keyValues(
      Object.fromEntries(
        family.labelNames.map((label, at) => [labelInOtlp(label), values[at] === '' ? undefined : values[at]]),
      ),
    ),
  });
  const { name, unit } = inOtlp(family.name);
  const described = { name, description: family.help, unit };
  if (family.type === 'histogram')
    return {
      ...described,
      histogram: {
        aggregationTemporality: cumulative,
        dataPoints: family.points.map(({ labelValues, counts, sum, exemplars }) => ({
          ...attributes(labelValues),
          ...times,
          count: String(counts.reduce((total, count) => total + count, 0)),
          sum,
          bucketCounts: counts.map(String),
          explicitBounds: family.bounds,
          exemplars: exemplars.flatMap((exemplar) => (exemplar === undefined ? [] : [exemplarOf(exemplar)])),
        })),
      },
    };
  const dataPoints = family.points.map(({ labelValues, value }) => ({
    ...attributes(labelValues),
    ...(family.type === 'counter' ? times : { timeUnixNano: times.timeUnixNano }),
    asDouble: doubleOf(value),
  }));
  return family.type === 'counter'
    ? { ...described, sum: { aggregationTemporality: cumulative, isMonotonic: true, dataPoints } }
    : { ...described, gauge: { dataPoints } };
}

const exemplarOf = ({ traceId, spanId, value, atMs }: Exemplar): object => ({
  timeUnixNano: nanoseconds(atMs),
  asDouble: value,
  traceId,
  spanId,
});

/** As proto3 writes numbers that JSON has none for. */
const doubleOf = (value: number): number | string => (Number.isFinite(value) ? value : String(value));
