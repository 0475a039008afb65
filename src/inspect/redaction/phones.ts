// Telephone numbers as they are written in Japan, Korea, Taiwan and China, and anywhere with a country code.

/** Lengths of groups, with commas. */
export const phoneForms: ReadonlySet<string> = new Set([
  '3,4,4',
  '2,4,4',
  '3,3,4',
  '4,2,4',
  '5,1,4',
  '2,3,4',
  '4,3,3',
  '4,6',
  '3,8',
  '4,7',
  '4,8',
]);

/**
 * @param groups lengths of the groups of digits, with commas
 * @param named whether a word before it says that it is one
 */
export function isPhone(digits: string, groups: string, international: boolean, named: boolean): boolean {
  // ITU-T E.164 §6.2.1: at most 15 digits, and no country code begins with 0.
  if (international) return /^[1-9]\d{7,14}$/.test(digits) && (digits.length >= 10 || groups.includes(','));
  if (named && /^\d{8,12}$/.test(digits)) return groups.includes(',') || /^[01]/.test(digits);
  // Free and shared-cost numbers belong to companies.
  if (/^(?:0120|0800|0570|0990)/.test(digits)) return false;
  if (!groups.includes(',')) return /^(?:0[789]0\d{8}|01[016789]\d{7,8}|1[3-9]\d{9})$/.test(digits);
  if (!phoneForms.has(groups)) return false;
  return /^(?:0\d{8,11}|1[3-9]\d{9})$/.test(digits);
}
