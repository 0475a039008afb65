// Hangul written as single letters (ㅈㅣㅅㅣ), put together into the syllables (지시) that they spell.

const leads = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
const vowels = 'ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ';
const tails = ' ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ';

/** By code unit, the place of a letter among some; -1 where it is none of them. */
function indexIn(letters: string): Int8Array {
  const places = new Int8Array(0x3200).fill(-1);
  for (const [index, letter] of [...letters].entries()) places[letter.charCodeAt(0)] = index;
  return places;
}
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
  const lead = leadIndex[letterOf(text.charCodeAt(at))] ?? -1;
  if (lead < 0) return undefined;
  const vowel = vowelIndex[letterOf(text.charCodeAt(at + 1))] ?? -1;
  if (vowel < 0) return undefined;
  const third = letterOf(text.charCodeAt(at + 2));
  // A consonant before a vowel begins the next syllable.
  const begins = (leadIndex[third] ?? -1) >= 0 && (vowelIndex[letterOf(text.charCodeAt(at + 3))] ?? -1) >= 0;
  const tail = begins ? 0 : Math.max(0, tailIndex[third] ?? 0);
  return { unit: 0xac00 + (lead * 21 + vowel) * 28 + tail, length: tail === 0 ? 2 : 3 };
}
