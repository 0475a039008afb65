// Learning the weights: logistic regression over windows, where a text is as bad as its worst window.
import { ideasFrom, tableSize } from '../shield/features.ts';
import { scaleOf, windowUnits } from '../shield/windows.ts';
import type { Encoded } from './encode.ts';

export interface Weights {
  readonly table: Float32Array;
  /** Log odds of a window without any known word. */
  readonly bias: number;
}

export interface FitOptions {
  readonly epochs: number;
  readonly rate: number;
  /** The squares of slopes that AdaGrad begins with: the larger, the less a word counts that was seen seldom. */
  readonly start: number;
  /** Pulls weights towards nothing. */
  readonly decay: number;
  readonly seed: number;
  /** How often a text is learned from with its ideas alone. */
  readonly ideasOnly: number;
}

export const usual: FitOptions = { epochs: 16, rate: 0.15, start: 10, decay: 2e-6, seed: 20_261_121, ideasOnly: 0 };

/** AdaGrad (Duchi et al. 2011), rows in an order of its own each epoch. Deterministic. */
export function fit(rows: readonly Encoded[], options: Partial<FitOptions> = {}): Weights {
  const { epochs, rate, start, decay, seed, ideasOnly } = { ...usual, ...options };
  const table = new Float32Array(tableSize);
  const squares = new Float32Array(tableSize).fill(start);
  let bias = -2;
  let biasSquares = 1;
  const random = randomOf(seed);
  const order = rows.map((_, index) => index);
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    for (const index of order) {
      const row = rows[index]!;
      if (row.count === 0) continue;
      const from = random() < ideasOnly ? ideasFrom : 0;
      const sums = unitSums(row, table, from);
      // Where in a long attack the order stands is not known at first: any of its windows may be it.
      const { first, last } = epoch < 2 && row.label === 1 ? anyWindow(row, random) : worstWindow(row, sums);
      const scale = scaleOf(sizeOf(row, first, last));
      const logOdds = (sums[last + 1]! - sums[first]!) * scale + bias;
      const error = (1 / (1 + Math.exp(-logOdds)) - row.label) * row.weight;
      if (Math.abs(error) < 1e-3) continue;
      biasSquares += error * error;
      bias -= (rate * error) / Math.sqrt(biasSquares);
      for (let at = first === 0 ? 0 : row.end[first - 1]!; at < row.end[last]!; at++) {
        const place = row.place[at]!;
        if (place < from) continue;
        const slope = error * scale + decay * table[place]!;
        squares[place]! += slope * slope;
        table[place]! -= (rate * slope) / Math.sqrt(squares[place]!);
      }
    }
  }
  return { table, bias };
}

/** Sums of the weights before each unit: `sums[b + 1] - sums[a]` is that of units a to b. */
function unitSums({ count, place, end }: Encoded, table: Float32Array, from = 0): Float64Array {
  const sums = new Float64Array(count + 1);
  let sum = 0;
  for (let unit = 0, at = 0; unit < count; unit++) {
    for (const stop = end[unit]!; at < stop; at++) if (place[at]! >= from) sum += table[place[at]!]!;
    sums[unit + 1] = sum;
  }
  return sums;
}

const sizeOf = ({ end }: Encoded, first: number, last: number): number =>
  end[last]! - (first === 0 ? 0 : end[first - 1]!);

interface Window {
  readonly first: number;
  readonly last: number;
}

/** For harmless texts the worst window, for attacks the worst that touches what is marked as the attack. */
function worstWindow(row: Encoded, sums: Float64Array): Window {
  let worst: Window = { first: 0, last: Math.min(windowUnits, row.count) - 1 };
  let worstScore = -Infinity;
  for (const [from, to] of row.spans) {
    const begin = Math.min(Math.max(from, windowUnits - 1), row.count - 1);
    const end = Math.min(to + windowUnits / 2, row.count - 1);
    for (let last = begin; last <= Math.max(begin, end); last++) {
      const first = Math.max(0, last + 1 - windowUnits);
      const score = (sums[last + 1]! - sums[first]!) * scaleOf(sizeOf(row, first, last));
      if (score > worstScore) [worst, worstScore] = [{ first, last }, score];
    }
  }
  return worst;
}

function anyWindow({ spans, count }: Encoded, random: () => number): Window {
  const [from, to] = spans[Math.floor(random() * spans.length)]!;
  const first = from + Math.floor(random() * Math.max(1, to - from + 2 - windowUnits));
  return { first, last: Math.min(first + windowUnits, count, Math.max(to + 1, first + 1)) - 1 };
}

/** Log odds of the worst window of a text. */
export function scoreOf(row: Encoded, { table, bias }: Weights): number {
  if (row.count === 0) return bias;
  const sums = unitSums(row, table);
  let worst = -Infinity;
  for (let last = Math.min(windowUnits, row.count) - 1; last < row.count; last++) {
    const first = Math.max(0, last + 1 - windowUnits);
    worst = Math.max(worst, (sums[last + 1]! - sums[first]!) * scaleOf(sizeOf(row, first, last)));
  }
  return worst + bias;
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
