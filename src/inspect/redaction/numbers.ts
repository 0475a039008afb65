// Numbers that belong to a person: cards, national numbers, passports, telephones. Check digits decide; where they are weak, words nearby.
import { alphanumeric, classAt, digit, upper } from './characters.ts';
import {
  fitsChineseResident,
  fitsKoreanResident,
  fitsLuhn,
  fitsMyNumber,
  fitsTaiwaneseId,
  isShortDay,
} from './check-digits.ts';
import { ibanEnd } from './ibans.ts';
import { maskButLast } from './masks.ts';
import { ofKoreanResident, ofMyNumber, ofPassport, ofPhone, speaksOf } from './nearby.ts';
import { isPhone, phoneForms } from './phones.ts';
import type { Report, Rule } from './rules.ts';

const maxDigits = 19;
const leastDigits = 9;

interface Candidate {
  readonly digits: string;
  /** Lengths of the groups, with commas. */
  readonly groups: string;
  readonly from: number;
  readonly to: number;
  /** A plus sign stands before it. */
  readonly international: boolean;
}

/** Lengths of groups that numbers are written in, each as one number, so that most phrases are told at a glance. */
const forms = new Set(
  ['6,7', '6,8,4', '6,8,3', '4,4,4', '4,4,4,4', '4,6,5', '4,6,4', '6,13', '8,8', '4,4,4,4,1', '4,4,4,4,2', '4,4,4,4,3']
    .concat([...phoneForms])
    .map((form) => form.split(',').reduce((sum, length) => sum * 20 + Number(length), 0)),
);

/**
 * Reports the number that begins with the digit at a place.
 * @returns where it ends, or the place itself
 */
export function findNumber(text: string, at: number, key: string, report: Report): number {
  const before = classAt(text, at - 1);
  if ((before & upper) !== 0) return findLettered(text, at, key, report);
  if (!hasEnough(text, at) || !opens(text, at)) return at;
  const first = !continues(text, at);
  const international = first && text[at - 1] === '+' && (classAt(text, at - 2) & alphanumeric) === 0;
  const groups: number[] = [];
  let [count, group, form, uniform] = [0, 0, 0, true];
  let best: { readonly to: number; readonly rule: Rule } | undefined;
  let end = at;
  // What a phrase of digits holds shows at the end of each of its groups.
  while (count <= maxDigits) {
    if ((classAt(text, end) & digit) !== 0) {
      count++;
      group++;
      end++;
      continue;
    }
    groups.push(group);
    form = form * 20 + group;
    uniform &&= group === groups[0] && group <= 2;
    // In the middle of a phrase of single digits nothing begins.
    if (!first && uniform && groups.length === 2) return at;
    group = 0;
    const next = nextGroup(text, end);
    const known = forms.has(form) || (next === end && ((uniform && first) || international || groups.length < 6));
    if (known && count >= leastDigits && closes(text, end)) {
      const digits = text.slice(at, end).replace(/\D/g, '');
      const rule = judge({ digits, groups: groups.join(), from: at, to: end, international }, text, key);
      if (rule !== undefined) best = { to: rule === 'cn-resident-id' && digits.length === 17 ? end + 1 : end, rule };
    }
    if (next === end) break;
    end = next;
  }
  if (best === undefined) return at;
  const from = best.rule === 'phone' && text[at - 1] === '+' ? at - 1 : at;
  report(from, best.to, best.rule, maskButLast(text.slice(from, best.to), keptAtEnd(best.rule)));
  return best.to;
}

// Cards and telephones are told apart by their last four digits; what is left of a national number would still say too much.
const keptAtEnd = (rule: Rule): number => (rule === 'card' || rule === 'phone' ? 4 : 0);

/** Whether the phrase of digits that begins there has as many as the shortest number: most do not. */
function hasEnough(text: string, at: number): boolean {
  let [count, gap] = [0, 0];
  for (let place = at; gap < 3 && count < leastDigits; place++) {
    const code = text.charCodeAt(place);
    if (code >= 48 && code <= 57) [count, gap] = [count + 1, 0];
    else if (code === 32 || code === 45 || code === 40 || code === 41 || code === 46) gap++;
    else break;
  }
  return count >= leastDigits;
}

/** Whether a digit stands in the middle of a phrase of digits. */
const continues = (text: string, at: number): boolean =>
  (classAt(text, at - 2) & digit) !== 0 || (classAt(text, at - 3) & digit) !== 0;

/** Numbers in names, identifiers and versions are parts of something else. */
function opens(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if (Number.isNaN(before)) return true;
  if ((classAt(text, at - 1) & alphanumeric) !== 0 || before === 95) return false;
  return !((before === 45 || before === 46) && (classAt(text, at - 2) & alphanumeric) !== 0);
}

function closes(text: string, at: number): boolean {
  const after = text.charCodeAt(at);
  if (Number.isNaN(after)) return true;
  if ((after | 32) === 120) return (classAt(text, at + 1) & alphanumeric) === 0; // the X of a Chinese number
  if ((classAt(text, at) & alphanumeric) !== 0 || after === 95) return false;
  if (after === 45) return (classAt(text, at + 1) & alphanumeric & ~digit) === 0;
  return true;
}

function nextGroup(text: string, end: number): number {
  for (let at = end; at < end + 3; at++) {
    if (at > end && (classAt(text, at) & digit) !== 0) return at;
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 45 && code !== 40 && code !== 41 && code !== 46) return end;
  }
  return end;
}

function judge({ digits, groups, from, to, international }: Candidate, text: string, key: string): Rule | undefined {
  const { length } = digits;
  const whole = !groups.includes(',');
  if (isCard(digits, groups)) return 'card';
  if (whole || groups === '6,8,4' || groups === '6,8,3') {
    const crossed = length === 17 && (text.charCodeAt(to) | 32) === 120;
    const number = crossed ? `${digits}X` : digits;
    if (number.length === 18 && isChineseResident(number)) return 'cn-resident-id';
  }
  if (text[to] !== undefined && (text.charCodeAt(to) | 32) === 120) return undefined;
  if (length === 13 && isShortDay(digits)) {
    if (groups === '6,7' || (whole && fitsKoreanResident(digits))) return 'kr-resident-number';
    if (whole && speaksOf(ofKoreanResident, text, from, key)) return 'kr-resident-number';
  }
  // Twelve digits are also accounts of AWS and much else, and one in eleven fits: printed in fours, or named.
  if (length === 12 && (whole || groups === '4,4,4') && fitsMyNumber(digits)) {
    if ((!whole && text[from + 4] === ' ') || speaksOf(ofMyNumber, text, from, key)) return 'my-number';
  }
  if (length === 9 && whole && speaksOf(ofPassport, text, from, key)) return 'passport';
  if (length > 15) return undefined;
  return isPhone(digits, groups, international, speaksOf(ofPhone, text, from, key)) ? 'phone' : undefined;
}

// ISO/IEC 7812-1: ranges of issuers. Random numbers of these lengths exist, so the form as printed counts, too.
const cards =
  /^(?:4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[689]\d)\d{11}|62\d{14,17})$/;
const cardGroups = /^(?:\d\d|4,4,4,4|4,6,5|4,6,4|6,13|4,4,4,4,[123]|8,8|1(?:,1)+|2(?:,2)+)$/;

const isCard = (digits: string, groups: string): boolean =>
  digits.length >= 14 && cardGroups.test(groups) && cards.test(digits) && fitsLuhn(digits) && !/^(\d)\1+$/.test(digits);

const isChineseResident = (number: string): boolean =>
  /^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91)\d{4}(?:19|20)\d{2}/.test(number) &&
  isShortDay(number.slice(8, 14)) &&
  fitsChineseResident(number);

/** Numbers that begin with letters: IBANs, identity cards of Taiwan, passports. */
function findLettered(text: string, at: number, key: string, report: Report): number {
  let from = at - 1;
  if ((classAt(text, from - 1) & upper) !== 0) from--;
  if ((classAt(text, from - 1) & alphanumeric) !== 0 || text[from - 1] === '_') return at;
  if (at - from === 2) {
    const end = ibanEnd(text, from);
    if (end > from) {
      report(from, end, 'iban', maskButLast(text.slice(from, end), 4, 2));
      return end;
    }
  }
  let end = at;
  while (end < at + 10 && (classAt(text, end) & alphanumeric) !== 0) end++;
  if ((classAt(text, end) & alphanumeric) !== 0 || text[end] === '_') return at;
  const number = text.slice(from, end);
  const rule =
    /^[A-Z][1289A-D]\d{8}$/.test(number) && fitsTaiwaneseId(number)
      ? 'tw-national-id'
      : // Japan and others, Korea before and since 2021, China and Taiwan.
        /^(?:[A-Z]{2}\d{7}|[A-Z]\d{7,8}|[A-Z]\d{3}[A-Z]\d{4})$/.test(number) && speaksOf(ofPassport, text, from, key)
        ? 'passport'
        : undefined;
  if (rule === undefined) return at;
  report(from, end, rule, maskButLast(number, 0));
  return end;
}
