// What the shield reads: words of letters, and single characters where a script is written without spaces.
import { FIGURE, folding, IDEOGRAPH, INVISIBLE, LETTER, NO_FIGURE, RARE, SIGN, SPACE } from './folding.ts';
import { isRewritten } from './plain-text.ts';

/** The most code units that one slice can have; of a longer text the rest is not read. */
export const maxSlice = 16_384;

/** Reads slices of text one after the other into the same arrays: a scan makes no garbage. */
export class Units {
  count = 0;
  /** What hints at text in other clothes: invisible characters, letters in the longest word, the most words of one letter in a row, and %, & or \\. */
  invisible = 0;
  longest = 0;
  single = 0;
  coded = 0;
  readonly #bytes = Buffer.alloc(2 * maxSlice);
  readonly #codes = new Uint16Array(this.#bytes.buffer, this.#bytes.byteOffset, maxSlice);
  /** Hashes: of the whole unit; of its first five letters, so that inflected forms meet. */
  readonly word = new Int32Array(maxSlice + 1);
  readonly stem = new Int32Array(maxSlice + 1);
  /** Positions in the text, in UTF-16 code units. */
  readonly from = new Uint32Array(maxSlice + 1);
  readonly to = new Uint32Array(maxSlice + 1);
  /** The sign right before the unit: 0 none, else its place in the table of signs. */
  readonly sign = new Uint8Array(maxSlice + 1);
  /** @returns false when the text has characters that `plainText` must rewrite first */
  read(text: string): boolean {
    const { kind, folded, letter } = folding();
    const { word, stem, from, to, sign } = this;
    const codes = this.#codes;
    // One copy, then no more looking at how the engine keeps the string.
    const length = this.#bytes.write(text, 'utf16le') >> 1;
    let count = 0;
    let invisible = 0;
    let before = 0;
    let longest = 0;
    let single = 0;
    let row = 0;
    let coded = 0;
    for (let at = 0; at < length;) {
      let unit = codes[at]!;
      switch (kind[unit]) {
        case LETTER: {
          const start = at;
          let hash = seed;
          let beginning = 0;
          let letters = 0;
          let seen = 0;
          for (; at < length; at++) {
            const found = letter[codes[at]!]!;
            if (found !== 0) {
              seen |= found;
              hash = Math.imul(hash ^ (found & 0xffff), prime);
              if (++letters === 5) beginning = hash;
              continue;
            }
            unit = codes[at]!;
            if (kind[unit] === INVISIBLE) invisible++;
            else if ((unit !== 39 && unit !== 0x2019) || (at + 1 < length ? kind[codes[at + 1]!] : SPACE) !== LETTER)
              break; // don't
          }
          if ((seen & NO_FIGURE) === 0) hash = beginning = letters > 4 ? longNumber : shortNumber;
          else if (letters > 15) {
            longest = Math.max(longest, letters);
            if (letters > 32) hash = beginning = longWord;
          } else if ((seen & FIGURE) !== 0) {
            hash = this.#plainer(text, start, at);
            beginning = this.#beginning;
          } else if (letters < 5) {
            beginning = hash;
          }
          row = letters === 1 ? row + 1 : 0;
          if (row > single) single = row;
          word[count] = mix(hash);
          stem[count] = hash === beginning ? word[count]! : mix(beginning);
          from[count] = start;
          to[count] = at;
          sign[count++] = before;
          before = 0;
          break;
        }
        case IDEOGRAPH:
          word[count] = stem[count] = mix(Math.imul(seed ^ folded[unit]!, prime));
          from[count] = at;
          to[count] = ++at;
          sign[count++] = before;
          before = 0;
          break;
        case SIGN:
          before = signPlace(unit);
          at++;
          break;
        case INVISIBLE:
          invisible++;
          at++;
          break;
        case RARE:
          if (isRewritten(text, at)) return false;
          at += unit >= 0xd800 && unit < 0xdc00 ? 2 : 1;
          break;
        default:
          if (unit === 37 || unit === 38 || unit === 92) coded++; // % & \
          at++;
      }
    }
    this.count = count;
    this.invisible = invisible;
    this.longest = longest;
    this.single = single;
    this.coded = coded;
    return true;
  }

  #beginning = 0;

  /** The hash of a word with digits, which are read as the letters that they look like: "1gn0r3". */
  #plainer(text: string, start: number, stop: number): number {
    const { kind, folded } = folding();
    let hash = seed;
    let letters = 0;
    for (let at = start; at < stop; at++) {
      const unit = text.charCodeAt(at);
      if (kind[unit] !== LETTER) continue;
      const letter = folded[unit]!;
      hash = Math.imul(hash ^ (letter >= 48 && letter < 58 ? lookedLike[letter - 48]! : letter), prime);
      if (++letters === 5) this.#beginning = hash;
    }
    if (letters < 5) this.#beginning = hash;
    return hash;
  }
}

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
const places = new Map(signKinds.flatMap((kind, index) => [...kind].map((sign) => [sign.charCodeAt(0), index + 1])));
const signPlace = (unit: number): number => places.get(unit) ?? 0;
