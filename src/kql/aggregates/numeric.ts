// Aggregates that come to a number: counts, sums, extremes, means and how far values lie apart.
import type { Bound } from '../bound.ts';
import { isConstant, typeProblem } from '../nodes.ts';
import { toTicks } from '../read-value.ts';
import { keyOf } from '../json.ts';
import { aType, isInteger, isNumber } from '../types.ts';
import { sizeOf } from '../value-size.ts';
import type { KqlType, Value } from '../values.ts';
import { fed, fixedSize, mustOrder, mustSum } from './define.ts';
import type { AggregateDefinition } from './define.ts';

const count: AggregateDefinition = {
  least: 0,
  most: 0,
  make: () => ({
    type: 'long',
    create() {
      let rows = 0;
      return { add: () => void rows++, result: () => rows, size: fixedSize };
    },
  }),
};

/** Exact, where Kusto estimates: the accuracy that is asked for makes no difference. */
const dcount: AggregateDefinition = {
  least: 1,
  most: 2,
  make: ([part]) => ({
    type: 'long',
    create() {
      const seen = new Set<Value>();
      const key = part!.type === 'dynamic' ? keyOf : (value: Value) => value;
      let bytes = 32;
      const add = (value: Value): void => {
        const before = seen.size;
        seen.add(key(value));
        if (seen.size > before) bytes += 48 + sizeOf(value);
      };
      return fed(
        part!,
        add,
        () => seen.size,
        () => bytes,
      );
    },
  }),
};

const sum: AggregateDefinition = {
  least: 1,
  most: 1,
  make([part], name) {
    mustSum(name, part!);
    const type: KqlType = part!.type === 'int' ? 'long' : part!.type;
    return {
      type,
      create() {
        let total = 0;
        // Compensated (Neumaier), so that the order of rows shows as little as it can.
        let lost = 0;
        const whole = isInteger(type);
        const add = (value: Value): void => {
          const next = value as number;
          const after = total + next;
          if (!whole) lost += Math.abs(total) >= Math.abs(next) ? total - after + next : next - after + total;
          total = after;
        };
        const result = (): number => (Number.isFinite(lost) ? total + lost : total);
        return fed(part!, add, () => (type === 'timespan' ? toTicks(result()) : result()));
      },
    };
  },
};

const avg: AggregateDefinition = {
  least: 1,
  most: 1,
  make([part], name) {
    const type = part!.type;
    if (type !== 'datetime') mustSum(name, part!);
    const result: KqlType = isInteger(type) ? 'real' : type;
    return {
      type: result,
      create() {
        let mean = 0;
        let seen = 0;
        const add = (value: Value): void => {
          seen++;
          mean += ((value as number) - mean) / seen;
        };
        // Of no numbers the mean is 0 / 0 (documentation of `summarize`).
        const none = isNumber(type) ? NaN : null;
        return fed(part!, add, () => (seen === 0 ? none : result === 'timespan' ? toTicks(mean) : mean));
      },
    };
  },
};

const extreme = (prefers: (a: number, b: number) => boolean): AggregateDefinition => ({
  least: 1,
  most: 1,
  make([part], name) {
    mustOrder(name, part!);
    const missing = part!.type === 'string' ? '' : null;
    return {
      type: part!.type,
      create() {
        let best: Value = null;
        const add = (value: Value): void => {
          if (best === null || prefers(value as number, best as number)) best = value;
        };
        return fed(
          part!,
          add,
          () => best ?? missing,
          () => 32 + sizeOf(best),
        );
      },
    };
  },
});

/** Welford's way, which does not lose digits to large means. */
const spread = (finish: (squares: number, seen: number) => number): AggregateDefinition => ({
  least: 1,
  most: 1,
  make([part], name) {
    if (!isNumber(part!.type)) throw typeProblem(`${name}() takes a number, and this is ${aType(part!.type)}`, part!);
    return {
      type: 'real',
      create() {
        let [seen, mean, squares] = [0, 0, 0];
        const add = (value: Value): void => {
          const away = (value as number) - mean;
          seen++;
          mean += away / seen;
          squares += away * ((value as number) - mean);
        };
        return fed(part!, add, () => finish(squares, seen));
      },
    };
  },
});

const ofSample = (squares: number, seen: number): number => (seen < 2 ? 0 : squares / (seen - 1));
const ofPopulation = (squares: number, seen: number): number => (seen === 0 ? 0 : squares / seen);

const allBits = (combine: (a: bigint, b: bigint) => bigint): AggregateDefinition => ({
  least: 1,
  most: 1,
  prefix: '',
  make([part], name) {
    if (!isInteger(part!.type))
      throw typeProblem(`${name}() takes a whole number, and this is ${aType(part!.type)}`, part!);
    return {
      type: part!.type,
      create() {
        let bits: bigint | undefined;
        const add = (value: Value): void => {
          const next = BigInt(value as number);
          bits = bits === undefined ? next : combine(bits, next);
        };
        return fed(part!, add, () => (bits === undefined ? null : Number(BigInt.asIntN(64, bits))));
      },
    };
  },
});

/**
 * The nearest rank: "the smallest value in the list such that P percent of the data is less or equal" (documentation of
 * `percentiles`), exactly, where Kusto estimates. Percentile 0 is the smallest value.
 */
function percentilesOf(
  part: Bound,
  ranks: readonly number[],
  finish: (values: readonly Value[]) => Value,
): AggregateDefinition['make'] {
  return () => ({
    type: 'dynamic',
    create() {
      const values: number[] = [];
      let sorted = true;
      const add = (value: Value): void => {
        values.push(value as number);
        sorted = false;
      };
      const result = (): Value => {
        if (!sorted) values.sort((a, b) => a - b);
        sorted = true;
        const at = (rank: number): number => Math.max(0, Math.ceil((rank / 100) * values.length - 1e-9) - 1);
        return finish(ranks.map((rank) => values[at(rank)] ?? null));
      };
      return fed(part, add, result, () => 32 + 8 * values.length);
    },
  });
}

export function ranksOf(name: string, parts: readonly Bound[]): readonly number[] {
  return parts.flatMap((part) => {
    const given = isConstant(part) ? part.value : undefined;
    const ranks: readonly unknown[] = Array.isArray(given) ? given : [given];
    const isRank = (rank: unknown): rank is number => typeof rank === 'number' && rank >= 0 && rank <= 100;
    if (ranks.length > 0 && ranks.every(isRank)) return ranks;
    throw typeProblem(`${name}() takes constants from 0 to 100 after what it is the percentile of`, part);
  });
}

/** `percentiles` makes a column of each rank; `percentiles_array` one array. */
export function percentiles(
  name: string,
  part: Bound,
  ranks: readonly number[],
): ReturnType<AggregateDefinition['make']> {
  if (!isNumber(part.type) && part.type !== 'timespan' && part.type !== 'datetime')
    throw typeProblem(`${name}() takes a number or a time, and this is ${aType(part.type)}`, part);
  const type: KqlType = name === 'percentiles_array' ? 'dynamic' : part.type === 'int' ? 'long' : part.type;
  const finish =
    name !== 'percentiles_array' && ranks.length === 1
      ? (values: readonly Value[]) => values[0]!
      : (values: readonly Value[]) => values;
  return { ...percentilesOf(part, ranks, finish)([], name, part), type };
}

export const numericAggregates: readonly (readonly [string, AggregateDefinition])[] = [
  ['count', count],
  ['dcount', dcount],
  ['count_distinct', { ...dcount, most: 1 }],
  ['sum', sum],
  ['avg', avg],
  ['min', extreme((a, b) => a < b)],
  ['max', extreme((a, b) => a > b)],
  ['variance', spread(ofSample)],
  ['variancep', spread(ofPopulation)],
  ['stdev', spread((squares, seen) => Math.sqrt(ofSample(squares, seen)))],
  ['stdevp', spread((squares, seen) => Math.sqrt(ofPopulation(squares, seen)))],
  ['binary_all_and', allBits((a, b) => a & b)],
  ['binary_all_or', allBits((a, b) => a | b)],
  ['binary_all_xor', allBits((a, b) => a ^ b)],
];
