// The tree of scopes that carry grants: numbered places, and the way to a scope through them.
import type { Around, Denials, Near } from './deny/denials.ts';
import { parseScope } from './scope.ts';
import type { Scope } from './scope.ts';
import { compileWildcard } from './wildcard.ts';

/**
 * Where grants are kept: those at just one scope, and patterns whose first `*` stands in the segment after it. Every place
 * above and every place where something is denied is one too.
 */
export interface Place {
  /** Tells it from every other place. */
  readonly number: number;
  readonly parent: Place | undefined;
  /** Whether grants are kept here: only there is it worth looking for somebody's. */
  readonly holds: boolean;
}

/** A scope, the places from `/` down to it at which some grant could cover it, and the deny assignments that can hold at it. */
export interface Site {
  readonly scope: Scope;
  /** The last place on the way to it; the others are its parents. With a pattern there are several ways. */
  readonly end: Place | readonly Place[];
  readonly near: readonly Near[];
}

export interface Places {
  /** The place at which grants at this scope are kept. All must have theirs before the first site is asked for. */
  keeping(scope: Scope): Place;
  /** The site of what an administrator wrote, remembered with it; with a pattern, of every place that is known to it. */
  siteOf(scope: Scope): Site;
  /** The site of what a call touches and a map has read; not remembered, since finding it costs less. */
  at(scope: Scope): Site;
  /** The site of what a call touches; `undefined` for a text that is no scope. Remembers recent ones: they repeat. */
  read(text: string): Site | undefined;
}

// Callers choose names; what they can make us keep has an end: twice as many, those of now and those of before.
const rememberedSites = 8192;

interface Node extends Place {
  holds: boolean;
  /** Most places have none below them. */
  children: Map<string, Node> | undefined;
  readonly around: Around;
}

/** @param denials what is denied; every scope of theirs gets a place */
export function createPlaces(denials: Pick<Denials, 'scopes' | 'near' | 'around'>): Places {
  const root: Node = { number: 0, parent: undefined, holds: false, children: undefined, around: denials.around };
  let count = 1;
  let remembered = new Map<string, Site>();
  let before = new Map<string, Site>();
  const sites = new WeakMap<Scope, Site>();

  function nodeAt({ keys, patternAt }: Scope): Node {
    let node = root;
    for (const key of keys.slice(0, patternAt)) {
      const parent = node;
      node = getOrPut((parent.children ??= new Map<string, Node>()), key, () => ({
        number: count++,
        parent,
        holds: false,
        children: undefined,
        around: parent.around.below(key),
      }));
    }
    return node;
  }
  for (const scope of denials.scopes) nodeAt(scope);

  // A pattern has places in common with everything that its stars stand for.
  function walk(node: Node, keys: readonly string[], at: number, places: Place[]): void {
    places.push(node);
    const key = keys[at];
    if (key === undefined) return;
    if (key.includes('*')) {
      const matches = compileWildcard(key);
      for (const [name, child] of node.children ?? []) if (matches(name)) walk(child, keys, at + 1, places);
      return;
    }
    const child = node.children?.get(key);
    if (child !== undefined) walk(child, keys, at + 1, places);
  }

  function siteAt(scope: Scope): Site {
    if (scope.patternAt !== undefined) {
      const places: Place[] = [];
      walk(root, scope.keys, 0, places);
      return { scope, end: places, near: denials.near(scope) };
    }
    const { keys } = scope;
    let node = root;
    let at = 0;
    for (; at < keys.length; at += 1) {
      const child = node.children?.get(keys[at]!);
      if (child === undefined) break;
      node = child;
    }
    return { scope, end: node, near: node.around.near(scope, at === keys.length) };
  }

  function siteIn(text: string): Site | undefined {
    const scope = parseScope(text, 'literal');
    return scope && siteAt(scope);
  }

  return {
    keeping(scope) {
      const node = nodeAt(scope);
      node.holds = true;
      return node;
    },
    siteOf(scope) {
      const known = sites.get(scope);
      if (known !== undefined) return known;
      const site = siteAt(scope);
      sites.set(scope, site);
      return site;
    },
    at: siteAt,
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
