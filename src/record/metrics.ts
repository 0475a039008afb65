// Counters, gauges and histograms. Counting is an addition; whoever reads them gets numbers, of which pages and messages are made.
import { metricsText } from './metrics-text.ts';
import type { MetricsFormat } from './metrics-text.ts';

export interface Counter {
  add(by?: number): void;
}

export interface Gauge {
  set(value: number): void;
  add(by: number): void;
}

/** The span in which something was measured. */
export interface Measured {
  readonly traceId: string;
  readonly spanId: string;
}

export interface Histogram {
  /** @param within the request that took so long: the last one of each bucket is shown, so that one can be looked at */
  observe(value: number, within?: Measured): void;
}

export interface Family<T> {
  /**
   * The series with these label values, one for each label name in order. Keep it where it is used often.
   * Beyond the limit of series, all label values become "other".
   */
  with(...labelValues: string[]): T;
}

/** Who reads: what is told since the last reading is told to each of them. */
export type Reader = 'page' | 'push';

export interface Metrics {
  /** A count that only grows; its name ends in `_total`. */
  counter(name: string, help: string, labelNames?: readonly string[]): Family<Counter>;
  gauge(name: string, help: string, labelNames?: readonly string[]): Family<Gauge>;
  /** A gauge without labels that is read when somebody asks. */
  gaugeOf(name: string, help: string, read: (reader: Reader) => number): void;
  /** A counter without labels that somebody else keeps. @param sinceMs when it was zero; by default as all others */
  counterOf(name: string, help: string, read: () => number, sinceMs?: number): void;
  /** @param bounds upper bounds of the buckets, ascending, in the unit that the name ends in; `+Inf` is added */
  histogram(name: string, help: string, bounds: readonly number[], labelNames?: readonly string[]): Family<Histogram>;
  /** Only OpenMetrics has words for the traces of a histogram. */
  render(format?: MetricsFormat): string;
  /** All that there are, in the order in which they were registered. */
  families(): readonly MetricFamily[];
  /** The same with their values, as they are now. */
  read(reader: Reader): readonly FamilyRead[];
}

export interface MetricFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labelNames: readonly string[];
}

export interface Exemplar extends Measured {
  readonly value: number;
  readonly atMs: number;
}

export interface Numbers {
  readonly value: number;
}

export interface Buckets {
  /** One for each bound and one beyond them, none of which counts what is in another. */
  readonly counts: readonly number[];
  readonly sum: number;
  /** By bucket. */
  readonly exemplars: readonly (Exemplar | undefined)[];
}

type Point<Value> = Value & { readonly labelValues: readonly string[] };

export type FamilyRead = MetricFamily & { readonly sinceMs: number } & (
    | { readonly type: 'counter' | 'gauge'; readonly points: readonly Point<Numbers>[] }
    | { readonly type: 'histogram'; readonly bounds: readonly number[]; readonly points: readonly Point<Buckets>[] }
  );

const seriesLimit = 1000;

/**
 * Creates an empty registry. Names are given by our own code, so one that is malformed or taken is a programming error.
 * @param now for the moments at which traces were seen, and the one at which all counts were zero
 */
export function createMetrics(now: () => number = Date.now): Metrics {
  const sinceMs = now();
  const families = new Map<string, MetricFamily & { readonly read: (reader: Reader) => FamilyRead }>();

  function register(family: MetricFamily, read: (reader: Reader) => FamilyRead): void {
    const { name } = family;
    if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) || families.has(name)) throw new TypeError(`metric name ${name}`);
    families.set(name, { ...family, read });
  }

  /** @returns the family, and its points as they are */
  function seriesOf<T extends { read(): Value }, Value>(
    { name, labelNames }: MetricFamily,
    create: () => T,
  ): { readonly family: Family<T>; readonly points: () => readonly Point<Value>[] } {
    const series = new Map<string, { readonly labelValues: readonly string[]; readonly one: T }>();
    const add = (labelValues: readonly string[]): T => {
      const key = labelValues.join('\0');
      const known = series.get(key);
      if (known !== undefined) return known.one;
      if (series.size >= seriesLimit && labelValues.some((value) => value !== 'other')) {
        return add(labelValues.map(() => 'other'));
      }
      const one = create();
      series.set(key, { labelValues, one });
      return one;
    };
    if (labelNames.length === 0) add([]); // a series without labels exists from the start, at zero
    return {
      family: {
        with(...values) {
          if (values.length !== labelNames.length) throw new TypeError(`${name} has ${labelNames.length} labels`);
          return add(values);
        },
      },
      points: () => [...series.values()].map(({ labelValues, one }) => ({ ...one.read(), labelValues })),
    };
  }

  function numbers(type: 'counter' | 'gauge', name: string, help: string, labelNames: readonly string[]) {
    const known = { name, type, help, labelNames };
    const { family, points } = seriesOf<Counter & Gauge & { read(): Numbers }, Numbers>(known, createValue);
    register(known, () => ({ ...known, sinceMs, points: points() }));
    return family;
  }

  const metrics: Metrics = {
    counter: (name, help, labelNames = []) => numbers('counter', name, help, labelNames),
    gauge: (name, help, labelNames = []) => numbers('gauge', name, help, labelNames),
    gaugeOf(name, help, read) {
      const known = { name, type: 'gauge', help, labelNames: [] } as const;
      register(known, (reader) => ({ ...known, sinceMs, points: [{ labelValues: [], value: read(reader) }] }));
    },
    counterOf(name, help, read, zeroAtMs = sinceMs) {
      const known = { name, type: 'counter', help, labelNames: [] } as const;
      register(known, () => ({ ...known, sinceMs: zeroAtMs, points: [{ labelValues: [], value: read() }] }));
    },
    histogram(name, help, bounds, labelNames = []) {
      const known = { name, type: 'histogram', help, labelNames } as const;
      const { family, points } = seriesOf<Histogram & { read(): Buckets }, Buckets>(known, () =>
        createHistogram(bounds, now),
      );
      register(known, () => ({ ...known, sinceMs, bounds, points: points() }));
      return family;
    },
    render: (format = 'prometheus') => metricsText(metrics.read('page'), format),
    families: () => [...families.values()].map(({ read: _, ...family }) => family),
    read: (reader) => [...families.values()].map(({ read }) => read(reader)),
  };
  return metrics;
}

function createValue(): Counter & Gauge & { read(): Numbers } {
  let value = 0;
  return {
    add(by = 1) {
      value += by;
    },
    set(to) {
      value = to;
    },
    read: () => ({ value }),
  };
}

function createHistogram(bounds: readonly number[], now: () => number): Histogram & { read(): Buckets } {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  const exemplars: (Exemplar | undefined)[] = [];
  let sum = 0;
  return {
    observe(value, within) {
      let bucket = 0;
      while (bucket < bounds.length && value > bounds[bucket]!) bucket += 1;
      counts[bucket]! += 1;
      sum += value;
      if (within === undefined) return;
      const { traceId, spanId } = within;
      exemplars[bucket] = { traceId, spanId, value, atMs: now() };
    },
    read: () => ({ counts: [...counts], sum, exemplars: [...exemplars] }),
  };
}
