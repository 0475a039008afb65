// Puts another id or token in the place of one in a message; every other byte stays as it was written.
import { isJsonObject } from './message.ts';
import type { JsonObject, Message, RequestId } from './message.ts';

/** Where a member stands, and what is to stand there. A member that is missing stays missing. */
export type Swap = readonly [path: readonly string[], value: RequestId];

/** @param message as `parseMessage` accepts it: valid JSON in which no name is written twice */
export function swapMembers<Kind extends Message>(message: Kind, swaps: readonly Swap[]): Kind {
  let text = message.raw.toString('utf8');
  let swapped = message as unknown as JsonObject;
  for (const [path, value] of swaps) {
    const span = spanOf(text, path);
    if (span === undefined) continue;
    text = text.slice(0, span[0]) + JSON.stringify(value) + text.slice(span[1]);
    swapped = put(swapped, path, value);
  }
  return { ...(swapped as unknown as Kind), raw: Buffer.from(text) };
}

function put(object: JsonObject, [name = '', ...within]: readonly string[], value: RequestId): JsonObject {
  const member = object[name];
  return { ...object, [name]: within.length > 0 && isJsonObject(member) ? put(member, within, value) : value };
}

/** Where the value of a member of a member … of the message stands in its text. */
function spanOf(text: string, path: readonly string[]): readonly [start: number, end: number] | undefined {
  let at = skip(blank, text, 0);
  for (const [depth, name] of path.entries()) {
    const start = memberOf(text, at, name);
    if (start === undefined) return undefined;
    if (depth === path.length - 1) return [start, endOfValue(text, start)];
    at = start;
  }
  return undefined;
}

/** Where the members of an object stand in a text, and where it ends. */
export function partsOf(text: string, object: number) {
  const parts: { readonly name: string; readonly from: number; readonly to: number }[] = [];
  let at = skip(blank, text, object + 1);
  while (text[at] === '"') {
    const from = at;
    const end = endOfString(text, at);
    const to = endOfValue(text, skip(blank, text, skip(blank, text, end) + 1));
    parts.push({ name: JSON.parse(text.slice(from, end)) as string, from, to });
    at = skip(blank, text, to);
    if (text[at] === ',') at = skip(blank, text, at + 1);
  }
  return { parts, end: at + 1 };
}

/** Where the value of a member begins; undefined when there is no such member, or no object. */
export function memberOf(text: string, object: number, wanted: string): number | undefined {
  if (text[object] !== '{') return undefined;
  let at = skip(blank, text, object + 1);
  while (text[at] === '"') {
    const end = endOfString(text, at);
    const name = JSON.parse(text.slice(at, end)) as string; // it may be written with escapes
    at = skip(blank, text, skip(blank, text, end) + 1);
    if (name === wanted) return at;
    at = skip(blank, text, skip(blank, text, endOfValue(text, at)) + 1);
  }
  return undefined;
}

function endOfValue(text: string, start: number): number {
  let at = start;
  let level = 0;
  do {
    if (text[at] === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (text[at] === '{' || text[at] === '[') level++;
    else if (text[at] === '}' || text[at] === ']') level--;
    else {
      at = skip(level === 0 ? scalar : between, text, at);
      continue;
    }
    at++;
  } while (level > 0);
  return at;
}

/** @param start of the opening quote */
function endOfString(text: string, start: number): number {
  let quote = start;
  let slash: number;
  do {
    quote = text.indexOf('"', quote + 1);
    slash = quote;
    while (text[slash - 1] === '\\') slash--;
  } while ((quote - slash) % 2 === 1); // an escaped quote
  return quote + 1;
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.test(text); // sticky: matches right here, if only nothing
  return pattern.lastIndex;
}

const blank = /[ \t\n\r]*/y;
const scalar = /[^ \t\n\r,\]}]*/y;
const between = /[^"{}[\]]*/y;
