// Functions of series, element by element: arithmetic, comparison, filling of gaps, sums.
import type { Bound } from '../bound.ts';
import { spend } from '../effort.ts';
import { isArray } from '../json.ts';
import { asDynamic, typeProblem } from '../nodes.ts';
import { aType, isNumber } from '../types.ts';
import type { Value } from '../values.ts';
import { define, prepare } from './define.ts';
import type { Binder } from './define.ts';

export type Series = readonly (number | null)[];

/** What is no number in a series is a gap. */
export function seriesOf(value: Value): Series | undefined {
  if (!isArray(value)) return undefined;
  return value.map((each) => (typeof each === 'number' ? each : null));
}

/** Two series, or a series and one number for all of its elements. */
const pairwise = (compute: (a: number, b: number) => number | boolean): Binder =>
  prepare('numeric, numeric', 'dynamic', (parts) => {
    if (parts.every(({ type }) => isNumber(type))) throw typeProblem('One of the two must be a series', parts[0]!);
    return (left: Value, right: Value): Value => {
      const length = Math.max(lengthOf(left), lengthOf(right));
      return Array.from({ length }, (_, index) => {
        const [a, b] = [at(left, index), at(right, index)];
        return a === null || b === null ? null : compute(a, b);
      });
    };
  });

const lengthOf = (value: Value): number => (isArray(value) ? value.length : 0);

function at(value: Value, index: number): number | null {
  const each = isArray(value) ? value[index] : value;
  return typeof each === 'number' ? each : null;
}

const each = (compute: (value: number) => number): Binder =>
  define(
    'array',
    'dynamic',
    (value: Value) => seriesOf(value)?.map((one) => (one === null ? null : compute(one))) ?? null,
  );

const folded = (compute: (series: readonly number[]) => number): Binder =>
  define('array', 'real', (value: Value) => {
    const series = seriesOf(value);
    if (series === undefined || series.some((one) => one === null)) return null;
    return compute(series as readonly number[]);
  });

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const dot = (a: Value, b: Value): number | null => {
  const length = Math.max(lengthOf(a), lengthOf(b));
  let sum = 0;
  for (let index = 0; index < length; index++) {
    spend(1);
    const x = at(a, index);
    const y = at(b, index);
    if (x === null || y === null) return null;
    sum += x * y;
  }
  return sum;
};

function cosine(a: Value, b: Value): number | null {
  const [both, one, other] = [dot(a, b), dot(a, a), dot(b, b)];
  return both === null || one === null || other === null ? null : both / Math.sqrt(one * other);
}

function pearson(a: Value, b: Value): number | null {
  const [x, y] = [seriesOf(a), seriesOf(b)];
  if (x === undefined || y === undefined || x.length !== y.length) return null;
  if (x.includes(null) || y.includes(null)) return null;
  const centred = (series: Series): number[] => {
    const mean = total(series as number[]) / series.length;
    return (series as number[]).map((value) => value - mean);
  };
  return cosine(centred(x), centred(y));
}

type Fill = (series: Series, ...rest: Value[]) => Series;

/** The gaps are nulls, or what the placeholder says. */
const filling = (written: string, placeholderAt: number, fill: Fill): Binder =>
  define(
    written,
    'dynamic',
    (value: Value, ...rest: Value[]) => {
      if (!isArray(value)) return null;
      const placeholder = rest[placeholderAt] ?? null;
      const series = value.map((one) => (typeof one === 'number' && one !== placeholder ? one : null));
      return fill(series, ...rest);
    },
    { nulls: true },
  );

function forward(series: Series): Series {
  let last: number | null = null;
  return series.map((value) => (last = value ?? last));
}

const backward = (series: Series): Series => forward(series.toReversed()).toReversed();

/** Between two values along the line that joins them; at the edges the nearest value, unless told otherwise. */
function linear(series: Series, _: Value, edges: Value = true, constant: Value = 0): Series {
  const known = series.flatMap((value, index) => (value === null ? [] : [index]));
  if (known.length === 0) return series.map(() => (typeof constant === 'number' ? constant : null));
  const [first, last] = [known[0]!, known.at(-1)!];
  let next = 0;
  return series.map((value, index) => {
    if (value !== null) return value;
    if (index < first || index > last) return edges === false ? null : series[index < first ? first : last]!;
    while (known[next]! < index) next++;
    const [from, to] = [known[next - 1]!, known[next]!];
    return series[from]! + ((series[to]! - series[from]!) * (index - from)) / (to - from);
  });
}

/** A filter over a point and those before it, or around it (documentation of `series_fir`). */
function fir(value: Value, filter: Value, normalize?: boolean, center = false): Value {
  const [series, weights] = [seriesOf(value), seriesOf(filter)];
  if (series === undefined || weights === undefined || weights.includes(null)) return null;
  const factors = weights as readonly number[];
  const negative = factors.some((factor) => factor < 0);
  if (normalize === true && negative) return null;
  const by = (normalize ?? !negative) ? total(factors) : 1;
  if (series.length * factors.length > maxSteps) return null;
  const shift = center ? Math.floor(factors.length / 2) : 0;
  return series.map((_, index) => {
    spend(factors.length);
    let sum = 0;
    // Only places that there are: reading beside an array is slow.
    const first = Math.max(0, index + shift - series.length + 1);
    const last = Math.min(factors.length - 1, index + shift);
    for (let tap = first; tap <= last; tap++) sum += factors[tap]! * (series[index + shift - tap] ?? 0);
    return sum / by;
  });
}

const maxSteps = 50_000_000;

/** Plain numbers stand for themselves beside series, all else as dynamic values do. */
const loosely =
  (binder: Binder): Binder =>
  (name, parts, place, scope) => {
    for (const part of parts)
      if (!isNumber(part.type) && part.type !== 'dynamic')
        throw typeProblem(`${name}() takes series and numbers, and this is ${aType(part.type)}`, part);
    return binder(
      name,
      parts.map((part: Bound) => (isNumber(part.type) ? part : asDynamic(part))),
      place,
      scope,
    );
  };

export const seriesFunctions: readonly (readonly [string, Binder])[] = [
  ['series_add', loosely(pairwise((a, b) => a + b))],
  ['series_subtract', loosely(pairwise((a, b) => a - b))],
  ['series_multiply', loosely(pairwise((a, b) => a * b))],
  ['series_divide', loosely(pairwise((a, b) => a / b))],
  ['series_pow', loosely(pairwise(Math.pow))],
  ['series_equals', loosely(pairwise((a, b) => a === b))],
  ['series_not_equals', loosely(pairwise((a, b) => a !== b))],
  ['series_greater', loosely(pairwise((a, b) => a > b))],
  ['series_greater_equals', loosely(pairwise((a, b) => a >= b))],
  ['series_less', loosely(pairwise((a, b) => a < b))],
  ['series_less_equals', loosely(pairwise((a, b) => a <= b))],
  ['series_abs', each(Math.abs)],
  ['series_sign', each(Math.sign)],
  ['series_exp', each(Math.exp)],
  ['series_log', each(Math.log)],
  ['series_floor', each(Math.floor)],
  ['series_ceiling', each(Math.ceil)],
  ['series_sin', each(Math.sin)],
  ['series_cos', each(Math.cos)],
  ['series_tan', each(Math.tan)],
  ['series_asin', each(Math.asin)],
  ['series_acos', each(Math.acos)],
  ['series_atan', each(Math.atan)],
  ['series_sum', folded(total)],
  ['series_product', folded((values) => values.reduce((product, value) => product * value, 1))],
  ['series_magnitude', folded((values) => Math.sqrt(total(values.map((value) => value * value))))],
  ['series_dot_product', define('numeric, numeric', 'real', dot)],
  ['series_cosine_similarity', define('array, array', 'real', cosine)],
  ['series_pearson_correlation', define('array, array', 'real', pearson)],
  ['series_fill_forward', filling('array, scalar?', 0, forward)],
  ['series_fill_backward', filling('array, scalar?', 0, backward)],
  [
    'series_fill_const',
    filling('array, scalar, scalar?', 1, (series, constant = 0) => {
      return series.map((value) => value ?? (typeof constant === 'number' ? constant : null));
    }),
  ],
  ['series_fill_linear', filling('array, scalar?, bool?, scalar?', 0, linear)],
  ['series_fir', define('array, array, bool?, bool?', 'dynamic', fir)],
];
