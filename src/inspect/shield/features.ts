// What the model weighs: words, neighbouring words, and the ideas behind them, each hashed to a place in the table of weights.
import en from './lexicon/en.json' with { type: 'json' };
import { ideas } from './lexicon/ideas.ts';
import type { Idea } from './lexicon/ideas.ts';
import ja from './lexicon/ja.json' with { type: 'json' };
import ko from './lexicon/ko.json' with { type: 'json' };
import zh from './lexicon/zh.json' with { type: 'json' };
import { maxSlice, mix, Units } from './units.ts';

/** Ideas that are farther apart than this many units do not belong together. */
const reach = 40;
const remembered = 5;

/** What becomes of each feature, given as a hash: a model knows what it weighs, learning keeps it. */
export interface Weigher {
  /** In whole steps. */
  weightOf(code: number): number;
}

/** The features of one slice, added up as they are met: a scan keeps nothing of them but sums. */
export class Features {
  /** What all features before a unit weigh: `sums[b + 1] - sums[a]` is the weight of units a to b. */
  readonly sums = new Int32Array(maxSlice + 1);
  /** The idea that ends at a unit, or 0. */
  readonly idea = new Uint8Array(maxSlice + 1);
  /** Where the phrase of that idea began. */
  readonly #began = new Uint32Array(maxSlice + 1);
  readonly #lastIdea = new Uint8Array(remembered);
  readonly #lastAt = new Int32Array(remembered);

  extract(units: Units, weigher: Weigher, each?: () => void): void {
    const { count, word, stem, sign } = units;
    const { sums, idea } = this;
    const began = this.#began;
    const lastIdea = this.#lastIdea.fill(0);
    const lastAt = this.#lastAt.fill(-reach - 1);
    const known = trie();
    idea.fill(0, 0, count);
    let sum = 0;
    let here = 0;
    let one = 0;
    let two = 0;
    // Stems are mixed well, so that sums of odd multiples of them are as good as hashes of their own.
    for (let unit = 0; unit < count; unit++) {
      two = one;
      one = here;
      here = stem[unit]!;
      const whole = word[unit]!;
      sum += weigher.weightOf(whole);
      if (whole !== here) sum += weigher.weightOf(here + 0x51ed270b);
      const pair = Math.imul(one, 0x2c1b3c6d) + Math.imul(here, 0x297a2d39);
      sum += weigher.weightOf(pair);
      sum += weigher.weightOf(pair + Math.imul(two, 0x1b56c4e9));
      sum += weigher.weightOf(Math.imul(two, 0x7feb352d) + Math.imul(here, 0x31848bab));
      const before = sign[unit]!;
      if (before !== 0) sum += weigher.weightOf(Math.imul(here, 0x6c8e9cf5) + Math.imul(before, 0x9e3779b1));

      if (known.begins(here)) {
        const stop = unit + known.longest(stem, unit, count) - 1;
        if (stop >= unit && idea[stop] === 0) {
          // Of phrases that end together the longest counts: "system prompt", not "prompt".
          idea[stop] = known.found;
          began[stop] = unit;
        }
      }
      // How the sentence goes on behind an idea tells whether it is an order: "ignore" or "ignored", 무시하고 or 무시되는.
      const just = unit > 0 ? idea[unit - 1]! : 0;
      if (just !== 0) sum += weigher.weightOf(Math.imul(here, 0x5bd1e995) + ideaCode[just]!);

      const said = idea[unit]!;
      if (said !== 0) {
        const own = ideaCode[said]!;
        const begun = began[unit]!;
        sum += weigher.weightOf(own);
        sum += weigher.weightOf(Math.imul(begun > 0 ? stem[begun - 1]! : 0, 0x1b873593) + Math.imul(own, 0x2545f491));
        sum += weigher.weightOf(Math.imul(own, 0x68bc21eb) + Math.imul(sign[begun]!, 0x9e3779b1));
        for (let back = 0; back < remembered && unit - lastAt[back]! <= reach; back++)
          sum += weigher.weightOf(Math.imul(ideaCode[lastIdea[back]!]!, 0x27d4eb2f) + Math.imul(own, 0x165667b1));
        if (lastIdea[0] !== said) {
          lastIdea.copyWithin(1, 0);
          lastAt.copyWithin(1, 0);
          lastIdea[0] = said;
        }
        lastAt[0] = unit;
      }
      sums[unit + 1] = sum;
      each?.();
    }
  }
}

/** A power of two, a third full at most. */
const stepBits = 17;

/** The lexicon as a trie over stems, in one open-addressed table: of a text's words most are looked up once, and that in one place. */
class Trie {
  /** The idea of the phrase that `longest` has found. */
  found = 0;
  /** A bit for each beginning of a phrase, by 16 bits of its stem. */
  readonly #first = new Uint32Array(1 << 11);
  /** Pairs: a step, and what it leads to: a node (20 bits), the idea that ends there (8 bits), and whether phrases go on. */
  readonly #steps = new Int32Array(2 << stepBits);
  #nodes = 0;

  add(stems: readonly number[], idea: number): void {
    const beginning = stems[0]! & 0xffff;
    this.#first[beginning >>> 5]! |= 1 << (beginning & 31);
    let node = 0;
    for (const [index, stem] of stems.entries()) {
      const step = stepOf(node, stem);
      const at = this.#placeOf(step);
      if (this.#steps[at + 1] === 0) {
        if (this.#nodes++ > (1 << stepBits) / 3) throw new Error('the lexicon has outgrown its table');
        this.#steps[at] = step;
        this.#steps[at + 1] = this.#nodes;
      }
      node = this.#steps[at + 1]! & nodeMask;
      if (index < stems.length - 1) this.#steps[at + 1]! |= goesOn;
      else if (ideaAt(this.#steps[at + 1]!) === 0) this.#steps[at + 1]! |= idea << ideaShift;
    }
  }

  begins(stem: number): boolean {
    return ((this.#first[(stem & 0xffff) >>> 5]! >>> (stem & 31)) & 1) === 1;
  }

  /** @returns how many units the longest phrase takes that begins here; 0 when none does */
  longest(stem: Int32Array, unit: number, count: number): number {
    let node = 0;
    let length = 0;
    for (let at = unit; at < count; at++) {
      const next = this.#steps[this.#placeOf(stepOf(node, stem[at]!)) + 1]!;
      if (next === 0) break;
      if (ideaAt(next) !== 0) {
        this.found = ideaAt(next);
        length = at - unit + 1;
      }
      if ((next & goesOn) === 0) break;
      node = next & nodeMask;
    }
    return length;
  }

  /** Where a step stands, or would. */
  #placeOf(step: number): number {
    const steps = this.#steps;
    let at = (step >>> (32 - stepBits)) << 1;
    while (steps[at + 1] !== 0 && steps[at] !== step) at = (at + 2) & ((2 << stepBits) - 1);
    return at;
  }
}

const nodeMask = 0xfffff;
const ideaShift = 20;
const goesOn = 1 << 28;
const ideaAt = (entry: number): number => (entry >>> ideaShift) & 0xff;
const stepOf = (node: number, stem: number): number => (stem + Math.imul(node, 0x9e3779b1)) | 0;

export const ideaNames: readonly string[] = ['', ...Object.keys(ideas)];
const ideaCode = Int32Array.from(ideaNames, (_, idea) => mix(idea + 0x10001));

let made: Trie | undefined;

function trie(): Trie {
  if (made !== undefined) return made;
  made = new Trie();
  const units = new Units();
  for (const phrases of [en, ja, ko, zh])
    for (const [index, idea] of Object.keys(ideas).entries())
      for (const phrase of phrases[idea as Idea].split(',')) {
        units.read(phrase);
        if (units.count > 0) made.add([...units.stem.subarray(0, units.count)], index + 1);
      }
  return made;
}
