// Strings as KQL writes them: with escapes, verbatim after `@`, over several lines between three backticks or tildes.
import { KqlError } from '../problem.ts';

const simpleEscapes: Readonly<Record<string, string>> = {
  "'": "'",
  '"': '"',
  '\\': '\\',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const codeLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Reads the string that begins here. @throws KqlError where it does not end, or holds what is no escape */
export function readString(query: string, begin: number): { readonly value: string; readonly to: number } {
  let at = begin;
  // An obfuscated string (`h'…'`) is one like any other: no message and no log of this engine holds values.
  if (query[at] === 'h' || query[at] === 'H') at++;
  const fence = query.slice(at, at + 3);
  if (fence === '```' || fence === '~~~') {
    const end = query.indexOf(fence, at + 3);
    if (end === -1) throw endless(query, begin, query.length, fence);
    return { value: query.slice(at + 3, end), to: end + 3 };
  }
  const isVerbatim = query[at] === '@';
  if (isVerbatim) at++;
  return isVerbatim ? readVerbatim(query, begin, at) : readEscaped(query, begin, at);
}

function readVerbatim(query: string, begin: number, open: number): { readonly value: string; readonly to: number } {
  const quote = query[open]!;
  let value = '';
  for (let at = open + 1; ; at++) {
    const char = query[at];
    if (char === undefined || isLineEnd(char)) throw endless(query, begin, at, quote);
    if (char === quote) {
      if (query[at + 1] !== quote) return { value, to: at + 1 };
      at++;
    }
    value += char;
  }
}

function readEscaped(query: string, begin: number, open: number): { readonly value: string; readonly to: number } {
  const quote = query[open]!;
  let value = '';
  for (let at = open + 1; ; at++) {
    const char = query[at];
    if (char === undefined || isLineEnd(char)) throw endless(query, begin, at, quote);
    if (char === quote) return { value, to: at + 1 };
    if (char !== '\\') value += char;
    else {
      const { text, length } = readEscape(query, at);
      value += text;
      at += length - 1;
    }
  }
}

function readEscape(query: string, at: number): { readonly text: string; readonly length: number } {
  const letter = query[at + 1] ?? '';
  const simple = Object.hasOwn(simpleEscapes, letter) ? simpleEscapes[letter] : undefined;
  if (simple !== undefined) return { text: simple, length: 2 };
  const octal = /^(?:[0-3][0-7][0-7]|[0-7]{1,2})/.exec(query.slice(at + 1, at + 4))?.[0];
  if (octal !== undefined) return { text: String.fromCharCode(Number.parseInt(octal, 8)), length: 1 + octal.length };
  const digits = Object.hasOwn(codeLengths, letter) ? codeLengths[letter]! : 0;
  const code = query.slice(at + 2, at + 2 + digits);
  if (digits > 0 && code.length === digits && /^[0-9a-f]{1,8}$/i.test(code)) {
    const point = Number.parseInt(code, 16);
    if (point <= 0x10ffff) return { text: String.fromCodePoint(point), length: 2 + digits };
  }
  throw new KqlError(
    'syntax',
    `'\\${letter}' is no escape; write '\\\\' for a backslash, or '@' before the string to take it as it stands`,
    { from: at, to: at + 1 + letter.length },
  );
}

const isLineEnd = (char: string): boolean => char === '\n' || char === '\r';

function endless(query: string, from: number, to: number, quote: string): KqlError {
  return new KqlError('syntax', `this string does not end; ${quote} is missing`, {
    from,
    to: Math.min(to, query.length),
  });
}
