// Where the parser stands among the tokens, and how it says what it expected there.
import { KqlError } from '../problem.ts';
import type { Name } from '../syntax.ts';
import type { KqlType } from '../values.ts';
import { hintFor } from './hints.ts';
import { nearest } from './nearest.ts';
import { tokenize, type Token } from './lexer.ts';
import { neverNames, reserved, typeNames } from './words.ts';

/** Parentheses in parentheses in …: deeper ones could exhaust the stack of whoever reads the tree. */
const maxDepth = 200;

export interface Cursor {
  /** The token here, or some places on or back. */
  peek(ahead?: number): Token;
  /** Moves on, and gives what stood here; never past the end. */
  next(): Token;
  /** Whether this word or sign stands here, or some places on. */
  is(text: string, ahead?: number): boolean;
  /** Moves on if this word or sign stands here. */
  accept(text: string): Token | undefined;
  /** @throws KqlError when it does not stand here */
  expect(text: string, why?: string): Token;
  /** Where the last token that was taken ends. */
  readonly endedAt: number;
  /** @throws KqlError always */
  fail(expected: string, hint?: string): never;
  /** Reads something inside something. @throws KqlError when that is too deep */
  nested<T>(read: () => T): T;
}

export function createCursor(query: string): Cursor {
  const tokens = tokenize(query);
  const end = tokens.length - 1;
  let at = 0;
  let depth = 0;
  const peek = (ahead = 0): Token => tokens[Math.max(0, Math.min(at + ahead, end))]!;
  const is = (text: string, ahead = 0): boolean => {
    const token = peek(ahead);
    return token.text === text && (token.kind === 'word' || token.kind === 'sign');
  };
  const next = (): Token => {
    const token = peek();
    if (at < end) at++;
    return token;
  };
  const fail = (expected: string, hint = ''): never => {
    const token = peek();
    const advice = hint || hintFor(token, peek(-1), peek(1));
    throw new KqlError('syntax', `expected ${expected}, found ${described(token)}${advice}`, token);
  };
  return {
    peek,
    next,
    is,
    accept: (text) => (is(text) ? next() : undefined),
    expect: (text, why = '') => (is(text) ? next() : fail(`'${text}'${why && ` ${why}`}`)),
    get endedAt() {
      return at === 0 ? 0 : tokens[at - 1]!.to;
    },
    fail,
    nested(read) {
      if (++depth > maxDepth) {
        throw new KqlError(
          'budget',
          `more than ${maxDepth} levels inside each other; take parts out with 'let'`,
          peek(),
        );
      }
      const result = read();
      depth--;
      return result;
    },
  };
}

function described({ kind, text }: Token): string {
  if (kind === 'end') return 'the end of the query';
  if (kind === 'string') return 'a string';
  if (kind === 'literal') return 'a value';
  return `'${text.slice(0, 40)}'`;
}

/** Whether two tokens stand side by side without a space. */
export function touches(left: Token, right: Token): boolean {
  return left.to === right.from;
}

/** A name stands here: a word that is not reserved, or `['…']`. `isDeclared`: it is given here, so that more words will do. */
export function startsName(cursor: Cursor, isDeclared = false, ahead = 0): boolean {
  const token = cursor.peek(ahead);
  if (token.kind === 'word') {
    return !(isDeclared ? neverNames : reserved).has(token.text) && !token.text.startsWith('!');
  }
  return cursor.is('[', ahead) && cursor.peek(ahead + 1).kind === 'string' && cursor.is(']', ahead + 2);
}

export function readName(cursor: Cursor, what: string, isDeclared = false): Name {
  const first = cursor.peek();
  if (!startsName(cursor, isDeclared)) {
    const hint =
      first.kind === 'word' && /^[a-z]/.test(first.text) ? `; a name like that is written ['${first.text}']` : '';
    return cursor.fail(what, hint);
  }
  cursor.next();
  if (first.kind === 'word') return { text: first.text, from: first.from, to: first.to };
  const text = cursor.next().value as string;
  cursor.next();
  return { text, from: first.from, to: cursor.endedAt };
}

/** How many tokens a name takes that begins here. */
export function nameLength(cursor: Cursor, ahead = 0): number {
  return cursor.peek(ahead).kind === 'word' ? 1 : 3;
}

export function readType(cursor: Cursor): KqlType {
  const token = cursor.peek();
  const type = token.kind === 'word' ? typeNames.get(token.text) : undefined;
  if (type === undefined) return cursor.fail('a type', nearest(token.text, typeNames.keys()));
  cursor.next();
  return type;
}

/** `read` once, and again after each comma. */
export function readList<T>(cursor: Cursor, read: () => T): T[] {
  const list = [read()];
  while (cursor.accept(',')) list.push(read());
  return list;
}

/** KQL has it, this engine does not. */
export function unsupported(what: string, place: { readonly from: number; readonly to: number }, hint = ''): never {
  throw new KqlError('unsupported', `${what} is not supported${hint && `; ${hint}`}`, {
    from: place.from,
    to: place.to,
  });
}
