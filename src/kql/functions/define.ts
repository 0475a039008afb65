// How a scalar function is written down: what it takes, what it gives, and how it is computed.
import type { Bound, Scope } from '../bound.ts';
import { spend, stepsThrough } from '../effort.ts';
import { asString, call, isConstant, typeProblem } from '../nodes.ts';
import type { Evaluate, Place } from '../nodes.ts';
import { aType, isInteger, isNumber } from '../types.ts';
import { refuseTooLarge } from '../value-size.ts';
import type { Column, KqlType, Row, Value } from '../values.ts';

/** A function applied to arguments whose types are known. */
export type Binder = (name: string, parts: readonly Bound[], place: Place, scope: Scope) => Bound;
export type Functions = ReadonlyMap<string, Binder>;

/**
 * What a parameter takes. `string` takes dynamic values as well and sees their text; `printed` takes everything and sees its text;
 * `text` takes strings and dynamic values as they are; `array` and `bag` take dynamic values, whatever is in them.
 */
const kinds = {
  scalar: () => true,
  printed: () => true,
  string: (type: KqlType) => type === 'string' || type === 'dynamic',
  text: (type: KqlType) => type === 'string' || type === 'dynamic',
  guid: (type: KqlType) => type === 'guid',
  bool: (type: KqlType) => type === 'bool',
  integer: isInteger,
  number: isNumber,
  datetime: (type: KqlType) => type === 'datetime',
  timespan: (type: KqlType) => type === 'timespan',
  array: (type: KqlType) => type === 'dynamic',
  bag: (type: KqlType) => type === 'dynamic',
  numeric: (type: KqlType) => isNumber(type) || type === 'dynamic',
} satisfies Record<string, (type: KqlType) => boolean>;

type Kind = keyof typeof kinds;

interface Parameter {
  readonly kind: Kind;
  readonly optional: boolean;
  readonly repeated: boolean;
  /** Must be known before any row is there. */
  readonly constant: boolean;
}

/** `string text, integer start, integer? length`; `!` after a kind: a constant, `*`: once or more. */
function parametersOf(written: string): readonly Parameter[] {
  if (written === '') return [];
  return written.split(',').map((each) => {
    const word = each.trim().split(' ')[0]!;
    return {
      kind: word.replace(/[?!*]/g, '') as Kind,
      optional: word.includes('?'),
      repeated: word.includes('*'),
      constant: word.includes('!'),
    };
  });
}

type Compute = (...values: never[]) => Value;

interface Options {
  /** Sees null arguments; otherwise a null makes null. */
  readonly nulls?: boolean;
  readonly volatile?: boolean;
  /** May make values larger than what it is given: these are weighed. */
  readonly grows?: boolean;
  readonly columns?: readonly Column[];
}

type Returns = KqlType | ((types: readonly KqlType[], place: Place) => KqlType);

/** A function of values. */
export function define(written: string, returns: Returns, compute: Compute, options: Options = {}): Binder {
  return prepare(written, returns, () => compute, options);
}

/** A function that looks at its arguments once, before any row is there: at constants among them, e.g. to compile an expression. */
export function prepare(
  written: string,
  returns: Returns,
  make: (parts: readonly Bound[], place: Place, scope: Scope) => Compute,
  options: Options = {},
): Binder {
  const parameters = parametersOf(written);
  return (name, parts, place, scope) => {
    checkCount(name, parameters, parts, place);
    const taken = parts.map((part, index) => checked(name, part, parameters[index] ?? parameters.at(-1)!, index));
    const type =
      typeof returns === 'string'
        ? returns
        : returns(
            parts.map((part) => part.type),
            place,
          );
    const missing = type === 'string' ? '' : null;
    const compute = make(taken, place, scope) as (...values: Value[]) => Value;
    const evaluate = evaluator(counted(compute, taken), taken, missing, options.nulls === true);
    const weighed: Evaluate = options.grows === true ? (row) => refuseTooLarge(evaluate(row), place) : evaluate;
    return call(name, type, taken, place, weighed, options);
  };
}

function checkCount(name: string, parameters: readonly Parameter[], parts: readonly Bound[], place: Place): void {
  const least = parameters.filter(({ optional }) => !optional).length;
  const most = parameters.some(({ repeated }) => repeated) ? Infinity : parameters.length;
  if (parts.length >= least && parts.length <= most) return;
  throw wrongCount(name, least, most, parts.length, place);
}

export function wrongCount(name: string, least: number, most: number, given: number, place: Place): Error {
  const range = most === Infinity ? `at least ${least}` : least === most ? `${least}` : `${least} to ${most}`;
  const what = range === '1' || range === 'at least 1' ? 'argument' : 'arguments';
  return typeProblem(`${name}() takes ${range === '0' ? 'no' : range} ${what}, not ${given}`, place);
}

const articles: Partial<Record<Kind, string>> = {
  string: 'a string',
  text: 'a string or a dynamic value',
  integer: 'a whole number (int or long)',
  number: 'a number',
  numeric: 'a number or a dynamic value',
  array: 'a dynamic array',
  bag: 'a dynamic property bag',
};

function checked(name: string, part: Bound, { kind, constant }: Parameter, index: number): Bound {
  if (!kinds[kind](part.type)) {
    const wanted = articles[kind] ?? aType(kind as KqlType);
    const hint = hints(kind, part.type);
    throw typeProblem(
      `${name}() takes ${wanted} as argument ${index + 1}, and this is ${aType(part.type)}${hint}`,
      part,
    );
  }
  if (constant && !isConstant(part))
    throw typeProblem(`${name}() takes a constant as argument ${index + 1}: it may not depend on a row`, part);
  return kind === 'string' || kind === 'printed' ? asString(part) : part;
}

function hints(kind: Kind, type: KqlType): string {
  if (kind === 'string') return ': use tostring()';
  if (kind === 'datetime' || kind === 'timespan' || kind === 'bool' || kind === 'guid')
    return type === 'string' || type === 'dynamic' ? `: use to${kind}()` : '';
  if (kind === 'integer' && (isNumber(type) || type === 'string' || type === 'dynamic')) return ': use tolong()';
  if (kind === 'number' && (type === 'string' || type === 'dynamic')) return ': use tolong() or todouble()';
  if ((kind === 'array' || kind === 'bag') && type === 'string') return ': use parse_json()';
  return '';
}

/** What goes through texts and dynamic values says how long they are. */
function counted(compute: (...values: Value[]) => Value, parts: readonly Bound[]): (...values: Value[]) => Value {
  if (!parts.some(({ type }) => type === 'string' || type === 'dynamic')) return compute;
  if (parts.length === 1)
    return (a) => {
      spend(stepsThrough(a!));
      return compute(a!);
    };
  if (parts.length === 2)
    return (a, b) => {
      spend(stepsThrough(a!) + stepsThrough(b!));
      return compute(a!, b!);
    };
  return (...values) => {
    for (const value of values) spend(stepsThrough(value));
    return compute(...values);
  };
}

/** One closure a call, without arrays of arguments for up to three of them. */
function evaluator(
  compute: (...values: Value[]) => Value,
  parts: readonly Bound[],
  missing: Value,
  nulls: boolean,
): Evaluate {
  const [first, second, third] = parts.map(({ evaluate }) => evaluate) as [Evaluate, Evaluate, Evaluate];
  if (parts.length === 0) return () => compute() ?? missing;
  if (nulls) {
    if (parts.length === 1) return (row) => compute(first(row)) ?? missing;
    if (parts.length === 2) return (row) => compute(first(row), second(row)) ?? missing;
    return (row) => compute(...valuesOf(parts, row)) ?? missing;
  }
  if (parts.length === 1)
    return (row) => {
      const a = first(row);
      return a === null ? missing : (compute(a) ?? missing);
    };
  if (parts.length === 2)
    return (row) => {
      const a = first(row);
      if (a === null) return missing;
      const b = second(row);
      return b === null ? missing : (compute(a, b) ?? missing);
    };
  if (parts.length === 3)
    return (row) => {
      const [a, b, c] = [first(row), second(row), third(row)];
      return a === null || b === null || c === null ? missing : (compute(a, b, c) ?? missing);
    };
  return (row) => {
    const values = valuesOf(parts, row);
    return values.includes(null) ? missing : (compute(...values) ?? missing);
  };
}

function valuesOf(parts: readonly Bound[], row: Row): Value[] {
  return parts.map(({ evaluate }) => evaluate(row));
}

/** The type of an argument, by its place. */
export const typeOf =
  (index: number): ((types: readonly KqlType[]) => KqlType) =>
  (types) =>
    types[index]!;
