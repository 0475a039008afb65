// The JSON Schema dialects that tools are written in, each on a validator hardened against the schemas it is given.
import { createRequire } from 'node:module';
import type { Ajv, ErrorObject, Options } from 'ajv';
import type { JsonObject } from '../protocol/message.ts';
import { linearPattern } from './linear-pattern.ts';
import type { Meter } from './meter.ts';
import { METERED } from './prepared-schema.ts';
import type { PreparedSchema } from './prepared-schema.ts';

// Loaded with the first schema: whoever has a client over stdio waits for every module before that.
const require = createRequire(import.meta.url);
const load = {
  '2020-12': () => (require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')).Ajv2020,
  '2019-09': () => (require('ajv/dist/2019.js') as typeof import('ajv/dist/2019.js')).Ajv2019,
  'draft-07': () => (require('ajv') as typeof import('ajv')).Ajv,
  formats: () => (require('ajv-formats/dist/formats.js') as typeof import('ajv-formats/dist/formats.js')).fullFormats,
};

/** Returns the deciding error, or undefined when the value is valid. @throws MeterExhausted, RangeError (stack) */
export type Validate = (value: unknown) => ErrorObject | undefined;

export interface Dialects {
  /**
   * Compiles a prepared schema.
   * @param skipped called for each pattern that cannot be run in linear time, and matches everything instead
   * @returns the validation, or in words why there is none
   */
  compile(prepared: PreparedSchema, skipped: (pattern: string) => void): Validate | string;
}

type Name = '2020-12' | '2019-09' | 'draft-07';

const declared: ReadonlyMap<string, Name> = new Map([
  ['https://json-schema.org/draft/2020-12/schema', '2020-12'],
  ['https://json-schema.org/draft/2019-09/schema', '2019-09'],
  ['http://json-schema.org/draft-07/schema', 'draft-07'],
  ['http://json-schema.org/draft-06/schema', 'draft-07'], // a subset but for nothing that servers use
]);

export function createDialects(meter: Meter): Dialects {
  const validators = new Map<Name, Ajv>();
  let patternBudget = 0;
  let onSkipped: (pattern: string) => void = () => undefined;

  const regExp = Object.assign(
    (source: string) => {
      const pattern = patternBudget > 0 ? linearPattern(source, meter) : undefined;
      patternBudget -= pattern?.size ?? 1;
      if (pattern === undefined) onSkipped(source);
      return { test: (text: string) => pattern?.test(text) ?? true, toString: () => source };
    },
    { code: 'linearPattern' },
  );

  const options: Options = {
    strict: false,
    allErrors: false, // Ajv, "Security considerations": collecting all of them is unbounded
    ownProperties: true, // `constructor` is a property only of objects that say so
    inlineRefs: false,
    multipleOfPrecision: 9,
    logger: false,
    code: { regExp, optimize: false }, // optimising takes time quadratic in the size of the schema
  };

  function validatorFor(name: Name): Ajv {
    let ajv = validators.get(name);
    if (ajv === undefined) {
      ajv = harden(new (load[name]())(options) as Ajv, meter);
      validators.set(name, ajv);
    }
    return ajv;
  }

  function compileAs(name: Name, schema: JsonObject): Validate | string {
    const ajv = validatorFor(name);
    try {
      meter.refill();
      patternBudget = maxPatternInstructions;
      const validate = ajv.compile(schema);
      return (value) => (validate(value) ? undefined : (validate.errors?.at(-1) ?? unexplained));
    } catch (error) {
      return `it is not valid JSON Schema ${name} (${String((error as Error).message).slice(0, 200)})`;
    } finally {
      ajv.removeSchema(schema); // the validation lives as long as its tool, not as long as the process
    }
  }

  return {
    compile({ schema, dialect }, skipped) {
      onSkipped = skipped;
      if (dialect !== undefined) {
        const written = typeof dialect === 'string' ? dialect : JSON.stringify(dialect); // it may be anything at all
        const name = declared.get(written.replace(/#$/, ''));
        return name === undefined ? `its dialect ${written.slice(0, 100)} is not supported` : compileAs(name, schema);
      }
      // MCP 2026-07-28, "Schema Dialect": 2020-12 by default. Before 2025-11-25 there was no default, and many wrote draft-07.
      const compiled = compileAs('2020-12', schema);
      if (typeof compiled !== 'string') return compiled;
      const older = compileAs('draft-07', schema);
      return typeof older === 'string' ? compiled : older;
    },
  };
}

/** Replaces what costs more than it should, and meters every subschema. */
function harden(ajv: Ajv, meter: Meter): Ajv {
  const fullFormats = load.formats();
  for (const name of assertedFormats) {
    const format = fullFormats[name];
    const matches = format instanceof RegExp ? (text: string) => format.test(text) : validateOf(format);
    ajv.addFormat(name, (text: string) => text.length <= maxFormatLength && matches(text));
  }
  ajv.addKeyword({
    keyword: METERED,
    schemaType: 'number',
    before: '$ref', // first of its group: ahead of whatever leads to other subschemas
    validate(weight: number, value: unknown) {
      meter.spend(weight + extent(value));
      return true;
    },
  });
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must NOT have duplicate items' },
    validate(unique: boolean, items: unknown[]) {
      if (!unique) return true;
      const seen = new Set<string>();
      for (const item of items) {
        const text = canonical(item);
        meter.spend(1 + (text.length >> 3));
        seen.add(text);
      }
      return seen.size === items.length;
    },
  });
  return ajv;
}

/** Steps for looking at a value once, whatever keyword does it. */
function extent(value: unknown): number {
  if (typeof value === 'string') return value.length >> 3;
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isPlain ? Object.keys(value).length : 0; // items of arrays are metered by their own subschema
}

/** JSON with sorted member names: equal for equal values. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}

function validateOf(format: unknown): (text: string) => boolean {
  const validate = typeof format === 'function' ? format : (format as { validate: unknown }).validate;
  return validate instanceof RegExp ? (text) => validate.test(text) : (validate as (text: string) => boolean);
}

/** Those that a server would check as well. Unknown ones are annotations (JSON Schema Validation 2020-12 §7.2.1). */
const assertedFormats = [
  'date',
  'time',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uri-reference',
  'uuid',
] as const;
const unexplained: ErrorObject = { keyword: '', instancePath: '', schemaPath: '', params: {} };
const maxFormatLength = 2048; // some of their expressions are not linear
const maxPatternInstructions = 20_000;
