// The pattern of `parse`: literal texts, stars and columns, found in a text in time linear in it.
import { RE2JS } from 're2js';
import { readAs } from '../conversion.ts';
import { compiledPattern } from '../pattern.ts';
import type { Place } from '../nodes.ts';
import { KqlError } from '../problem.ts';
import type { Parse } from '../syntax.ts';
import type { KqlType, Value } from '../values.ts';

/** The value of each column of the pattern; `undefined` where the text does not match. */
export type Matcher = (text: string) => readonly Value[] | undefined;

type Part = Parse['pattern'][number];
interface Gap {
  /** Anything may stand before what comes next. */
  readonly star: boolean;
  readonly column?: KqlType;
  /** What ends the gap; at the end of the pattern, none. */
  readonly literal?: string;
}

export function createMatcher({ mode, flags, pattern }: Parse, place: Place): Matcher {
  refuseStarsAfterStrings(pattern);
  const relaxed = mode === 'relaxed';
  const types = pattern.flatMap((part) => ('column' in part ? [part.column.type] : []));
  let regex: Matcher | undefined;
  const matchRegex: Matcher = (text) => (regex ??= byRegex(pattern, mode, flags, types, place))(text);
  const gaps = mode === 'regex' ? undefined : gapsOf(pattern);
  if (gaps === undefined) return matchRegex;
  // The first place of each literal is the right one, unless what it leaves for a column is not of its type.
  if (relaxed || types.every((type) => type === 'string')) return (text) => byLiterals(gaps, text, relaxed);
  return (text) => byLiterals(gaps, text, false) ?? matchRegex(text);
}

function refuseStarsAfterStrings(pattern: readonly Part[]): void {
  for (const [index, part] of pattern.entries()) {
    const next = pattern[index + 1];
    if (!('column' in part) || part.column.type !== 'string' || next === undefined || 'text' in next) continue;
    const what = 'star' in next ? 'a star' : 'a column';
    throw new KqlError(
      'type',
      `In parse, a text must stand between ${part.column.name.text} and ${what}.`,
      part.column.name,
    );
  }
}

/** The pattern as gaps that literals end; `undefined` where a gap is more than a star and a column. */
function gapsOf(pattern: readonly Part[]): Gap[] | undefined {
  const gaps: Gap[] = [];
  let star = false;
  let column: KqlType | undefined;
  for (const part of pattern) {
    if ('text' in part) {
      gaps.push({ star, column, literal: part.text });
      star = false;
      column = undefined;
    } else if ('star' in part) {
      if (column !== undefined) return undefined;
      star = true;
    } else {
      if (column !== undefined || star) return undefined;
      column = part.column.type;
    }
  }
  gaps.push({ star, column });
  return gaps;
}

function byLiterals(gaps: readonly Gap[], text: string, relaxed: boolean): readonly Value[] | undefined {
  const values: Value[] = [];
  let at = 0;
  for (const [index, { star, column, literal }] of gaps.entries()) {
    const open = star || column !== undefined;
    let end = text.length;
    if (literal !== undefined) {
      const last = index === gaps.length - 2 && !gaps.at(-1)!.star && gaps.at(-1)!.column === undefined;
      if (last) end = text.endsWith(literal) ? text.length - literal.length : -1;
      else end = open ? text.indexOf(literal, at) : text.startsWith(literal, at) ? at : -1;
      if (end < at || (!open && end !== at)) return undefined;
    } else if (!open && at !== text.length) return undefined;
    if (column !== undefined) {
      const value = typed(column, text.slice(at, end));
      if (value === null && !relaxed) return undefined;
      values.push(value);
    }
    at = end + (literal?.length ?? 0);
  }
  return values;
}

const typed = (type: KqlType, text: string): Value => readAs(type, type === 'string' ? text : text.trim());

/** What stands for a column that no text ends: as much as may be part of a value of the type. */
const captures: Readonly<Record<KqlType, string>> = {
  int: '[-+]?\\d+',
  long: '[-+]?\\d+',
  real: '[-+]?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?',
  decimal: '[-+]?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?',
  bool: '(?i:true|false|[01])',
  guid: '[0-9a-fA-F-]{32,36}',
  datetime: '[-0-9TZ:.+/ ]+',
  timespan: '[-0-9:.]+',
  string: '.*',
  dynamic: '.*',
};

function regexOf(pattern: readonly Part[], mode: Parse['mode'], flags: string): string {
  const regex = mode === 'regex';
  const any = regex ? '.*' : '.*?';
  const parts = pattern.map((part, index) => {
    if ('text' in part) return regex ? `(?:${part.text})` : RE2JS.quote(part.text);
    if ('star' in part) return any;
    const { type } = part.column;
    const next = pattern[index + 1];
    const ended = next !== undefined && 'text' in next;
    if (type === 'string' || type === 'dynamic' || (ended && (mode === 'relaxed' || type === 'datetime')))
      return `(${any})`;
    return `(?-U:\\s*(${captures[type]})\\s*)${mode === 'relaxed' ? '?' : ''}`;
  });
  return `^(?${regex ? flags : 's'}:${parts.join('')})$`;
}

function byRegex(
  pattern: readonly Part[],
  mode: Parse['mode'],
  flags: string,
  types: readonly KqlType[],
  place: Place,
): Matcher {
  const compiled = compiledPattern(regexOf(pattern, mode, flags), place);
  const groups: number[] = [];
  let group = 0;
  for (const part of pattern) {
    if ('column' in part) groups.push(++group);
    // The texts of a regex may have groups of their own.
    else if (mode === 'regex' && 'text' in part) group += compiledPattern(part.text, place).groups;
  }
  return (text) => {
    const match = compiled.first(text);
    if (match === undefined) return undefined;
    const values = types.map((type, index) => typed(type, match.groups[groups[index]!]!));
    return mode !== 'relaxed' && values.includes(null) ? undefined : values;
  };
}
