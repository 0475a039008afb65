// Counters, gauges and histograms in the Prometheus text format 0.0.4. Counting is an addition; only rendering builds strings.

/** Content type of `render()`. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

export interface Counter {
  add(by?: number): void;
}

export interface Gauge {
  set(value: number): void;
  add(by: number): void;
}

export interface Histogram {
  observe(value: number): void;
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
  /** @param bounds upper bounds of the buckets, ascending, in the unit that the name ends in; `+Inf` is added */
  histogram(name: string, help: string, bounds: readonly number[], labelNames?: readonly string[]): Family<Histogram>;
  render(): string;
}

interface Series {
  /** Lines of this series, given the labels as they stand between braces. */
  lines(name: string, labels: string): string;
}

const seriesLimit = 1000;

/** Creates an empty registry. Names are given by our own code, so one that is malformed or taken is a programming error. */
export function createMetrics(): Metrics {
  const families = new Map<string, () => string>();

  function register(name: string, type: string, help: string, lines: () => string): void {
    if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) || families.has(name)) throw new TypeError(`metric name ${name}`);
    const header = `# HELP ${name} ${escape(help)}\n# TYPE ${name} ${type}\n`;
    families.set(name, () => header + lines());
  }

  function family<T extends Series>(
    name: string,
    type: string,
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
    register(name, type, help, () => [...series.values()].map(({ labels, one }) => one.lines(name, labels)).join(''));
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
    gaugeOf: (name, help, read) => register(name, 'gauge', help, () => line(name, '', read())),
    histogram: (name, help, bounds, labelNames = []) =>
      family(name, 'histogram', help, labelNames, () => createHistogram(bounds)),
    render: () => [...families.values()].map((lines) => lines()).join(''),
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

function createHistogram(bounds: readonly number[]): Histogram & Series {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let sum = 0;
  return {
    observe(value) {
      let bucket = 0;
      while (bucket < bounds.length && value > bounds[bucket]!) bucket += 1;
      counts[bucket]! += 1;
      sum += value;
    },
    lines(name, labels) {
      const before = labels === '' ? '' : `${labels},`;
      let total = 0;
      const buckets = counts.map((count, bucket) => {
        total += count;
        return line(`${name}_bucket`, `${before}le="${number(bounds[bucket] ?? Infinity)}"`, total);
      });
      return `${buckets.join('')}${line(`${name}_sum`, labels, sum)}${line(`${name}_count`, labels, total)}`;
    },
  };
}

const line = (name: string, labels: string, value: number): string =>
  `${name}${labels === '' ? '' : `{${labels}}`} ${number(value)}\n`;

const number = (value: number): string => (value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value)); // NaN is spelt alike

const escape = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapeValue = (text: string): string => escape(text).replaceAll('"', '\\"');
