// The weights that ship: a table of one byte each, and how they are read.
import { readFileSync } from 'node:fs';
import { tableSize } from './features.ts';

export interface Model {
  readonly weights: Int8Array;
  /** What one step of a weight is worth, in log odds before scaling. */
  readonly step: number;
  /** Log odds of a window without any known word. */
  readonly bias: number;
  /** Scores (0 to 1), chosen on texts that the weights were not learned from. */
  readonly thresholds: { readonly spotlight: number; readonly block: number };
}

export type ModelFacts = Omit<Model, 'weights'>;

/** Reads the model beside this file. Made by `npm run shield:train`; the bytes follow from the texts. */
export function readModel(): Model {
  const weights = readFileSync(new URL('model.bin', import.meta.url));
  if (weights.length !== tableSize) throw new Error(`model.bin has ${weights.length} bytes instead of ${tableSize}`);
  const facts = JSON.parse(readFileSync(new URL('model.json', import.meta.url), 'utf8')) as ModelFacts;
  return { ...facts, weights: new Int8Array(weights.buffer, weights.byteOffset, weights.length) };
}
