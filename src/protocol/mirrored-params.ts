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
export function mirroredParams(inputSchema: JsonObject | undefined): readonly MirroredParam[] {
  if (!isJsonObject(inputSchema)) return none;
  let known = read.get(inputSchema);
  if (known === undefined) {
    known = collect(inputSchema);
    read.set(inputSchema, known);
  }
  return known;
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

function collect(root: JsonObject): readonly MirroredParam[] {
  const found = new Map<string, MirroredParam>();
  const descend = (schema: JsonObject, path: readonly string[]): void => {
    const properties = schema['properties'];
    if (!isJsonObject(properties) || path.length >= maxDepth) return;
    for (const [name, property] of Object.entries(properties)) {
      if (!isJsonObject(property)) continue;
      const at = [...path, name];
      const { 'x-mcp-header': annotation, type } = property;
      if (typeof annotation === 'string' && token.test(annotation) && isMirrorable(type)) {
        const header = `mcp-param-${annotation.toLowerCase()}`;
        if (!found.has(header) && found.size < maxParams) found.set(header, { header, path: at, type });
      }
      descend(property, at);
    }
  };
  descend(root, []);
  return [...found.values()];
}

const none: readonly MirroredParam[] = [];
const read = new WeakMap<JsonObject, readonly MirroredParam[]>();
const maxDepth = 16;
const maxParams = 32;
/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/;
const decimal = /^-?[0-9]{1,16}(\.[0-9]{1,16})?$/;
const isMirrorable = (type: unknown): type is MirroredParam['type'] =>
  type === 'string' || type === 'integer' || type === 'boolean';
