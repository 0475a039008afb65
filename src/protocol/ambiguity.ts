// Finds JSON that two parsers would read differently: repeated or misread member names, and nesting too deep to be walked.

export interface Measure {
  /** Members written in all objects together; right only for valid JSON. */
  readonly members: number;
  /** Deepest nesting of objects and arrays; never less than the true one. */
  readonly depth: number;
  /** Where member names stand that are written with escapes, quotes included. */
  readonly escapedNames: readonly Span[];
}

type Span = readonly [start: number, end: number];

/** Measures JSON text in one linear pass without parsing it, so that nothing recursive ever sees hostile nesting. */
export function measure(text: string): Measure {
  const escapedNames: Span[] = [];
  let members = 0;
  let depth = 0;
  let level = 0;
  let stringStart = 0;
  let stringEnd = 0;
  let escape = text.indexOf('\\');
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        stringStart = at;
        at = stringEnd = endOfString(text, at + 1);
        break;
      case COLON:
        members++;
        if (escape !== -1 && escape < stringStart) escape = text.indexOf('\\', stringStart);
        if (escape !== -1 && escape < stringEnd) escapedNames.push([stringStart, stringEnd + 1]);
        break;
      case OPENING_BRACE:
      case OPENING_BRACKET:
        if (++level > depth) depth = level;
        break;
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        level--;
    }
  }
  return { members, depth, escapedNames };
}

/**
 * Counts the members of all objects of a parsed value whose depth has been bounded. A name that was written twice in one
 * object, in whatever spelling (`"a"`, `"\u0061"`), is one member here and two for `measure`.
 */
export function countMembers(value: object): number {
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null) members += countMembers(item);
    return members;
  }
  // Plain for-in sees exactly the own members, `__proto__` included: JSON.parse defines, it does not assign.
  for (const name in value) {
    members++;
    const member = (value as Record<string, unknown>)[name];
    if (typeof member === 'object' && member !== null) members += countMembers(member);
  }
  return members;
}

/**
 * Spells escaped member names without escapes, where JSON allows that. V8 can read an escaped name as one that it met
 * earlier in the same place (nodejs/node#63785): `"\u0074enant"` would be hidden from us and `tenant` to everybody else.
 * @returns the text to parse, and the names that were meant
 * @throws SyntaxError when the text is not JSON
 */
export function spellNames(text: string, escapedNames: readonly Span[]): { text: string; names: readonly string[] } {
  if (escapedNames.length === 0) return { text, names: [] };
  const names: string[] = [];
  const parts: string[] = [];
  let rest = 0;
  for (const [start, end] of escapedNames) {
    const name = JSON.parse(text.slice(start, end)) as string; // on its own it is read right
    names.push(name);
    parts.push(text.slice(rest, start), JSON.stringify(name));
    rest = end;
  }
  return { text: parts.join('') + text.slice(rest), names };
}

/** Whether the names that only escapes can write were read as meant: what V8 reads instead always has a backslash in it. */
export function readAsMeant(value: object, names: readonly string[]): boolean {
  if (names.length === 0) return true;
  const meant = names.filter(hasBackslash).sort();
  const read = memberNamesIn(value).filter(hasBackslash).sort();
  return meant.length === read.length && meant.every((name, index) => name === read[index]);
}

function memberNamesIn(value: object): string[] {
  const members = Object.entries(value);
  const within = members.flatMap(([, member]) =>
    typeof member === 'object' && member !== null ? memberNamesIn(member) : [],
  );
  return Array.isArray(value) ? within : [...members.map(([name]) => name), ...within];
}

const hasBackslash = (name: string): boolean => name.includes('\\');

/** Whether no string and no member name within has an unpaired surrogate. */
export function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isWellFormed);
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isWellFormed(member));
}

/** Whether a number within is larger than any that JavaScript knows, so that we would judge `Infinity` and send `1e400`. */
export const overflows = (text: string, value: unknown): boolean => large.test(text) && !isFiniteWithin(value);

const large = /[0-9][eE]|[0-9]{309}/;

function isFiniteWithin(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isFiniteWithin);
}

/** Whether two member names of one object differ in case only (`name`, `Name`; also `ſ` for `s` and the Kelvin sign for `k`). */
export function repeatsIgnoringCase(value: object): boolean {
  const names = Object.keys(value);
  if (names.every(isFolded)) return false;
  return new Set(names.map(fold)).size < names.length;
}

const isFolded = (name: string): boolean => folded.test(name);
const folded = /^[a-z0-9_./-]*$/;
/** One spelling for all that differ in case only. */
export const fold = (name: string): string => name.toUpperCase().toLowerCase();

/** Index of the quote that ends a string, or the length of the text. */
export function endOfString(text: string, start: number): number {
  let at = start;
  for (;;) {
    // Short strings are scanned by character; after that a native search skips long ones almost for nothing.
    for (const pause = at + STRIDE; at < pause; at++) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) return at;
      if (unit === BACKSLASH) at++;
    }
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    let slash = quote;
    while (slash > at && text.charCodeAt(slash - 1) === BACKSLASH) slash--;
    if ((quote - slash) % 2 === 0) return quote;
    at = quote + 1;
  }
}

const STRIDE = 24;
const QUOTE = 0x22;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
