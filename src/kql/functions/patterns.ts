// Functions of regular expressions: finding, replacing and trimming. All run on the engine that takes linear time.
import type { Bound } from '../bound.ts';
import { isArray } from '../json.ts';
import { isConstant, typeProblem } from '../nodes.ts';
import type { Place } from '../nodes.ts';
import { compiledPattern } from '../pattern.ts';
import type { Match, Pattern } from '../pattern.ts';
import type { KqlType, Value } from '../values.ts';
import { maxValueBytes, tooLarge } from '../value-size.ts';
import { part, placeOf, unitOf, lengthOf, written } from './characters.ts';
import { convert } from './conversions.ts';
import { define, prepare } from './define.ts';
import type { Binder } from './define.ts';
import { countOfText } from './texts.ts';

const grows = { grows: true };

function compiled(part: Bound | undefined): Pattern {
  if (!isConstant(part!)) return compiledPattern('', part!);
  // A dynamic value that is known beforehand may be anything.
  if (typeof part.value !== 'string') throw typeProblem('A regular expression is a text', part);
  return compiledPattern(part.value, part);
}

function refuseGroup(pattern: Pattern, group: unknown, place: Place): void {
  if (typeof group === 'number' && (group < 0 || group > pattern.groups))
    throw typeProblem(`The regular expression has ${pattern.groups} groups, and there is no group ${group}`, place);
}

const extractText: Binder = prepare('string!, integer, string', 'string', ([expression, group]) => {
  const pattern = compiled(expression);
  if (isConstant(group!)) refuseGroup(pattern, group.value, group);
  return (_: string, wanted: number, text: string) => pattern.first(text)?.groups[wanted] ?? '';
});

/** The last argument may say as what type to read what is found. */
const typed =
  (inner: Binder): Binder =>
  (name, parts, place, scope) => {
    const [, , , type] = parts;
    const found = inner(name, parts.slice(0, 3), place, scope);
    return type === undefined ? found : convert(found, typeNamed(name, type), place);
  };

export function typeNamed(name: string, part: Bound): KqlType {
  const written = isConstant(part) ? part.value : undefined;
  if (typeof written === 'string' && types.has(written)) return written as KqlType;
  throw typeProblem(`${name}() takes a type here, such as typeof(long)`, part);
}

const types = new Set('bool int long real decimal string datetime timespan guid dynamic'.split(' '));

/** Which groups of a match are wanted: one gives texts, several give arrays of texts. */
function groupsOf(pattern: Pattern, part: Bound | undefined, place: Place): readonly number[] {
  if (pattern.groups === 0 || pattern.groups > 16)
    throw typeProblem('extract_all() takes a regular expression with 1 to 16 groups in parentheses', place);
  const all = Array.from({ length: pattern.groups }, (_, index) => index + 1);
  if (part === undefined) return all;
  if (!isConstant(part) || !isArray(part.value))
    throw typeProblem('extract_all() takes a constant array of groups', part);
  return part.value.map((group) => {
    const index = typeof group === 'string' ? pattern.names[group] : group;
    if (typeof index !== 'number') throw typeProblem('extract_all() knows no group by this name', part);
    refuseGroup(pattern, index, part);
    return index;
  });
}

const extractAll: Binder = (name, parts, place, scope) => {
  const [expression, groups] = parts;
  const withGroups = parts.length === 3;
  return prepare(
    withGroups ? 'string!, array!, string' : 'string!, string',
    'dynamic',
    () => {
      const pattern = compiled(expression);
      const wanted = groupsOf(pattern, withGroups ? groups : undefined, expression ?? place);
      const pick = ({ groups: found }: Match): Value =>
        wanted.length === 1 ? found[wanted[0]!]! : wanted.map((group) => found[group]!);
      return (...values: Value[]): Value => {
        const matches = pattern.all(values.at(-1) as string, place);
        return matches.length === 0 ? null : matches.map(pick);
      };
    },
    grows,
  )(name, parts, place, scope);
};

type Piece = string | number;

/** `\1` in what is put in stands for a group, `\0` for the match. */
function piecesOf(rewrite: string, pattern: Pattern, place: Place): readonly Piece[] {
  const pieces: Piece[] = [];
  let text = '';
  for (let at = 0; at < rewrite.length; at++) {
    const next = rewrite[at + 1];
    if (rewrite[at] !== '\\' || next === undefined) text += rewrite[at];
    else if (next >= '0' && next <= '9') {
      refuseGroup(pattern, Number(next), place);
      pieces.push(text, Number(next));
      text = '';
      at++;
    } else {
      text += next === '\\' ? next : rewrite[at]! + next;
      at++;
    }
  }
  return [...pieces, text];
}

function replaced(text: string, pattern: Pattern, pieces: readonly Piece[], place: Place): string {
  const matches = pattern.all(text, place);
  if (matches.length === 0) return text;
  const parts: string[] = [];
  let end = 0;
  let size = text.length;
  for (const { from, to, groups } of matches) {
    parts.push(text.slice(end, from));
    for (const piece of pieces) {
      const put = typeof piece === 'string' ? piece : groups[piece]!;
      size += put.length;
      parts.push(put);
    }
    if (2 * size > maxValueBytes) throw tooLarge(place);
    end = to;
  }
  return parts.join('') + text.slice(end);
}

/** `replace_regex(text, expression, rewrite)`; in the older `replace` the text comes last. */
const replaceRegex = (order: readonly [text: number, expression: number, rewrite: number]): Binder => {
  const [text, expression, rewrite] = order;
  const kinds = ['', '', ''];
  kinds[text] = 'string';
  kinds[expression] = 'string!';
  kinds[rewrite] = 'string!';
  return prepare(kinds.join(','), 'string', (parts, place) => {
    const pattern = compiled(parts[expression]);
    const written = parts[rewrite]!;
    const pieces = piecesOf(isConstant(written) ? (written.value as string) : '', pattern, written);
    return (...values: string[]) => replaced(values[text]!, pattern, pieces, place);
  });
};

/** `trim_start` and `trim_end` take one match away, `trim` all of them at both ends. */
const trim = (ends: readonly ('start' | 'end')[], repeated: string): Binder =>
  prepare('string!, string', 'string', ([expression]) => {
    const source = isConstant(expression!) ? (expression.value as string) : '';
    compiledPattern(source, expression!);
    const starting = compiledPattern(`^(?:${source})${repeated}`, expression!);
    const ending = compiledPattern(`(?:${source})${repeated}$`, expression!);
    return (_: string, text: string) => {
      let rest = text;
      if (ends.includes('start')) rest = rest.slice(starting.first(rest)?.to ?? 0);
      if (ends.includes('end')) rest = rest.slice(0, ending.first(rest)?.from ?? rest.length);
      return rest;
    };
  });

const countOf: Binder = (name, parts, place, scope) => {
  const [text, wanted, kind] = parts;
  const regex = kind !== undefined && isConstant(kind) && kind.value === 'regex';
  if (kind !== undefined && !regex && !(isConstant(kind) && kind.value === 'normal'))
    throw typeProblem("countof() takes 'normal' or 'regex' as its third argument", kind);
  if (!regex) return countOfText(name, kind === undefined ? parts : [text!, wanted!], place, scope);
  return prepare('string, string!', 'long', ([, expression]) => {
    const pattern = compiled(expression);
    return (source: string) => pattern.all(source, place).length;
  })(name, [text!, wanted!], place, scope);
};

function indexOfPattern(
  text: string,
  pattern: Pattern,
  place: Place,
  start = 0,
  length = -1,
  occurrence = 1,
): number | null {
  if (start < 0 || length < -1 || occurrence < 1) return null;
  const looked = part(text, start, length === -1 ? lengthOf(text) : start + length);
  const match = pattern.all(looked, place)[occurrence - 1];
  return match === undefined ? -1 : placeOf(text, unitOf(text, start) + match.from);
}

const special = new Set('\\.+*?()|[]{}^$#&-~/'.split(''));

export const patternFunctions: readonly (readonly [string, Binder])[] = [
  ['extract', typed(extractText)],
  ['extract_all', extractAll],
  ['replace_regex', replaceRegex([0, 1, 2])],
  ['replace', replaceRegex([2, 0, 1])],
  ['trim', trim(['start', 'end'], '+')],
  ['trim_start', trim(['start'], '')],
  ['trim_end', trim(['end'], '')],
  ['countof', countOf],
  [
    'indexof_regex',
    prepare('printed, printed!, integer?, integer?, integer?', 'long', ([, expression], place) => {
      const pattern = compiled(expression);
      return (text: string, _: string, ...rest: number[]) => indexOfPattern(text, pattern, place, ...rest);
    }),
  ],
  [
    'regex_quote',
    define('printed', 'string', (text: string) => written(text, (char) => (special.has(char) ? `\\${char}` : char))),
  ],
];
