// What the model weighs: words, neighbouring words, and the ideas behind them, each hashed to a place in the table of weights.
import en from './lexicon/en.json' with { type: 'json' };
import { ideas } from './lexicon/ideas.ts';
import type { Idea } from './lexicon/ideas.ts';
import ja from './lexicon/ja.json' with { type: 'json' };
import ko from './lexicon/ko.json' with { type: 'json' };
import zh from './lexicon/zh.json' with { type: 'json' };
import { mix, Units } from './units.ts';

/** Places in the table of weights; one byte each. */
const words = 1 << 17;
const mask = words - 1;
const ideasMask = (1 << 16) - 1;
/** Ideas have a part of the table to themselves. */
const ideasFrom = words;
export const tableSize = words + ideasMask + 1;

/** Features of a unit, at most: words and neighbours, plus ideas. */
const perUnit = 28;

/** Ideas that are farther apart than this many units do not belong together. */
const reach = 40;
const remembered = 5;

/** The features of one slice: those of unit `u` are `place[end[u - 1]]` to `place[end[u]]`. */
export class Features {
  readonly place = new Uint32Array(perUnit * 16_384);
  readonly end = new Uint32Array(16_385);
  /** The idea that ends at a unit, or 0. */
  readonly idea = new Uint8Array(16_385);
  /** Where the phrase of that idea began. */
  readonly began = new Uint32Array(16_385);

  extract(units: Units): void {
    const { count, word, stem, sign, form } = units;
    const { place, end, idea, began } = this;
    const known = trie();
    idea.fill(0, 0, count);
    let at = 0;
    const lastIdea = new Uint8Array(remembered);
    const lastAt = new Int32Array(remembered).fill(-1000);
    for (let unit = 0; unit < count; unit++) {
      const here = stem[unit]!;
      const one = unit > 0 ? stem[unit - 1]! : 0;
      const two = unit > 1 ? stem[unit - 2]! : 0;
      const ideograph = form[unit] === 1;
      place[at++] = word[unit]! & mask;
      if (word[unit] !== here) place[at++] = mix(here + 0x51) & mask;
      const pair = Math.imul(one, 31) + here;
      place[at++] = mix(pair) & mask;
      const triple = Math.imul(pair, 31) + Math.imul(two, 961);
      place[at++] = mix(triple + 7) & mask;
      place[at++] = mix(Math.imul(two, 131) + here + 13) & mask;
      if (ideograph && unit > 2) place[at++] = mix(Math.imul(stem[unit - 3]!, 8191) + triple + 17) & mask;
      if (sign[unit] !== 0) place[at++] = mix(here + sign[unit]! * 0x9e37) & mask;
      if (form[unit] === 2) place[at++] = mix(here + 0x7777) & mask;

      const length = known.begins(here) ? known.longest(stem, unit, count) : 0;
      const stop = unit + length - 1;
      if (length > 0 && idea[stop] === 0) {
        // Of phrases that end together the longest counts: "system prompt", not "prompt".
        idea[stop] = known.found;
        began[stop] = unit;
      }
      // How the sentence goes on behind an idea tells whether it is an order: "ignore" or "ignored", 무시하고 or 무시되는.
      const just = unit > 0 ? idea[unit - 1]! : 0;
      if (just !== 0) place[at++] = mix(here + just * 0x61c9) & mask;
      const lately = unit > 1 ? idea[unit - 2]! : 0;
      if (lately !== 0) place[at++] = mix(pair + lately * 0x61c9 + 3) & mask;
      const earlier = unit > 2 ? idea[unit - 3]! : 0;
      if (earlier !== 0) place[at++] = mix(triple + earlier * 0x61c9 + 5) & mask;

      const met = idea[unit]!;
      if (met !== 0) {
        place[at++] = ideasFrom + (mix(met + 0x10001) & ideasMask);
        const begun = began[unit]!;
        place[at++] = mix((begun > 0 ? stem[begun - 1]! : 0) + met * 0x3779) & mask;
        place[at++] = ideasFrom + (mix(met * 64 + sign[begun]! + 0x70001) & ideasMask);
        for (let back = 0; back < remembered; back++) {
          const other = lastIdea[back]!;
          const apart = unit - lastAt[back]!;
          if (other === 0 || apart > reach) break;
          place[at++] = ideasFrom + (mix(other * 256 + met + 0x20000) & ideasMask);
          const [low, high] = other < met ? [other, met] : [met, other];
          place[at++] = ideasFrom + (mix(low * 256 + high + (apart < 12 ? 0x40000 : 0x50000)) & ideasMask);
          if (back === 0 && lastIdea[1] !== 0 && unit - lastAt[1]! <= reach)
            place[at++] = ideasFrom + (mix((lastIdea[1]! * 256 + other) * 256 + met + 0x3000000) & ideasMask);
        }
        if (lastIdea[0] === met) lastAt[0] = unit;
        else {
          lastIdea.copyWithin(1, 0);
          lastAt.copyWithin(1, 0);
          lastIdea[0] = met;
          lastAt[0] = unit;
        }
      }
      end[unit] = at;
    }
  }
}

/** A power of two, a quarter full at most. */
const stepSlots = 1 << 18;

/** The lexicon as a trie over stems, in one open-addressed table. */
class Trie {
  /** The idea of the phrase that `longest` has found. */
  found = 0;
  readonly #first = new Uint8Array(1 << 16);
  /** By the mixed step: the step itself, and the node it leads to. Open addressing. */
  readonly #steps = new Int32Array(stepSlots);
  readonly #nodes = new Int32Array(stepSlots);
  readonly #idea: number[] = [0];

  add(stems: readonly number[], idea: number): void {
    let node = 0;
    this.#first[stems[0]! & 0xffff] = 1;
    for (const stem of stems) {
      const step = mix((stem + Math.imul(node, 0x9e3779b1)) | 0);
      let slot = step & (stepSlots - 1);
      while (this.#nodes[slot] !== 0 && this.#steps[slot] !== step) slot = (slot + 1) & (stepSlots - 1);
      if (this.#nodes[slot] === 0) {
        this.#steps[slot] = step;
        this.#nodes[slot] = this.#idea.length;
        this.#idea.push(0);
      }
      node = this.#nodes[slot]!;
    }
    if (this.#idea[node] === 0) this.#idea[node] = idea;
  }

  begins(stem: number): boolean {
    return this.#first[stem & 0xffff] === 1;
  }

  /** @returns how many units the longest phrase takes that begins here; 0 when none does */
  longest(stem: Int32Array, unit: number, count: number): number {
    let node = 0;
    let length = 0;
    for (let at = unit; at < count; at++) {
      const step = mix((stem[at]! + Math.imul(node, 0x9e3779b1)) | 0);
      let slot = step & (stepSlots - 1);
      while (this.#nodes[slot] !== 0 && this.#steps[slot] !== step) slot = (slot + 1) & (stepSlots - 1);
      if (this.#nodes[slot] === 0) break;
      node = this.#nodes[slot]!;
      if (this.#idea[node] !== 0) {
        this.found = this.#idea[node]!;
        length = at - unit + 1;
      }
    }
    return length;
  }
}

export const ideaNames: readonly string[] = ['', ...Object.keys(ideas)];

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
