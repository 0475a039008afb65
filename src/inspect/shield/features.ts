// What the model weighs: words, neighbouring words, and the ideas behind them, each hashed to a place in the table of weights.
import { ideas } from './lexicon/ideas.ts';
import { lexicon } from './trie.ts';
import { maxSlice, mix } from './units.ts';
import type { Units } from './units.ts';

/** Ideas that are farther apart than this many units do not belong together. */
const reach = 40;
const remembered = 5;

const mostOfWord = 5;
const mostOfIdea = 4 + remembered;
/** How many features a unit can have. */
export const mostOfUnit = mostOfWord + mostOfIdea;

/** Features in the order in which they are met, unit by unit. */
export class FeatureList {
  /** Their hashes: 32 bits of them are looked up, learning tells them apart by all. */
  readonly code: Int32Array | Float64Array;
  /** Those of a unit end here. */
  readonly end = new Uint32Array(maxSlice + 1);

  /** @param most features that a unit can have */
  constructor(most: number, exact: boolean) {
    this.code = exact ? new Float64Array(most * (maxSlice + 1)) : new Int32Array(most * (maxSlice + 1));
  }
}

/** The features of one slice. One simple loop after the other, since the engine makes such loops much faster than one that does it all. */
export class Features {
  /** Of words and their neighbours. */
  readonly ofWords: FeatureList;
  /** Of ideas, and of what stands behind them. */
  readonly ofIdeas: FeatureList;
  /** The idea that ends at a unit, or 0. */
  readonly idea = new Uint8Array(maxSlice + 1);
  /** Where the phrase of that idea began. */
  readonly #began = new Uint16Array(maxSlice + 1);
  readonly #beginnings = new Uint16Array(maxSlice + 1);
  /** Ideas one after the other, each but once in a row, and where each was met last. */
  readonly #past = new Uint8Array(maxSlice);
  readonly #pastAt = new Uint16Array(maxSlice);

  constructor({ exact = false } = {}) {
    this.ofWords = new FeatureList(mostOfWord, exact);
    this.ofIdeas = new FeatureList(mostOfIdea, exact);
  }

  extract(units: Units): void {
    this.#extractWords(units);
    this.#findIdeas(units);
    this.#extractIdeas(units);
  }

  #extractWords({ count, word, stem, sign }: Units): void {
    const { code, end } = this.ofWords;
    let next = 0;
    let here = 0;
    let one = 0;
    let two = 0;
    // Stems are mixed well, so that sums of odd multiples of them are as good as hashes of their own.
    for (let unit = 0; unit < count; unit++) {
      two = one;
      one = here;
      here = stem[unit]!;
      const whole = word[unit]!;
      code[next++] = whole;
      // Written always, and counted where it is one: nobody can foretell that, the engine's branches neither.
      code[next] = here + 0x51ed270b;
      next += oneUnlessZero(whole ^ here);
      const pair = Math.imul(one, 0x2c1b3c6d) + Math.imul(here, 0x297a2d39);
      code[next++] = pair;
      code[next++] = pair + Math.imul(two, 0x1b56c4e9);
      const before = sign[unit]!;
      code[next] = Math.imul(here, 0x6c8e9cf5) + Math.imul(before, 0x9e3779b1);
      next += oneUnlessZero(before);
      end[unit] = next;
    }
  }

  /** Of phrases that end together the longest counts: "system prompt", not "prompt". */
  #findIdeas({ count, stem }: Units): void {
    const idea = this.idea.fill(0, 0, count);
    const [began, places] = [this.#began, this.#beginnings];
    const known = lexicon();
    const found = known.beginnings(stem, count, places);
    for (let each = 0; each < found; each++) {
      const unit = places[each]!;
      const stop = unit + known.longest(stem, unit, count) - 1;
      if (stop < unit || idea[stop] !== 0) continue;
      idea[stop] = known.found;
      began[stop] = unit;
    }
  }

  #extractIdeas({ count, stem, sign }: Units): void {
    const { code, end } = this.ofIdeas;
    const { idea } = this;
    const began = this.#began;
    const [past, pastAt] = [this.#past, this.#pastAt];
    let last = -1;
    let next = 0;
    let just = 0;
    for (let unit = 0; unit < count; unit++) {
      const said = idea[unit]!;
      // How the sentence goes on behind an idea tells whether it is an order: "ignore" or "ignored", 무시하고 or 무시되는.
      if (just !== 0) code[next++] = Math.imul(stem[unit]!, 0x5bd1e995) + ideaCode[just]!;
      just = said;
      if (said !== 0) {
        const own = ideaCode[said]!;
        const begun = began[unit]!;
        code[next++] = own;
        code[next++] = Math.imul(begun > 0 ? stem[begun - 1]! : 0, 0x1b873593) + Math.imul(own, 0x2545f491);
        code[next++] = Math.imul(own, 0x68bc21eb) + Math.imul(sign[begun]!, 0x9e3779b1);
        for (let each = last; each >= 0 && each > last - remembered && unit - pastAt[each]! <= reach; each--)
          code[next++] = Math.imul(ideaCode[past[each]!]!, 0x27d4eb2f) + Math.imul(own, 0x165667b1);
        if (last < 0 || past[last] !== said) past[++last] = said;
        pastAt[last] = unit;
      }
      end[unit] = next;
    }
  }
}

const oneUnlessZero = (number: number): number => (number | -number) >>> 31;

export const ideaNames: readonly string[] = ['', ...Object.keys(ideas)];
const ideaCode = Int32Array.from(ideaNames, (_, idea) => mix(idea + 0x10001));
