// A query cut into words, signs and literals, each with its place. One pass, no way back: linear in the length of the text.
import { KqlError } from '../problem.ts';
import type { KqlType, Value } from '../values.ts';
import { readGoo, readNumber, type LiteralValue } from './literals.ts';
import { readString } from './strings.ts';

export interface Token {
  /** `type`: `typeof(long)`. */
  readonly kind: 'word' | 'sign' | 'string' | 'literal' | 'type' | 'end';
  /** As written: of words and signs; of others it is not needed. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Of literals and `typeof(…)`. */
  readonly type?: KqlType;
  readonly value?: Value;
}

/** Longest first, so that `==` is not read as `=` twice. */
const signs = ['..', '==', '=~', '=>', '!=', '!~', '<=', '<>', '>=', ...'()[]{}|,;:.=<>+-*/%@'];
const twoLetterSigns = new Set(signs.filter((each) => each.length === 2));
const oneLetterSigns = new Set(signs.filter((each) => each.length === 1));

const space = /[\s\u180e\u200b]/;
const isSpace = (char: string): boolean => char === ' ' || char === '\n' || space.test(char);
const isDigit = (char: string): boolean => char >= '0' && char <= '9';
const isWord = (char: string): boolean =>
  (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || isDigit(char) || char === '_';
const lineEnds = new Set(['\n', '\r', '\u2028', '\u2029']);

/** @throws KqlError `syntax` for what is no part of KQL */
export function tokenize(query: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const wordEnd = (from: number): number => {
    let end = from;
    while (end < query.length && isWord(query[end]!)) end++;
    return end;
  };
  const push = (kind: Token['kind'], to: number, literal?: LiteralValue): void => {
    tokens.push({ kind, text: query.slice(at, to), from: at, to, ...literal });
    at = to;
  };

  while (at < query.length) {
    const char = query[at]!;
    const two = query.slice(at, at + 2);
    if (isSpace(char)) at++;
    else if (two === '//') while (at < query.length && !lineEnds.has(query[at]!)) at++;
    else if (startsString(query, at)) {
      const { value, to } = readString(query, at);
      push('string', to, { type: 'string', value });
    } else if (isDigit(char)) {
      const { literal, to } = readNumber(query, at, wordEnd(at));
      push(literal === undefined ? 'word' : 'literal', to, literal);
    } else if (isWord(char) || char === '$') {
      const end = wordEnd(at + 1);
      const word = query.slice(at, end);
      const goo = query[end] === '(' ? readGoo(query, at, word, end + 1) : undefined;
      if (goo !== undefined) push(word === 'typeof' ? 'type' : 'literal', goo.to, goo.literal);
      else if (/^(?:true|false|True|False|TRUE|FALSE)$/.test(word)) {
        push('literal', end, { type: 'bool', value: word.toLowerCase() === 'true' });
      } else push('word', word === 'in' && query[end] === '~' ? end + 1 : end);
    } else if (char === '!' && /[a-z]/.test(query[at + 1] ?? '')) {
      const end = wordEnd(at + 1);
      push('word', query.slice(at, end) === '!in' && query[end] === '~' ? end + 1 : end);
    } else if (twoLetterSigns.has(two)) push('sign', at + 2);
    else if (oneLetterSigns.has(char)) push('sign', at + 1);
    else {
      const found = String.fromCodePoint(query.codePointAt(at)!);
      const hint = found === '!' ? "; write not(…), or '!=' to compare" : found === '&' ? "; write 'and'" : '';
      throw new KqlError('syntax', `'${found}' means nothing in KQL${hint}`, { from: at, to: at + found.length });
    }
  }
  push('end', query.length);
  return tokens;
}

/** `"…"`, `'…'`, `@"…"`, three backticks or tildes, and all of them after an `h`. */
function startsString(query: string, at: number): boolean {
  let from = at;
  if (query[from] === 'h' || query[from] === 'H') from++;
  if (query[from] === '@') from++;
  const char = query[from];
  return char === '"' || char === "'" || (query[from - 1] !== '@' && /^(?:```|~~~)/.test(query.slice(from, from + 3)));
}
