// Copies an untrusted JSON Schema, keeping only keywords that are known and only references that stay inside it.
import { isJsonObject } from '../protocol/message.ts';
import type { JsonObject } from '../protocol/message.ts';

/** Every subschema of a copy carries this keyword: its weight, for the meter. */
export const METERED = 'x-genkan-weight';

export interface PreparedSchema {
  readonly schema: JsonObject;
  /** `$schema` of the original; undefined when it declares none. */
  readonly dialect: unknown;
}

type Kind = 'plain' | 'schema' | 'list' | 'map' | 'schema or list' | 'map or names';

/** The keywords that are kept, by what their value holds. Others check nothing: annotations, extensions. */
const kinds: ReadonlyMap<string, Kind> = new Map([
  ...named(
    'plain',
    'type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern format',
  ),
  ...named('plain', 'maxItems minItems uniqueItems maxContains minContains maxProperties minProperties required'),
  ...named('plain', 'dependentRequired $ref $anchor'),
  ...named('schema', 'not if then else additionalProperties unevaluatedProperties unevaluatedItems propertyNames'),
  ...named('schema', 'contains additionalItems'),
  ...named('list', 'allOf anyOf oneOf prefixItems'),
  ...named('map', 'properties patternProperties dependentSchemas $defs definitions'),
  ...named('schema or list', 'items'),
  ...named('map or names', 'dependencies'),
]);

/** What would change the meaning of references or of the whole schema in ways that are not followed here. */
const refused = new Set(['$dynamicRef', '$recursiveRef', '$async', '$data']);

/**
 * Prepares a schema for compilation.
 * @param maxParts subschemas at most
 * @returns the copy, or in words why the schema cannot be used
 */
export function prepareSchema(original: JsonObject, maxParts: number): PreparedSchema | string {
  if (!isJsonObject(original)) return 'it is not an object';
  let parts = 0;
  const places = new Set<string>();
  const references: string[] = [];

  function copy(value: unknown, place: string, depth: number): unknown {
    places.add(place);
    if (typeof value === 'boolean') return value;
    if (!isJsonObject(value)) throw new Unusable(`${place} is not a schema`);
    if (++parts > maxParts) throw new Unusable(`it has more than ${maxParts} subschemas`);
    if (depth > maxDepth) throw new Unusable(`it nests deeper than ${maxDepth} subschemas`);
    let weight = 1;

    const operand = (kind: Kind, given: unknown, at: string): unknown => {
      const child = (subschema: unknown, name: string): unknown => {
        weight++;
        return copy(subschema, `${at}/${escape(name)}`, depth + 1);
      };
      if (kind === 'plain') {
        if (Array.isArray(given)) weight += given.length;
        return given;
      }
      if (kind === 'list' || (kind === 'schema or list' && Array.isArray(given))) {
        if (!Array.isArray(given)) throw new Unusable(`${at} is not a list of schemas`);
        return given.map((subschema, index) => child(subschema, String(index)));
      }
      if (kind === 'map' || kind === 'map or names') {
        if (!isJsonObject(given)) throw new Unusable(`${at} is not an object of schemas`);
        const isNames = (member: unknown): boolean => kind === 'map or names' && Array.isArray(member);
        const members = Object.entries(given);
        return Object.fromEntries(
          members.map(([name, member]) => [name, isNames(member) ? member : child(member, name)]),
        );
      }
      weight++;
      return copy(given, at, depth + 1);
    };

    const kept: Record<string, unknown> = {};
    for (const [keyword, given] of Object.entries(value)) {
      if (refused.has(keyword)) throw new Unusable(`${keyword} is not supported`);
      if (keyword === '$id' && depth > 0) throw new Unusable('a subschema has an $id');
      if (keyword === '$ref') references.push(String(given));
      if (keyword === '$anchor') places.add(`#${String(given)}`);
      const kind = kinds.get(keyword);
      if (kind !== undefined) kept[keyword] = operand(kind, given, `${place}/${escape(keyword)}`);
    }
    return { ...kept, [METERED]: weight };
  }

  try {
    const schema = copy(original, '#', 0) as JsonObject;
    // MCP 2026-07-28, "$ref Resolution": nothing is fetched. References to places that were not copied would go unmetered.
    const stray = references.find((reference) => !places.has(decoded(reference)));
    if (stray !== undefined) return `$ref ${JSON.stringify(stray.slice(0, 100))} does not point into the schema`;
    return { schema, dialect: original['$schema'] };
  } catch (error) {
    if (error instanceof Unusable) return error.message;
    throw error;
  }
}

function named(kind: Kind, keywords: string): [string, Kind][] {
  return keywords.split(' ').map((keyword) => [keyword, kind]);
}

class Unusable extends Error {}

/** RFC 6901 §3, for one token. */
const escape = (token: string): string => token.replaceAll('~', '~0').replaceAll('/', '~1');

/** RFC 6901 §6: in a fragment, pointers are percent-encoded. */
function decoded(reference: string): string {
  try {
    return decodeURIComponent(reference);
  } catch {
    return reference;
  }
}

const maxDepth = 32;
