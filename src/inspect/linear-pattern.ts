// Regular expressions of upstream schemas, run on an engine that cannot backtrack: no pattern makes a check hang.
import { RE2JS } from 're2js';
import type { Meter } from './meter.ts';

export interface LinearPattern {
  test(text: string): boolean;
  /** Instructions of the compiled pattern: with the length of the text, the measure of what a match may cost. */
  readonly size: number;
}

/**
 * Compiles an ECMAScript pattern for matching in time linear in the text. `\s` and `.` mean ASCII blanks and all but the
 * line feed here, which is narrower or wider than in ECMAScript for a few exotic characters.
 * @returns undefined for a pattern that needs backtracking (look-around, back-references), is malformed or too large
 */
export function linearPattern(source: string, meter: Meter): LinearPattern | undefined {
  if (source.length > maxSourceLength) return undefined;
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(RE2JS.translateRegExp(source));
  } catch {
    return undefined;
  }
  const size = compiled.programSize();
  if (size > maxSize) return undefined;
  return {
    size,
    test(text) {
      // Most matches run on the cached automaton; the worst case costs size × length.
      meter.spend(1 + ((text.length * size) >> 3));
      return compiled.test(text);
    },
  };
}

const maxSourceLength = 1024;
const maxSize = 4000;
