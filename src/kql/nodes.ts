// Making bound expressions: constants, columns and calls, folded where nothing in them depends on a row.
import type { Bound, BoundCall, BoundColumn, BoundConstant } from './bound.ts';
import { KqlError } from './problem.ts';
import type { Column, KqlType, Row, Value } from './values.ts';
import { toDynamic, writeValue } from './write-value.ts';

export interface Place {
  readonly from: number;
  readonly to: number;
}

export type Evaluate = (row: Row) => Value;

export function constant(type: KqlType, value: Value, { from, to }: Place): BoundConstant {
  return { kind: 'constant', type, value, from, to, evaluate: () => value };
}

export function column(columns: readonly Column[], index: number, { from, to }: Place): BoundColumn {
  const { name, type } = columns[index]!;
  return { kind: 'column', name, index, type, from, to, evaluate: (row) => row[index]! };
}

interface CallOptions {
  /** Each evaluation may give another value: never folded. */
  readonly volatile?: boolean;
  readonly columns?: readonly Column[];
}

export function call(
  name: string,
  type: KqlType,
  parts: readonly Bound[],
  { from, to }: Place,
  evaluate: Evaluate,
  { volatile, columns }: CallOptions = {},
): Bound {
  if (volatile !== true && columns === undefined && parts.every(({ kind }) => kind === 'constant'))
    return constant(type, evaluate([]), { from, to });
  const node: BoundCall = { kind: 'call', name, type, arguments: parts, from, to, evaluate };
  return columns === undefined ? node : { ...node, columns };
}

export function isConstant(bound: Bound): bound is BoundConstant {
  return bound.kind === 'constant';
}

/** As text: what `tostring` makes of it. */
export function asString(bound: Bound): Bound {
  const { type, evaluate } = bound;
  if (type === 'string') return bound;
  return call('tostring', 'string', [bound], bound, (row) => writeValue(evaluate(row), type));
}

/** As a part of a dynamic value. */
export function asDynamic(bound: Bound): Bound {
  const { type, evaluate } = bound;
  if (type !== 'datetime' && type !== 'timespan') return { ...bound, type: 'dynamic' };
  return call('todynamic', 'dynamic', [bound], bound, (row) => toDynamic(evaluate(row), type));
}

export function typeProblem(message: string, place: Place): KqlError {
  return new KqlError('type', message, place);
}
