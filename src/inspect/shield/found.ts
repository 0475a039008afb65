// What a scan has found so far: places that overlap are one, with the best score and all reasons.
import type { Stretch } from '../finding.ts';
import type { ShieldSpan } from './shield.ts';
import { chanceOf } from './windows.ts';

export interface Place extends Stretch {
  readonly logOdds: number;
  /** What speaks for it, and how strongly. */
  readonly why: ReadonlyMap<string, number>;
}

export class Found {
  best: number;
  #places: Place[] = [];

  /** @param least log odds of a text in which nothing is found */
  constructor(least: number) {
    this.best = least;
  }

  add(place: Place): void {
    this.best = Math.max(this.best, place.logOdds);
    const last = this.#places.at(-1);
    // Windows that follow each other find the same place again and again.
    if (last !== undefined && place.from <= last.to && place.to >= last.from)
      this.#places[this.#places.length - 1] = together(last, place);
    else this.#places.push(place);
  }

  /** What speaks for any of the places. */
  reasons(): [string, number][] {
    return this.#places.flatMap(({ why }) => [...why]);
  }

  spans(): ShieldSpan[] {
    const told: Place[] = [];
    for (const place of this.#places.sort((a, b) => a.from - b.from)) {
      const last = told.at(-1);
      if (last !== undefined && (place.from < last.to || told.length === maxSpans))
        told[told.length - 1] = together(last, place);
      else told.push(place);
    }
    return told.map(({ from, to, logOdds, why }) => ({ from, to, score: chanceOf(logOdds), why: strongest(why) }));
  }
}

function together(a: Place, b: Place): Place {
  const why = new Map(a.why);
  for (const [name, worth] of b.why) why.set(name, Math.max(worth, why.get(name) ?? -Infinity));
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to), logOdds: Math.max(a.logOdds, b.logOdds), why };
}

/** Of one text; a text with more is bad from there on as a whole. */
const maxSpans = 64;
const mostReasons = 4;

const strongest = (why: ReadonlyMap<string, number>): string[] =>
  [...why]
    .sort(([, a], [, b]) => b - a)
    .slice(0, mostReasons)
    .map(([name]) => name);
