// Puts texts into an object of a message, in place of members of the same names; every other member stays as it was written.
import { isJsonObject } from './message.ts';
import type { JsonObject, Message } from './message.ts';
import { memberOf, partsOf } from './swap-members.ts';

type Texts = Readonly<Record<string, string | undefined>>;

/**
 * @param message as `parseMessage` accepts it: valid JSON in which no name is written twice
 * @param path objects, one in the other; those that are missing come into being
 * @param members undefined takes one out
 */
export function putMembers<Kind extends Message>(message: Kind, path: readonly string[], members: Texts): Kind {
  const text = message.raw.toString('utf8');
  const put = readAs(message as unknown as JsonObject, path, members) as unknown as Kind;
  return { ...put, raw: Buffer.from(writtenAs(text, text.indexOf('{'), path, members)) };
}

function readAs(object: JsonObject, [name, ...within]: readonly string[], members: Texts): JsonObject {
  if (name === undefined) return Object.fromEntries(Object.entries({ ...object, ...members }).filter(isThere));
  const member = object[name];
  return { ...object, [name]: readAs(isJsonObject(member) ? member : {}, within, members) };
}

const isThere = ([, value]: [string, unknown]): boolean => value !== undefined;

function writtenAs(text: string, object: number, path: readonly string[], members: Texts): string {
  let at = object;
  for (const [depth, name] of path.entries()) {
    const next = memberOf(text, at, name);
    if (next === undefined) {
      const missing = path
        .slice(depth)
        .reduceRight((inner, key) => `{${JSON.stringify(key)}:${inner}}`, textOf(members));
      return withParts(text, at, [missing.slice(1, -1)], new Set());
    }
    at = next;
  }
  return withParts(text, at, [textOf(members).slice(1, -1)], new Set(Object.keys(members)));
}

const textOf = (members: Texts): string => JSON.stringify(members);

function withParts(text: string, object: number, added: readonly string[], without: ReadonlySet<string>): string {
  const { parts, end } = partsOf(text, object);
  const kept = parts.filter(({ name }) => !without.has(name)).map(({ from, to }) => text.slice(from, to));
  const all = [...kept, ...added].filter((part) => part !== '');
  return `${text.slice(0, object)}{${all.join(',')}}${text.slice(end)}`;
}
