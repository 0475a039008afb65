// What the features of a slice weigh: each is looked up in the table of weights, and they are added up.
import type { FeatureList, Features } from './features.ts';
import { slotBits } from './model.ts';
import { maxSlice } from './units.ts';

/** As `slotOf` has it. What a module names for itself is compiled into a loop, what it imports is looked up at every turn. */
const slotShift = 32 - slotBits;

export class Weigher {
  /** What all features before a unit weigh, in whole steps: `sums[b + 1] - sums[a]` is the weight of units a to b. */
  readonly sums = new Int32Array(maxSlice + 1);
  readonly #slots: Uint16Array;
  #ofWords = new Int32Array(1);
  #ofIdeas = new Int32Array(1);

  constructor(slots: Uint16Array) {
    this.#slots = slots;
  }

  /** @param count of units */
  weigh({ ofWords, ofIdeas }: Features, count: number): void {
    if (count === 0) return;
    const words = (this.#ofWords = this.#addedUp(ofWords, count, this.#ofWords));
    const ideas = (this.#ofIdeas = this.#addedUp(ofIdeas, count, this.#ofIdeas));
    const { sums } = this;
    const [wordsEnd, ideasEnd] = [ofWords.end, ofIdeas.end];
    for (let unit = 0; unit < count; unit++) sums[unit + 1] = words[wordsEnd[unit]!]! + ideas[ideasEnd[unit]!]!;
  }

  /** @param sums is filled with what so many of the first features weigh, or replaced where it is too small for that */
  #addedUp({ code, end }: FeatureList, count: number, sums: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
    const length = end[count - 1]!;
    const into = sums.length > length ? sums : new Int32Array(code.length + 1);
    const slots = this.#slots;
    let sum = 0;
    for (let each = 0; each < length; each++) {
      const feature = code[each]!;
      const slot = slots[feature >>> slotShift]!;
      // All bits or none. Whether a feature is known nobody can foretell, the engine's branches neither.
      const isKnown = (((slot >>> 8) ^ (feature & 0xff)) - 1) >> 31;
      into[each] = sum;
      sum = (sum + (((slot << 24) >> 24) & isKnown)) | 0;
    }
    into[length] = sum;
    return into;
  }
}
