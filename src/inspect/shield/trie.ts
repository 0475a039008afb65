// The lexicon as it is searched: which phrase begins at a unit, and which idea it stands for.
import en from './lexicon/en.json' with { type: 'json' };
import { ideas } from './lexicon/ideas.ts';
import type { Idea } from './lexicon/ideas.ts';
import ja from './lexicon/ja.json' with { type: 'json' };
import ko from './lexicon/ko.json' with { type: 'json' };
import zh from './lexicon/zh.json' with { type: 'json' };
import { Units } from './units.ts';

/** A power of two, a third full at most. */
const stepBits = 17;

/** The lexicon as a trie over stems, in one open-addressed table: of a text's words most are looked up once, and that in one place. */
export class Trie {
  /** The idea of the phrase that `longest` has found. */
  found = 0;
  /** A bit for each beginning of a phrase, by 16 bits of its stem. */
  readonly #first = new Uint32Array(1 << 11);
  /** Pairs: a step, and what it leads to: a node (20 bits), the idea that ends there (8 bits), and whether phrases go on. */
  readonly #steps = new Int32Array(2 << stepBits);
  #nodes = 0;

  add(stems: Int32Array, count: number, idea: number): void {
    const beginning = stems[0]! & 0xffff;
    this.#first[beginning >>> 5]! |= 1 << (beginning & 31);
    let node = 0;
    for (let index = 0; index < count; index++) {
      const step = stepOf(node, stems[index]!);
      const at = this.#placeOf(step);
      if (this.#steps[at + 1] === 0) {
        if (this.#nodes++ > (1 << stepBits) / 3) throw new Error('the lexicon has outgrown its table');
        this.#steps[at] = step;
        this.#steps[at + 1] = this.#nodes;
      }
      node = this.#steps[at + 1]! & nodeMask;
      if (index < count - 1) this.#steps[at + 1]! |= goesOn;
      else if (ideaAt(this.#steps[at + 1]!) === 0) this.#steps[at + 1]! |= idea << ideaShift;
    }
  }

  /**
   * Where phrases may begin.
   * @returns how many such places were written to `places`
   */
  beginnings(stem: Int32Array, count: number, places: Uint16Array): number {
    const first = this.#first;
    let found = 0;
    for (let unit = 0; unit < count; unit++) {
      // Written always and counted where it is one: whether it is one nobody can foretell, the engine's branches neither.
      places[found] = unit;
      found += (first[(stem[unit]! & 0xffff) >>> 5]! >>> (stem[unit]! & 31)) & 1;
    }
    return found;
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

let made: Trie | undefined;

/** Made at first use. */
export function lexicon(): Trie {
  if (made !== undefined) return made;
  made = new Trie();
  const units = new Units();
  for (const phrases of [en, ja, ko, zh])
    for (const [index, idea] of Object.keys(ideas).entries())
      for (const phrase of phrases[idea as Idea].split(',')) {
        units.read(phrase);
        if (units.count > 0) made.add(units.stem, units.count, index + 1);
      }
  return made;
}
