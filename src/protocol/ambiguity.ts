// Finds JSON that two parsers would read differently: repeated member names, and nesting too deep to be walked.

export interface Measure {
  /** Members written in all objects together; right only for valid JSON. */
  readonly members: number;
  /** Deepest nesting of objects and arrays; never less than the true one. */
  readonly depth: number;
}

/** Measures JSON text in one linear pass without parsing it, so that nothing recursive ever sees hostile nesting. */
export function measure(text: string): Measure {
  let members = 0;
  let depth = 0;
  let level = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at + 1);
        break;
      case COLON:
        members++;
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
  return { members, depth };
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

/** Whether no string and no member name within has an unpaired surrogate. */
export function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isWellFormed);
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isWellFormed(member));
}

/** Whether two member names of one object differ in case only (`name`, `Name`; also `ſ` for `s` and the Kelvin sign for `k`). */
export function repeatsIgnoringCase(value: object): boolean {
  const names = Object.keys(value);
  if (names.every(isFolded)) return false;
  return new Set(names.map(fold)).size < names.length;
}

const isFolded = (name: string): boolean => folded.test(name);
const folded = /^[a-z0-9_./-]*$/;
const fold = (name: string): string => name.toUpperCase().toLowerCase();

/** Index of the quote that ends a string, or the length of the text. */
function endOfString(text: string, start: number): number {
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
