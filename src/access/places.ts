// The tree of scopes that carry grants: numbered places, and the way to a scope through them.
import type { Near } from './deny/denials.ts';
import { parseScope } from './scope.ts';
import type { Scope } from './scope.ts';
import { compileWildcard } from './wildcard.ts';

/** The number of a place where grants are kept: those at just one scope, and patterns whose first `*` stands in the segment after it. */
export type Place = number;

/** A scope, the places from `/` down to it at which some grant could cover it, and the deny assignments that can hold at it. */
export interface Site {
  /** Tells it from every other site. */
  readonly id: number;
  readonly scope: Scope;
  readonly places: readonly Place[];
  readonly near: readonly Near[];
}

export interface Places {
  /** The place at which grants at this scope are kept. All grants must have theirs before the first site is asked for. */
  keeping(scope: Scope): Place;
  /** The site of what an administrator wrote, remembered with it; with a pattern, of every place that is known to it. */
  siteOf(scope: Scope): Site;
  /** The site of what a call touches; `undefined` for a text that is no scope. Remembers recent ones: they repeat. */
  read(text: string): Site | undefined;
}

// Callers choose names; what they can make us keep has an end: twice as many, those of now and those of before.
const rememberedSites = 8192;

interface Node {
  place: Place | undefined;
  readonly children: Map<string, Node>;
}

const createNode = (): Node => ({ place: undefined, children: new Map() });

/** @param near the deny assignments that can hold at a scope */
export function createPlaces(near: (scope: Scope) => readonly Near[]): Places {
  const root = createNode();
  let count = 0;
  let siteCount = 0;
  let remembered = new Map<string, Site>();
  let before = new Map<string, Site>();
  const sites = new WeakMap<Scope, Site>();

  // A pattern has places in common with everything that its stars stand for.
  function walk(node: Node, keys: readonly string[], at: number, places: Place[]): void {
    if (node.place !== undefined) places.push(node.place);
    const key = keys[at];
    if (key === undefined) return;
    if (key.includes('*')) {
      const matches = compileWildcard(key);
      for (const [name, child] of node.children) if (matches(name)) walk(child, keys, at + 1, places);
      return;
    }
    const child = node.children.get(key);
    if (child !== undefined) walk(child, keys, at + 1, places);
  }

  function siteOf(scope: Scope): Site {
    const places: Place[] = [];
    walk(root, scope.keys, 0, places);
    return { id: siteCount++, scope, places, near: near(scope) };
  }

  function siteIn(text: string): Site | undefined {
    const scope = parseScope(text, 'literal');
    return scope && siteOf(scope);
  }

  return {
    keeping({ keys, patternAt }) {
      let node = root;
      for (const key of keys.slice(0, patternAt)) node = getOrPut(node.children, key, createNode);
      return (node.place ??= count++);
    },
    siteOf(scope) {
      const known = sites.get(scope);
      if (known !== undefined) return known;
      const site = siteOf(scope);
      sites.set(scope, site);
      return site;
    },
    read(text) {
      const known = remembered.get(text);
      if (known !== undefined) return known;
      const site = before.get(text) ?? siteIn(text);
      if (site === undefined) return undefined;
      // What is asked for again and again outlives any number of names that are made up.
      if (remembered.size >= rememberedSites) [before, remembered] = [remembered, new Map()];
      remembered.set(text, site);
      return site;
    },
  };
}

/** The value of a key, made and kept if there is none yet. */
export function getOrPut<Key, Value>(
  map: { get(key: Key): Value | undefined; set(key: Key, value: Value): unknown },
  key: Key,
  make: (key: Key) => Value,
): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make(key)));
  return value;
}
