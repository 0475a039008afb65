// Functions of dynamic arrays: parts, order, positions, and arrays made of ranges, repetitions and several arrays.
import type { Bound } from '../bound.ts';
import { spend } from '../effort.ts';
import { isArray } from '../json.ts';
import { asDynamic, call, isConstant, typeProblem } from '../nodes.ts';
import { aType, isNumber } from '../types.ts';
import type { Value } from '../values.ts';
import { maxValueBytes, refuseTooLarge, tooLarge } from '../value-size.ts';
import { toDynamic, writeDatetime, writeTimespan } from '../write-value.ts';
import { define, prepare, wrongCount } from './define.ts';
import type { Binder } from './define.ts';

type Items = readonly Value[];

const grows = { grows: true };
/** Most elements that Kusto makes (documentation of `range`). */
const maxElements = 1_048_576;

/** A function of one array and numbers: of what is no array it is null. */
const ofArray =
  (compute: (items: Items, ...rest: number[]) => Value): ((array: Value, ...rest: number[]) => Value) =>
  (array, ...rest) =>
    isArray(array) ? compute(array, ...rest) : null;

/** Arguments as dynamic values hold them. */
function inDynamic(binder: Binder): Binder {
  return (name, parts, place, scope) => binder(name, parts.map(asDynamic), place, scope);
}

const concat = (...arrays: Value[]): Value => (arrays.every(isArray) ? arrays.flat() : null);

function slice(items: Items, start: number, end: number): Value {
  const from = start < 0 ? Math.max(0, items.length + start) : start;
  const to = end < 0 ? items.length + end : end;
  return items.slice(from, Math.max(from, to + 1));
}

function rotate(items: Items, count: number): Value {
  if (items.length === 0) return items;
  const by = ((count % items.length) + items.length) % items.length;
  return [...items.slice(by), ...items.slice(0, by)];
}

/** To the left; what comes in is the default, or an empty text among texts. */
function shift(items: Items, count: number, filling: Value | undefined): Value {
  const filler = filling ?? (typeof items[0] === 'string' ? '' : null);
  return items.map((_, index) => {
    const from = index + count;
    return from >= 0 && from < items.length ? items[from]! : filler;
  });
}

const shiftBy = (sign: 1 | -1): Binder =>
  inDynamic(
    define('array, scalar, scalar?', 'dynamic', (array: Value, count: Value, filling?: Value) => {
      return isArray(array) && typeof count === 'number' ? shift(array, sign * count, filling) : null;
    }),
  );

function indexOf(array: Value, wanted: Value, start: Value = 0, length: Value = -1, occurrence: Value = 1): Value {
  if (!isArray(array) || typeof start !== 'number' || typeof length !== 'number' || typeof occurrence !== 'number')
    return null;
  const [from, count, nth] = [start, length, occurrence];
  if (nth < 1 || count < -1) return null;
  const begin = from < 0 ? Math.max(0, array.length + from) : from;
  const end = count === -1 ? array.length : Math.min(array.length, begin + count);
  let found = 0;
  for (let at = begin; at < end; at++) if (array[at] === wanted && ++found === nth) return at;
  return -1;
}

function split(items: Items, indices: Value): Value {
  const given = isArray(indices) ? indices : [indices];
  if (!given.every((index) => typeof index === 'number')) return null;
  const at = given.map((place) => {
    return Math.min(items.length, Math.max(0, place < 0 ? items.length + place : place));
  });
  const bounds = [0, ...at, items.length];
  return bounds.slice(1).map((end, index) => items.slice(bounds[index], Math.max(bounds[index]!, end)));
}

/** Numbers, then texts, then all else. */
function rank(value: Value): number {
  return typeof value === 'number' ? 0 : typeof value === 'string' ? 1 : 2;
}

function compare(a: Value, b: Value): number {
  const byRank = rank(a) - rank(b);
  if (byRank !== 0 || rank(a) === 2) return byRank;
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

/** Sorts the first array, and the others along with it; one of another length becomes null. */
const sorted =
  (direction: 1 | -1): Binder =>
  (name, parts, place) => {
    const last = parts.at(-1);
    const flag = last?.type === 'bool' && isConstant(last) ? last : undefined;
    const nullsLast = flag === undefined || flag.value === true;
    const arrays = flag === undefined ? parts : parts.slice(0, -1);
    if (arrays.length === 0) throw wrongCount(name, 1, Infinity, parts.length, place);
    for (const { type, from, to } of arrays)
      if (type !== 'dynamic')
        throw typeProblem(`${name}() takes dynamic arrays, and this is ${aType(type)}`, { from, to });
    const sort = (values: readonly Value[]): Value => {
      const [first] = values;
      if (!isArray(first!)) return values.map(() => null);
      spend(first.length);
      const order = [...first.keys()].sort((a, b) => {
        spend(1);
        const [x, y] = [first[a]!, first[b]!];
        if (x === null || y === null) return (x === null ? (y === null ? 0 : 1) : -1) * (nullsLast ? 1 : -1);
        return direction * compare(x, y);
      });
      return values.map((array) => {
        return isArray(array) && array.length === first.length ? order.map((index) => array[index]!) : null;
      });
    };
    const evaluators = arrays.map(({ evaluate }) => evaluate);
    if (arrays.length === 1)
      return call(name, 'dynamic', parts, place, (row) => (sort([evaluators[0]!(row)]) as Items)[0]!);
    const columns = arrays.map((_, index) => ({ name: `array${index}_sorted`, type: 'dynamic' as const }));
    return call(name, 'dynamic', parts, place, (row) => sort(evaluators.map((each) => each(row))), { columns });
  };

/** A condition of no bool and no number gives null; a branch is an array, element by element, or one value for all. */
function choose(conditions: Items, whenTrue: Value, whenFalse: Value): Value {
  const at = (branch: Value, index: number): Value => (isArray(branch) ? (branch[index] ?? null) : branch);
  return conditions.map((condition, index) => {
    if (typeof condition !== 'boolean' && typeof condition !== 'number') return null;
    return at(condition ? whenTrue : whenFalse, index);
  });
}

function zip(...arrays: Value[]): Value {
  if (!arrays.every(isArray)) return null;
  const length = Math.max(...arrays.map((array) => array.length));
  return Array.from({ length }, (_, index) => arrays.map((array) => array[index] ?? null));
}

const hourMs = 3_600_000;

/** Equally spaced values up to and with the end: numbers, lengths of time or moments. */
const range: Binder = (name, parts, place) => {
  if (parts.length < 2 || parts.length > 3) throw wrongCount(name, 2, 3, parts.length, place);
  const [start, stop, step] = parts as [Bound, Bound, Bound | undefined];
  const isTime = start.type === 'datetime' || start.type === 'timespan';
  const stepFits = step === undefined || (isTime ? step.type === 'timespan' : isNumber(step.type));
  if (!(isTime ? stop.type === start.type : isNumber(start.type) && isNumber(stop.type)) || !stepFits)
    throw typeProblem(`${name}() takes two numbers or two times, and a step that can be added to them`, place);
  const write =
    start.type === 'datetime' ? writeDatetime : start.type === 'timespan' ? writeTimespan : (value: number) => value;
  return call(name, 'dynamic', parts, place, (row) => {
    const [from, to] = [start.evaluate(row), stop.evaluate(row)];
    const by = step === undefined ? (isTime ? hourMs : 1) : step.evaluate(row);
    if (typeof from !== 'number' || typeof to !== 'number' || typeof by !== 'number' || by === 0) return null;
    const count = Math.min(maxElements, Math.max(0, Math.floor((to - from) / by + 1e-9) + 1));
    if (isTime && count * 80 > maxValueBytes) throw tooLarge(place);
    spend(count);
    const values: Value[] = [];
    for (let index = 0; index < count; index++) values.push(write(from + index * by));
    return values;
  });
};

const repeat: Binder = prepare('scalar, integer', 'dynamic', ([part], place) => (value: Value, count: number) => {
  if (count < 0) return null;
  const each = toDynamic(value, part!.type);
  const bytes = typeof each === 'string' ? 16 + 2 * each.length : 16;
  if (count > maxElements || count * bytes > maxValueBytes) throw tooLarge(place);
  spend(count);
  return refuseTooLarge(new Array<Value>(count).fill(each), place);
});

export const arrayFunctions: readonly (readonly [string, Binder])[] = [
  [
    'array_length',
    define(
      'array',
      'long',
      ofArray((items) => items.length),
    ),
  ],
  ['array_concat', define('array*', 'dynamic', concat, grows)],
  ['array_slice', define('array, integer, integer', 'dynamic', ofArray(slice))],
  [
    'array_reverse',
    define(
      'array',
      'dynamic',
      ofArray((items) => items.toReversed()),
    ),
  ],
  ['array_rotate_left', define('array, integer', 'dynamic', ofArray(rotate))],
  [
    'array_rotate_right',
    define(
      'array, integer',
      'dynamic',
      ofArray((items, count) => rotate(items, -count!)),
    ),
  ],
  ['array_shift_left', shiftBy(1)],
  ['array_shift_right', shiftBy(-1)],
  ['array_index_of', inDynamic(define('array, scalar, scalar?, scalar?, scalar?', 'long', indexOf))],
  [
    'array_split',
    define('array, scalar', 'dynamic', (array: Value, at: Value) => (isArray(array) ? split(array, at) : null)),
  ],
  ['array_sort_asc', sorted(1)],
  ['array_sort_desc', sorted(-1)],
  [
    'array_iff',
    inDynamic(
      define(
        'array, scalar, scalar',
        'dynamic',
        (conditions: Value, yes: Value, no: Value) => (isArray(conditions) ? choose(conditions, yes, no) : null),
        { nulls: true },
      ),
    ),
  ],
  ['zip', define('array, array*', 'dynamic', zip, grows)],
  ['range', range],
  ['repeat', repeat],
];
