// Where in the arguments of a call which type stands: by JSON Pointers of an administrator, and by a tool's own input schema.
import { isJsonObject } from '../../protocol/message.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { fold } from '../../protocol/ambiguity.ts';
import { checkOf } from './checks.ts';
import type { TypedCheck } from './checks.ts';
import { typeSettings } from './settings.ts';
import type { TypeSettings } from './settings.ts';
import type { RuleName } from './rule.ts';

/** A place in the arguments; places may lead back to themselves, as schemas do. */
export interface Place {
  readonly checks: TypedCheck[];
  /** By name without regard to case: some servers' parsers read `Path` as `path`. */
  readonly members: Map<string, Place>;
  /** Every item, every other name. */
  any: Place | undefined;
  /** Places that are this one, too. */
  readonly also: Place[];
  /** The type of what an administrator has declared below: a text here may hold it as JSON, where nobody would look. */
  above?: TypedCheck['type'];
}

/** Where a value breaks which rule. */
export interface Broken {
  readonly at: string;
  readonly type: TypedCheck['type'];
  readonly rule: RuleName;
}

const emptyPlace = (): Place => ({ checks: [], members: new Map(), any: undefined, also: [] });

export function placesOf(types: Readonly<Record<string, TypeSettings>>): Place {
  const root = emptyPlace();
  for (const [pointer, declared] of Object.entries(types)) {
    let place = root;
    for (const token of pointer.slice(1).split('/')) {
      place.above ??= declared.type;
      const name = fold(token.replaceAll('~1', '/').replaceAll('~0', '~')); // RFC 6901 §4
      place = name === '*' ? (place.any ??= emptyPlace()) : memberOf(place, name);
    }
    place.checks.push(checkOf(declared, false));
  }
  return root;
}

/**
 * The types that the author of a server has written into a schema. They only ever add to what an administrator demands.
 * @returns undefined when there are none, or in words why they cannot be followed
 */
export function placesIn(schema: JsonObject): Place | string | undefined {
  const places = new Map<unknown, Place>();
  let typed = false;
  let problem: string | undefined;
  let known: ReadonlyMap<string, unknown> | undefined;
  const anchors = (): ReadonlyMap<string, unknown> => (known ??= anchorsIn(schema));

  function placeOf(node: unknown): Place {
    const met = places.get(node);
    if (met !== undefined) return met;
    const place = emptyPlace();
    if (!isJsonObject(node)) return place;
    places.set(node, place);
    if (places.size > maxPlaces) {
      problem ??= `it has more than ${maxPlaces} subschemas`;
      return place;
    }
    const wish = node[keyword];
    if (wish !== undefined) {
      typed = true;
      const parsed = typeSettings.safeParse(typeof wish === 'string' ? { type: wish } : wish);
      if (parsed.success) place.checks.push(checkOf(parsed.data, true));
      else problem ??= `its ${keyword} is not one that is known`;
    }
    for (const [name, member] of membersOf(node['properties'])) memberOf(place, fold(name)).also.push(placeOf(member));
    for (const [at, item] of itemsOf(node['prefixItems']).entries())
      memberOf(place, String(at)).also.push(placeOf(item));
    for (const each of [
      ...itemsOf(node['items']),
      ...[
        'items',
        'additionalProperties',
        'additionalItems',
        'contains',
        'unevaluatedProperties',
        'unevaluatedItems',
      ].map((name) => node[name]),
      ...membersOf(node['patternProperties']).map(([, member]) => member),
    ])
      if (isJsonObject(each)) (place.any ??= emptyPlace()).also.push(placeOf(each));
    const alternatives = [...itemsOf(node['allOf']), ...itemsOf(node['anyOf']), ...itemsOf(node['oneOf'])];
    const others = [
      node['if'],
      node['then'],
      node['else'],
      ...membersOf(node['dependentSchemas']).map(([, member]) => member),
    ];
    for (const each of [...alternatives, ...others, referred(schema, node['$ref'], anchors)])
      if (isJsonObject(each)) place.also.push(placeOf(each));
    return place;
  }

  const root = placeOf(schema);
  return typed ? (problem ?? root) : undefined;
}

/** @throws never; work is bounded, and what exceeds it is broken */
export function broken(roots: readonly Place[], args: JsonObject): Broken | undefined {
  let steps = maxSteps;

  function look(places: ReadonlySet<Place>, value: unknown, at: string): Broken | undefined {
    const here = new Set(places);
    for (const place of here) for (const each of place.also) here.add(each); // a set that grows is still gone through
    const checks = [...here].flatMap((place) => place.checks);
    steps -= 1 + here.size;
    if (steps < 0) return { at, type: checks[0]?.type ?? 'path', rule: 'too-much' };
    if (Array.isArray(value)) {
      const whole = checks.length === 0 ? undefined : ofChecks(checks);
      for (const [index, item] of value.entries()) {
        const found = below(here, String(index), item, at, whole);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    if (isJsonObject(value)) {
      if (checks.length > 0) return { at, type: checks[0]!.type, rule: 'not-text' };
      for (const name in value) {
        const found = below(here, fold(name), value[name], at, undefined, name);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    for (const { type, check, takesNumbers } of value === null || value === undefined ? [] : checks) {
      const rule = typeof value === 'string' ? check(value) : takesNumbers ? undefined : 'not-text';
      if (rule !== undefined) return { at, type, rule };
    }
    const above = typeof value === 'string' && checks.length === 0 ? [...here].find((place) => place.above) : undefined;
    return above && { at, type: above.above!, rule: 'not-parts' };
  }

  function below(
    here: ReadonlySet<Place>,
    name: string,
    value: unknown,
    at: string,
    whole?: Place,
    written = name,
  ): Broken | undefined {
    const next = new Set<Place>(whole && [whole]);
    for (const place of here) {
      const named = place.members.get(name);
      if (named !== undefined) next.add(named);
      if (place.any !== undefined) next.add(place.any);
    }
    if (next.size === 0) return undefined;
    return look(next, value, `${at}/${written.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}`.slice(0, 256));
  }

  return look(new Set(roots), args, '');
}

/** A list where one value is declared: each of its items is one. */
const ofChecks = (checks: readonly TypedCheck[]): Place => ({ ...emptyPlace(), checks: [...checks] });

function memberOf({ members }: Place, name: string): Place {
  let member = members.get(name);
  if (member === undefined) members.set(name, (member = emptyPlace()));
  return member;
}

/** A JSON Pointer within the schema; the check of the arguments refuses schemas that refer elsewhere. */
function referred(schema: JsonObject, reference: unknown, anchors: () => ReadonlyMap<string, unknown>): unknown {
  if (typeof reference !== 'string' || !reference.startsWith('#') || reference.length > 1024) return undefined;
  if (reference === '#') return schema;
  if (!reference.startsWith('#/')) return anchors().get(reference.slice(1));
  let node: unknown = schema;
  for (const token of decoded(reference.slice(2)).split('/')) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    node =
      typeof node === 'object' && node !== null && Object.hasOwn(node, name) ? (node as JsonObject)[name] : undefined;
  }
  return node;
}

/** All anchors of a schema, in one walk: it is not to be searched anew for each reference. */
function anchorsIn(schema: JsonObject): ReadonlyMap<string, unknown> {
  const anchors = new Map<string, unknown>();
  const walk = (node: unknown, depth: number): void => {
    if (depth > maxDepth || typeof node !== 'object' || node === null) return;
    const anchor = (node as JsonObject)['$anchor'];
    if (typeof anchor === 'string' && !anchors.has(anchor)) anchors.set(anchor, node);
    for (const member of Object.values(node)) walk(member, depth + 1);
  };
  walk(schema, 0);
  return anchors;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const membersOf = (value: unknown): [string, unknown][] => (isJsonObject(value) ? Object.entries(value) : []);
const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

export const keyword = 'x-genkan-type';
const maxPlaces = 1000;
const maxDepth = 64;
const maxSteps = 1_000_000;
