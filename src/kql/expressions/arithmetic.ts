// `+ - * / %` and the signs: on numbers, moments and lengths of time, with Kusto's types and its nulls.
import type { Bound } from '../bound.ts';
import { call, typeProblem } from '../nodes.ts';
import type { Evaluate, Place } from '../nodes.ts';
import { endMs, firstMs, toTicks } from '../read-value.ts';
import { aType, arithmeticType, isInteger, isNumber } from '../types.ts';
import type { KqlType, Value } from '../values.ts';

type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

type Compute = (a: number, b: number) => number | null;

export function bindArithmetic(operator: ArithmeticOperator, left: Bound, right: Bound, place: Place): Bound {
  const rule = ruleOf(operator, left.type, right.type);
  if (rule === undefined) throw refusal(operator, left, right, place);
  const [type, compute] = rule;
  const dynamic = left.type === 'dynamic' || right.type === 'dynamic';
  return call(operator, type, [left, right], place, evaluator(left.evaluate, right.evaluate, compute, dynamic));
}

function evaluator(left: Evaluate, right: Evaluate, compute: Compute, dynamic: boolean): Evaluate {
  if (dynamic)
    return (row) => {
      const [a, b] = [left(row), right(row)];
      return typeof a === 'number' && typeof b === 'number' ? compute(a, b) : null;
    };
  return (row) => {
    const a = left(row);
    if (a === null) return null;
    const b = right(row);
    return b === null ? null : compute(a as number, b as number);
  };
}

function ruleOf(operator: ArithmeticOperator, a: KqlType, b: KqlType): readonly [KqlType, Compute] | undefined {
  if (a === 'dynamic' || b === 'dynamic') return dynamicRule(operator, a, b);
  if (isNumber(a) && isNumber(b)) {
    const type = arithmeticType(a, b);
    return [type, isInteger(type) ? onIntegers[operator] : onReals[operator]];
  }
  return timeRules.get(`${a} ${operator} ${b}`) ?? timeRules.get(`${numberOr(a)} ${operator} ${numberOr(b)}`);
}

function numberOr(type: KqlType): string {
  return isNumber(type) ? 'number' : type;
}

/** A dynamic value is worth the number in it, and nothing where it holds something else. */
function dynamicRule(operator: ArithmeticOperator, a: KqlType, b: KqlType): readonly [KqlType, Compute] | undefined {
  const other = a === 'dynamic' ? b : a;
  if (other === 'dynamic') return ['dynamic', onDynamics[operator]];
  if (!isNumber(other)) return undefined;
  return isInteger(other) ? ['long', wholly(onDynamics[operator])] : [other, onReals[operator]];
}

function wholly(compute: Compute): Compute {
  return (a, b) => {
    const value = compute(a, b);
    return value === null || !Number.isFinite(value) ? null : Math.trunc(value) + 0;
  };
}

/** "The modulo of two numbers always returns in Kusto a small non-negative number" (documentation, "Numerical operators"). */
function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest < 0 ? rest + Math.abs(b) : rest + 0;
}

const onReals: Record<ArithmeticOperator, Compute> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': modulo,
};
const onIntegers: Record<ArithmeticOperator, Compute> = {
  ...onReals,
  '*': (a, b) => a * b + 0,
  '/': (a, b) => (b === 0 ? null : Math.trunc(a / b) + 0),
  '%': (a, b) => (b === 0 ? null : modulo(a, b)),
};
const onDynamics: Record<ArithmeticOperator, Compute> = {
  ...onReals,
  '/': (a, b) => (Number.isInteger(a) && Number.isInteger(b) ? onIntegers['/'](a, b) : a / b),
  '%': (a, b) => (b === 0 ? null : modulo(a, b)),
};

const inCalendar: (ms: number) => number | null = (ms) => (ms >= firstMs && ms < endMs ? ms : null);
const finite = (ms: number): number | null => (Number.isFinite(ms) ? toTicks(ms) : null);

const timeRules: ReadonlyMap<string, readonly [KqlType, Compute]> = new Map<string, readonly [KqlType, Compute]>([
  ['datetime - datetime', ['timespan', (a, b) => toTicks(a - b)]],
  ['datetime + timespan', ['datetime', (a, b) => inCalendar(a + b)]],
  ['timespan + datetime', ['datetime', (a, b) => inCalendar(a + b)]],
  ['datetime - timespan', ['datetime', (a, b) => inCalendar(a - b)]],
  // As if it were a length of time since the first day of the calendar, where `bin()` begins as well.
  ['datetime / timespan', ['real', (a, b) => (a - firstMs) / b]],
  ['datetime % timespan', ['timespan', (a, b) => (b === 0 ? null : toTicks(modulo((a % b) - (firstMs % b), b)))]],
  ['timespan + timespan', ['timespan', (a, b) => toTicks(a + b)]],
  ['timespan - timespan', ['timespan', (a, b) => toTicks(a - b)]],
  ['timespan / timespan', ['real', (a, b) => a / b]],
  ['timespan % timespan', ['timespan', (a, b) => (b === 0 ? null : toTicks(modulo(a, b)))]],
  ['timespan * number', ['timespan', (a, b) => finite(a * b)]],
  ['number * timespan', ['timespan', (a, b) => finite(a * b)]],
  ['timespan / number', ['timespan', (a, b) => (b === 0 ? null : finite(a / b))]],
]);

function refusal(operator: ArithmeticOperator, left: Bound, right: Bound, place: Place): Error {
  const types = [left.type, right.type];
  const hint =
    operator === '+' && types.includes('string')
      ? 'join texts with strcat()'
      : types.includes('dynamic')
        ? 'say what the dynamic value is: todatetime(), totimespan(), tolong() or todouble()'
        : types.includes('string')
          ? 'make a number of the text with tolong() or todouble()'
          : types.includes('datetime') && types.some(isNumber)
            ? 'add a length of time such as 1d or 5m'
            : `'${operator}' does not go together with these types`;
  return typeProblem(`Cannot compute ${left.type} ${operator} ${right.type}: ${hint}`, place);
}

export function bindSign(operator: '-' | '+', operand: Bound, place: Place): Bound {
  const { type, evaluate } = operand;
  if (!isNumber(type) && type !== 'timespan' && type !== 'dynamic')
    throw typeProblem(`Cannot put '${operator}' before ${aType(type)}`, place);
  if (operator === '+') return call('+', type, [operand], place, evaluate);
  return call('-', type, [operand], place, (row) => {
    const value: Value = evaluate(row);
    return typeof value === 'number' ? 0 - value : null;
  });
}
