// Metrics as a page: the text formats of Prometheus 0.0.4 and OpenMetrics 1.0.
import type { Buckets, Exemplar, FamilyRead } from './metrics.ts';

export type MetricsFormat = 'prometheus' | 'openmetrics';

export const metricsContentTypes: Readonly<Record<MetricsFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

export const metricsText = (families: readonly FamilyRead[], format: MetricsFormat): string =>
  families.map((family) => written(family, format)).join('') + (format === 'openmetrics' ? '# EOF\n' : '');

function written(family: FamilyRead, format: MetricsFormat): string {
  const { name, type, help, labelNames } = family;
  // OpenMetrics: the family of a counter is called without the end that its samples have.
  const called = format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name;
  const labels = (values: readonly string[]): string =>
    labelNames.map((label, position) => `${label}="${escapeValue(values[position]!)}"`).join(',');
  const lines =
    family.type === 'histogram'
      ? family.points.map((point) => histogram(name, labels(point.labelValues), family.bounds, point, format))
      : family.points.map(({ labelValues, value }) => line(name, labels(labelValues), value));
  return `# HELP ${called} ${escapeHelp(help, format)}\n# TYPE ${called} ${type}\n${lines.join('')}`;
}

function histogram(
  name: string,
  labels: string,
  bounds: readonly number[],
  { counts, sum, exemplars }: Buckets,
  format: MetricsFormat,
): string {
  const before = labels === '' ? '' : `${labels},`;
  let total = 0;
  const buckets = counts.map((count, bucket) => {
    total += count;
    const sample = line(`${name}_bucket`, `${before}le="${bound(bounds[bucket] ?? Infinity, format)}"`, total);
    const exemplar = format === 'openmetrics' ? exemplars[bucket] : undefined;
    return exemplar === undefined ? sample : `${sample.slice(0, -1)}${shown(exemplar)}\n`;
  });
  return `${buckets.join('')}${line(`${name}_sum`, labels, sum)}${line(`${name}_count`, labels, total)}`;
}

/** OpenMetrics 1.0, "Exemplars". */
const shown = ({ traceId, value, atMs }: Exemplar): string =>
  ` # {trace_id="${traceId}"} ${number(value)} ${number(atMs / 1000)}`;

/** OpenMetrics 1.0, "Considerations: Canonical Numbers": `1.0`, where Prometheus itself writes `1`. */
const bound = (value: number, format: MetricsFormat): string =>
  format === 'openmetrics' && Number.isInteger(value) ? `${value}.0` : number(value);

const line = (name: string, labels: string, value: number): string =>
  `${name}${labels === '' ? '' : `{${labels}}`} ${number(value)}\n`;

const number = (value: number): string => (value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value)); // NaN is spelt alike

const escape = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapeHelp = (text: string, format: MetricsFormat): string =>
  format === 'openmetrics' ? escapeValue(text) : escape(text);
const escapeValue = (text: string): string => escape(text).replaceAll('"', '\\"');
