// The sentence around a place: what is cut out or marked is to be whole.
import type { Stretch } from '../finding.ts';

const ends = new Set([...'.!?。！？｡\n\r']);
const farthest = 200;

/** Widens a stretch to the ends of the sentences in which it begins and ends, but not by more than 200 characters each. */
export function sentenceAround(text: string, from: number, to: number): Stretch {
  let begin = from;
  while (begin > 0 && from - begin < farthest && !ends.has(text[begin - 1]!)) begin--;
  while (begin < from && /\s/.test(text[begin]!)) begin++;
  let end = to;
  while (end < text.length && end - to < farthest && !ends.has(text[end - 1]!)) end++;
  return { from: begin, to: end };
}
