// Learned weights as the table that ships: one byte a weight, for the features that matter most.
import { checkOf, slotCount, slotOf } from '../shield/model.ts';
import type { Model } from '../shield/model.ts';
import type { Encoded } from './encode.ts';
import type { Weights } from './fit.ts';
import type { Vocabulary } from './vocabulary.ts';

/** The feature that has each slot, or -1. Where two want one, that with the larger weight in more texts has it. */
function ownersOf({ table }: Weights, vocabulary: Vocabulary, rows: readonly Encoded[]): Int32Array {
  const texts = textsWith(rows, vocabulary.size());
  const worth = (feature: number): number => Math.abs(table[feature]!) * Math.sqrt(texts[feature]!);
  const owner = new Int32Array(slotCount).fill(-1);
  for (const [feature, code] of vocabulary.codes().entries()) {
    const slot = slotOf(code);
    if (owner[slot] === -1 || worth(feature) > worth(owner[slot]!)) owner[slot] = feature;
  }
  return owner;
}

/** The rows without the features that no slot is left for: what those would have weighed, the others can learn. */
export function onlyPlaced(weights: Weights, vocabulary: Vocabulary, rows: readonly Encoded[]): readonly Encoded[] {
  const isPlaced = new Uint8Array(vocabulary.size());
  for (const feature of ownersOf(weights, vocabulary, rows)) if (feature >= 0) isPlaced[feature] = 1;
  return rows.map((row) => {
    const kept = row.feature.filter((feature) => isPlaced[feature] === 1);
    const end = new Uint32Array(row.count);
    let next = 0;
    for (let unit = 0, at = 0; unit < row.count; unit++) {
      for (const stop = row.end[unit]!; at < stop; at++) next += isPlaced[row.feature[at]!]!;
      end[unit] = next;
    }
    return { ...row, feature: kept, end };
  });
}

export function quantise(
  weights: Weights,
  vocabulary: Vocabulary,
  rows: readonly Encoded[],
): Omit<Model, 'thresholds'> {
  const { table, biases } = weights;
  const owner = ownersOf(weights, vocabulary, rows);
  // The largest of a thousand would cost the others their exactness, so they are cut.
  const sizes = owner
    .filter((feature) => feature >= 0)
    .reduce((all, feature, at) => {
      all[at] = Math.abs(table[feature]!);
      return all;
    }, new Float32Array(slotCount))
    .sort();
  const step = Number((sizes[Math.floor(sizes.length * 0.9995)]! / 127).toPrecision(6));
  const slots = Uint16Array.from(owner, (feature) => {
    if (feature === -1) return 0;
    const weight = Math.max(-127, Math.min(127, Math.round(table[feature]! / step)));
    return weight === 0 ? 0 : (checkOf(vocabulary.codes()[feature]!) << 8) | (weight & 0xff);
  });
  return { slots, step, biases: biases.map((bias) => Number(bias.toPrecision(6))) };
}

/** For each feature, how many texts have it. */
function textsWith(rows: readonly Encoded[], features: number): Uint32Array {
  const texts = new Uint32Array(features);
  const last = new Int32Array(features).fill(-1);
  for (const [row, { feature }] of rows.entries())
    for (const one of feature) {
      if (last[one] === row) continue;
      last[one] = row;
      texts[one]! += 1;
    }
  return texts;
}
