// The surface of a server: everything by which it tells a model or a person what it is and does, item by item, written in one way only.
import { createHash } from 'node:crypto';
import { isJsonObject } from '../../protocol/message.ts';
import type { JsonObject } from '../../protocol/message.ts';

export const itemKinds = ['tools', 'prompts', 'resources', 'resourceTemplates', 'instructions', 'server'] as const;
export type ItemKind = (typeof itemKinds)[number];

/** One item as a server shows it. */
export interface Item {
  readonly kind: ItemKind;
  readonly name: string;
  readonly digest: string;
  /** Canonical JSON: equal texts for equal items. */
  readonly text: string;
}

/** What identifies the items of a list. */
export const identifiers = {
  tools: 'name',
  prompts: 'name',
  resources: 'uri',
  resourceTemplates: 'uriTemplate',
} as const satisfies Partial<Record<ItemKind, string>>;

/**
 * Everything counts, members that nobody knows yet among it, but for these, where they are what the schema says. `size` and
 * `lastModified` are about the content of a resource, which changes by nature. `execution` is a member of one family of revisions
 * alone: the same tool of the same server has it for one client and not for the next; it holds one word of three.
 */
const isLeftOut = (kind: ItemKind, member: string, value: unknown): boolean =>
  (kind === 'tools' && member === 'execution' && isJsonObject(value) && Object.entries(value).every(isTaskSupport)) ||
  (kind === 'resources' && member === 'size' && typeof value === 'number');

const isTaskSupport = ([member, value]: [string, unknown]): boolean =>
  member === 'taskSupport' && ['forbidden', 'optional', 'required'].includes(value as string);

/** ISO 8601, and no word. */
const isTime = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d(?:T[\d:.,]{2,20}(?:Z|[+-]\d\d:?\d\d)?)?$/.test(value);

export function itemOf(kind: ItemKind, name: string, value: JsonObject): Item {
  const text = canonical(counting(kind, value));
  return { kind, name, text, digest: digestOf(text) };
}

function counting(kind: ItemKind, value: JsonObject): JsonObject {
  const members = Object.entries(value).filter(([member, part]) => !isLeftOut(kind, member, part));
  const kept = Object.fromEntries(members) as JsonObject;
  const { annotations } = kept;
  if (kind !== 'resources' || !isJsonObject(annotations) || !isTime(annotations['lastModified'])) return kept;
  const { lastModified: _, ...rest } = annotations;
  const { annotations: __, ...others } = kept;
  return Object.keys(rest).length === 0 ? others : { ...others, annotations: rest };
}

/**
 * How a server introduces itself, without its version: that alone changes nothing of what it shows. Of what it can do only which
 * lists it has: the rest is said in other words in each family of revisions.
 */
export function introductionOf(info: unknown, capabilities: unknown): JsonObject {
  const { version: _, ...shown } = isJsonObject(info) ? info : {};
  const lists = ['prompts', 'resources', 'tools'].filter((list) => isJsonObject(capabilities) && list in capabilities);
  return { ...shown, lists };
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** RFC 8785: members in the order of UTF-16 code units, numbers and strings as ECMAScript writes them. Depth was bounded on reading. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isJsonObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}

/** Texts of an item that somebody reads: every string in it, names of members too, since schemas speak through both. */
export function wordsOf({ text }: Pick<Item, 'text'>): readonly string[] {
  const words: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === 'string') words.push(value);
    else if (Array.isArray(value)) value.forEach(collect);
    else if (isJsonObject(value))
      for (const [name, member] of Object.entries(value)) {
        if (!said.has(name)) words.push(name);
        collect(member);
      }
  };
  collect(JSON.parse(text));
  return words;
}

/** Names of members that the protocol and JSON Schema have given, and that say nothing. */
const said: ReadonlySet<string> = new Set(
  'name title description inputSchema outputSchema annotations icons type properties items required arguments uri uriTemplate mimeType enum default _meta src sizes $schema additionalProperties lists'.split(
    ' ',
  ),
);
