// Whether there is a value, and which of several there is.
import type { Bound } from '../bound.ts';
import { call, typeProblem } from '../nodes.ts';
import { aType, commonType, isNumber } from '../types.ts';
import type { KqlType, Value } from '../values.ts';
import { define, wrongCount } from './define.ts';
import type { Binder } from './define.ts';

const nulls = { nulls: true };
const isEmpty = (value: Value): boolean => value === null || value === '';

function common(name: string, parts: readonly Bound[], place: { from: number; to: number }): KqlType {
  const type = commonType(parts.map((part) => part.type));
  if (type !== undefined) return type;
  const other = parts.find((part) => part.type !== parts[0]!.type)!;
  throw typeProblem(`${name}() takes values of one type, and ${parts[0]!.type} and ${other.type} are not`, place);
}

const coalesce: Binder = (name, parts, place) => {
  if (parts.length < 2) throw wrongCount(name, 2, Infinity, parts.length, place);
  const type = common(name, parts, place);
  const evaluators = parts.map(({ evaluate }) => evaluate);
  return call(name, type, parts, place, (row) => {
    let value: Value = null;
    for (const evaluate of evaluators) {
      value = evaluate(row);
      if (!isEmpty(value)) return value;
    }
    return value;
  });
};

/** Null gives way to every value. */
const extreme =
  (prefers: (a: string | number, b: string | number) => boolean): Binder =>
  (name, parts, place) => {
    if (parts.length < 2) throw wrongCount(name, 2, 64, parts.length, place);
    const type = common(name, parts, place);
    if (type === 'dynamic' || type === 'guid') throw typeProblem(`${name}() does not order ${aType(type)}`, place);
    const evaluators = parts.map(({ evaluate }) => evaluate);
    return call(name, type, parts, place, (row) => {
      let best: Value = null;
      for (const evaluate of evaluators) {
        const value = evaluate(row);
        if (value !== null && (best === null || prefers(value as number, best as number))) best = value;
      }
      return best;
    });
  };

const onReal =
  (test: (value: number) => boolean): Binder =>
  (name, parts, place, scope) => {
    if (parts[0] !== undefined && !isNumber(parts[0].type))
      throw typeProblem(`${name}() takes a number, and this is ${aType(parts[0].type)}`, parts[0]);
    return define('number', 'bool', test)(name, parts, place, scope);
  };

export const nullTests: readonly (readonly [string, Binder])[] = [
  ['isnull', define('scalar', 'bool', (value: Value) => value === null, nulls)],
  ['isnotnull', define('scalar', 'bool', (value: Value) => value !== null, nulls)],
  ['isempty', define('scalar', 'bool', isEmpty, nulls)],
  ['isnotempty', define('scalar', 'bool', (value: Value) => !isEmpty(value), nulls)],
  ['isnan', onReal(Number.isNaN)],
  ['isinf', onReal((value) => value === Infinity || value === -Infinity)],
  ['isfinite', onReal(Number.isFinite)],
  ['not', define('bool', 'bool', (value: boolean) => !value)],
  ['coalesce', coalesce],
  ['max_of', extreme((a, b) => a > b)],
  ['min_of', extreme((a, b) => a < b)],
];
