// The weights that ship: a table in which the features that matter most have a slot each, and how it is read.
import os from 'node:os';
import shipped from './model.json' with { type: 'json' };

export interface Model {
  /** A slot is the check of the feature that has it (upper byte) and its weight (lower byte, signed); 0 where it is empty. */
  readonly slots: Uint16Array;
  /** What one step of a weight is worth, in log odds before scaling. */
  readonly step: number;
  /** Log odds of a window without any known word, by size of window. */
  readonly biases: readonly number[];
  /** Scores (0 to 1), chosen on texts that the weights were not learned from. */
  readonly thresholds: { readonly spotlight: number; readonly block: number };
}

export const slotBits = 18;
export const slotCount = 1 << slotBits;

/** Where a feature stands, by its hash, and what tells it from others that would stand there: of those only 1 in 256 is mistaken for it. */
export const slotOf = (code: number): number => code >>> (32 - slotBits);
export const checkOf = (code: number): number => code & 0xff;

/** The model as it is written down: two bytes a slot, little-endian, in base64. */
export type WrittenModel = Omit<Model, 'slots'> & { readonly slots: string };

/** The model beside this file. Made by `npm run shield:train`; its bytes follow from the texts. */
export function readModel(written: WrittenModel = shipped): Model {
  const bytes = Buffer.from(written.slots, 'base64');
  if (bytes.length !== 2 * slotCount)
    throw new Error(`the model has ${bytes.length} bytes instead of ${2 * slotCount}`);
  if (os.endianness() === 'BE') bytes.swap16();
  return { ...written, slots: new Uint16Array(bytes.buffer, bytes.byteOffset, slotCount) };
}

export const writeModel = ({ slots, ...rest }: Model): WrittenModel => {
  const bytes = Buffer.alloc(2 * slotCount);
  for (const [slot, entry] of slots.entries()) bytes.writeUInt16LE(entry, 2 * slot);
  return { ...rest, slots: bytes.toString('base64') };
};
