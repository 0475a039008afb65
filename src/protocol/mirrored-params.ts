// Tool arguments that a server wants to see in headers: the `x-mcp-header` annotations of an input schema.
import { isJsonObject } from './message.ts';
import type { JsonObject } from './message.ts';

/** One annotated parameter (MCP 2026-07-28, Streamable HTTP, "Custom Headers from Tool Parameters"). */
export interface MirroredParam {
  /** In lower case, `mcp-param-…`. */
  readonly header: string;
  /** Names of the properties from the root of the arguments to the value. */
  readonly path: readonly string[];
  readonly type: 'string' | 'integer' | 'boolean';
}

/**
 * The annotated parameters of an input schema. Schemas come from upstream servers: what the specification does not allow
 * (other types, other places, bad or repeated names) is not followed. Computed once per schema object.
 */
export const mirroredParams = (inputSchema: JsonObject | undefined): readonly MirroredParam[] =>
  isJsonObject(inputSchema) ? annotationsOf(inputSchema).params : none;

/** Whether clients may use a tool with this input schema: one annotation that is not allowed makes the definition invalid. */
export const isWellAnnotated = (inputSchema: JsonObject | undefined): boolean =>
  !isJsonObject(inputSchema) || annotationsOf(inputSchema).allowed;

/** The input schema as it is without its annotations: what a call has to look like, wherever its arguments are repeated. */
export function withoutMirrors(schema: JsonObject, depth = 0): JsonObject {
  const { properties } = schema;
  if (!isJsonObject(properties) || depth >= maxDepth) return schema;
  const plain = Object.entries(properties).map(([name, property]): [string, unknown] => {
    if (!isJsonObject(property)) return [name, property];
    const { [annotation]: _label, ...rest } = property;
    return [name, withoutMirrors(rest, depth + 1)];
  });
  return { ...schema, properties: Object.fromEntries(plain) };
}

/** The value of a mirrored parameter as text; undefined when there is none to mirror. */
export function mirroredValue(param: MirroredParam, args: unknown): string | undefined {
  let value: unknown = args;
  for (const name of param.path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** Whether a header says the same as the body; whole numbers are compared as numbers (`42.0` is `42`). */
export function agrees(param: MirroredParam, header: string, body: string): boolean {
  if (header === body) return true;
  return param.type === 'integer' && decimal.test(header) && decimal.test(body) && Number(header) === Number(body);
}

function annotationsOf(inputSchema: JsonObject): Annotations {
  let known = read.get(inputSchema);
  if (known === undefined) {
    const params = collect(inputSchema);
    known = { params, allowed: countIn(inputSchema) === params.length };
    read.set(inputSchema, known);
  }
  return known;
}

function collect(root: JsonObject): readonly MirroredParam[] {
  const found = new Map<string, MirroredParam>();
  const descend = (schema: JsonObject, path: readonly string[]): void => {
    const properties = schema['properties'];
    if (!isJsonObject(properties) || path.length >= maxDepth) return;
    for (const [name, property] of Object.entries(properties)) {
      if (!isJsonObject(property)) continue;
      const at = [...path, name];
      const { [annotation]: label, type } = property;
      if (typeof label === 'string' && token.test(label) && isMirrorable(type)) {
        const header = `mcp-param-${label.toLowerCase()}`;
        if (!found.has(header) && found.size < maxParams) found.set(header, { header, path: at, type });
      }
      descend(property, at);
    }
  };
  descend(root, []);
  return [...found.values()];
}

/** Annotations at any place where a schema stands, as opposed to the names of its properties and to example values. */
function countIn(schema: unknown): number {
  if (Array.isArray(schema)) return sum(schema);
  if (!isJsonObject(schema)) return 0;
  let count = Object.hasOwn(schema, annotation) ? 1 : 0;
  for (const [keyword, value] of Object.entries(schema)) {
    if (values.has(keyword)) continue;
    count += namedSchemas.has(keyword) && isJsonObject(value) ? sum(Object.values(value)) : countIn(value);
  }
  return count;
}

const sum = (schemas: readonly unknown[]): number => schemas.reduce<number>((count, each) => count + countIn(each), 0);

interface Annotations {
  readonly params: readonly MirroredParam[];
  readonly allowed: boolean;
}

const annotation = 'x-mcp-header';
/** Keywords with names of the schema's choosing in them. */
const namedSchemas: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
]);
const values: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples', annotation]);
const none: readonly MirroredParam[] = [];
const read = new WeakMap<JsonObject, Annotations>();
const maxDepth = 16;
const maxParams = 32;
/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/;
const decimal = /^-?[0-9]{1,16}(\.[0-9]{1,16})?$/;
const isMirrorable = (type: unknown): type is MirroredParam['type'] =>
  type === 'string' || type === 'integer' || type === 'boolean';
