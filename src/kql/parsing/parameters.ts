// What stands between an operator and what it works on: `kind=inner`, `hint.strategy=shuffle`, `withsource=Table`.
import { KqlError } from '../problem.ts';
import { unsupported, type Cursor } from './cursor.ts';
import type { Token } from './lexer.ts';

/**
 * Reads those of an operator. Hints are about how a cluster works and change no row, so they are read and let go.
 * @param others whether a name with `=` can be nothing else here
 */
export function readParameters(
  cursor: Cursor,
  operator: string,
  known: readonly string[] = [],
  others = false,
): ReadonlyMap<string, Token> {
  const parameters = new Map<string, Token>();
  for (;;) {
    const name = cursor.peek();
    if (name.kind !== 'word') return parameters;
    if (cursor.is('hint') && cursor.is('.', 1) && cursor.is('=', 3)) {
      for (let taken = 0; taken < 4; taken++) cursor.next();
      readParameterValue(cursor, 'hint');
    } else if (cursor.is('=', 1) && known.includes(name.text)) {
      cursor.next();
      cursor.next();
      parameters.set(name.text, readParameterValue(cursor, name.text));
    } else if (cursor.is('=', 1) && others) {
      return unsupported(
        `'${name.text}=' of ${operator}`,
        name,
        known.length > 0 ? `it knows ${known.join(', ')}` : '',
      );
    } else return parameters;
  }
}

function readParameterValue(cursor: Cursor, name: string): Token {
  const { kind } = cursor.peek();
  return kind === 'word' || kind === 'literal' || kind === 'string'
    ? cursor.next()
    : cursor.fail(`a value of '${name}'`);
}

/** One of some words. @throws KqlError `unknown` for another */
export function oneOf<T>(token: Token | undefined, what: string, choices: ReadonlyMap<string, T>, otherwise: T): T {
  if (token === undefined) return otherwise;
  const choice = choices.get(token.text);
  if (choice !== undefined) return choice;
  throw new KqlError('unknown', `there is no ${what} '${token.text.slice(0, 40)}'; there are ${[...choices.keys()].join(', ')}`, token); // prettier-ignore
}

export const isTrue = (token: Token | undefined): boolean => token?.value === true;
