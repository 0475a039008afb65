// Numbers, times and the literals that name their type: `5m`, `0x1F`, `datetime(2026-01-31)`, `long(null)`, `typeof(string)`.
import { KqlError } from '../problem.ts';
import { readBool, readDatetime, readGuid, readLong, readReal, readTimespan, unitsMs } from '../read-value.ts';
import type { KqlType, Value } from '../values.ts';
import { typeNames } from './words.ts';

export interface LiteralValue {
  readonly type: KqlType;
  readonly value?: Value;
}

const readers: Readonly<Partial<Record<KqlType, (text: string) => Value>>> = {
  bool: readBool,
  int: readInt,
  long: readLong,
  real: readReal,
  decimal: readReal,
  datetime: readDatetime,
  timespan: readTimespan,
  guid: readGuid,
};

const examples: Readonly<Partial<Record<KqlType, string>>> = {
  bool: 'bool(true)',
  int: 'int(5)',
  long: 'long(5)',
  real: 'real(0.5)',
  decimal: 'decimal(0.5)',
  datetime: 'datetime(2026-01-31 13:00)',
  timespan: 'timespan(1.02:03:04) or timespan(5m)',
  guid: 'guid(74be27de-1e4e-49d9-b579-fe0b331d3642)',
};

function readInt(text: string): number | null {
  const value = readLong(text);
  return value !== null && value >= -(2 ** 31) && value < 2 ** 31 ? value : null;
}

/**
 * Reads `type(…)` whose parenthesis has just been opened.
 * @returns undefined where the word names no type that is written so
 */
export function readGoo(
  query: string,
  begin: number,
  word: string,
  open: number,
): { readonly literal: LiteralValue; readonly to: number } | undefined {
  const type = typeNames.get(word);
  if (word !== 'typeof' && (type === undefined || readers[type] === undefined)) return undefined;
  const close = query.indexOf(')', open);
  if (close === -1) {
    throw new KqlError('syntax', `expected ')' to end '${word}('`, { from: begin, to: query.length });
  }
  const written = query.slice(open, close).trim();
  const place = { from: begin, to: close + 1 };
  if (word === 'typeof') {
    const named = typeNames.get(written);
    if (named === undefined) {
      throw new KqlError('type', `'${written.slice(0, 40)}' is no type; types are: ${[...new Set(typeNames.values())].join(', ')}`, place); // prettier-ignore
    }
    return { literal: { type: named }, to: close + 1 };
  }
  if (written === 'null') return { literal: { type: type!, value: null }, to: close + 1 };
  const value = readers[type!]!(unquoted(written));
  if (value === null) throw new KqlError('type', `this is no ${type}; write it like ${examples[type!]}`, place);
  return { literal: { type: type!, value }, to: close + 1 };
}

function unquoted(text: string): string {
  const quote = text[0];
  return text.length > 1 && (quote === '"' || quote === "'") && text.endsWith(quote) ? text.slice(1, -1) : text;
}

/** Reads a number or a time with its unit; without a type it is a name that begins with digits. */
export function readNumber(
  query: string,
  begin: number,
  wordEnd: number,
): { readonly literal?: LiteralValue; readonly to: number } {
  let digitsEnd = begin;
  while (isDigit(query[digitsEnd])) digitsEnd++;
  // `1..5` is a range of two whole numbers.
  const hasFraction = digitsEnd === wordEnd && query[digitsEnd] === '.' && query[digitsEnd + 1] !== '.';
  let end = digitsEnd;
  if (hasFraction) for (end++; isDigit(query[end]);) end++;
  let tailEnd = end;
  while (tailEnd < query.length && /[A-Za-z0-9_]/.test(query[tailEnd]!)) tailEnd++;
  const tail = query.slice(end, tailEnd);
  const text = query.slice(begin, end);

  if (/^[eE]$/.test(tail) && /^[+-]$/.test(query[tailEnd] ?? '') && isDigit(query[tailEnd + 1])) {
    let to = tailEnd + 1;
    while (isDigit(query[to])) to++;
    return real(query.slice(begin, to), begin, to);
  }
  if (/^[eE]\d+$/.test(tail)) return real(text + tail, begin, tailEnd);
  if (unitsMs.has(tail)) {
    const value = readTimespan(text.replace(/\.$/, '') + tail);
    if (value === null) throw tooLarge(begin, tailEnd);
    return { literal: { type: 'timespan', value }, to: tailEnd };
  }
  if (hasFraction) return real(text, begin, end);
  const whole = text + tail;
  if (tail !== '' && !/^0[xX][0-9a-fA-F]+$/.test(whole)) return { to: tailEnd };
  const value = readLong(whole);
  if (value === null) throw tooLarge(begin, tailEnd);
  return { literal: { type: 'long', value }, to: tailEnd };
}

function real(text: string, from: number, to: number): { readonly literal: LiteralValue; readonly to: number } {
  const value = readReal(text);
  if (value === null) throw tooLarge(from, to);
  return { literal: { type: 'real', value }, to };
}

function tooLarge(from: number, to: number): KqlError {
  return new KqlError('type', 'this number does not fit; a long has 64 bits', { from, to });
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}
