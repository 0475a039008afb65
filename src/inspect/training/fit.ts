// Learning the weights: logistic regression over windows, where a text is as bad as its worst window.
import { mostOfUnit } from '../shield/features.ts';
import { mix } from '../shield/units.ts';
import { scaleOf, windows } from '../shield/windows.ts';
import type { Encoded } from './encode.ts';

export interface Weights {
  /** By the number of the feature. */
  readonly table: Float32Array;
  /** Log odds of a window without any known word, by size of window. */
  readonly biases: readonly number[];
}

export interface FitOptions {
  readonly epochs: number;
  readonly rate: number;
  /** The squares of slopes that AdaGrad begins with: the larger, the less a word counts that was seen seldom. */
  readonly start: number;
  /** Pulls weights towards nothing. */
  readonly decay: number;
  /** The share of features that is hidden at each step, others each time: no word may be relied on alone (dropout). */
  readonly hidden: number;
  readonly seed: number;
}

export const usual: FitOptions = { epochs: 6, rate: 0.15, start: 3, decay: 2e-6, hidden: 0.5, seed: 20_261_121 };

/** AdaGrad (Duchi et al. 2011), rows in an order of its own each epoch. Deterministic. */
export function fit(rows: readonly Encoded[], features: number, options: Partial<FitOptions> = {}): Weights {
  const { epochs, rate, start, decay, hidden, seed } = { ...usual, ...options };
  const table = new Float32Array(features);
  const squares = new Float32Array(features).fill(start);
  const biases = windows.map(() => -2);
  const biasSquares = windows.map(() => 1);
  const random = randomOf(seed);
  const hiddenBelow = hidden * 4294967296;
  const shown = new Uint32Array(Math.max(...windows) * mostOfUnit);
  const order = rows.map((_, index) => index);
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    for (const index of order) {
      const row = rows[index]!;
      if (row.count === 0) continue;
      const sums = unitSums(row, table);
      // Where in a long attack the order stands is not known at first: any of its windows may be it.
      const early = epoch < 2 && row.label === 1;
      for (const { size, first, last } of early ? anyWindows(row, random) : worstWindows(row, sums, biases)) {
        const salt = Math.floor(random() * 4294967296);
        let seen = 0;
        let sum = 0;
        for (let at = first === 0 ? 0 : row.end[first - 1]!; at < row.end[last]!; at++) {
          const place = row.feature[at]!;
          if (mix(place ^ salt) >>> 0 < hiddenBelow) continue;
          shown[seen++] = place;
          sum += table[place]!;
        }
        const scale = scaleOf(last - first + 1) / (1 - hidden);
        const error = (1 / (1 + Math.exp(-sum * scale - biases[size]!)) - row.label) * row.weight;
        if (Math.abs(error) < 1e-3) continue;
        biasSquares[size]! += error * error;
        biases[size]! -= (rate * error) / Math.sqrt(biasSquares[size]!);
        for (let each = 0; each < seen; each++) {
          const place = shown[each]!;
          const slope = error * scale + decay * table[place]!;
          squares[place]! += slope * slope;
          table[place]! -= (rate * slope) / Math.sqrt(squares[place]!);
        }
      }
    }
  }
  return { table, biases };
}

/** The mean of several, each learned in an order of its own: what one of them only happened to rely on counts little. */
export function fitMean(rows: readonly Encoded[], features: number, runs = 4): Weights {
  const each = Array.from({ length: runs }, (_, run) => fit(rows, features, { seed: usual.seed + run }));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / runs;
  return {
    table: Float32Array.from({ length: features }, (_, feature) => mean(each.map(({ table }) => table[feature]!))),
    biases: each[0]!.biases.map((_, size) => mean(each.map(({ biases }) => biases[size]!))),
  };
}

/** Sums of the weights before each unit: `sums[b + 1] - sums[a]` is that of units a to b. */
function unitSums({ count, feature, end }: Encoded, table: Float32Array): Float64Array {
  const sums = new Float64Array(count + 1);
  let sum = 0;
  for (let unit = 0, at = 0; unit < count; unit++) {
    for (const stop = end[unit]!; at < stop; at++) sum += table[feature[at]!]!;
    sums[unit + 1] = sum;
  }
  return sums;
}

interface Window {
  /** Place of its size among the sizes. */
  readonly size: number;
  readonly first: number;
  readonly last: number;
}

/** For harmless texts the worst window of each size, for attacks the worst of any that touches what is marked as the attack. */
function worstWindows(row: Encoded, sums: Float64Array, biases: readonly number[]): readonly Window[] {
  const worst = windows.map((length, size): Window & { readonly score: number } => {
    let found = { size, first: 0, last: Math.min(length, row.count) - 1, score: -Infinity };
    for (const [from, to] of row.spans) {
      const begin = Math.min(Math.max(from, length - 1), row.count - 1);
      const end = Math.min(to + length / 2, row.count - 1);
      for (let last = begin; last <= Math.max(begin, end); last++) {
        const first = Math.max(0, last + 1 - length);
        const score = (sums[last + 1]! - sums[first]!) * scaleOf(last - first + 1) + biases[size]!;
        if (score > found.score) found = { size, first, last, score };
      }
    }
    return found;
  });
  return row.label === 0 ? worst : [worst.reduce((a, b) => (a.score >= b.score ? a : b))];
}

function anyWindows({ spans, count }: Encoded, random: () => number): readonly Window[] {
  return windows.map((length, size) => {
    const [from, to] = spans[Math.floor(random() * spans.length)]!;
    const first = from + Math.floor(random() * Math.max(1, to - from + 2 - length));
    return { size, first, last: Math.min(first + length, count, Math.max(to + 1, first + 1)) - 1 };
  });
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function shuffle(items: number[], random: () => number): void {
  for (let at = items.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [items[at], items[other]] = [items[other]!, items[at]!];
  }
}
