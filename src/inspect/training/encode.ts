// A text as the model sees it: the features of each of its units.
import { Features } from '../shield/features.ts';
import { plainText } from '../shield/plain-text.ts';
import { maxSlice, Units } from '../shield/units.ts';
import type { Text } from './corpus.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface Encoded {
  readonly label: 0 | 1;
  /** How much a mistake with it counts. */
  readonly weight: number;
  /** Units. */
  readonly count: number;
  /** Numbers in the vocabulary. */
  readonly feature: Uint32Array;
  /** The features of unit `u` end here. */
  readonly end: Uint32Array;
  /** Units that the attack takes, both inclusive; the whole text where nothing else is marked. */
  readonly spans: readonly (readonly [number, number])[];
}

const units = new Units();
const features = new Features({ exact: true });

/**
 * Of a text longer than a slice, the first slice.
 * @param share how much it counts, beside others of its kind
 */
export function encode({ text, label, family, spans }: Text, vocabulary: Vocabulary, share = 1): Encoded {
  const cut = text.slice(0, maxSlice);
  let origin: Uint32Array | undefined;
  if (!units.read(cut)) {
    const plain = plainText(cut);
    origin = plain.origin;
    units.read(plain.text.slice(0, maxSlice));
  }
  const met: number[] = [];
  const ends: number[] = [];
  features.extract(units);
  const { count } = units;
  for (let unit = 0; unit < count; unit++) {
    for (const { code, end } of [features.ofWords, features.ofIdeas])
      for (let each = unit === 0 ? 0 : end[unit - 1]!; each < end[unit]!; each++)
        met.push(vocabulary.numberOf(code[each]!));
    ends.push(met.length);
  }
  const at = (position: number): number => origin?.[position] ?? position;
  const marked = spans.map(({ from, to }): [number, number] => {
    let first = 0;
    while (first < count - 1 && at(units.to[first]!) <= from) first++;
    let last = first;
    while (last < count - 1 && at(units.from[last + 1]!) < to) last++;
    return [first, last];
  });
  return {
    label,
    weight: share * (lookAlike(family) ? 2 : 1),
    count,
    feature: Uint32Array.from(met),
    end: Uint32Array.from(ends),
    spans: marked.length > 0 ? marked : [[0, Math.max(0, count - 1)]],
  };
}

/** Texts that a naive filter takes for attacks are fewer than ordinary ones, and teach more. */
const lookAlike = (family: string): boolean => /^twins|notinject|security/.test(family);
