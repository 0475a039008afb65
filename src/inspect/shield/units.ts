// What the shield reads: words of letters, and single characters where a script is written without spaces.
import { folding, IDEOGRAPH, INVISIBLE, LETTER, RARE, SIGN } from './folding.ts';
import { isRewritten } from './plain-text.ts';

/** The most units that one slice can have. */
export const maxSlice = 16_384;

/** Reads slices of text one after the other into the same arrays: a scan makes no garbage. */
export class Units {
  count = 0;
  /** Invisible characters met, and words that mix scripts. */
  invisible = 0;
  /** Hashes: of the whole unit; of its first five letters, so that inflected forms meet. */
  readonly word = new Int32Array(maxSlice + 1);
  readonly stem = new Int32Array(maxSlice + 1);
  /** Positions in the text, in UTF-16 code units. */
  readonly from = new Uint32Array(maxSlice + 1);
  readonly to = new Uint32Array(maxSlice + 1);
  /** The sign right before the unit: 0 none, else its place in the table of signs. */
  readonly sign = new Uint8Array(maxSlice + 1);
  /** 1 where the unit is an ideograph, 2 where it is a word in capitals. */
  readonly form = new Uint8Array(maxSlice + 1);

  /** @returns false when the text has characters that `plainText` must rewrite first */
  read(text: string): boolean {
    const { kind, folded } = folding();
    const { word, stem, from, to, sign, form } = this;
    const { length } = text;
    let count = 0;
    let invisible = 0;
    let before = 0;
    for (let at = 0; at < length; ) {
      let unit = text.charCodeAt(at);
      switch (kind[unit]) {
        case LETTER: {
          const start = at;
          let hash = seed;
          let plainer = seed; // with digits read as the letters that they look like
          let beginning = seed;
          let letters = 0;
          let digits = 0;
          let small = 0;
          for (; at < length; at++) {
            unit = text.charCodeAt(at);
            const what = kind[unit]!;
            if (what === LETTER) {
              const letter = folded[unit]!;
              hash = Math.imul(hash ^ letter, prime);
              let read = letter;
              if (letter >= 48 && letter <= 57) {
                digits++;
                read = lookedLike[letter - 48]!;
              } else if (letter === unit) small++;
              plainer = Math.imul(plainer ^ read, prime);
              if (++letters === 5) beginning = plainer;
            } else if (what === INVISIBLE) invisible++;
            else if ((unit !== 39 && unit !== 0x2019) || kind[text.charCodeAt(at + 1)] !== LETTER) break; // don't
          }
          if (digits === letters) hash = plainer = beginning = digits > 4 ? longNumber : shortNumber;
          else if (letters > 32) hash = plainer = beginning = longWord;
          else if (letters < 5) beginning = plainer;
          if (digits > 0) hash = plainer;
          word[count] = mix(hash);
          stem[count] = mix(beginning);
          form[count] = small === 0 && letters > 2 && digits < letters ? 2 : 0;
          from[count] = start;
          to[count] = at;
          sign[count++] = before;
          before = 0;
          break;
        }
        case IDEOGRAPH:
          word[count] = stem[count] = mix(Math.imul(seed ^ folded[unit]!, prime));
          form[count] = 1;
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
          at++;
      }
    }
    this.count = count;
    this.invisible = invisible;
    return true;
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
const signKinds = ['<', '>/', '[{【〈《', ']}】〉》', '#', '"“「『«‘', '”」』»’', "'`", ':：', '!！', '?？', '=|', '\n', '。'];
const places = new Map(signKinds.flatMap((kind, index) => [...kind].map((sign) => [sign.charCodeAt(0), index + 1])));
const signPlace = (unit: number): number => places.get(unit) ?? 0;

