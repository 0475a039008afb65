// The tree of scopes that carry grants, flattened: numbered places, who holds what at each, and the way to a scope through them.
import type { Grant } from './assignment.ts';
import { parseScope } from './scope.ts';
import type { Scope } from './scope.ts';
import { compileWildcard } from './wildcard.ts';

/** A user or group that holds grants. Its identity is the key under which places keep what it holds. */
export interface Holder {
  readonly grants: Grant[];
  /** Scopes by the column of the role: a refusal looks at every role, not at every grant. */
  readonly scopes: Map<number, Scope[]>;
}

/** A grant where it is kept, with the column of its role in the table of verdicts. */
export interface Placed {
  readonly grant: Grant;
  readonly column: number;
  /** How many segments its scope has. */
  readonly depth: number;
  /** For a scope with `*`, one matcher a key. */
  readonly matchers: readonly ((key: string) => boolean)[] | undefined;
}

/** Grants at just one scope, or at patterns whose first `*` stands in the segment after it. */
export interface Place {
  readonly held: readonly Held[];
  readonly byHolder: ReadonlyMap<Holder, Held>;
}

export interface Held {
  readonly holder: Holder;
  readonly grants: readonly Placed[];
}

/** A scope, and the places from `/` down to it at which some grant could cover it. */
export interface Site {
  readonly scope: Scope;
  readonly places: readonly Place[];
}

export interface Places {
  put(holder: Holder, grant: Grant, column: number): void;
  siteOf(scope: Scope): Site;
  /** The site of what a call touches; `undefined` for a text that is no scope. Remembers recent ones: they repeat. */
  read(text: string): Site | undefined;
}

// Callers choose names; what they can make us keep has an end.
const rememberedSites = 16_384;

/** All grants must be put before the first site is asked for. */
export function createPlaces(): Places {
  const places = new Map<string, { held: Held[]; byHolder: Map<Holder, Held & { grants: Placed[] }> }>();
  const remembered = new Map<string, Site>();
  const siteOf = (scope: Scope): Site => ({
    scope,
    places: scope.prefixes.map((prefix) => places.get(prefix)).filter((place) => place !== undefined),
  });
  return {
    put(holder, grant, column) {
      const { keys, prefixes, patternAt } = grant.scope;
      const place = getOrPut(places, prefixes[patternAt ?? keys.length]!, () => ({ held: [], byHolder: new Map() }));
      const held = getOrPut(place.byHolder, holder, () => {
        const first = { holder, grants: [] };
        place.held.push(first);
        return first;
      });
      // Of two that say the same, the first is named.
      const says = grant.scope.prefixes.at(-1);
      if (held.grants.some((other) => other.column === column && other.grant.scope.prefixes.at(-1) === says)) return;
      const matchers = patternAt === undefined ? undefined : keys.map(compileWildcard);
      held.grants.push({ grant, column, depth: keys.length, matchers });
    },
    siteOf,
    read(text) {
      const known = remembered.get(text);
      if (known !== undefined) return known;
      const scope = parseScope(text, 'literal');
      if (scope === undefined) return undefined;
      const site = siteOf(scope);
      if (remembered.size >= rememberedSites) remembered.clear();
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
