// Functions of property bags and of arrays taken as sets.
import type { Bound } from '../bound.ts';
import { spend } from '../effort.ts';
import { emptyBag, isArray, isBag, keyOf, memberOf } from '../json.ts';
import { asDynamic, call, isConstant, typeProblem } from '../nodes.ts';
import { aType } from '../types.ts';
import type { Value } from '../values.ts';
import { refuseTooLarge } from '../value-size.ts';
import { writeValue } from '../write-value.ts';
import { define, wrongCount } from './define.ts';
import type { Binder } from './define.ts';
import { readPath } from './json-path.ts';

const grows = { grows: true };

/** `bag_pack(name, value, …)` */
const bagPack: Binder = (name, parts, place) => {
  if (parts.length === 0 || parts.length % 2 !== 0)
    throw typeProblem(`${name}() takes pairs of a name and a value`, place);
  const names = parts.filter((_, index) => index % 2 === 0);
  for (const each of names)
    if (each.type !== 'string' && each.type !== 'dynamic')
      throw typeProblem(`${name}() takes a string as a name, and this is ${aType(each.type)}`, each);
  const values = parts.filter((_, index) => index % 2 === 1).map((part) => asDynamic(part).evaluate);
  return call(name, 'dynamic', parts, place, (row) => {
    const bag = emptyBag();
    names.forEach((each, index) => {
      const key = writeValue(each.evaluate(row), each.type);
      if (!Object.hasOwn(bag, key)) bag[key] = values[index]!(row);
    });
    return refuseTooLarge(bag, place);
  });
};

const bagPackColumns: Binder = (name, parts, place) => {
  for (const part of parts) if (part.kind !== 'column') throw typeProblem(`${name}() takes names of columns`, part);
  const slots = parts.flatMap((part) =>
    part.kind === 'column' ? [{ name: part.name, evaluate: asDynamic(part).evaluate }] : [],
  );
  return call(name, 'dynamic', parts, place, (row) => {
    const bag = emptyBag();
    for (const slot of slots) bag[slot.name] = slot.evaluate(row);
    return refuseTooLarge(bag, place);
  });
};

/** `pack_array(*)` packs all columns; the star has been taken apart before. */
const packArray: Binder = (name, parts, place) => {
  if (parts.length === 0) throw wrongCount(name, 1, Infinity, 0, place);
  const evaluators = parts.map((part) => asDynamic(part).evaluate);
  return call(name, 'dynamic', parts, place, (row) =>
    refuseTooLarge(
      evaluators.map((evaluate) => evaluate(row)),
      place,
    ),
  );
};

/** A name that begins with `$` is a path. */
function pathOf(name: string): readonly string[] {
  const path = name.startsWith('$') ? readPath(name) : undefined;
  return path !== undefined && path.every((step) => typeof step === 'string') ? (path as string[]) : [name];
}

function hasPath(bag: Value, path: readonly string[]): boolean {
  const [first, ...rest] = path as [string, ...string[]];
  if (!isBag(bag) || !Object.hasOwn(bag, first)) return false;
  return rest.length === 0 || hasPath(bag[first]!, rest);
}

function copied(bag: Value): { [name: string]: Value } {
  return isBag(bag) ? Object.assign(emptyBag(), bag) : emptyBag();
}

function without(bag: Value, path: readonly string[]): Value {
  if (!hasPath(bag, path)) return bag;
  const [first, ...rest] = path as [string, ...string[]];
  const copy = copied(bag);
  if (rest.length === 0) delete copy[first];
  else copy[first] = without(copy[first]!, rest);
  return copy;
}

function withValue(bag: Value, path: readonly string[], value: Value): Value {
  const [first, ...rest] = path as [string, ...string[]];
  const copy = copied(bag);
  copy[first] = rest.length === 0 ? value : withValue(memberOf(bag, first), rest, value);
  return copy;
}

/** Of several values by the same name the leftmost. */
function merge(...bags: Value[]): Value {
  const all = emptyBag();
  for (const bag of bags)
    if (isBag(bag)) for (const [name, value] of Object.entries(bag)) if (!Object.hasOwn(all, name)) all[name] = value;
  return all;
}

function zipBag(names: Value, values: Value): Value {
  if (!isArray(names) || !isArray(values)) return null;
  const bag = emptyBag();
  names.forEach((name, index) => {
    if (typeof name === 'string') bag[name] = values[index] ?? null;
  });
  return bag;
}

/** Paths of all that lies in a value; elements of arrays are alike, and written `[0]`. */
function treePaths(value: Value, path = '', found = new Set<string>()): Set<string> {
  if (path !== '') found.add(path);
  if (isArray(value)) for (const each of value) treePaths(each, `${path}[0]`, found);
  else if (isBag(value)) for (const [name, each] of Object.entries(value)) treePaths(each, `${path}['${name}']`, found);
  return found;
}

/** With names in order, so that equal values are written alike. */
function canonicalJson(value: Value): string {
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isBag(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name]!)}`).join(',')}}`;
}

const dynamicToJson: Binder = (name, parts, place, scope) => {
  const type = parts[0]?.type ?? 'dynamic';
  const compute = type === 'dynamic' ? canonicalJson : (value: Value) => writeValue(value, type);
  return define('scalar', 'string', compute)(name, parts, place, scope);
};

type Items = readonly Value[];

/** Values by what makes them equal, in the order in which they were first there. */
type Elements = Map<Value, Value>;

/** Plain values stand for themselves; arrays and bags are written, behind a sign that no text is left to begin with. */
function elementKey(value: Value): Value {
  if (typeof value === 'string') return value.startsWith('\0') ? `\0${keyOf(value)}` : value;
  return typeof value === 'object' && value !== null ? `\0${keyOf(value)}` : value;
}

function putAll(elements: Elements, items: Items): Elements {
  for (const item of items) {
    spend(1);
    elements.set(elementKey(item), item);
  }
  return elements;
}

const elementsOf = (items: Items): Elements => putAll(new Map(), items);

function selected(elements: Elements, isWanted: (key: Value) => boolean): Value {
  const found: Value[] = [];
  for (const [key, value] of elements) {
    spend(1);
    if (isWanted(key)) found.push(value);
  }
  return found;
}

const ofSets =
  (compute: (first: Elements, others: readonly Elements[]) => Value) =>
  (...sets: Value[]): Value => {
    if (!sets.every(isArray)) return null;
    const [first, ...others] = sets.map(elementsOf);
    return compute(first!, others);
  };

const union = (...sets: Value[]): Value => {
  if (!sets.every(isArray)) return null;
  const all: Elements = new Map();
  for (const set of sets) putAll(all, set);
  return [...all.values()];
};
const intersect = ofSets((first, others) => selected(first, (key) => others.every((set) => set.has(key))));
const difference = ofSets((first, others) => selected(first, (key) => !others.some((set) => set.has(key))));
const equals = ofSets((first, [other]) => {
  return first.size === other!.size && [...first.keys()].every((key) => other!.has(key));
});

function jaccard(a: Value, b: Value): Value {
  const both = intersect(a, b);
  const all = union(a, b);
  if (!isArray(both) || !isArray(all)) return null;
  return both.length / all.length;
}

function hasElement(set: Value, wanted: Value): Value {
  if (!isArray(set)) return null;
  const key = elementKey(wanted);
  return set.some((each) => elementKey(each) === key);
}

const setHasElement: Binder = (name, parts, place, scope) =>
  define('array, scalar', 'bool', hasElement)(name, parts.map(asDynamic) as readonly Bound[], place, scope);

export const bagFunctions: readonly (readonly [string, Binder])[] = [
  ['bag_pack', bagPack],
  ['bag_pack_columns', bagPackColumns],
  ['pack_array', packArray],
  ['bag_keys', define('bag', 'dynamic', (bag: Value) => (isBag(bag) ? Object.keys(bag) : null))],
  [
    'bag_has_key',
    define('bag, string', 'bool', (bag: Value, key: string) => (isBag(bag) ? hasPath(bag, pathOf(key)) : null)),
  ],
  ['bag_merge', define('bag, bag*', 'dynamic', merge, { grows: true, nulls: true })],
  [
    'bag_remove_keys',
    define('bag, array', 'dynamic', (bag: Value, keys: Value) => {
      if (!isBag(bag)) return null;
      const names = isArray(keys) ? keys : [];
      return names.reduce<Value>((rest, name) => (typeof name === 'string' ? without(rest, pathOf(name)) : rest), bag);
    }),
  ],
  [
    'bag_set_key',
    (name, parts, place, scope) => {
      const [bag, key, value] = parts;
      if (parts.length !== 3) throw wrongCount(name, 3, 3, parts.length, place);
      if (!isConstant(key!) || key.type !== 'string')
        throw typeProblem(`${name}() takes the name as a constant string`, key!);
      const path = pathOf(key.value as string);
      const compute = (into: Value, _: string, put: Value): Value => (isBag(into) ? withValue(into, path, put) : null);
      const options = { grows: true, nulls: true };
      return define('bag, string, scalar', 'dynamic', compute, options)(
        name,
        [bag!, key, asDynamic(value!)],
        place,
        scope,
      );
    },
  ],
  ['bag_zip', define('array, array', 'dynamic', zipBag, grows)],
  ['treepath', define('bag', 'dynamic', (value: Value) => [...treePaths(value)], grows)],
  ['dynamic_to_json', dynamicToJson],
  ['set_union', define('array, array*', 'dynamic', union, grows)],
  ['set_intersect', define('array, array*', 'dynamic', intersect)],
  ['set_difference', define('array, array*', 'dynamic', difference)],
  ['set_has_element', setHasElement],
  ['set_equals', define('array, array', 'bool', equals)],
  ['jaccard_index', define('array, array', 'dynamic', jaccard)],
];
