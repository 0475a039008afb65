// JSON that comes from outside, as dynamic values: its depth is bounded, and no name in it means anything to JavaScript.
import type { Value } from './values.ts';

export type Bag = { readonly [name: string]: Value };

/** As deep as a dynamic value may be. */
export const maxDepth = 200;

/**
 * Reads JSON.
 * @returns undefined for what is no JSON, and for what is deeper than a value may be
 */
export function readJson(text: string): Value | undefined {
  if (isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === backslash) at++;
      else if (code === quote) inString = false;
    } else if (code === quote) inString = true;
    else if (code === openBrace || code === openBracket) {
      if (++depth > maxDepth) return true;
    } else if (code === closeBrace || code === closeBracket) depth--;
  }
  return false;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isBag(value: Value): value is Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A bag to fill: it has no prototype, so `constructor` and `__proto__` are names like all others. */
export function emptyBag(): { [name: string]: Value } {
  return Object.create(null) as { [name: string]: Value };
}

export function memberOf(bag: Value, name: string): Value {
  return isBag(bag) && Object.hasOwn(bag, name) ? bag[name]! : null;
}

/** A name for a value that equal values share: the order of the slots of a bag does not matter. */
export function keyOf(value: Value): string {
  if (typeof value === 'string') return `"${value}`;
  if (value === null || typeof value !== 'object') return String(value);
  if (isArray(value)) return `[${value.map((each) => measured(keyOf(each))).join('')}`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => measured(name) + measured(keyOf(value[name]!))).join('')}`;
}

/** With its length before it, so that no two rows of texts are written alike. */
function measured(text: string): string {
  return `${text.length}:${text}`;
}
