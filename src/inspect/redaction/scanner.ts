// One pass over a text that calls the detectors where, and only where, two characters say that something may be there.
import { findBotToken, findEmail, findJwt, findTravelDocument, findUrlPassword } from './addresses.ts';
import { findAssigned, findOption } from './assignments.ts';
import { alphanumeric, base64, classes, digit } from './characters.ts';
import { findAnnotatedKey, findClientSecret, findKeyByForm, findSignature } from './keys-by-form.ts';
import { findNumber } from './numbers.ts';
import { findPrefixed, pairOf } from './prefixes.ts';
import { createKeyFinder, findPuttyKey } from './private-keys.ts';
import type { Report } from './rules.ts';
import { tokenPrefix } from './token-form.ts';

export interface ScanNeighbours {
  /** Name of the member that the text is the value of, or ''. */
  readonly key: string;
  readonly report: Report;
  /** Told of every run of base64 that may hold a text. */
  readonly onRun: (from: number, to: number) => void;
  /** Told of every character that another reading would undo. */
  readonly onVeil: (at: number) => void;
}

/** Runs of base64 shorter than that hold no secret that the rules would know. */
const leastRun = 20;

type Detector = (text: string, at: number, report: Report) => number | void;

/** What two characters may begin, besides a prefix. */
const detectors = new Map<number, Detector>();
/** By two characters: which prefixes may begin, and whether a detector looks. */
const triggers = new Uint8Array(128 * 128);
const prefixBits = 0x7f;
const detectorBit = 0x80;

const pairCode = (two: string): number => (two.charCodeAt(0) << 7) | two.charCodeAt(1);
const looks: Record<string, Detector> = {
  '--': (text, at, report) => (text[at - 1] === '-' || text[at + 2] === '-' ? undefined : findOption(text, at, report)),
  Pr: (text, at, report) => (text.startsWith('Private-Lines:', at) ? findPuttyKey(text, at, report) : undefined),
  JQ: (text, at, report) => (text.startsWith('JQQJ9', at) ? findAnnotatedKey(text, at, report) : undefined),
  'Q~': findClientSecret,
  si: (text, at, report) => (text.startsWith('sig=', at) ? findSignature(text, at, report) : undefined),
  ey: (text, at, report) => (text.startsWith('eyJ', at) ? findJwt(text, at, report) : undefined),
  'P<': findTravelDocument,
};
for (const [two, look] of Object.entries(looks)) detectors.set(pairCode(two), look);
for (let pair = 0; pair < triggers.length; pair++)
  triggers[pair] = pairOf(pair) | (detectors.has(pair) ? detectorBit : 0);

/** The most characters that are copied at once. */
const portion = 16_384;

/** Copies of a part of a text, in which characters are looked at much faster. What is found may hold a text that is scanned in between. */
const spare: { readonly bytes: Buffer; readonly codes: Uint16Array }[] = [];

function createCopy(): (typeof spare)[number] {
  const codes = new Uint16Array(portion);
  return { bytes: Buffer.from(codes.buffer), codes };
}

export function scan(text: string, neighbours: ScanNeighbours): void {
  const copy = spare.pop() ?? createCopy();
  try {
    scanWith(copy, text, neighbours);
  } finally {
    spare.push(copy);
  }
}

function scanWith(
  { bytes, codes }: (typeof spare)[number],
  text: string,
  { key, report, onRun, onVeil }: ScanNeighbours,
): void {
  const findKey = createKeyFinder(text, report);
  const { length } = text;
  let run = 0; // where the run of base64 began that ends here, were this no base64
  let numbersFrom = 0;
  let secretsFrom = 0;
  let namesFrom = 0;
  let awsKeyAt = -1;
  let before = 32;

  for (let at = 0, copied = 0, stop = 0; at < length; at++) {
    if (at === stop) {
      copied = at;
      stop = Math.min(length, at + portion);
      bytes.write(text.slice(at, stop), 'utf16le');
    }
    // To the next place where something may begin. No calls in this loop: the engine makes it much faster then.
    let kind = 0;
    for (; at < stop; at++) {
      kind = kinds[codes[at - copied]!]!;
      const step = steps[(before << 8) | kind]!;
      if (step > outside || (step === outside && at - run >= leastRun)) break;
      if (step === outside) run = at + 1;
      before = kind;
    }
    if (at === stop) {
      at--; // more is copied first
      continue;
    }

    const flags = kind < 128 ? classes[kind]! : 0;
    const flagsBefore = before < 128 ? classes[before]! : 0;
    if ((flags & base64) === 0) {
      if (run < at) endRun(text, run, at, awsKeyAt, report, onRun);
      run = at + 1;
    }
    if (kind > 127) {
      const code = text.charCodeAt(at);
      if (isVeil(code, flagsBefore)) onVeil(at);
      if (isParticle(code) && at >= namesFrom) namesFrom = findAssigned(text, at, report);
      before = kind;
      continue;
    }
    if ((flags & digit) !== 0) {
      if ((flagsBefore & digit) === 0) {
        if (before === 37) onVeil(at); // a percent sign before a digit: `%2B`
        if (at >= numbersFrom) numbersFrom = findNumber(text, at, key, report);
      }
    } else if (kind === 58) {
      if (text.charCodeAt(at + 1) === 47 && text.charCodeAt(at + 2) === 47) findUrlPassword(text, at, report);
      else if ((flagsBefore & digit) !== 0 && text.startsWith('AA', at + 1)) findBotToken(text, at, report);
      else if (at >= namesFrom) namesFrom = findAssigned(text, at, report);
    } else if (kind === 61) {
      if (at >= namesFrom && before !== 61 && before !== 33) namesFrom = findAssigned(text, at, report);
    } else if (kind === 64) {
      if ((flagsBefore & alphanumeric) !== 0) findEmail(text, at, report);
    } else if (kind === 92 || kind === 38 || kind === 0) {
      if (kind === 0 || beginsEscape(kind, text.charCodeAt(at + 1))) onVeil(at);
    }
    const pair = (before << 7) | kind;
    const trigger = before < 128 ? triggers[pair]! : 0;
    if (trigger !== 0 && at > secretsFrom) {
      const begin = at - 1;
      if ((trigger & prefixBits) !== 0) {
        const end = findPrefixed(text, begin, trigger & prefixBits, report);
        if (end > begin) {
          secretsFrom = end;
          if (text.startsWith('KIA', begin + 1)) awsKeyAt = begin;
        }
      }
      if (trigger >= detectorBit) {
        // Dashes are most often a line; keys begin with exactly as many.
        const end =
          kind === 45 && text.charCodeAt(at + 1) === 45
            ? before === 45 && text.charCodeAt(begin - 1) !== 45
              ? findKey(begin)
              : 0
            : detectors.get(pair)!(text, begin, report);
        if (typeof end === 'number' && end > secretsFrom) secretsFrom = end;
      }
    }
    before = kind;
  }
  if (run < length) endRun(text, run, length, awsKeyAt, report, onRun);
}

function endRun(
  text: string,
  from: number,
  to: number,
  awsKeyAt: number,
  report: Report,
  onRun: ScanNeighbours['onRun'],
): void {
  const length = to - from;
  if (length < leastRun || text.startsWith(tokenPrefix, from)) return;
  if (length < 40 || !findKeyByForm(text, from, to, awsKeyAt, report)) onRun(from, to);
}

/** `\n`, `\u0041`, `\"`; `&#64;`, `&amp;` */
const beginsEscape = (code: number, next: number): boolean =>
  code === 38 ? next === 35 || ((next | 32) >= 97 && (next | 32) <= 122) : next < 128 && escaping[next] === 1;
const escaping = new Uint8Array(128);
for (const character of 'nrtbfux"\'/\\') escaping[character.charCodeAt(0)] = 1;

/** `：`, `＝`, and what stands between a name and its value in a sentence: は, 是, 은, 는, 为, 為. */
const isParticle = (code: number): boolean =>
  code === 0xff1a ||
  code === 0xff1d ||
  code === 0x306f ||
  code === 0x662f ||
  code === 0xc740 ||
  code === 0xb294 ||
  code === 0x4e3a ||
  code === 0x70ba;

/** What is invisible, full-width letters and digits; blanks and hyphens of other kinds only after digits, since prose has them. */
function isVeil(code: number, flagsBefore: number): boolean {
  if (code >= 0x3001 && code < 0xfeff) return false;
  if (code >= 0xff10) return code <= 0xff5a && (code <= 0xff19 || (code >= 0xff20 && code <= 0xff3a) || code >= 0xff41);
  if (code === 0xad || (code >= 0x200b && code <= 0x200f) || code === 0x2060 || code === 0xfeff) return true;
  if ((flagsBefore & digit) === 0) return false;
  return (code >= 0x2010 && code <= 0x2015) || code === 0x2212 || code === 0x3000 || code === 0xff0d || code === 0xa0;
}

/** Of each character: itself in ASCII, else whether it may be a veil or a particle. */
const [strange, foreign] = [128, 129];
const kinds = Uint8Array.from({ length: 0x10000 }, (_, code) =>
  code < 128 ? code : isVeil(code, digit) || isParticle(code) ? strange : foreign,
);

/** By two kinds, what the second is after the first: in a run of base64, outside of one, or a place to look at. */
const [inside, outside, place] = [0, 1, 2];
const steps = new Uint8Array(130 << 8);
for (let before = 0; before < 130; before++)
  for (let kind = 0; kind < 130; kind++) {
    const flags = classes[kind] ?? 0;
    const beginsNumber = (flags & digit) !== 0 && ((classes[before] ?? 0) & digit) === 0;
    const triggered = before < 128 && kind < 128 && triggers[(before << 7) | kind] !== 0;
    const looked = kind === strange || beginsNumber || triggered || ':=@\\&\0'.includes(String.fromCharCode(kind));
    steps[(before << 8) | kind] = looked ? place : (flags & base64) !== 0 ? inside : outside;
  }
