// PATCH (RFC 7644 §3.5.2) on what is kept of a user, in the dialects in which directories speak it.
import { attributeNamed, isObject, readValue } from './attributes.ts';
import type { Attribute, Complex, Resource, Value } from './attributes.ts';
import { parseFilter } from './filter.ts';
import type { Comparison } from './filter.ts';
import { invalid } from './problem.ts';

export interface Operation {
  readonly op: 'add' | 'replace' | 'remove';
  /** Undefined where the value names what it is for. */
  readonly path: string | undefined;
  readonly value: unknown;
}

interface Path {
  readonly attribute: string;
  readonly filter: readonly Comparison[] | undefined;
  readonly part: string | undefined;
}

const maxOperations = 1000;
const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const written = /^([A-Za-z$][\w$-]{0,100})(?:\[(.{1,2000})\])?(?:\.([A-Za-z$][\w$-]{0,100}))?$/s;
const coreSchema = /^urn:ietf:params:scim:schemas:core:2\.0:(?:User|Group):/i;

/** Reads the body. Entra ID begins the names of operations with a capital. */
export function readOperations(body: unknown): readonly Operation[] {
  const { schemas, Operations: operations } = isObject(body) ? body : {};
  if (!Array.isArray(schemas) || !schemas.includes(patchSchema) || !Array.isArray(operations))
    throw invalid('invalidSyntax', 'this is no PatchOp');
  if (operations.length > maxOperations) throw invalid('tooMany', `more than ${maxOperations} operations`);
  return operations.flatMap((given: unknown) => {
    const { op, path, value } = isObject(given) ? given : {};
    const name = typeof op === 'string' ? op.toLowerCase() : '';
    if (name !== 'add' && name !== 'replace' && name !== 'remove')
      throw invalid('invalidSyntax', 'an operation is neither add, replace nor remove');
    if (path !== undefined && typeof path !== 'string') throw invalid('invalidPath', 'a path is no text');
    if (path !== undefined && path !== '') return [{ op: name, path, value }];
    if (name === 'remove') throw invalid('noTarget', 'what is to be removed is not said');
    if (!isObject(value)) throw invalid('invalidValue', 'without a path the value must be an object');
    // Its members may be paths themselves: Entra ID sends {"name.givenName": "…", "active": "False"}.
    return Object.entries(value).map(([member, part]) => ({ op: name, path: member, value: part }) as const);
  });
}

/** @returns undefined for an attribute of an extension, none of which is kept */
export function readPath(path: string): Path | undefined {
  const own = path.replace(coreSchema, '');
  if (/^urn:/i.test(own)) return undefined;
  const [, attribute, filter, part] = written.exec(own) ?? [];
  if (attribute === undefined) throw invalid('invalidPath', 'a path cannot be read');
  return { attribute, filter: filter === undefined ? undefined : parseFilter(filter), part };
}

/** What is not kept is left alone: directories send whatever their mapping has. */
export function applyPatch(
  attributes: readonly Attribute[],
  resource: Resource,
  operations: readonly Operation[],
): Resource {
  return operations.reduce((patched, { op, path, value }) => {
    const target = readPath(path!);
    const attribute = target && attributeNamed(attributes, target.attribute);
    if (attribute === undefined) return patched;
    const now = change(attribute, patched[attribute.name], op, target!, value);
    const { [attribute.name]: _before, ...others } = patched;
    if (now === undefined && attribute.required)
      throw invalid('invalidValue', `${attribute.name} cannot be taken away`);
    return now === undefined ? others : { ...others, [attribute.name]: now };
  }, resource);
}

function change(
  attribute: Attribute,
  before: Value | undefined,
  op: Operation['op'],
  { filter, part }: Path,
  value: unknown,
): Value | undefined {
  if (filter !== undefined && !attribute.multiValued) throw invalid('invalidPath', `${attribute.name} is no list`);
  if (attribute.type !== 'complex') {
    if (part !== undefined) throw invalid('invalidPath', `${attribute.name} has no parts`);
    return op === 'remove' ? undefined : readValue(attribute, value);
  }
  if (attribute.multiValued)
    return changeList(attribute, (before ?? []) as readonly Complex[], op, filter, part, value);
  const whole = (before ?? {}) as Complex;
  if (part !== undefined) return changePart(attribute, whole, op, part, value);
  if (op === 'remove') return undefined;
  const read = readValue(attribute, value) as Complex | undefined;
  return op === 'add' ? { ...whole, ...read } : read;
}

function changePart(attribute: Attribute, whole: Complex, op: Operation['op'], name: string, value: unknown): Complex {
  const part = attributeNamed(attribute.parts!, name);
  if (part === undefined) return whole;
  const { [part.name]: _before, ...others } = whole;
  const now = op === 'remove' ? undefined : (readValue(part, value) as string | boolean | undefined);
  return now === undefined ? others : { ...others, [part.name]: now };
}

function changeList(
  attribute: Attribute,
  before: readonly Complex[],
  op: Operation['op'],
  filter: readonly Comparison[] | undefined,
  part: string | undefined,
  value: unknown,
): readonly Complex[] | undefined {
  const matches = (one: Complex): boolean => (filter ?? []).every((wanted) => isEqual(one, wanted));
  const some = (list: readonly Complex[]) => (list.length === 0 ? undefined : list);
  if (part !== undefined) {
    const set = (one: Complex): Complex => changePart(attribute, one, op, part, value);
    if (op === 'remove' || before.some(matches)) return some(before.map((one) => (matches(one) ? set(one) : one)));
    // Entra ID changes the work address of somebody who has none yet, and expects one to come of it.
    const named = Object.fromEntries((filter ?? []).map(({ attribute: name, value: text }) => [name, text]));
    const [begun = {}] = readValue(attribute, named) as readonly Complex[];
    return readValue(attribute, [...before, set(begun)]) as readonly Complex[];
  }
  const given = (readValue(attribute, value) ?? []) as readonly Complex[];
  if (op === 'remove')
    return some(before.filter((one) => !(filter === undefined ? isAmong(given, one) : matches(one))));
  if (filter !== undefined) {
    if (given.length !== 1) throw invalid('invalidValue', `${attribute.name} needs one value there`);
    if (!before.some(matches)) throw invalid('noTarget', `${attribute.name} has no such value`);
    return before.map((one) => (!matches(one) ? one : op === 'add' ? { ...one, ...given[0] } : given[0]!));
  }
  if (op === 'replace') return some(given);
  const added = given.filter((one) => !before.some((other) => isSame(one, other)));
  return some(readValue(attribute, [...before, ...added]) as readonly Complex[]);
}

/** Without values named, all of them. */
const isAmong = (given: readonly Complex[], one: Complex): boolean =>
  given.length === 0 || given.some((other) => other['value'] === one['value']);

function isEqual(one: Complex, { attribute, value }: Comparison): boolean {
  const name = Object.keys(one).find((key) => key.toLowerCase() === attribute);
  const held = name === undefined ? undefined : one[name];
  return typeof held === 'string' ? held.toLowerCase() === String(value).toLowerCase() : String(held) === String(value);
}

const isSame = (one: Complex, other: Complex): boolean =>
  Object.keys({ ...one, ...other }).every((key) => one[key] === other[key]);
