// What the shield reads: words of letters, and single characters where a script is written without spaces.
import { folding, IDEOGRAPH, INVISIBLE, LETTER, RARE, SIGN } from './folding.ts';
import { isRewritten } from './plain-text.ts';

/** The most code units that one slice can have; of a longer text the rest is not read. */
export const maxSlice = 16_384;

/** Reads slices of text one after the other into the same arrays: a scan makes no garbage. */
export class Units {
  count = 0;
  /** What hints at text in other clothes: letters in the longest word, the most words of one letter in a row, and %, & or \\. */
  longest = 0;
  single = 0;
  coded = 0;
  readonly #bytes = Buffer.alloc(2 * maxSlice + 2);
  readonly #codes = new Uint16Array(this.#bytes.buffer, this.#bytes.byteOffset, maxSlice + 1);
  /** Hashes: of the whole unit; of its first five letters, so that inflected forms meet. */
  readonly word = new Int32Array(maxSlice + 1);
  readonly stem = new Int32Array(maxSlice + 1);
  /** Positions in the text, in UTF-16 code units. */
  readonly from = new Uint32Array(maxSlice + 1);
  readonly to = new Uint32Array(maxSlice + 1);
  /** The sign right before the unit: 0 none, else its place in the table of signs. */
  readonly sign = new Uint8Array(maxSlice + 1);
  /** Words of letters and figures. */
  readonly #mixed = new Uint16Array(maxSlice + 1);

  /** @returns false when the text has characters that `plainText` must rewrite first */
  read(text: string): boolean {
    const readings = (made ??= makeReadings());
    const { word, stem, from, to, sign } = this;
    const [codes, mixed] = [this.#codes, this.#mixed];
    // One copy, then no more looking at how the engine keeps the string.
    const length = this.#bytes.write(text, 0, 2 * maxSlice, 'utf16le') >> 1;
    codes[length] = 32; // ends the last word
    let count = 0;
    let mixedCount = 0;
    let before = 0;
    let longest = 0;
    let single = 0;
    let row = 0;
    let coded = 0;
    for (let at = 0; at < length; at++) {
      // No calls in this loop: the engine checks the arrays once then, and not at every character.
      for (; at < length; at++) {
        let reading = readings[codes[at]!]!;
        if ((reading & anyLetter) !== 0) {
          const start = at;
          const stop = at + stemLetters;
          let hash = seed;
          let seen = 0;
          do {
            seen |= reading;
            hash = Math.imul(hash ^ (reading & 0xffff), prime);
            reading = readings[codes[++at]!]!;
          } while ((reading & anyLetter) !== 0 && at < stop);
          let beginning = hash;
          while ((reading & anyLetter) !== 0) {
            seen |= reading;
            hash = Math.imul(hash ^ (reading & 0xffff), prime);
            reading = readings[codes[++at]!]!;
          }
          let letters = at - start;
          // Behind what is not to be seen, and behind the apostrophe in don't, the word goes on.
          while ((reading & inside) !== 0) {
            if ((reading & anyLetter) !== 0) {
              seen |= reading;
              hash = Math.imul(hash ^ (reading & 0xffff), prime);
              if (++letters <= stemLetters) beginning = hash;
            } else if ((reading & apostrophe) !== 0 && (readings[codes[at + 1]!]! & anyLetter) === 0) break;
            reading = readings[codes[++at]!]!;
          }
          if (letters > longMixed || (seen & figure) !== 0) {
            if ((seen & noFigure) === 0) hash = beginning = letters > 4 ? longNumber : shortNumber;
            else if (letters > longMixed) {
              if (letters > longest) longest = letters;
              if (letters > 32) hash = beginning = longWord;
            } else mixed[mixedCount++] = count;
          }
          row = letters === 1 ? row + 1 : 0;
          if (row > single) single = row;
          word[count] = mix(hash);
          stem[count] = mix(beginning);
          from[count] = start;
          to[count] = at;
          sign[count++] = before;
          before = 0;
        }
        if (reading === blank) continue;
        if ((reading & ideograph) !== 0) {
          word[count] = stem[count] = mix(Math.imul(seed ^ (reading & 0xffff), prime));
          from[count] = at;
          to[count] = at + 1;
          sign[count++] = before;
          before = 0;
        } else if ((reading & structure) !== 0) before = reading & 0xff;
        else if ((reading & escape) !== 0) coded++;
        else if ((reading & rare) !== 0) break;
      }
      if (at < length) {
        if (isRewritten(text, at)) return false;
        // Of a pair both halves, and of a half alone nothing else: what stands behind it is read.
        if ((codes[at]! & 0xfc00) === 0xd800 && (codes[at + 1]! & 0xfc00) === 0xdc00) at++;
      }
    }
    for (let each = 0; each < mixedCount; each++) this.#readPlainer(mixed[each]!);
    this.count = count;
    this.longest = longest;
    this.single = single;
    this.coded = coded;
    return true;
  }

  /** Reads a word with figures once more, as the letters that they look like: "1gn0r3". */
  #readPlainer(unit: number): void {
    const readings = (made ??= makeReadings());
    const codes = this.#codes;
    const stop = this.to[unit]!;
    let hash = seed;
    let beginning = seed;
    let letters = 0;
    for (let at = this.from[unit]!; at < stop; at++) {
      const reading = readings[codes[at]!]!;
      if ((reading & anyLetter) === 0) continue;
      const letter = (reading & figure) !== 0 ? lookedLike[(reading & 0xffff) - 48]! : reading & 0xffff;
      hash = Math.imul(hash ^ letter, prime);
      if (++letters <= stemLetters) beginning = hash;
    }
    this.word[unit] = mix(hash);
    this.stem[unit] = mix(beginning);
  }
}

/** Of a word, so many letters make its stem. */
const stemLetters = 5;
/** Words with figures that are longer are no words. */
const longMixed = 15;

// What there is to know of a code unit in one look. Of letters the lower half is what they are read as, of signs their place.
const blank = 0;
const figure = 1 << 16;
const noFigure = 1 << 17;
const anyLetter = figure | noFigure;
const ideograph = 1 << 18;
const structure = 1 << 19;
const rare = 1 << 20;
/** Begins an escape: %, & and \\. */
const escape = 1 << 21;
const apostrophe = 1 << 22;
const unseen = 1 << 23;
const inside = anyLetter | apostrophe | unseen;

let made: Uint32Array | undefined;

function makeReadings(): Uint32Array {
  const { kind, folded } = folding();
  return Uint32Array.from(folded, (plain, unit) => {
    if (kind[unit] === LETTER) return plain | (plain < 58 ? figure : noFigure);
    if (kind[unit] === IDEOGRAPH) return plain | ideograph;
    if (kind[unit] === SIGN)
      return structure | (signPlaces.get(unit) ?? 0) | (apostrophes.includes(unit) ? apostrophe : 0);
    if (kind[unit] === INVISIBLE) return unseen;
    if (kind[unit] === RARE) return rare;
    return escapes.includes(unit) ? escape : blank;
  });
}

const codesOf = (characters: string): number[] => [...characters].map((character) => character.charCodeAt(0));
const apostrophes = codesOf("'’");
const escapes = codesOf('%&\\');

const seed = 0x811c9dc5 | 0; // FNV-1a
const prime = 0x01000193;
const shortNumber = 0x2545f491;
const longNumber = 0x5bd1e995;
const longWord = 0x1b873593;
/** The letters that digits stand for in "1gn0r3": o i z e a s g t b g. */
const lookedLike = [...'oizeasgtbg'].map((letter) => letter.charCodeAt(0));

/** MurmurHash3's finaliser: nearby hashes land far apart. */
export function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** Signs of one kind count as one: all opening quotes, all brackets that open, and so on. */
const signKinds = [
  '<',
  '>/',
  '[{【〈《',
  ']}】〉》',
  '#',
  '"“「『«‘',
  '”」』»’',
  "'`",
  ':：',
  '!！',
  '?？',
  '=|',
  '\n',
  '。',
];
const signPlaces = new Map(
  signKinds.flatMap((kind, index) => [...kind].map((sign) => [sign.charCodeAt(0), index + 1])),
);
