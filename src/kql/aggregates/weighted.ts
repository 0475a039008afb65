// `percentilew` and `percentilesw`: percentiles of values that each stand for many, such as ranges of a histogram.
import type { Bound } from '../bound.ts';
import { typeProblem } from '../nodes.ts';
import { aType, isInteger, isNumber } from '../types.ts';
import type { Row, Value } from '../values.ts';
import type { Made } from './define.ts';

/**
 * The smallest of some values so that the percentage of all weight is on it and those below it.
 * @param values ascending, each with its weight
 */
export function nearestRank(
  values: readonly (readonly [value: number, weight: number])[],
  total: number,
  rank: number,
): number | null {
  const enough = Math.max(1, Math.ceil((rank / 100) * total - 1e-9));
  let weight = 0;
  for (const [value, more] of values) {
    weight += more;
    if (weight >= enough) return value;
  }
  return null;
}

export function weightedPercentiles(
  name: string,
  part: Bound,
  weight: Bound | undefined,
  ranks: readonly number[],
): Made {
  if (!isNumber(part.type) && part.type !== 'timespan' && part.type !== 'datetime')
    throw typeProblem(`${name}() takes a number or a time, and this is ${aType(part.type)}`, part);
  if (weight === undefined || !isInteger(weight.type))
    throw typeProblem(`${name}() takes a whole number as the weight after the value`, weight ?? part);
  const [valueOf, weightOf] = [part.evaluate, weight.evaluate];
  return {
    type: part.type === 'int' ? 'long' : part.type,
    create() {
      const weights = new Map<number, number>();
      let total = 0;
      return {
        add(row: Row) {
          const [value, many] = [valueOf(row), weightOf(row)];
          if (typeof value !== 'number' || typeof many !== 'number' || many <= 0) return;
          weights.set(value, (weights.get(value) ?? 0) + many);
          total += many;
        },
        result(): Value {
          const values = [...weights].sort(([a], [b]) => a - b);
          const found = ranks.map((rank) => nearestRank(values, total, rank));
          return found.length === 1 ? found[0]! : found;
        },
        size: () => 64 + 48 * weights.size,
      };
    },
  };
}
