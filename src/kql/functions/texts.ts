// Functions of texts: joining, cutting, replacing, counting.
import { spend, stepsThrough } from '../effort.ts';
import { refuseLongSearch } from '../expressions/search.ts';
import { hasTerm } from '../expressions/terms.ts';
import { foldCase } from '../expressions/texts.ts';
import { isArray } from '../json.ts';
import type { Place } from '../nodes.ts';
import type { KqlType, Value } from '../values.ts';
import { maxValueBytes, tooLarge } from '../value-size.ts';
import { writeDynamic } from '../write-value.ts';
import { lengthOf, part, placeOf, reversed, unitOf, written } from './characters.ts';
import { define, prepare } from './define.ts';
import type { Binder } from './define.ts';

/** Most repetitions that Kusto makes (documentation of `strrep`). */
const maxRepetitions = 1024;
const grows = { grows: true };

function substring(text: string, start: number, length?: number): string {
  const size = lengthOf(text);
  const from = start < 0 ? Math.max(0, size + start) : start;
  if (length === undefined) return part(text, from, size);
  return length <= 0 ? '' : part(text, from, from + length);
}

/**
 * A negative start counts from the end. A match lies within `length` characters of where it was looked for: of the start, or for
 * a later occurrence of the character after the one before (documentation of `indexof`, ninth example).
 */
function indexOf(text: string, wanted: string, start = 0, length = -1, occurrence = 1): number | null {
  if (length < -1 || occurrence < 1) return null;
  const size = lengthOf(text);
  let from = unitOf(text, start < 0 ? Math.max(0, size + start) : start);
  for (;;) {
    const at = text.indexOf(wanted, from);
    if (at === -1 || (length !== -1 && lengthOf(text.slice(from, at + wanted.length)) > length)) return -1;
    if (--occurrence === 0 || wanted === '') return placeOf(text, at);
    spend(length === -1 ? 1 : 1 + ((at - from) >> 2));
    from = at + 1;
  }
}

function split(text: string, delimiter: string, index?: number): Value {
  const parts = delimiter === '' ? [text] : text.split(delimiter);
  if (index === undefined) return parts;
  const found = parts.at(index);
  return found === undefined || index < 0 ? null : [found];
}

/** Plain matches may overlap (documentation of `countof`). */
function countPlain(text: string, wanted: string): number {
  if (wanted === '') return 0;
  let count = 0;
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    spend(1);
    count++;
  }
  return count;
}

/** A function that looks for its second text in its first. */
function searching(
  written: string,
  returns: KqlType,
  compute: (text: string, wanted: string, ...rest: number[]) => Value,
): Binder {
  return prepare(
    written,
    returns,
    (_, place) =>
      (text: string, wanted: string, ...rest: number[]) => {
        refuseLongSearch(text, wanted, place);
        return compute(text, wanted, ...rest);
      },
    grows,
  );
}

/** `countof` of a plain text. */
export const countOfText: Binder = searching('string, string', 'long', countPlain);

const strrep: Binder = prepare(
  'printed, integer, printed?',
  'string',
  (_, place) =>
    (text: string, count: number, delimiter = '') => {
      const times = Math.min(maxRepetitions, Math.max(0, count));
      if (2 * times * (text.length + delimiter.length) > maxValueBytes) throw tooLarge(place);
      return Array.from({ length: times }, () => text).join(delimiter);
    },
);

/** Replacing with more than there was may grow a text a million times over: what it would come to is known before. */
function replaceAll(text: string, wanted: string, by: string, place: Place): string {
  if (wanted === '') return text;
  refuseLongSearch(text, wanted, place);
  const parts = text.split(wanted);
  if (2 * (text.length + (parts.length - 1) * (by.length - wanted.length)) > maxValueBytes) throw tooLarge(place);
  return parts.join(by);
}

const replaceString: Binder = prepare(
  'string, string, string',
  'string',
  (_, place) => (text: string, wanted: string, by: string) => replaceAll(text, wanted, by, place),
);

/** Word by word in the order of the list; what was found is not looked at again, also where there is no text to put in. */
function replaceStrings(text: string, wanted: Value, by: Value, place: Place): string | null {
  if (!isArray(wanted) || !isArray(by)) return null;
  let pieces: readonly (string | { readonly done: string })[] = [text];
  wanted.forEach((word, index) => {
    if (typeof word !== 'string' || word === '') return;
    refuseLongSearch(text, word, place);
    spend(4 + stepsThrough(text));
    const put = by[index];
    const done = typeof put === 'string' ? put : word;
    pieces = pieces.flatMap((piece) => {
      if (typeof piece !== 'string' || !piece.includes(word)) return [piece];
      return piece.split(word).flatMap((rest, at) => (at === 0 ? [rest] : [{ done }, rest]));
    });
  });
  const texts = pieces.map((piece) => (typeof piece === 'string' ? piece : piece.done));
  if (2 * texts.reduce((sum, each) => sum + each.length, 0) > maxValueBytes) throw tooLarge(place);
  return texts.join('');
}

/** Characters that have no counterpart take the last one's; none at all are left out. */
function translate(search: string, replacement: string, text: string): string {
  const [from, to] = [Array.from(search), Array.from(replacement)];
  const map = new Map<string, string>();
  from.forEach((char, index) => {
    if (!map.has(char)) map.set(char, to[index] ?? to.at(-1) ?? '');
  });
  return written(text, (char) => map.get(char) ?? char);
}

/** Weighed before it is built. */
function joined(texts: readonly string[], delimiter: string, place: Place): string {
  let length = delimiter.length * Math.max(0, texts.length - 1);
  for (const text of texts) length += text.length;
  if (2 * length > maxValueBytes) throw tooLarge(place);
  return texts.join(delimiter);
}

function hasAnyIndex(text: Value, wanted: Value, place: Place): number {
  const folded = foldCase(writeDynamic(text));
  const words = isArray(wanted) ? wanted : [];
  return words.findIndex((word) => {
    spend(4 + stepsThrough(folded));
    const part = foldCase(writeDynamic(word));
    refuseLongSearch(folded, part, place);
    return word !== null && hasTerm(folded, part, true, true);
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** One record: fields in quotes may hold commas, quotes written twice and line ends. */
function parseCsv(value: Value): Value {
  const text = writeDynamic(value);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = '';
    if (text[at] === '"') {
      for (at++; at < text.length; at++) {
        if (text[at] !== '"') field += text[at];
        else if (text[at + 1] === '"') field += text[at++];
        else break;
      }
      at++;
    }
    const start = at;
    while (at < text.length && text[at] !== ',' && text[at] !== '\n' && text[at] !== '\r') at++;
    fields.push(field + text.slice(start, at));
    if (text[at] !== ',') return fields;
    at++;
  }
}

export const textFunctions: readonly (readonly [string, Binder])[] = [
  [
    'strcat',
    prepare(
      'printed*',
      'string',
      (_, place) =>
        (...texts: string[]) =>
          joined(texts, '', place),
    ),
  ],
  [
    'strcat_delim',
    prepare(
      'printed, printed*',
      'string',
      (_, place) =>
        (by: string, ...texts: string[]) =>
          joined(texts, by, place),
    ),
  ],
  [
    'strcat_array',
    prepare('array, printed', 'string', (_, place) => (array: Value, by: string) => {
      return isArray(array) ? joined(array.map(writeDynamic), by, place) : '';
    }),
  ],
  ['strcmp', define('printed, printed', 'long', compare)],
  ['strrep', strrep],
  ['strlen', define('string', 'long', lengthOf)],
  ['string_size', define('string', 'long', (text: string) => Buffer.byteLength(text))],
  ['toupper', define('printed', 'string', (text: string) => text.toUpperCase())],
  ['tolower', define('printed', 'string', (text: string) => text.toLowerCase())],
  ['reverse', define('printed', 'string', reversed)],
  ['substring', define('printed, integer, integer?', 'string', substring)],
  ['indexof', searching('printed, printed, integer?, integer?, integer?', 'long', indexOf)],
  ['split', searching('printed, string, integer?', 'dynamic', split)],
  ['replace_string', replaceString],
  [
    'replace_strings',
    prepare('string, array, array', 'string', (_, place) => (text: string, wanted: Value, by: Value) => {
      return replaceStrings(text, wanted, by, place);
    }),
  ],
  ['translate', define('string, string, string', 'string', translate)],
  [
    'has_any_index',
    prepare('text, array', 'long', (_, place) => (text: Value, wanted: Value) => hasAnyIndex(text, wanted, place)),
  ],
  ['parse_csv', define('text', 'dynamic', parseCsv, grows)],
  [
    'unicode_codepoints_from_string',
    define('printed', 'dynamic', (text: string) => Array.from(text, (char) => char.codePointAt(0)!), grows),
  ],
  ['unicode_codepoints_to_string', define('scalar*', 'string', fromCodePoints)],
  ['isascii', define('printed', 'bool', (text: string) => Buffer.byteLength(text) === text.length)],
  ['isutf8', define('printed', 'bool', (text: string) => text.isWellFormed())],
];

function fromCodePoints(...values: Value[]): string {
  const codes = values.flatMap((value) => (isArray(value) ? value : [value]));
  const known = codes.filter((code): code is number => {
    return typeof code === 'number' && Number.isInteger(code) && code >= 0 && code <= 0x10ffff;
  });
  return known.map((code) => String.fromCodePoint(code)).join('');
}
