// From one type to another: `tostring`, `tolong`, `todatetime` and their like. What cannot be converted is null.
import type { Bound } from '../bound.ts';
import { isArray, isBag, readJson } from '../json.ts';
import { call } from '../nodes.ts';
import type { Place } from '../nodes.ts';
import {
  endMs,
  firstMs,
  readBool,
  readDatetime,
  readGuid,
  readLong,
  readReal,
  readTimespan,
  toTicks,
} from '../read-value.ts';
import type { KqlType, Value } from '../values.ts';
import { toDynamic, writeValue } from '../write-value.ts';
import { define } from './define.ts';
import type { Binder } from './define.ts';

type Convert = (value: Value) => Value;

const ticksOfMs = 10_000;

/** How values of one type become values of another; null stays null. */
export function conversion(from: KqlType, to: KqlType): Convert {
  switch (to) {
    case 'string':
      return (value) => writeValue(value, from);
    case 'dynamic':
      return from === 'string' ? (value) => parseJson(value as string) : (value) => toDynamic(value, from);
    case 'int':
      return narrowed(
        toNumber(from, (text) => readLong(text)),
        -(2 ** 31),
        2 ** 31 - 1,
      );
    case 'long':
      return narrowed(
        toNumber(from, (text) => readLong(text)),
        -(2 ** 63),
        2 ** 63,
      );
    case 'real':
    case 'decimal':
      return toNumber(from, readReal);
    case 'bool':
      return toBool(from);
    case 'datetime':
      return toDatetime(from);
    case 'timespan':
      return toTimespan(from);
    case 'guid':
      return (value) => (typeof value === 'string' ? readGuid(value) : null);
  }
}

function narrowed(convert: Convert, least: number, most: number): Convert {
  return (value) => {
    const number = convert(value);
    if (typeof number !== 'number') return null;
    const whole = Math.trunc(number) + 0;
    return whole >= least && whole <= most ? whole : null;
  };
}

function toNumber(from: KqlType, read: (text: string) => number | null): Convert {
  if (from === 'datetime') return (value) => Math.round(((value as number) - firstMs) * ticksOfMs);
  if (from === 'timespan') return (value) => Math.round((value as number) * ticksOfMs);
  if (from === 'guid') return () => null;
  return (value) => {
    if (typeof value === 'number') return value;
    if (typeof value === 'string') return read(value);
    return typeof value === 'boolean' ? Number(value) : null;
  };
}

function toBool(from: KqlType): Convert {
  if (from === 'datetime' || from === 'timespan' || from === 'guid') return () => null;
  return (value) => {
    if (typeof value === 'string') return readBool(value);
    if (typeof value === 'number') return Number.isNaN(value) ? null : value !== 0;
    return typeof value === 'boolean' ? value : null;
  };
}

/** Numbers count ticks since the year 1. */
function toDatetime(from: KqlType): Convert {
  if (from === 'datetime') return (value) => value;
  if (from === 'timespan' || from === 'bool' || from === 'guid') return () => null;
  return (value) => {
    if (typeof value === 'string') return readDatetime(value);
    return typeof value === 'number' ? moment(value / ticksOfMs + firstMs) : null;
  };
}

function toTimespan(from: KqlType): Convert {
  if (from === 'timespan') return (value) => value;
  if (from === 'datetime' || from === 'bool' || from === 'guid') return () => null;
  return (value) => {
    if (typeof value === 'string') return readTimespan(value);
    return typeof value === 'number' && Number.isFinite(value) ? toTicks(value / ticksOfMs) : null;
  };
}

export function moment(ms: number): number | null {
  return ms >= firstMs && ms < endMs ? ms : null;
}

/** A text that is no JSON stands for itself. */
function parseJson(text: string): Value {
  if (text.trim() === '') return null;
  const value = readJson(text);
  return value === undefined ? text : value;
}

const canonical: Partial<Record<KqlType, string>> = { real: 'todouble', dynamic: 'parse_json' };

export function convert(bound: Bound, to: KqlType, place: Place): Bound {
  const turn = conversion(bound.type, to);
  const { evaluate } = bound;
  const missing = to === 'string' ? '' : null;
  return call(canonical[to] ?? `to${to}`, to, [bound], place, (row) => {
    const value = evaluate(row);
    return value === null ? missing : turn(value);
  });
}

function converter(to: KqlType, takes: string): Binder {
  const check = define(takes, to, () => null, { volatile: true });
  return (name, parts, place, scope) => {
    check(name, parts, place, scope);
    return parts[0]!.type === to && (to === 'string' || to === 'dynamic') ? parts[0]! : convert(parts[0]!, to, place);
  };
}

/** What a dynamic value holds (documentation of `gettype`). */
function nameOfType(value: Value): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  if (isBag(value)) return 'dictionary';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (!Number.isInteger(value)) return 'real';
  return Math.abs(value as number) < 2 ** 31 ? 'int' : 'long';
}

const gettype: Binder = (name, parts, place, scope) => {
  const type = parts[0]?.type ?? 'dynamic';
  const compute = type === 'dynamic' ? nameOfType : (value: Value) => (value === null ? 'null' : type);
  return define('scalar', 'string', compute, { nulls: true })(name, parts, place, scope);
};

function toHex(value: number, least = 1): string {
  const bits = least === 8 && value < 0 && value >= -(2 ** 31) ? 32 : 64;
  return BigInt.asUintN(bits, BigInt(value)).toString(16).padStart(Math.min(16, least), '0');
}

export const conversionFunctions: readonly (readonly [string, Binder])[] = [
  ['tostring', converter('string', 'scalar')],
  ['toint', converter('int', 'scalar')],
  ['tolong', converter('long', 'scalar')],
  ['todouble', converter('real', 'scalar')],
  ['todecimal', converter('decimal', 'scalar')],
  ['tobool', converter('bool', 'scalar')],
  ['todatetime', converter('datetime', 'scalar')],
  ['totimespan', converter('timespan', 'scalar')],
  ['toguid', converter('guid', 'scalar')],
  ['parse_json', converter('dynamic', 'text')],
  ['gettype', gettype],
  ['tohex', define('integer, integer?', 'string', toHex)],
];
