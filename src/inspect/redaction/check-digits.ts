// The arithmetic of check digits and dates in numbers that identify people, cards and accounts.

const value = (digits: string, at: number): number => digits.charCodeAt(at) - 48;

function weigh(digits: string, weights: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < weights.length; at++) sum += value(digits, at) * weights[at]!;
  return sum;
}

/** ISO/IEC 7812-1 annex B. */
export function fitsLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, twice = false; at >= 0; at--, twice = !twice) {
    const plain = value(digits, at);
    sum += twice ? (plain > 4 ? plain * 2 - 9 : plain * 2) : plain;
  }
  return sum % 10 === 0;
}

/** ISO 13616-1: the country and its check digits go to the end, letters count 10 to 35, and the remainder is 1. */
export function fitsMod97(account: string): boolean {
  let remainder = 0;
  for (const character of account.slice(4) + account.slice(0, 4)) {
    const number = parseInt(character, 36);
    remainder = (remainder * (number > 9 ? 100 : 10) + number) % 97;
  }
  return remainder === 1;
}

const myNumberWeights = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

/** Ordinance of the Ministry of Internal Affairs and Communications no. 85 of 2014, article 5. */
export function fitsMyNumber(digits: string): boolean {
  const remainder = weigh(digits, myNumberWeights) % 11;
  return value(digits, 11) === (remainder <= 1 ? 0 : 11 - remainder);
}

const koreanWeights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];

/** Numbers given before October 2020; foreigners' have 2 added. Those given since have no check digit. */
export function fitsKoreanResident(digits: string): boolean {
  const check = (11 - (weigh(digits, koreanWeights) % 11)) % 10;
  const foreign = value(digits, 6) >= 5 && value(digits, 6) <= 8;
  return value(digits, 12) === check || (foreign && value(digits, 12) === (check + 2) % 10);
}

const chineseWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** GB 11643-1999, ISO 7064 MOD 11-2. */
export const fitsChineseResident = (number: string): boolean =>
  number[17] === '10X98765432'[weigh(number, chineseWeights) % 11];

// The letter of a place counts as two digits, in the order that letters were given out.
const places = 'ABCDEFGHJKLMNPQRSTUVXYWZIO';

/** Identity cards of Taiwan and its residence certificates, of both forms: letters count by their last digit in second place. */
export function fitsTaiwaneseId(number: string): boolean {
  const place = places.indexOf(number[0]!) + 10;
  const second = number.charCodeAt(1) > 64 ? (places.indexOf(number[1]!) + 10) % 10 : value(number, 1);
  let sum = Math.floor(place / 10) + (place % 10) * 9 + second * 8 + value(number, 9);
  for (let at = 2; at < 9; at++) sum += value(number, at) * (9 - at);
  return sum % 10 === 0;
}

/** ICAO Doc 9303-3 §4.9: weights 7, 3, 1; letters count 10 to 35, `<` counts nothing. */
export function fitsTravelDocument(field: string, check: string): boolean {
  let sum = 0;
  for (let at = 0; at < field.length; at++) {
    const number = field[at] === '<' ? 0 : parseInt(field[at]!, 36);
    sum += number * [7, 3, 1][at % 3]!;
  }
  return String(sum % 10) === check || (check === '<' && sum === 0);
}

/** Whether six digits are a day, the year without its century. */
export function isShortDay(digits: string): boolean {
  const [month, day] = [Number(digits.slice(2, 4)), Number(digits.slice(4, 6))];
  return month >= 1 && month <= 12 && day >= 1 && day <= [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!;
}
