// How an aggregate is written down: what it makes of its arguments, and the accumulator of one group.
import type { Accumulator, Bound } from '../bound.ts';
import { isConstant, typeProblem } from '../nodes.ts';
import type { Place } from '../nodes.ts';
import { aType, isInteger, isNumber } from '../types.ts';
import type { KqlType, Value } from '../values.ts';

/** An aggregate whose arguments are known. */
export interface Made {
  readonly type: KqlType;
  create(): Accumulator;
}

export interface AggregateDefinition {
  readonly least: number;
  readonly most: number;
  /** What the column is called before the name of what is aggregated; the name of the aggregate where it is missing. */
  readonly prefix?: string;
  make(parts: readonly Bound[], name: string, place: Place): Made;
}

/** Feeds the values of an expression that are not null. */
export function fed(
  part: Bound,
  add: (value: NonNullable<Value>) => void,
  result: () => Value,
  size = fixedSize,
): Accumulator {
  const { evaluate } = part;
  return {
    add: (row) => {
      const value = evaluate(row);
      if (value !== null) add(value);
    },
    result,
    size,
  };
}

export const fixedSize = (): number => 32;

function isSummable(type: KqlType): boolean {
  return isNumber(type) || type === 'timespan';
}

export function mustSum(name: string, part: Bound): void {
  if (isSummable(part.type)) return;
  const hint = part.type === 'dynamic' || part.type === 'string' ? ': use tolong() or todouble()' : '';
  throw typeProblem(`${name}() takes a number or a timespan, and this is ${aType(part.type)}${hint}`, part);
}

const unordered: Partial<Record<KqlType, string>> = {
  dynamic: ': say as what it is ordered, e.g. with todatetime(), tolong() or tostring()',
  guid: '',
};

export function mustOrder(name: string, part: Bound): void {
  const hint = unordered[part.type];
  if (hint !== undefined) throw typeProblem(`${name}() does not order ${aType(part.type)}${hint}`, part);
}

/** A limit on elements: what Kusto allows, or less; the older names keep fewer unless they are told. */
export function limitOf(name: string, part: Bound | undefined): number {
  if (part === undefined) return older.has(name) ? mostOfOlder : mostElements;
  if (!isConstant(part) || !isInteger(part.type))
    throw typeProblem(`${name}() takes the number of elements as a constant whole number`, part);
  const given = part.value as number | null;
  return given === null || given <= 0 ? mostElements : Math.min(given, mostElements);
}

const mostElements = 1_048_576;
const mostOfOlder = 128;
const older = new Set(['makelist', 'makeset', 'make_dictionary']);
