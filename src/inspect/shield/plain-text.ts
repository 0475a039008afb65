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
  const parts: string[] = [];
  const origins: number[] = [];
  let hidden = '';
  const put = (plain: string, from: number): void => {
    parts.push(plain);
    for (let each = 0; each < plain.length; each++) origins.push(from);
  };
  for (let at = 0; at < given.length;) {
    const unit = given.charCodeAt(at);
    if (kind[unit] !== RARE) {
      parts.push(given[at]!);
      origins.push(at++);
      continue;
    }
    const syllable = syllableAt(given, at);
    if (syllable !== undefined) {
      put(String.fromCharCode(syllable.unit), at);
      at += syllable.length;
      continue;
    }
    const point = given.codePointAt(at)!;
    const length = point > 0xffff ? 2 : 1;
    if (point >= 0xe0000 && point <= 0xe0fff) {
      if (point >= 0xe0020 && point <= 0xe007e) hidden += String.fromCharCode(point - 0xe0000);
    } else if (isKanaMark(unit)) {
      const voiced = ((parts.at(-1) ?? '') + (unit === 0x3099 || unit === 0xff9e ? '\u3099' : '\u309a')).normalize(
        'NFKC',
      );
      if (voiced.length === 1) parts[parts.length - 1] = voiced;
    } else {
      const plain = String.fromCodePoint(point)
        .normalize('NFKD')
        .replace(/\p{Mn}/gu, '')
        .normalize('NFKC')
        .toLowerCase();
      put(plain.length <= 18 && plain !== String.fromCodePoint(point) ? plain : ' ', at);
    }
    at += length;
  }
  origins.push(given.length);
  return { text: parts.join(''), origin: Uint32Array.from(origins), hidden };
}

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
