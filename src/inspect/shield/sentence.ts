// The sentence around a place: what is cut out or marked is to be whole.
import type { Stretch } from '../finding.ts';

const farthest = 200;
const ends = new Set([...'。！？｡\n\r']);
/** These end a sentence where a blank follows; inside an address they do not. */
const endsBeforeBlank = new Set([...'.!?']);
const blanks = new Set([...' \t\n\r']);

const isEnd = (text: string, at: number): boolean =>
  ends.has(text[at]!) || (endsBeforeBlank.has(text[at]!) && (at + 1 === text.length || blanks.has(text[at + 1]!)));

/** Widens a stretch to the ends of the sentences in which it begins and ends, but not by more than 200 characters each. */
export function sentenceAround(text: string, from: number, to: number): Stretch {
  let begin = from;
  while (begin > 0 && from - begin < farthest && !isEnd(text, begin - 1)) begin--;
  while (begin < from && blanks.has(text[begin]!)) begin++;
  let end = to;
  while (end < text.length && end - to < farthest && !isEnd(text, end - 1)) end++;
  return { from: begin, to: end };
}
