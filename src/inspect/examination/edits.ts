// Puts what was decided into a message: one list of edits a text, items left out, and everything else as it was written.
import { failure, isJsonObject, notification, request, result } from '../../protocol/message.ts';
import type { JsonObject, Message } from '../../protocol/message.ts';
import { asWritten } from '../../protocol/written-numbers.ts';
import type { Stretch } from '../finding.ts';
import { escape } from './parts.ts';

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
  if (written.kind !== 'response') {
    const params = withMeta(rewritten(written.params, '/params', edits) as JsonObject, edits.meta);
    const { method } = written;
    return (written.kind === 'request' ? request(written.id, method, params) : notification(method, params)) as Kind;
  }
  if (written.error !== undefined)
    return failure(written.id, rewritten(written.error, '/error', edits) as NonNullable<typeof written.error>) as Kind;
  return result(
    written.id!,
    withMeta(rewritten(written.result, '/result', edits) as JsonObject, edits.meta),
  ) as Message as Kind;
}

/** One value of a message with its edits; the very same where there are none below it. */
export function rewritten(value: unknown, at: string, edits: Edits): unknown {
  if (typeof value === 'string') return edits.texts.get(at) ?? value;
  if (Array.isArray(value))
    return value.flatMap((item, index) => {
      const below = `${at}/${index}`;
      return edits.without.has(below) ? [] : [rewritten(item, below, edits)];
    });
  if (!isJsonObject(value)) return value;
  const members: [string, unknown][] = [];
  for (const name of Object.keys(value)) {
    const below = `${at}/${escape(name)}`;
    if (!edits.without.has(below)) members.push([edits.names.get(below) ?? name, rewritten(value[name], below, edits)]);
  }
  return Object.fromEntries(members);
}

function withMeta(value: JsonObject, meta: JsonObject | undefined): JsonObject {
  if (meta === undefined) return value;
  const own = value['_meta'];
  return { ...value, _meta: { ...(isJsonObject(own) && own), ...meta } };
}
