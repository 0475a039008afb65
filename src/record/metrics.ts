// Counters, gauges and histograms in the text formats of Prometheus 0.0.4 and OpenMetrics 1.0. Counting is an addition; only rendering builds strings.

export type MetricsFormat = 'prometheus' | 'openmetrics';

export const metricsContentTypes: Readonly<Record<MetricsFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

export interface Counter {
  add(by?: number): void;
}

export interface Gauge {
  set(value: number): void;
  add(by: number): void;
}

export interface Histogram {
  /** @param traceId of the request that took so long: the last one of each bucket is shown, so that one can be looked at */
  observe(value: number, traceId?: string): void;
}

export interface Family<T> {
  /**
   * The series with these label values, one for each label name in order. Keep it where it is used often.
   * Beyond the limit of series, all label values become "other".
   */
  with(...labelValues: string[]): T;
}

export interface Metrics {
  /** A count that only grows; its name ends in `_total`. */
  counter(name: string, help: string, labelNames?: readonly string[]): Family<Counter>;
  gauge(name: string, help: string, labelNames?: readonly string[]): Family<Gauge>;
  /** A gauge without labels that is read when somebody asks. */
  gaugeOf(name: string, help: string, read: () => number): void;
  /** A counter without labels that somebody else keeps. */
  counterOf(name: string, help: string, read: () => number): void;
  /** @param bounds upper bounds of the buckets, ascending, in the unit that the name ends in; `+Inf` is added */
  histogram(name: string, help: string, bounds: readonly number[], labelNames?: readonly string[]): Family<Histogram>;
  /** Only OpenMetrics has words for the traces of a histogram. */
  render(format?: MetricsFormat): string;
  /** All that there are, in the order in which they were registered. */
  families(): readonly MetricFamily[];
}

export interface MetricFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labelNames: readonly string[];
}

interface Series {
  /** Lines of this series, given the labels as they stand between braces. */
  lines(name: string, labels: string, format: MetricsFormat): string;
}

const seriesLimit = 1000;

/**
 * Creates an empty registry. Names are given by our own code, so one that is malformed or taken is a programming error.
 * @param now for the moments at which traces were seen
 */
export function createMetrics(now: () => number = Date.now): Metrics {
  const families = new Map<string, MetricFamily & { readonly lines: (format: MetricsFormat) => string }>();

  function register(family: MetricFamily, lines: (format: MetricsFormat) => string): void {
    const { name } = family;
    if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) || families.has(name)) throw new TypeError(`metric name ${name}`);
    families.set(name, { ...family, lines });
  }

  function rendered(
    { name, type, help, lines }: MetricFamily & { lines: (format: MetricsFormat) => string },
    format: MetricsFormat,
  ): string {
    // OpenMetrics: the family of a counter is called without the end that its samples have.
    const called = format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name;
    return `# HELP ${called} ${escapeHelp(help, format)}\n# TYPE ${called} ${type}\n${lines(format)}`;
  }

  function family<T extends Series>(
    name: string,
    type: MetricFamily['type'],
    help: string,
    labelNames: readonly string[],
    create: () => T,
  ): Family<T> {
    const series = new Map<string, { readonly labels: string; readonly one: T }>();
    const add = (values: readonly string[]): T => {
      const key = values.join('\0');
      const known = series.get(key);
      if (known !== undefined) return known.one;
      if (series.size >= seriesLimit && values.some((value) => value !== 'other')) {
        return add(values.map(() => 'other'));
      }
      const one = create();
      const labels = labelNames.map((label, position) => `${label}="${escapeValue(values[position]!)}"`).join(',');
      series.set(key, { labels, one });
      return one;
    };
    register({ name, type, help, labelNames }, (format) =>
      [...series.values()].map(({ labels, one }) => one.lines(name, labels, format)).join(''),
    );
    if (labelNames.length === 0) add([]); // a series without labels exists from the start, at zero
    return {
      with(...values) {
        if (values.length !== labelNames.length) throw new TypeError(`${name} has ${labelNames.length} labels`);
        return add(values);
      },
    };
  }

  return {
    counter: (name, help, labelNames = []) => family(name, 'counter', help, labelNames, createValue),
    gauge: (name, help, labelNames = []) => family(name, 'gauge', help, labelNames, createValue),
    gaugeOf: (name, help, read) =>
      register({ name, type: 'gauge', help, labelNames: [] }, () => line(name, '', read())),
    counterOf: (name, help, read) =>
      register({ name, type: 'counter', help, labelNames: [] }, () => line(name, '', read())),
    histogram: (name, help, bounds, labelNames = []) =>
      family(name, 'histogram', help, labelNames, () => createHistogram(bounds, now)),
    render: (format = 'prometheus') =>
      [...families.values()].map((each) => rendered(each, format)).join('') +
      (format === 'openmetrics' ? '# EOF\n' : ''),
    families: () => [...families.values()].map(({ lines: _, ...family }) => family),
  };
}

function createValue(): Counter & Gauge & Series {
  let value = 0;
  return {
    add(by = 1) {
      value += by;
    },
    set(to) {
      value = to;
    },
    lines: (name, labels) => line(name, labels, value),
  };
}

interface Exemplar {
  readonly traceId: string;
  readonly value: number;
  readonly atMs: number;
}

function createHistogram(bounds: readonly number[], now: () => number): Histogram & Series {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  const exemplars: (Exemplar | undefined)[] = [];
  let sum = 0;
  return {
    observe(value, traceId) {
      let bucket = 0;
      while (bucket < bounds.length && value > bounds[bucket]!) bucket += 1;
      counts[bucket]! += 1;
      sum += value;
      if (traceId !== undefined) exemplars[bucket] = { traceId, value, atMs: now() };
    },
    lines(name, labels, format) {
      const before = labels === '' ? '' : `${labels},`;
      let total = 0;
      const buckets = counts.map((count, bucket) => {
        total += count;
        const written = line(`${name}_bucket`, `${before}le="${bound(bounds[bucket] ?? Infinity, format)}"`, total);
        const exemplar = format === 'openmetrics' ? exemplars[bucket] : undefined;
        return exemplar === undefined ? written : `${written.slice(0, -1)}${shown(exemplar)}\n`;
      });
      return `${buckets.join('')}${line(`${name}_sum`, labels, sum)}${line(`${name}_count`, labels, total)}`;
    },
  };
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
