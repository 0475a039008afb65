// IBANs: how long they are in each country (ISO 13616-1, registry of SWIFT), and whether their check digits fit.
import { classAt, digit, upper } from './characters.ts';
import { fitsMod97 } from './check-digits.ts';

const lengths = new Map<string, number>();
for (const [length, countries] of Object.entries({
  15: 'NO',
  16: 'BE',
  18: 'DK FI FK FO GL NL SD',
  19: 'MK SI',
  20: 'AT BA EE KZ LT LU MN XK',
  21: 'CH HR LI LV',
  22: 'BG BH CR DE GB GE IE ME RS VA',
  23: 'AE GI IL IQ OM SO TL',
  24: 'AD CZ ES MD PK RO SA SE SK TN VG',
  25: 'LY PT ST',
  26: 'IS TR',
  27: 'BI DJ FR GR IT MC MR SM',
  28: 'AL AZ BY CY DO GT HN HU LB NI PL SV',
  29: 'BR EG PS QA UA',
  30: 'JO KW MU',
  31: 'MT SC',
  32: 'LC',
  33: 'RU',
}))
  for (const country of countries.split(' ')) lengths.set(country, Number(length));

/** @param at where the country stands @returns the end of the IBAN that begins there, or the place itself */
export function ibanEnd(text: string, at: number): number {
  const length = lengths.get(text.slice(at, at + 2));
  if (length === undefined) return at;
  let [account, end] = ['', at];
  // In print there is a blank after every four.
  for (; account.length < length; end++) {
    const character = text[end];
    if ((classAt(text, end) & (digit | upper)) !== 0) account += character;
    else if (character !== ' ' || account.length % 4 !== 0 || account.length === 0) return at;
  }
  return (classAt(text, end) & 7) === 0 && fitsMod97(account) ? end : at;
}
