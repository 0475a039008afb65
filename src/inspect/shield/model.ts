// The weights that ship: a table of one byte each, and how they are read.
import { tableSize } from './features.ts';
import shipped from './model.json' with { type: 'json' };

export interface Model {
  readonly weights: Int8Array;
  /** What one step of a weight is worth, in log odds before scaling. */
  readonly step: number;
  /** Log odds of a window without any known word, by size of window. */
  readonly biases: readonly number[];
  /** Scores (0 to 1), chosen on texts that the weights were not learned from. */
  readonly thresholds: { readonly spotlight: number; readonly block: number };
}

/** The model as it is written down: one byte a weight, in base64. */
export type WrittenModel = Omit<Model, 'weights'> & { readonly weights: string };

/** The model beside this file. Made by `npm run shield:train`; its bytes follow from the texts. */
export function readModel(written: WrittenModel = shipped): Model {
  const weights = Buffer.from(written.weights, 'base64');
  if (weights.length !== tableSize) throw new Error(`the model has ${weights.length} weights instead of ${tableSize}`);
  return { ...written, weights: new Int8Array(weights.buffer, weights.byteOffset, weights.length) };
}
