// What to say to somebody who writes as other languages do.
import type { Token } from './lexer.ts';
import { nearest } from './nearest.ts';
import { infixes, listOperators } from './words.ts';

/** Operators of other languages, and what they are called here. */
const foreignOperators: ReadonlyMap<string, string> = new Map([
  ['select', 'project'],
  ['group', 'summarize'],
  ['having', 'where'],
  ['rename', 'project-rename'],
  ['drop', 'project-away'],
  ['unnest', 'mv-expand'],
  ['head', 'take'],
  ['stats', 'summarize'],
  ['eval', 'extend'],
  ['table', 'project'],
]);

/** For a word behind a pipe that is no operator. */
export function hintForOperator(name: string, known: Iterable<string>): string {
  const own = foreignOperators.get(name.toLowerCase());
  return own === undefined ? nearest(name, known) : `; it is called '${own}' here`;
}

const foreignWords: ReadonlyMap<string, string> = new Map([
  ['as', "a new name stands first, as in 'Name = tolower(User)'"],
  ['ascending', "it is written 'asc'"],
  ['descending', "it is written 'desc'"],
  ['is', 'isnull(…) and isempty(…) ask for what is missing'],
  ['matches', "it is written 'matches regex'"],
  ['not', 'write not(…) around all of it'],
  ['regex', "it is written 'matches regex'"],
]);

/** For what stands where nothing of the kind was expected. */
export function hintFor({ kind, text }: Token, previous: Token, next: Token): string {
  if (kind === 'sign') return text === '=' ? "; '==' compares" : '';
  if (kind !== 'word') return '';
  if (previous.text === 'not') return '; write not(…)';
  if (text === 'not' && next.text === 'in') return "; write '!in'";
  if (text.startsWith('!')) return '; write not(…) around all of it';
  const small = text.toLowerCase();
  if (small !== text && (infixes.has(small) || listOperators.has(small))) return `; it is written '${small}'`;
  const word = foreignWords.get(text);
  return word === undefined ? '' : `; ${word}`;
}
