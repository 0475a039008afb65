// Checks the arguments of a tool call against the tool's own input schema, within bounded time whatever the schema says.
import type { ErrorObject } from 'ajv';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { isJsonObject } from '../protocol/message.ts';
import type { JsonObject } from '../protocol/message.ts';
import { createDialects } from './dialects.ts';
import type { Validate } from './dialects.ts';
import { createMeter, MeterExhausted } from './meter.ts';
import { prepareSchema } from './prepared-schema.ts';

/** A tool as its server defines it. */
export interface CheckedTool {
  readonly name: string;
  /** Read from the server's list as it came, so it need not be what it should be. */
  readonly inputSchema?: JsonObject;
}

export type ArgumentCheck = (tool: CheckedTool, args: JsonObject) => Refusal | undefined;

/**
 * Creates the check. A schema is compiled when its tool is first called and kept as long as the tool definition itself.
 * @param maxSchemaParts subschemas in one input schema
 */
export function createArgumentCheck(maxSchemaParts: number, { log }: { readonly log: Log }): ArgumentCheck {
  const meter = createMeter(stepsPerCheck);
  const dialects = createDialects(meter);
  const compiled = new WeakMap<JsonObject, Validate | string>();

  function compile(tool: CheckedTool, schema: JsonObject): Validate | string {
    const prepared = prepareSchema(schema, maxSchemaParts);
    if (typeof prepared === 'string') return prepared;
    const skipped: string[] = [];
    const validate = dialects.compile(prepared, (pattern) => skipped.push(pattern.slice(0, 200)));
    if (skipped.length > 0) {
      const patterns = skipped.slice(0, 5);
      log.info(
        { tool: tool.name, count: skipped.length, patterns },
        'patterns that may need backtracking are not checked',
      );
    }
    return validate;
  }

  return (tool, args) => {
    const { inputSchema: schema } = tool;
    if (schema === undefined) return undefined;
    let validate = compiled.get(schema);
    if (validate === undefined) {
      validate = compile(tool, schema);
      if (isJsonObject(schema)) compiled.set(schema, validate);
    }
    if (typeof validate === 'string') {
      return refuse('inspect_schema_refused', { tool: tool.name, reason: validate }, { outcome: 'block' });
    }
    try {
      meter.refill();
      const error = validate(args);
      return error === undefined ? undefined : invalid(tool, error);
    } catch (error) {
      // A RangeError is the stack, which a schema that refers to itself without end can use up.
      if (!(error instanceof MeterExhausted || error instanceof RangeError)) throw error;
      const reason = 'they take too long to check';
      return refuse('inspect_arguments_invalid', { tool: tool.name, reason }, { outcome: 'block' });
    }
  };
}

/** Says where and what is wrong, never the value: arguments may hold secrets, and refusals are recorded. */
function invalid(tool: CheckedTool, { instancePath, keyword, message = 'is not valid', params }: ErrorObject): Refusal {
  const path = instancePath.slice(0, 128);
  const unknown = (params as { additionalProperty?: unknown; unevaluatedProperty?: unknown }) ?? {};
  const name = unknown.additionalProperty ?? unknown.unevaluatedProperty;
  const what = typeof name === 'string' ? `must not have the member ${JSON.stringify(name.slice(0, 64))}` : message;
  const reason = `${path === '' ? 'they' : path} ${what.slice(0, 200)}`;
  return refuse('inspect_arguments_invalid', { tool: tool.name, reason }, { data: { path, keyword } });
}

/** Enough for arguments as large as a request may be, looked at once or twice; about half a second at the very worst. */
const stepsPerCheck = 1_000_000;
