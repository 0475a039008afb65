// A text whose unusual characters are written in the usual way, and where each character stood before.
import { folding, RARE } from './folding.ts';
import { syllableAt } from './jamo.ts';

export interface PlainText {
  readonly text: string;
  /** For each code unit of `text`, and one past its end: where it came from. */
  readonly origin: Uint32Array;
  /** What invisible tag characters spell (Unicode §23.9): nobody sees it, a model reads it. */
  readonly hidden: string;
}

/** Rewrites mathematical letters, ligatures, enclosed letters, single jamo, kana marks and tag characters. */
export function plainText(given: string): PlainText {
  const { kind } = folding();
  // Letters that stand for a whole sentence (U+FDFA) grow eighteenfold.
  let units = new Uint16Array(given.length + 64);
  let origin = new Uint32Array(given.length + 64);
  let length = 0;
  let hidden = '';
  const put = (unit: number, from: number): void => {
    if (length + 1 >= units.length) {
      const [shorter, before] = [units, origin];
      units = new Uint16Array(2 * length);
      origin = new Uint32Array(2 * length);
      units.set(shorter);
      origin.set(before);
    }
    units[length] = unit;
    origin[length++] = from;
  };
  for (let at = 0; at < given.length;) {
    const unit = given.charCodeAt(at);
    const syllable = kind[unit] === RARE ? syllableAt(given, at) : undefined;
    if (kind[unit] !== RARE) put(unit, at++);
    else if (syllable !== undefined) {
      put(syllable.unit, at);
      at += syllable.length;
    } else {
      const point = given.codePointAt(at)!;
      if (point >= 0xe0000 && point <= 0xe0fff) {
        if (point >= 0xe0020 && point <= 0xe007e) hidden += String.fromCharCode(point - 0xe0000);
      } else if (isKanaMark(unit)) {
        const mark = unit === 0x3099 || unit === 0xff9e ? '\u3099' : '\u309a';
        const voiced = length === 0 ? '' : (String.fromCharCode(units[length - 1]!) + mark).normalize('NFKC');
        if (voiced.length === 1) units[length - 1] = voiced.charCodeAt(0);
      } else
        for (const plain of usual(point)) {
          const written = plain.charCodeAt(0);
          // The reader of units would stop there once more: ㅋ alone is usually written U+110F.
          put(kind[written] === RARE ? 32 : written, at);
        }
      at += point > 0xffff ? 2 : 1;
    }
  }
  origin[length] = given.length;
  return { text: textOf(units.subarray(0, length)), origin: origin.subarray(0, length + 1), hidden };
}

/** What a character is without its form and its accents; a blank where it has no other. */
function usual(point: number): string {
  const given = String.fromCodePoint(point);
  const plain = given
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .normalize('NFKC')
    .toLowerCase();
  return plain.length <= 18 && plain !== given && !/[\ud800-\udfff]/.test(plain) ? plain : ' ';
}

const textOf = (units: Uint16Array): string =>
  Buffer.from(units.buffer, units.byteOffset, units.byteLength).toString('utf16le');

const isKanaMark = (unit: number): boolean => unit === 0x3099 || unit === 0x309a || unit === 0xff9e || unit === 0xff9f;

/** Whether a code unit that is `RARE` reads otherwise once it is rewritten; emoji do not. */
export function isRewritten(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < 0xd800 || unit > 0xdfff) return true;
  const point = text.codePointAt(at)!;
  return (
    (point >= 0x1d400 && point <= 0x1d7ff) ||
    (point >= 0x1f100 && point <= 0x1f1ff) ||
    (point >= 0xe0000 && point <= 0xe0fff)
  );
}
