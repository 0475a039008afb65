// The features met while learning, numbered in the order in which they came.

export interface Vocabulary {
  /** The number of a feature, by its hash; a new one is added. */
  numberOf(code: number): number;
  /** Hashes by number. */
  codes(): readonly number[];
  size(): number;
}

export function createVocabulary(): Vocabulary {
  const numbers = new Map<number, number>();
  const codes: number[] = [];
  return {
    numberOf(code) {
      const known = numbers.get(code);
      if (known !== undefined) return known;
      numbers.set(code, codes.length);
      return codes.push(code) - 1;
    },
    codes: () => codes,
    size: () => codes.length,
  };
}
