// Puts what was decided into a message: one list of edits a text, items left out, and everything else as it was written.
import { failure, isJsonObject, notification, request, result } from '../../protocol/message.ts';
import type { JsonObject, Message } from '../../protocol/message.ts';
import { asWritten } from '../../protocol/written-numbers.ts';
import type { Stretch } from '../finding.ts';
import { tokenOf } from './parts.ts';

export interface Edits {
  /** New texts by the JSON Pointer of the old. */
  readonly texts: ReadonlyMap<string, string>;
  /** New member names by the pointer of the member. */
  readonly names: ReadonlyMap<string, string>;
  /** Items and members that are left out. */
  readonly without: ReadonlySet<string>;
  /** Is added to `_meta` of the result, or of the parameters. */
  readonly meta?: JsonObject | undefined;
}

/** A secret, and what is to stand in its place. */
export interface Secret extends Stretch {
  readonly replacement: string;
}

/** A stretch that is fenced or removed as a whole. */
export interface Blot extends Stretch {
  readonly replace: (text: string) => string;
}

/** A text with both. They may overlap: no secret survives in what is fenced, and what is cut by one is taken whole by the other. */
export function textWith(text: string, secrets: readonly Secret[], blots: readonly Blot[]): string {
  const whole = merged(
    blots.map((blot) => {
      let grown = blot;
      for (let at = firstAfter(secrets, blot.from); at < secrets.length; at++) {
        const { from, to } = secrets[at]!;
        if (from >= grown.to) break;
        grown = { ...grown, from: Math.min(grown.from, from), to: Math.max(grown.to, to) };
      }
      return grown;
    }),
  );
  const plain = (from: number, to: number): string => {
    let written = '';
    let at = from;
    for (let index = firstAfter(secrets, from); index < secrets.length; index++) {
      const secret = secrets[index]!;
      if (secret.to > to) break;
      if (secret.from < from) continue;
      written += text.slice(at, secret.from) + secret.replacement;
      at = secret.to;
    }
    return written + text.slice(at, to);
  };
  let written = '';
  let at = 0;
  for (const { from, to, replace } of whole) {
    written += plain(at, from) + replace(plain(from, to));
    at = to;
  }
  return written + plain(at, text.length);
}

/** The index of the first secret that ends after this position. They are in order, without overlap. */
function firstAfter(secrets: readonly Secret[], position: number): number {
  let [low, high] = [0, secrets.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (secrets[middle]!.to > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A stretch of a text without the secrets in it. What of them stands outside is left out as well. */
export function maskedIn(text: string, { from, to }: Stretch, secrets: readonly Secret[]): string {
  let written = '';
  let at = from;
  for (const secret of secrets) {
    if (secret.to <= from) continue;
    if (secret.from >= to) break;
    written += text.slice(at, Math.max(at, secret.from)) + secret.replacement;
    at = Math.max(at, secret.to);
  }
  return written + text.slice(at, Math.max(at, to));
}

/** In order, without overlap. */
function merged(blots: readonly Blot[]): Blot[] {
  const all: Blot[] = [];
  for (const blot of blots.toSorted((one, other) => one.from - other.from)) {
    const last = all.at(-1);
    if (last === undefined || blot.from >= last.to) all.push(blot);
    else all[all.length - 1] = { ...last, to: Math.max(last.to, blot.to) };
  }
  return all;
}

/** The message with its edits; numbers stay as they were written. */
export function edited<Kind extends Message>(message: Kind, edits: Edits): Kind {
  const written = asWritten(message as Message);
  const { below } = placesOf(edits);
  if (written.kind !== 'response') {
    const params = withMeta(rewritten(written.params, below.get('params')) as JsonObject, edits.meta);
    const { method } = written;
    return (written.kind === 'request' ? request(written.id, method, params) : notification(method, params)) as Kind;
  }
  if (written.error !== undefined)
    return failure(
      written.id,
      rewritten(written.error, below.get('error')) as NonNullable<typeof written.error>,
    ) as Message as Kind;
  return result(
    written.id!,
    withMeta(rewritten(written.result, below.get('result')) as JsonObject, edits.meta),
  ) as Message as Kind;
}

/** What becomes of one value, and of those below it by index or token. Where there is nothing to do nobody goes. */
interface Place {
  readonly text?: string | undefined;
  readonly name?: string | undefined;
  readonly isGone: boolean;
  readonly below: Map<string, Place>;
}

function placesOf({ texts, names, without }: Edits): Place {
  const root: Place = { isGone: false, below: new Map() };
  for (const at of new Set([...texts.keys(), ...names.keys(), ...without])) {
    const tokens = at.slice(1).split('/');
    const last = tokens.pop()!;
    let place = root;
    for (const token of tokens) {
      if (!place.below.has(token)) place.below.set(token, { isGone: false, below: new Map() });
      place = place.below.get(token)!;
    }
    const below = place.below.get(last)?.below ?? new Map<string, Place>();
    place.below.set(last, { text: texts.get(at), name: names.get(at), isGone: without.has(at), below });
  }
  return root;
}

/** One value with the edits at and below its place; the very same where there are none. */
function rewritten(value: unknown, place: Place | undefined): unknown {
  if (place === undefined) return value;
  if (typeof value === 'string' || typeof value === 'number' || JSON.isRawJSON(value)) return place.text ?? value;
  if (Array.isArray(value)) {
    const items: unknown[] = [...(value as unknown[])];
    for (const [index, each] of place.below) items[Number(index)] = rewritten(items[Number(index)], each);
    return items.filter((_item, index) => place.below.get(String(index))?.isGone !== true);
  }
  if (!isJsonObject(value)) return value;
  const members: [string, unknown][] = [];
  const names = Object.keys(value);
  const keepApart = apartFrom(names);
  for (const [position, name] of names.entries()) {
    const each = place.below.get(tokenOf(name, position));
    if (each?.isGone === true) continue;
    members.push([each?.name === undefined ? name : keepApart(each.name), rewritten(value[name], each)]);
  }
  return Object.fromEntries(members);
}

/** Two names may have one mask; no member is lost for that. */
function apartFrom(names: readonly string[]): (masked: string) => string {
  const taken = new Set(names);
  const counts = new Map<string, number>();
  return (masked) => {
    let [name, count] = [masked, counts.get(masked) ?? 1];
    while (taken.has(name)) name = `${masked} (${++count})`;
    taken.add(name);
    counts.set(masked, count);
    return name;
  };
}

/** What stands at a place of a message, with its edits. @returns undefined where nothing at or below it is edited */
export function rewrittenAt(message: Message, at: string, edits: Edits): unknown {
  let value: unknown = message;
  let place: Place | undefined = placesOf(edits);
  for (const token of at.slice(1).split('/')) {
    value = (value as JsonObject | undefined)?.[token];
    place = place?.below.get(token);
  }
  return place === undefined ? undefined : rewritten(value, place);
}

function withMeta(value: JsonObject, meta: JsonObject | undefined): JsonObject {
  if (meta === undefined) return value;
  const own = value['_meta'];
  return { ...value, _meta: { ...(isJsonObject(own) && own), ...meta } };
}

/**
 * Masks that stand where a text that is JSON has a number, in quotes: it stays JSON.
 * @param secrets in order, without overlap
 */
export function quotedInJson<Kind extends Secret>(text: string, secrets: readonly Kind[]): readonly Kind[] {
  if (!/^\s*[[{]/.test(text) || !secrets.some((secret) => isNumberIn(text, secret))) return secrets;
  let [at, inString] = [0, false];
  return secrets.map((secret) => {
    for (; at < secret.from; at++) {
      const code = text.charCodeAt(at);
      if (code === 92 && inString) at++;
      else if (code === 34) inString = !inString;
    }
    return inString || !isNumberIn(text, secret) ? secret : { ...secret, replacement: `"${secret.replacement}"` };
  });
}

const isNumberIn = (text: string, { from, to }: Stretch): boolean =>
  /^\d+$/.test(text.slice(from, to)) &&
  /[[:,]\s*$/.test(text.slice(Math.max(0, from - 64), from)) &&
  /^\s*[\]},]/.test(text.slice(to, to + 64));
