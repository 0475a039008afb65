// Everything one principal may do, in the form that decides fast: grants by place, walked from `/` down to what a call touches.
import type { Grant } from './assignment.ts';
import type { Scope } from './scope.ts';
import type { Verdicts } from './verdicts.ts';
import { compileWildcard, wildcardsMeet } from './wildcard.ts';

/** A grant and the column of its role in the table of verdicts. */
export interface Placed {
  readonly grant: Grant;
  readonly column: number;
}

/** What the grants at a scope say of an action. `excludedBy` lists it in Actions and takes it away in NotActions. */
export interface Finding {
  readonly grantedBy?: Grant;
  readonly excludedBy?: Grant;
}

export interface Rights {
  readonly grants: readonly Grant[];
  /**
   * The grants that hold at a scope, the widest first.
   * @param scope where something is needed; with a pattern, grants that have some place in common with it hold
   * @param depth how many segments the scope of a grant may have: `/` has 0, a subscription 2
   */
  covering(scope: Scope, depth?: number): readonly Placed[];
  /** What those grants say of an action. */
  among(covering: readonly Placed[], action: string, data: boolean): Finding;
  /** Scopes at which the action is granted, at most `limit` of them; empty where it is nowhere. */
  scopesGranting(action: string, data: boolean, limit?: number): Scope[];
}

/** Grants at one scope or just below it. */
interface Place {
  /** Of each role the first. */
  readonly here: Placed[];
  readonly below: PlacedPattern[];
}

/** A grant whose scope has its first `*` in the segment after the place under which it is kept. */
interface PlacedPattern extends Placed {
  readonly matchers: readonly ((key: string) => boolean)[];
}

const nothing: Finding = {};

export function createRights(grants: readonly Grant[], verdicts: Verdicts): Rights {
  const places = new Map<string, Place>();
  const scopesByColumn = new Map<number, Scope[]>();
  for (const grant of grants) {
    const column = verdicts.columnOf(grant.role);
    put(places, grant, column);
    const scopes = scopesByColumn.get(column);
    if (scopes === undefined) scopesByColumn.set(column, [grant.scope]);
    else scopes.push(grant.scope);
  }
  const columns = [...scopesByColumn.keys()];

  return {
    grants,
    covering(scope, depth = Infinity) {
      const found: Placed[] = [];
      const { prefixes } = scope;
      for (let at = 0; at < prefixes.length && at <= depth; at += 1) {
        const place = places.get(prefixes[at]!);
        if (place === undefined) continue;
        for (const placed of place.here) found.push(placed);
        for (const placed of place.below)
          if (placed.matchers.length <= depth && reaches(placed, scope, at)) found.push(placed);
      }
      return found;
    },
    among(covering, action, data) {
      if (covering.length === 0) return nothing;
      const row = verdicts.row(action, data);
      let excludedBy: Grant | undefined;
      for (const { grant, column } of covering) {
        const verdict = verdicts.at(row, column);
        if (verdict === 'grants') return { grantedBy: grant };
        if (verdict === 'excludes') excludedBy ??= grant;
      }
      return excludedBy === undefined ? nothing : { excludedBy };
    },
    scopesGranting(action, data, limit = Infinity) {
      const row = verdicts.row(action, data);
      const found: Scope[] = [];
      for (const column of columns) {
        if (verdicts.at(row, column) !== 'grants') continue;
        for (const scope of scopesByColumn.get(column)!) if (found.push(scope) >= limit) return found;
      }
      return found;
    },
  };
}

function put(places: Map<string, Place>, grant: Grant, column: number): void {
  const { keys, prefixes } = grant.scope;
  const firstPattern = keys.findIndex((key) => key.includes('*'));
  const prefix = prefixes[firstPattern < 0 ? keys.length : firstPattern]!;
  let place = places.get(prefix);
  if (place === undefined) places.set(prefix, (place = { here: [], below: [] }));
  if (firstPattern >= 0) place.below.push({ grant, column, matchers: keys.map(compileWildcard) });
  else if (!place.here.some((placed) => placed.column === column)) place.here.push({ grant, column });
}

function reaches({ grant, matchers }: PlacedPattern, scope: Scope, from: number): boolean {
  const { keys } = grant.scope;
  if (keys.length > scope.keys.length) return false;
  for (let at = from; at < keys.length; at += 1) {
    const key = scope.keys[at]!;
    if (!(scope.pattern ? wildcardsMeet(keys[at]!, key) : matchers[at]!(key))) return false;
  }
  return true;
}
