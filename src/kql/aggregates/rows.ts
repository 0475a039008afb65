// Aggregates that take one row of a group: `arg_max`, `arg_min` and `take_any`.
import type { Accumulator, Bound } from '../bound.ts';
import { sizeOf } from '../value-size.ts';
import type { Row, Value } from '../values.ts';

const missing = ({ type }: Bound): Value => (type === 'string' ? '' : null);

function bytesOf(values: readonly Value[]): number {
  return values.reduce<number>((sum, value) => sum + sizeOf(value), 64);
}

/**
 * The row whose first expression is largest or smallest, and all its expressions. Rows without a value are passed over where
 * there is another (documentation of `arg_max`, null handling).
 */
export function rowOf(parts: readonly Bound[], prefers: (a: number, b: number) => boolean): () => Accumulator {
  const [first] = parts as readonly [Bound];
  const evaluators = parts.map(({ evaluate }) => evaluate);
  const { evaluate } = first;
  return () => {
    let best: Value = null;
    let taken: readonly Value[] | undefined;
    const take = (row: Row): readonly Value[] => evaluators.map((each) => each(row));
    return {
      add(row) {
        const value = evaluate(row);
        if (value === null ? taken !== undefined : best !== null && !prefers(value as number, best as number)) return;
        best = value;
        taken = take(row);
      },
      result: () => single(taken ?? parts.map(missing)),
      size: () => bytesOf(taken ?? []),
    };
  };
}

/** A row of the group; of a single expression one that has a value, if any does. */
export function anyRow(parts: readonly Bound[]): () => Accumulator {
  const evaluators = parts.map(({ evaluate }) => evaluate);
  const choosy = parts.length === 1;
  return () => {
    let taken: readonly Value[] | undefined;
    return {
      add(row) {
        if (taken !== undefined && !(choosy && (taken[0] === null || taken[0] === ''))) return;
        taken = evaluators.map((each) => each(row));
      },
      result: () => single(taken ?? parts.map(missing)),
      size: () => bytesOf(taken ?? []),
    };
  };
}

const single = (values: readonly Value[]): Value => (values.length === 1 ? values[0]! : values);
