// How many steps an expression takes for one row, where parts that it uses twice are taken twice.
import type { Bound } from './bound.ts';

const weights = new WeakMap<Bound, number>();

export function weightOf(bound: Bound): number {
  if (bound.kind !== 'call') return 1;
  const known = weights.get(bound);
  if (known !== undefined) return known;
  const weight = bound.arguments.reduce((sum, argument) => sum + weightOf(argument), 1);
  weights.set(bound, weight);
  return weight;
}
