// Questions to a zod schema about one place in it: which keys it knows there, and whether a secret belongs there.
import type { z } from 'zod';
import { secretReference } from '../base/secret.ts';
import type { Path } from './source.ts';

type Schema = z.core.$ZodType;

/**
 * The keys that the schema knows at a path. Empty when any key is welcome there, or none.
 * @param value what stands there: it tells which of several alternatives is meant, e.g. by `source: env`
 */
export function keysAt(schema: Schema, path: Path, value: unknown): string[] {
  const objects = alternativesAt(schema, path)
    .flatMap((found) => (isSecretSchema(found) ? (found as z.core.$ZodUnion)._zod.def.options : [found]))
    .filter((found): found is z.core.$ZodObject => found._zod.def.type === 'object')
    .filter((found) => isMeant(found, value));
  return [...new Set(objects.flatMap((found) => Object.keys(found._zod.def.shape)))];
}

function isMeant(schema: z.core.$ZodObject, value: unknown): boolean {
  return Object.entries(schema._zod.def.shape).every(([key, field]) => {
    const { def } = (field as z.core.$ZodTypes)._zod;
    const written: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
    return def.type !== 'literal' || written === undefined || def.values.some((known) => known === written);
  });
}

/** Whether the value at a path may be secret: a reference belongs there or around it, perhaps among other things. */
export function mayBeSecretAt(schema: Schema, path: Path): boolean {
  return path.some((_, index) => alternativesAt(schema, path.slice(0, index + 1)).some(isSecretSchema));
}

/** Whether a single value such as a text or a number may stand at a path, and not only a mapping or a list. */
export function takesScalarAt(schema: Schema, path: Path): boolean {
  return alternativesAt(schema, path).some(
    ({ _zod: { def } }) => !['object', 'record', 'array', 'union'].includes(def.type),
  );
}

/** Whether nothing but a secret reference belongs at a path. */
export function isReferenceAt(schema: Schema, path: Path): boolean {
  const found = alternativesAt(schema, path);
  return found.length > 0 && found.every(isSecretSchema);
}

/** Every key that the schema knows anywhere. */
export function wordsOf(schema: Schema, words = new Set<string>(), seen = new Set<Schema>()): Set<string> {
  if (seen.has(schema)) return words;
  seen.add(schema);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const inner =
    def.type === 'object'
      ? Object.values(def.shape)
      : def.type === 'record'
        ? [def.valueType]
        : def.type === 'array'
          ? [def.element]
          : def.type === 'union'
            ? def.options
            : unwrap(schema).filter((found) => found !== schema);
  if (def.type === 'object') for (const key of Object.keys(def.shape)) words.add(key);
  for (const each of inner) wordsOf(each, words, seen);
  return words;
}

function isSecretSchema(schema: Schema): boolean {
  // `describe` and `meta` make copies that remember where they come from.
  for (let at: Schema | undefined = schema; at !== undefined; at = at._zod.parent)
    if (at === secretReference) return true;
  return false;
}

/** The alternatives of a union at a path, in the order in which they are declared; one schema where there is no choice. */
export function alternativesAt(schema: Schema, path: Path): Schema[] {
  return path.reduce<Schema[]>((found, key) => found.flatMap((each) => step(each, key)), unwrap(schema));
}

function unwrap(schema: Schema): Schema[] {
  if (isSecretSchema(schema)) return [schema];
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return unwrap(def.innerType);
    case 'pipe':
      return unwrap(def.in);
    case 'lazy':
      return unwrap(def.getter());
    case 'union':
      return def.options.flatMap(unwrap);
    default:
      return [schema];
  }
}

function step(schema: Schema, key: PropertyKey): Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object': {
      const child = Object.hasOwn(def.shape, key) ? def.shape[String(key)] : def.catchall;
      return child === undefined || child._zod.def.type === 'never' ? [] : unwrap(child);
    }
    case 'unknown':
    case 'any':
      return [schema];
    case 'record':
      return unwrap(def.valueType);
    case 'array':
      return unwrap(def.element);
    case 'union': // a secret reference, entered
      return def.options.flatMap((option) => unwrap(option)).flatMap((option) => step(option, key));
    default:
      return [];
  }
}
