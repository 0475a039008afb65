// Functions that look at a whole series: statistics, lines, seasons, outliers and anomalies.
import type { Bound } from '../bound.ts';
import { typeProblem } from '../nodes.ts';
import type { Column, KqlType, Value } from '../values.ts';
import { define } from './define.ts';
import type { Binder } from './define.ts';
import { detectPeriods } from './periods.ts';
import { seriesOf } from './series.ts';
import type { Series } from './series.ts';

/** As Kusto names columns: of `d.a` it is `d_a`. */
function nameOf(part: Bound | undefined): string {
  if (part?.kind === 'column') return part.name;
  if (part?.kind !== 'call' || part.name !== '.member') return '';
  const [object, name] = part.arguments;
  return `${nameOf(object)}_${name?.kind === 'constant' ? String(name.value) : ''}`;
}

/** A function whose value is an array of the values of several columns. */
const several =
  (written: string, kinds: readonly (readonly [string, KqlType])[], compute: (...values: never[]) => Value): Binder =>
  (name, parts, place, scope) => {
    const columns: Column[] = kinds.map(([suffix, type]) => ({ name: `${name}_${nameOf(parts[0])}_${suffix}`, type }));
    const options = { columns, nulls: true };
    return define(written, 'dynamic', compute, options)(name, parts, place, scope);
  };

const known = (series: Series): readonly number[] =>
  series.filter((value): value is number => value !== null && Number.isFinite(value));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

interface Statistics {
  readonly min: number;
  readonly min_idx: number;
  readonly max: number;
  readonly max_idx: number;
  readonly avg: number;
  readonly stdev: number;
  readonly variance: number;
}

/** Null where the series has gaps, unless they are to be passed over. */
function statistics(series: Series, passOver: boolean): Statistics | undefined {
  const values = known(series);
  if (values.length === 0 || (values.length < series.length && !passOver)) return undefined;
  const min = values.reduce((a, b) => Math.min(a, b));
  const max = values.reduce((a, b) => Math.max(a, b));
  const avg = mean(values);
  const variance = varianceOf(values);
  return {
    min,
    min_idx: series.indexOf(min),
    max,
    max_idx: series.indexOf(max),
    avg,
    stdev: Math.sqrt(variance),
    variance,
  };
}

function varianceOf(values: readonly number[]): number {
  const avg = mean(values);
  return values.length < 2 ? 0 : values.reduce((sum, value) => sum + (value - avg) ** 2, 0) / (values.length - 1);
}

const statisticColumns = [
  ['min', 'real'],
  ['min_idx', 'long'],
  ['max', 'real'],
  ['max_idx', 'long'],
  ['avg', 'real'],
  ['stdev', 'real'],
  ['variance', 'real'],
] as const;

function stats(value: Value, passOver: boolean | null = false): Value {
  const found = statistics(seriesOf(value) ?? [], passOver === true);
  return statisticColumns.map(([name]) => found?.[name] ?? null);
}

function statsBag(value: Value, passOver = false): Value {
  const series = seriesOf(value);
  const found = series === undefined ? undefined : statistics(series, passOver);
  if (found === undefined) return null;
  const values = known(series!);
  return { ...found, sum: mean(values) * values.length, len: series!.length };
}

interface Line {
  readonly rsquare: number;
  readonly slope: number;
  readonly variance: number;
  readonly rvariance: number;
  readonly interception: number;
  readonly line_fit: readonly number[];
}

/** Least squares over the places of the points, counted from 1; `learned` of them from the beginning. */
function fitLine(series: Series, learned = series.length): Line | undefined {
  const points = series
    .slice(0, learned)
    .flatMap((y, x) => (y === null || !Number.isFinite(y) ? [] : [{ x: x + 1, y }]));
  if (points.length < 2) return undefined;
  const [x0, y0] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const along = points.reduce((sum, { x, y }) => sum + (x - x0) * (y - y0), 0);
  const across = points.reduce((sum, { x }) => sum + (x - x0) ** 2, 0);
  const slope = along / across;
  const interception = y0 - slope * x0;
  const line_fit = series.map((_, index) => interception + slope * (index + 1));
  const variance = varianceOf(points.map(({ y }) => y));
  const rvariance = varianceOf(points.map(({ x, y }) => y - line_fit[x - 1]!));
  return { rsquare: variance === 0 ? 1 : 1 - rvariance / variance, slope, variance, rvariance, interception, line_fit };
}

const lineColumns = [
  ['rsquare', 'real'],
  ['slope', 'real'],
  ['variance', 'real'],
  ['rvariance', 'real'],
  ['interception', 'real'],
  ['line_fit', 'dynamic'],
] as const;

interface Decomposition {
  readonly baseline: Series;
  readonly seasonal: Series;
  readonly trend: Series;
  readonly residual: Series;
}

interface Decomposing {
  /** -1 finds it out, 0 means none. */
  readonly seasonality: number;
  readonly trend: string;
  /** Points at the end that nothing is learned from. */
  readonly testPoints: number;
  readonly threshold: number;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** For each point the median of all that are as far into their period. */
function seasonOf(series: Series, period: number, learned: number): readonly number[] {
  const phases = Array.from({ length: Math.min(period, series.length) }, (_, phase) => {
    const values: number[] = [];
    for (let at = phase; at < learned; at += period) if (series[at] !== null) values.push(series[at]!);
    return values.length === 0 ? 0 : median(values);
  });
  return series.map((_, index) => phases[index % period]!);
}

function periodOf(series: Series, learned: number, seasonality: number, threshold: number): number {
  if (seasonality >= 0) return seasonality;
  const values = series.slice(0, learned).map((value) => value ?? 0);
  const [best] = values.length < 8 ? [] : detectPeriods(values, 0, values.length / 2, 1);
  return best !== undefined && best.score >= threshold ? best.points : 0;
}

function decompose(series: Series, { seasonality, trend: kind, testPoints, threshold }: Decomposing): Decomposition {
  const learned = Math.max(0, series.length - testPoints);
  const values = known(series.slice(0, learned));
  const level = values.length === 0 ? 0 : mean(values);
  const line = kind === 'linefit' ? fitLine(series, learned)?.line_fit : undefined;
  const trend = series.map((_, index) => line?.[index] ?? (kind === 'none' ? 0 : level));
  const rest = series.map((value, index) => (value === null ? null : value - trend[index]!));
  const period = periodOf(rest, learned, seasonality, threshold);
  const seasonal = period > 0 ? seasonOf(rest, period, learned) : series.map(() => 0);
  const baseline = trend.map((value, index) => value + seasonal[index]!);
  const residual = series.map((value, index) => (value === null ? null : value - baseline[index]!));
  return { baseline, seasonal, trend, residual };
}

/** Between two values where the place lies between them. */
function percentile(sorted: readonly number[], rank: number): number {
  const at = (rank / 100) * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low]! + (sorted[Math.min(low + 1, sorted.length - 1)]! - sorted[low]!) * (at - low);
}

/**
 * How far a point lies beyond the usual range, in lengths of that range (Tukey's fences). Where most points are alike and the range is
 * nothing, the standard deviation stands for it.
 */
function scoresOf(series: Series, kind: string, least = 10, most = 90, learned = series.length): Series {
  const values = known(series.slice(0, learned)).toSorted((a, b) => a - b);
  if (values.length === 0) return series.map(() => 0);
  const [from, to] = kind === 'tukey' ? [25, 75] : [least, most];
  const [low, high] = [percentile(values, from), percentile(values, to)];
  const width = high - low || Math.sqrt(varianceOf(known(series)));
  return series.map((value) => {
    if (value === null || width === 0) return 0;
    return value > high ? (value - high) / width : value < low ? (value - low) / width : 0;
  });
}

function outliers(
  value: Value,
  kind: string | null = 'ctukey',
  ignored: Value = null,
  least?: Value,
  most?: Value,
): Value {
  const series = seriesOf(value)?.map((each) => (each === ignored ? null : each));
  if (series === undefined) return null;
  return scoresOf(series, kind ?? 'ctukey', Number(least ?? 10), Number(most ?? 90));
}

const decomposing = (seasonality: Value, trend: Value, testPoints: Value, threshold: Value): Decomposing => ({
  seasonality: typeof seasonality === 'number' ? Math.max(-1, seasonality) : -1,
  trend: typeof trend === 'string' ? trend : 'avg',
  testPoints: typeof testPoints === 'number' ? Math.max(0, testPoints) : 0,
  threshold: typeof threshold === 'number' ? threshold : 0.6,
});

function decomposed(value: Value, seasonality?: Value, trend?: Value, test?: Value, threshold?: Value): Value {
  const series = seriesOf(value);
  if (series === undefined) return [null, null, null, null];
  const parts = decompose(series, decomposing(seasonality ?? null, trend ?? null, test ?? null, threshold ?? null));
  return [parts.baseline, parts.seasonal, parts.trend, parts.residual];
}

function forecast(value: Value, points: number, seasonality?: Value, trend?: Value, threshold?: Value): Value {
  const series = seriesOf(value);
  if (series === undefined) return null;
  return decompose(series, decomposing(seasonality ?? null, trend ?? 'linefit', points, threshold ?? null)).baseline;
}

function anomalies(
  value: Value,
  threshold: Value = 1.5,
  seasonality?: Value,
  trend?: Value,
  test?: Value,
  method?: Value,
  score?: Value,
): Value {
  const series = seriesOf(value);
  if (series === undefined) return [null, null, null];
  const options = decomposing(seasonality ?? null, trend ?? null, test ?? null, score ?? null);
  const { baseline, residual } = decompose(series, options);
  const learned = Math.max(0, series.length - options.testPoints);
  const scores = scoresOf(residual, method === 'tukey' ? 'tukey' : 'ctukey', 10, 90, learned);
  const limit = typeof threshold === 'number' ? threshold : 1.5;
  const flags = scores.map((each) => (each! > limit ? 1 : each! < -limit ? -1 : 0));
  return [flags, scores, baseline];
}

function detected(value: Value, least: Value, most: Value, count: Value): Value {
  const series = seriesOf(value);
  if (series === undefined || series.length < 8) return [null, null];
  const wanted = Math.max(0, Math.min(100, Number(count)));
  const found = detectPeriods(
    series.map((each) => each ?? 0),
    Number(least),
    Number(most),
    wanted,
  );
  const padded = Array.from({ length: wanted }, (_, index) => found[index] ?? { points: 0, score: 0 });
  return [padded.map(({ points }) => points), padded.map(({ score }) => score)];
}

function seasonal(value: Value, period = -1, testPoints = 0): Value {
  const series = seriesOf(value);
  if (series === undefined) return null;
  const learned = Math.max(0, series.length - Math.max(0, testPoints));
  const length = periodOf(series, learned, period, seasonalThreshold);
  return length > 0 ? seasonOf(series, length, learned) : series.map(() => 0);
}

const decompositionKinds = [
  ['baseline', 'dynamic'],
  ['seasonal', 'dynamic'],
  ['trend', 'dynamic'],
  ['residual', 'dynamic'],
] as const;

/** Words that the parameter for the trend, and the one for the method, may be. */
const checked =
  (binder: Binder, words: ReadonlyMap<number, readonly string[]>): Binder =>
  (name, parts, place, scope) => {
    for (const [index, allowed] of words) {
      const part = parts[index];
      if (part?.kind === 'constant' && part.type === 'string' && !allowed.includes(part.value as string))
        throw typeProblem(`${name}() takes ${allowed.map((word) => `'${word}'`).join(' or ')} here`, part);
    }
    return binder(name, parts, place, scope);
  };

/** Kusto asks for 0.7 of scores that it computes otherwise; with these its documented examples come out. */
const seasonalThreshold = 0.6;

const trends = ['avg', 'linefit', 'none'];

export const seriesModels: readonly (readonly [string, Binder])[] = [
  ['series_stats', several('array, bool?', statisticColumns, stats)],
  ['series_stats_dynamic', define('array, bool?', 'dynamic', statsBag)],
  [
    'series_fit_line',
    several('array', lineColumns, (value: Value) => {
      const line = fitLine(seriesOf(value) ?? []);
      return lineColumns.map(([name]) => line?.[name] ?? null);
    }),
  ],
  [
    'series_fit_line_dynamic',
    define('array', 'dynamic', (value: Value) => {
      const line = fitLine(seriesOf(value) ?? []);
      return line === undefined ? null : { ...line };
    }),
  ],
  [
    'series_outliers',
    define('array, string?, number?, number?, number?, integer?', 'dynamic', outliers, { nulls: true }),
  ],
  [
    'series_decompose',
    checked(
      several('array, integer?, string?, integer?, number?', decompositionKinds, decomposed),
      new Map([[2, trends]]),
    ),
  ],
  [
    'series_decompose_forecast',
    checked(define('array, integer, integer?, string?, number?', 'dynamic', forecast), new Map([[3, trends]])),
  ],
  [
    'series_decompose_anomalies',
    checked(
      several(
        'array, number?, integer?, string?, integer?, string?, number?',
        [
          ['ad_flag', 'dynamic'],
          ['ad_score', 'dynamic'],
          ['baseline', 'dynamic'],
        ],
        anomalies,
      ),
      new Map([
        [3, trends],
        [5, ['ctukey', 'tukey']],
      ]),
    ),
  ],
  [
    'series_periods_detect',
    several(
      'array, number, number, integer',
      [
        ['periods', 'dynamic'],
        ['periods_scores', 'dynamic'],
      ],
      detected,
    ),
  ],
  ['series_seasonal', define('array, integer?, integer?', 'dynamic', seasonal)],
];
