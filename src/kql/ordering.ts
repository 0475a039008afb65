// The order of values (`sort`, `top`), and sorting that lets others have their turn.
import { type Run } from './run.ts';
import type { Row, Value } from './values.ts';

export interface OrderKey {
  readonly value: (row: Row) => Value;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

type Compare = (left: Row, right: Row) => number;

/** Nulls and NaN are grouped at one end, by `nulls`, whatever the direction (documentation of `sort`). */
function compareValues(left: Value, right: Value, descending: boolean, nullsFirst: boolean): number {
  const leftRank = rank(left);
  const rightRank = rank(right);
  if (leftRank !== rightRank) return leftRank > rightRank === nullsFirst ? -1 : 1;
  if (leftRank > 0 || left === right) return 0;
  // Only dynamic values are of several types; each type then stands for itself.
  if (typeof left !== typeof right) return typeof left < typeof right !== descending ? -1 : 1;
  return left! < right! !== descending ? -1 : 1;
}

const rank = (value: Value): number => (value === null ? 2 : value !== value ? 1 : 0);

export function comparison(keys: readonly OrderKey[]): Compare {
  return (left, right) => {
    for (const { value, descending, nullsFirst } of keys) {
      const order = compareValues(value(left), value(right), descending, nullsFirst);
      if (order !== 0) return order;
    }
    return 0;
  };
}

const runLength = 512;

/** Merge sort: stable, and never long without a breath. */
export async function sorted(rows: readonly Row[], compare: Compare, run: Run): Promise<Row[]> {
  let parts: Row[][] = [];
  for (let at = 0; at < rows.length; at += runLength) {
    parts.push(rows.slice(at, at + runLength).sort(compare));
    if (run.due()) await run.breathe();
  }
  while (parts.length > 1) {
    const merged: Row[][] = [];
    for (let at = 0; at < parts.length; at += 2) {
      const right = parts[at + 1];
      merged.push(right === undefined ? parts[at]! : await merge(parts[at]!, right, compare, run));
    }
    parts = merged;
  }
  return parts[0] ?? [];
}

async function merge(left: readonly Row[], right: readonly Row[], compare: Compare, run: Run): Promise<Row[]> {
  const rows: Row[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) {
    rows.push(compare(left[l]!, right[r]!) <= 0 ? left[l++]! : right[r++]!);
    if (rows.length % runLength === 0 && run.due()) await run.breathe();
  }
  while (l < left.length) rows.push(left[l++]!);
  while (r < right.length) rows.push(right[r++]!);
  return rows;
}
