// Learned weights as the bytes that ship.
import type { Model } from '../shield/model.ts';
import type { Weights } from './fit.ts';

/** One byte a weight: the largest of a thousand would cost the others their exactness, so they are cut. */
export function quantise({ table, biases }: Weights): Omit<Model, 'thresholds'> {
  const sizes = table
    .map(Math.abs)
    .filter((size) => size > 0)
    .sort();
  const largest = sizes[Math.floor(sizes.length * 0.9995)] ?? 1;
  const step = Number((largest / 127).toPrecision(6));
  const weights = Int8Array.from(table, (weight) => Math.max(-127, Math.min(127, Math.round(weight / step))));
  return { weights, step, biases: biases.map((bias) => Number(bias.toPrecision(6))) };
}
