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

/** Keywords whose value holds no subschemas. Annotations are left out: they check nothing. */
const plain = new Set(
  (
    'type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern format ' +
    'maxItems minItems uniqueItems maxContains minContains maxProperties minProperties required dependentRequired ' +
    '$ref $anchor'
  ).split(' '),
);
const single = new Set(
  (
    'not if then else additionalProperties unevaluatedProperties unevaluatedItems propertyNames contains ' +
    'items additionalItems'
  ).split(' '),
);
const list = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items']);
const map = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies']);

/** What would change the meaning of references or of the whole schema in ways that are not followed here. */
const refused = new Set(['$dynamicRef', '$recursiveRef', '$async', '$data']);

/**
 * Prepares a schema for compilation.
 * @param maxParts subschemas at most
 * @returns the copy, or in words why the schema cannot be used
 */
export function prepareSchema(original: JsonObject, maxParts: number): PreparedSchema | string {
  let parts = 0;
  const places = new Set<string>(['#']);
  const references: string[] = [];

  function copy(value: unknown, place: string, depth: number): unknown {
    if (typeof value === 'boolean') return value;
    if (!isJsonObject(value)) throw new Unusable(`${place} is not a schema`);
    if (++parts > maxParts) throw new Unusable(`it has more than ${maxParts} subschemas`);
    if (depth > maxDepth) throw new Unusable(`it nests deeper than ${maxDepth} subschemas`);
    places.add(place);
    const kept: Record<string, unknown> = {};
    let weight = 1;
    for (const [keyword, operand] of Object.entries(value)) {
      const at = `${place}/${escape(keyword)}`;
      const child = (name: string | number, subschema: unknown): unknown => {
        weight++;
        return copy(subschema, `${at}/${escape(String(name))}`, depth + 1);
      };
      if (refused.has(keyword)) throw new Unusable(`${keyword} is not supported`);
      if (keyword === '$id' || keyword === 'id') {
        if (depth > 0 && typeof operand === 'string') throw new Unusable('a subschema has an $id');
      } else if (list.has(keyword) && Array.isArray(operand)) {
        kept[keyword] = operand.map((subschema, index) => child(index, subschema));
      } else if (map.has(keyword) && isJsonObject(operand)) {
        const members = Object.entries(operand).map(([name, subschema]) => [
          name,
          keyword === 'dependencies' && Array.isArray(subschema) ? subschema : child(name, subschema),
        ]);
        kept[keyword] = Object.fromEntries(members) as JsonObject;
      } else if (single.has(keyword)) {
        weight++;
        kept[keyword] = copy(operand, at, depth + 1);
      } else if (plain.has(keyword)) {
        if (Array.isArray(operand)) weight += operand.length;
        if (keyword === '$ref') references.push(String(operand));
        if (keyword === '$anchor') places.add(`#${String(operand)}`);
        kept[keyword] = operand;
      }
    }
    kept[METERED] = weight;
    return kept;
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
