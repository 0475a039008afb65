// `in`, `in~`, `has_any`, `has_all` and their negations: a value and a list of constants, of columns, or of the rows of a query.
import type { Bound } from '../bound.ts';
import { isArray } from '../json.ts';
import { asString, call, isConstant, typeProblem } from '../nodes.ts';
import type { Evaluate, Place } from '../nodes.ts';
import type { ListOperator } from '../syntax.ts';
import { isNumber } from '../types.ts';
import type { KqlType, Value } from '../values.ts';
import { writeValue, toDynamic } from '../write-value.ts';
import { comparable, dynamicAs, incomparable } from './comparison.ts';
import { refuseLongSearch } from './search.ts';
import { hasTerm } from './terms.ts';
import { foldCase } from './texts.ts';

/** Limits of Kusto on what stands in a list. */
const maxValues = 1_000_000;

export function bindList(operator: ListOperator, left: Bound, list: readonly Bound[], place: Place): Bound {
  if (operator === 'in' || operator === '!in') return membership(operator, left, list, place);
  if (left.type !== 'string' && left.type !== 'dynamic')
    throw typeProblem(`'${operator}' looks for texts, and this is ${left.type}: use tostring()`, left);
  return operator === 'in~' || operator === '!in~'
    ? folded(operator, left, list, place)
    : terms(operator, left, list, place);
}

/** "Nested arrays are flattened into a single list of values" (documentation, "in operator"): a row may hold a list as well. */
function spread(values: Value, type: KqlType): readonly Value[] {
  if (type !== 'dynamic' || !isArray(values)) return [values];
  return values.some(isArray) ? values.flatMap((each) => spread(each, type)) : values;
}

function membership(operator: 'in' | '!in', left: Bound, list: readonly Bound[], place: Place): Bound {
  for (const each of list) if (!comparable(left.type, each.type)) throw incomparable(left.type, each.type, each);
  const negated = operator === '!in';
  const key = keyFor(left.type);
  const evaluate = left.evaluate;
  if (list.every(isConstant)) {
    const values = new Set<Value>();
    for (const { type, value } of list)
      for (const each of spread(value, type)) values.add(each === null ? null : key(each, type));
    if (values.size > maxValues) throw typeProblem(`A list may hold ${maxValues} values at most`, place);
    const holdsNull = values.has(null);
    return call(operator, 'bool', [left, ...list], place, (row) => {
      const value = evaluate(row);
      if (value === null) return holdsNull ? null : negated;
      return values.has(normal(value, left.type)) !== negated;
    });
  }
  const parts = list.map(({ evaluate: part, type }): readonly [Evaluate, KqlType] => [part, type]);
  return call(operator, 'bool', [left, ...list], place, (row) => {
    const value = evaluate(row);
    const wanted = value === null ? null : normal(value, left.type);
    let unknown = false;
    for (const [part, type] of parts)
      for (const each of spread(part(row), type)) {
        if (each === null) unknown ||= value === null;
        else if (wanted !== null && key(each, type) === wanted) return !negated;
      }
    return unknown ? null : negated;
  });
}

/** Bools beside numbers are 0 and 1. */
function normal(value: Value, type: KqlType): Value {
  return type === 'bool' ? Number(value) : value;
}

/** What an element must be to be found: the value of the left side, as it stands in memory. */
function keyFor(left: KqlType): (value: Value, type: KqlType) => Value {
  if (left === 'dynamic') return toDynamic;
  const read = dynamicAs(left);
  return (value, type) => {
    if (left === 'string' && isNumber(type)) return writeValue(value, type);
    if (type === 'string' && isNumber(left)) return writeValue(Number(value), left) === value ? Number(value) : null;
    const as = type === 'dynamic' ? read(value) : value;
    return typeof as === 'boolean' ? Number(as) : as;
  };
}

/** What is looked for, in folded case; a null in a list is nothing to look for. */
function textsOf(value: Value, type: KqlType): string[] {
  return spread(value, type).flatMap((each) => (each === null ? [] : [foldCase(writeValue(each, type))]));
}

function constantTexts(list: readonly Bound[]): readonly string[] | undefined {
  return list.every(isConstant) ? list.flatMap(({ type, value }) => textsOf(value, type)) : undefined;
}

function textsInRow(parts: readonly Bound[], row: readonly Value[]): string[] {
  return parts.flatMap(({ type, evaluate }) => textsOf(evaluate(row), type));
}

function folded(operator: 'in~' | '!in~', left: Bound, list: readonly Bound[], place: Place): Bound {
  const text = asString(left);
  const evaluate = text.evaluate;
  const negated = operator === '!in~';
  const constants = constantTexts(list);
  if (constants !== undefined) {
    const values = new Set(constants);
    return call(
      operator,
      'bool',
      [text, ...list],
      place,
      (row) => values.has(foldCase(evaluate(row) as string)) !== negated,
    );
  }
  return call(operator, 'bool', [text, ...list], place, (row) => {
    return textsInRow(list, row).includes(foldCase(evaluate(row) as string)) !== negated;
  });
}

function terms(operator: 'has_any' | 'has_all', left: Bound, list: readonly Bound[], place: Place): Bound {
  const text = asString(left);
  const evaluate = text.evaluate;
  const constants = constantTexts(list);
  const all = operator === 'has_all';
  return call(operator, 'bool', [text, ...list], place, (row) => {
    const folded = foldCase(evaluate(row) as string);
    const wanted = constants ?? textsInRow(list, row);
    const has = (each: string): boolean => {
      refuseLongSearch(folded, each, place);
      return hasTerm(folded, each, true, true);
    };
    return all ? wanted.every(has) : wanted.some(has);
  });
}
