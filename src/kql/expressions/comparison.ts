// `== != < <= > >=` and `between`: which types compare, and what null means beside a value.
import type { Bound } from '../bound.ts';
import { keyOf } from '../json.ts';
import { asString, call, isConstant, typeProblem } from '../nodes.ts';
import type { Evaluate, Place } from '../nodes.ts';
import { readDatetime, readTimespan } from '../read-value.ts';
import { isNumber } from '../types.ts';
import type { KqlType, Value } from '../values.ts';

type EqualityOperator = '==' | '!=';
type OrderOperator = '<' | '<=' | '>' | '>=';

/**
 * Kusto refuses to compare values of unlike types; numbers are alike, and a bool is 0 or 1 beside them. A text is alike to a
 * number that is written so: rules say `ResultType == 0` of a column of texts.
 */
export function comparable(a: KqlType, b: KqlType): boolean {
  if (a === b || a === 'dynamic' || b === 'dynamic') return true;
  if (a === 'string' || b === 'string') return isNumber(a) || isNumber(b);
  return (isNumber(a) || a === 'bool') && (isNumber(b) || b === 'bool');
}

export function incomparable(a: KqlType, b: KqlType, place: Place): Error {
  const to = a === 'string' ? b : a;
  const hint = a === 'string' || b === 'string' ? `: cast one of them, e.g. with to${to}() or tostring()` : '';
  return typeProblem(`Cannot compare ${a} with ${b}${hint}`, place);
}

/**
 * Null beside a value is unequal to it; whether two nulls are equal is not known (documentation, "Null values").
 */
export function bindEquality(operator: EqualityOperator, left: Bound, right: Bound, place: Place): Bound {
  if (!comparable(left.type, right.type)) throw incomparable(left.type, right.type, place);
  const [a, b] = alike(left, right);
  const negated = operator === '!=';
  const deep = left.type === 'dynamic' && right.type === 'dynamic';
  return call(operator, 'bool', [left, right], place, deep ? deeply(a, b, negated) : equal(a, b, right, negated));
}

function equal(left: Evaluate, right: Evaluate, node: Bound, negated: boolean): Evaluate {
  if (isConstant(node)) {
    const value = right([]);
    if (value !== null) return negated ? (row): Value => left(row) !== value : (row): Value => left(row) === value;
  }
  return (row) => {
    const [a, b] = [left(row), right(row)];
    if (a === null && b === null) return null;
    return (a === b) !== negated;
  };
}

function deeply(left: Evaluate, right: Evaluate, negated: boolean): Evaluate {
  return (row) => {
    const [a, b] = [left(row), right(row)];
    if (a === null && b === null) return null;
    const same = a === b || (typeof a === 'object' && typeof b === 'object' && keyOf(a) === keyOf(b));
    return same !== negated;
  };
}

/** Evaluators whose values compare with `===` and `<`: what a dynamic value holds is read as the type beside it. */
function alike(left: Bound, right: Bound): readonly [Evaluate, Evaluate] {
  if (left.type === right.type) return [left.evaluate, right.evaluate];
  if (left.type === 'dynamic') return [readAs(right.type, left.evaluate), right.evaluate];
  if (right.type === 'dynamic') return [left.evaluate, readAs(left.type, right.evaluate)];
  if (left.type === 'string' || right.type === 'string') return [asString(left).evaluate, asString(right).evaluate];
  return [asNumber(left), asNumber(right)];
}

function asNumber({ type, evaluate }: Bound): Evaluate {
  if (type !== 'bool') return evaluate;
  return (row) => {
    const value = evaluate(row);
    return value === null ? null : Number(value);
  };
}

function readAs(type: KqlType, evaluate: Evaluate): Evaluate {
  const read = dynamicAs(type);
  return (row) => read(evaluate(row));
}

/** What a dynamic value is beside another type; what holds none of that type stays what it is and equals nothing of it. */
export function dynamicAs(type: KqlType): (value: Value) => Value {
  const read = readers.get(type);
  return read === undefined ? (value) => value : (value) => (typeof value === 'string' ? read(value) : value);
}

const readers: ReadonlyMap<KqlType, (text: string) => Value> = new Map<KqlType, (text: string) => Value>([
  ['datetime', readDatetime],
  ['timespan', readTimespan],
  ['guid', (text) => text.toLowerCase()],
]);

const orders: Record<OrderOperator, (a: number, b: number) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

const ordered = new Set<KqlType>(['int', 'long', 'real', 'decimal', 'bool', 'datetime', 'timespan', 'dynamic']);

export function bindOrder(operator: OrderOperator, left: Bound, right: Bound, place: Place): Bound {
  for (const { type } of [left, right])
    if (!ordered.has(type)) {
      const hint =
        type === 'string' ? 'compare texts with strcmp(), or make numbers of them' : `a ${type} has no order`;
      throw typeProblem(`'${operator}' does not compare ${left.type} with ${right.type}: ${hint}`, place);
    }
  if (!comparable(left.type, right.type)) throw incomparable(left.type, right.type, place);
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const)
    if (one.type === 'dynamic' && (other.type === 'datetime' || other.type === 'timespan'))
      throw typeProblem(
        `'${operator}' does not compare dynamic with ${other.type}: cast it with to${other.type}()`,
        place,
      );
  const compare = orders[operator];
  const [a, b] = [asNumber(left), asNumber(right)];
  const dynamic = left.type === 'dynamic' || right.type === 'dynamic';
  return call(operator, 'bool', [left, right], place, dynamic ? inDynamics(a, b, compare) : inOrder(a, b, compare));
}

function inOrder(left: Evaluate, right: Evaluate, compare: (a: number, b: number) => boolean): Evaluate {
  return (row) => {
    const a = left(row);
    if (a === null) return null;
    const b = right(row);
    return b === null ? null : compare(a as number, b as number);
  };
}

function inDynamics(left: Evaluate, right: Evaluate, compare: (a: number, b: number) => boolean): Evaluate {
  return (row) => {
    const [a, b] = [left(row), right(row)];
    return typeof a === 'number' && typeof b === 'number' ? compare(a, b) : null;
  };
}

/** Both ends belong to the range; beside a moment the upper end may be a length of time after the lower one. */
export function bindBetween(negated: boolean, value: Bound, low: Bound, high: Bound, place: Place): Bound {
  for (const bound of [value, low, high])
    if (!ordered.has(bound.type) || bound.type === 'bool')
      throw typeProblem(`'between' does not work on ${bound.type}`, bound);
  const span = value.type === 'datetime' && low.type === 'datetime' && high.type === 'timespan';
  for (const end of span ? [low] : [low, high])
    if (!comparable(value.type, end.type) || (end.type === 'dynamic' && !isNumber(value.type)))
      throw incomparable(value.type, end.type, end);
  const [evaluate, start, end] = [value.evaluate, low.evaluate, high.evaluate];
  return call(negated ? '!between' : 'between', 'bool', [value, low, high], place, (row) => {
    const [a, from, to] = [evaluate(row), start(row), end(row)];
    if (typeof a !== 'number' || typeof from !== 'number' || typeof to !== 'number') return null;
    return (a >= from && a <= (span ? from + to : to)) !== negated;
  });
}
