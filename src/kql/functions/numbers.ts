// Functions of numbers: rounding, powers, angles, bits and bins.
import type { Bound } from '../bound.ts';
import { call, typeProblem } from '../nodes.ts';
import type { Place } from '../nodes.ts';
import { endMs, firstMs, toTicks } from '../read-value.ts';
import { aType, arithmeticType, isInteger, isNumber } from '../types.ts';
import type { KqlType, Value } from '../values.ts';
import { define, typeOf, wrongCount } from './define.ts';
import type { Binder } from './define.ts';

const ofReal = (compute: (value: number) => number): Binder => define('number', 'real', compute);

/** Rounds half away from zero, as written in decimal digits: 2.15 to one digit is 2.2, though in binary it is a little less. */
function round(value: number, digits = 0): number {
  if (!Number.isFinite(value)) return value;
  const precision = Math.max(-20, Math.min(20, digits));
  const size = Math.abs(value);
  const shifted = shift(Math.round(shift(size, precision)), -precision);
  return value < 0 ? 0 - shifted : shifted;
}

/** Times a power of ten, as the decimal digits say. */
function shift(value: number, digits: number): number {
  const [mantissa, exponent = '0'] = String(value).split('e');
  return Number(`${mantissa}e${Number(exponent) + digits}`);
}

/**
 * The largest multiple of a size that is no more than a value, counted from a fixed point: 0 for numbers and lengths of time, and for
 * moments the beginning of Kusto's time, so that bins of a week begin on Mondays.
 */
export function binOf(value: number, size: number, origin: number): number | null {
  if (!(size > 0)) return null;
  return origin + Math.floor((value - origin) / size) * size + 0;
}

const times = new Set<KqlType>(['datetime', 'timespan']);

const bin: Binder = (name, parts, place) => {
  if (parts.length !== 2) throw wrongCount(name, 2, 2, parts.length, place);
  const [value, size] = parts as [Bound, Bound];
  return binned(name, value, size, undefined, place);
};

const binAt: Binder = (name, parts, place) => {
  if (parts.length !== 3) throw wrongCount(name, 3, 3, parts.length, place);
  const [value, size, origin] = parts as [Bound, Bound, Bound];
  const alike = isNumber(value.type) ? isNumber(origin.type) : origin.type === value.type;
  if (!alike)
    throw typeProblem(
      `${name}() takes a fixed point that is ${aType(value.type)} too, and this is ${aType(origin.type)}`,
      origin,
    );
  return binned(name, value, size, origin, place);
};

function binned(name: string, value: Bound, size: Bound, origin: Bound | undefined, place: Place): Bound {
  const isTime = times.has(value.type);
  if (!isTime && !isNumber(value.type))
    throw typeProblem(`${name}() takes a number, a datetime or a timespan, and this is ${aType(value.type)}`, value);
  if (isTime ? size.type !== 'timespan' : !isNumber(size.type))
    throw typeProblem(
      `${name}() of ${aType(value.type)} takes a size that is ${isTime ? 'a timespan' : 'a number'}, and this is ${aType(size.type)}`,
      size,
    );
  const type = isTime ? value.type : arithmeticType(arithmeticType(value.type, size.type), origin?.type ?? 'int');
  const [evaluate, step, from] = [value.evaluate, size.evaluate, origin?.evaluate];
  const start = value.type === 'datetime' ? firstMs : 0;
  const parts = origin === undefined ? [value, size] : [value, size, origin];
  return call(name, type, parts, place, (row) => {
    const [a, b] = [evaluate(row), step(row)];
    const fixed = from === undefined ? start : from(row);
    if (a === null || b === null || fixed === null) return null;
    const result = binOf(a as number, b as number, fixed as number);
    if (result === null || value.type !== 'datetime') return result === null || !isTime ? result : toTicks(result);
    return result >= firstMs && result < endMs ? result : null;
  });
}

const abs: Binder = (name, parts, place, scope) => {
  const type = parts[0]?.type;
  if (type === 'timespan') return define('timespan', 'timespan', Math.abs)(name, parts, place, scope);
  const result = type !== undefined && isInteger(type) ? 'long' : (type ?? 'real');
  return define('number', isNumber(result) ? result : 'real', Math.abs)(name, parts, place, scope);
};

/** On 64 bits, as longs are. */
const bits =
  (compute: (a: bigint, b: bigint) => bigint): ((a: number, b: number) => Value) =>
  (a, b) =>
    Number(BigInt.asIntN(64, compute(BigInt(a), BigInt(b))));

function ones(value: number): number {
  let count = 0;
  for (let rest = BigInt.asUintN(64, BigInt(value)); rest > 0n; rest &= rest - 1n) count++;
  return count;
}

const shiftBy = (value: bigint): bigint => BigInt.asUintN(6, value);

export const numberFunctions: readonly (readonly [string, Binder])[] = [
  ['bin', bin],
  ['bin_at', binAt],
  ['abs', abs],
  ['round', define('number, integer?', typeOf(0), round)],
  ['ceiling', define('number', typeOf(0), (value: number) => Math.ceil(value) + 0)],
  ['sign', ofReal(Math.sign)],
  ['sqrt', ofReal(Math.sqrt)],
  ['pow', define('number, number', 'real', Math.pow)],
  ['exp', ofReal(Math.exp)],
  ['exp2', ofReal((value) => 2 ** value)],
  ['exp10', ofReal((value) => 10 ** value)],
  ['log', ofReal(Math.log)],
  ['log2', ofReal(Math.log2)],
  ['log10', ofReal(Math.log10)],
  ['sin', ofReal(Math.sin)],
  ['cos', ofReal(Math.cos)],
  ['tan', ofReal(Math.tan)],
  ['cot', ofReal((value) => 1 / Math.tan(value))],
  ['asin', ofReal(Math.asin)],
  ['acos', ofReal(Math.acos)],
  ['atan', ofReal(Math.atan)],
  ['atan2', define('number, number', 'real', Math.atan2)],
  ['pi', define('', 'real', () => Math.PI)],
  ['degrees', ofReal((value) => (value * 180) / Math.PI)],
  ['radians', ofReal((value) => (value * Math.PI) / 180)],
  [
    'binary_and',
    define(
      'integer, integer',
      'long',
      bits((a, b) => a & b),
    ),
  ],
  [
    'binary_or',
    define(
      'integer, integer',
      'long',
      bits((a, b) => a | b),
    ),
  ],
  [
    'binary_xor',
    define(
      'integer, integer',
      'long',
      bits((a, b) => a ^ b),
    ),
  ],
  ['binary_not', define('integer', 'long', (value: number) => Number(BigInt.asIntN(64, ~BigInt(value))))],
  [
    'binary_shift_left',
    define(
      'integer, integer',
      'long',
      bits((a, b) => a << shiftBy(b)),
    ),
  ],
  [
    'binary_shift_right',
    define(
      'integer, integer',
      'long',
      bits((a, b) => a >> shiftBy(b)),
    ),
  ],
  ['bitset_count_ones', define('integer', 'long', ones)],
];
