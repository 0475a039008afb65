// The attributes that are kept of a user and a group, and no others: whatever else a directory sends is not read.
import { invalid } from './problem.ts';

export interface Attribute {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'complex';
  readonly description: string;
  readonly multiValued?: true;
  readonly required?: true;
  readonly caseExact?: true;
  readonly uniqueness?: 'server';
  readonly mutability?: 'immutable' | 'readOnly';
  readonly parts?: readonly Attribute[];
}

export type Value = string | boolean | Complex | readonly Complex[];
export interface Complex {
  readonly [part: string]: string | boolean;
}
/** Attributes by their canonical names. */
export type Resource = Readonly<Record<string, Value>>;

export const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group';

const text = (name: string, description: string, more: Partial<Attribute> = {}): Attribute => ({
  name,
  type: 'string',
  description,
  ...more,
});

/** RFC 7643 §3.1: common to all, and in no schema. */
export const externalId = text('externalId', 'Id of the resource in the directory.', { caseExact: true });

export const userAttributes: readonly Attribute[] = [
  text('userName', 'Sign-in name.', { required: true, uniqueness: 'server' }),
  text('displayName', 'Name for showing.'),
  { name: 'active', type: 'boolean', description: 'False keeps the person out, at once.' },
  {
    name: 'name',
    type: 'complex',
    description: 'Parts of the name.',
    parts: [text('formatted', 'The whole name.'), text('familyName', 'Family name.'), text('givenName', 'Given name.')],
  },
  {
    name: 'emails',
    type: 'complex',
    multiValued: true,
    description: 'E-mail addresses. Nothing is decided by them.',
    parts: [
      text('value', 'The address.'),
      text('type', 'E.g. work.'),
      { name: 'primary', type: 'boolean', description: 'The preferred one.' },
    ],
  },
];

export const groupAttributes: readonly Attribute[] = [
  text('displayName', 'Name for showing.', { required: true }),
  {
    name: 'members',
    type: 'complex',
    multiValued: true,
    description: 'Users in the group.',
    parts: [text('value', 'Id of the user.', { mutability: 'immutable', caseExact: true })],
  },
];

const maxTextLength = 1000;
const maxValues = 100;

/** RFC 7643 §2.1: names of attributes are not case exact. */
export const attributeNamed = (attributes: readonly Attribute[], name: string): Attribute | undefined =>
  attributes.find((attribute) => attribute.name.toLowerCase() === name.toLowerCase());

/** Reads of a resource what is known. */
export function readResource(attributes: readonly Attribute[], given: unknown): Resource {
  if (!isObject(given)) throw invalid('invalidSyntax', 'the resource is no object');
  return readMembers(attributes, given) as Resource;
}

function readMembers(attributes: readonly Attribute[], given: object): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const attribute = attributeNamed(attributes, name);
    const known = attribute && readValue(attribute, value);
    if (known !== undefined) read[attribute!.name] = known;
  }
  return read;
}

/** @returns undefined for what says that there is no value (RFC 7643 §2.5) */
export function readValue(attribute: Attribute, given: unknown): Value | undefined {
  if (given === null || given === undefined || given === '') return undefined;
  const wrong = (what: string) => invalid('invalidValue', `${attribute.name} is ${what}`);
  if (attribute.multiValued) {
    const values = Array.isArray(given) ? given : [given];
    if (values.length > maxValues) throw wrong('too long');
    if (!values.every(isObject)) throw wrong('no list of objects');
    return values.map((value) => readMembers(attribute.parts!, value) as Complex);
  }
  if (attribute.type === 'complex') {
    if (!isObject(given)) throw wrong('no object');
    return readMembers(attribute.parts!, given) as Complex;
  }
  if (attribute.type === 'boolean') return readBoolean(given, wrong);
  if (typeof given !== 'string') throw wrong('no text');
  if (given.length > maxTextLength) throw wrong('too long');
  return given;
}

// Entra ID writes booleans as texts unless it is told otherwise, "False" among them.
function readBoolean(given: unknown, wrong: (what: string) => Error): boolean {
  if (typeof given === 'boolean') return given;
  const read = typeof given === 'string' ? { true: true, false: false }[given.toLowerCase()] : undefined;
  if (read === undefined) throw wrong('neither true nor false');
  return read;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
