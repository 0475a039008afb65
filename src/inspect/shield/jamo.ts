// Hangul written as single letters (ㅈㅣㅅㅣ), put together into the syllables (지시) that they spell.

const leads = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
const vowels = 'ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ';
const tails = ' ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ';

const indexIn = (letters: string): ReadonlyMap<number, number> =>
  new Map([...letters].map((letter, index) => [letter.charCodeAt(0), index]));
const leadIndex = indexIn(leads);
const vowelIndex = indexIn(vowels);
const tailIndex = indexIn(tails);

/** A conjoining jamo as the compatibility letter that looks like it; anything else as it is. */
function letterOf(unit: number): number {
  if (unit >= 0x1100 && unit <= 0x1112) return leads.charCodeAt(unit - 0x1100);
  if (unit >= 0x1161 && unit <= 0x1175) return vowels.charCodeAt(unit - 0x1161);
  if (unit >= 0x11a8 && unit <= 0x11c2) return tails.charCodeAt(unit - 0x11a7);
  return unit;
}

/**
 * The syllable that begins at a position (The Unicode Standard §3.12, "Hangul Syllable Composition").
 * @returns its code unit and how many code units of the text it takes; undefined where no syllable begins
 */
export function syllableAt(text: string, at: number): { readonly unit: number; readonly length: number } | undefined {
  const lead = leadIndex.get(letterOf(text.charCodeAt(at)));
  const vowel = vowelIndex.get(letterOf(text.charCodeAt(at + 1)));
  if (lead === undefined || vowel === undefined) return undefined;
  const third = letterOf(text.charCodeAt(at + 2));
  // A consonant before a vowel begins the next syllable.
  const begins = leadIndex.has(third) && vowelIndex.has(letterOf(text.charCodeAt(at + 3)));
  const tail = begins ? undefined : tailIndex.get(third);
  const unit = 0xac00 + (lead * 21 + vowel) * 28 + (tail ?? 0);
  return { unit, length: tail === undefined ? 2 : 3 };
}
