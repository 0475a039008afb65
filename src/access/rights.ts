// Everything one principal may do: what it and its groups hold at the places on the way to a scope.
import type { Principal } from '../base/principal.ts';
import type { Grant } from './assignment.ts';
import { createPlaces, getOrPut } from './places.ts';
import type { Holder, Placed, Site } from './places.ts';
import type { Scope } from './scope.ts';
import { createVerdicts } from './verdicts.ts';
import type { Verdicts } from './verdicts.ts';
import { wildcardsMeet } from './wildcard.ts';

/** What the grants at a scope say of an action. `excludedBy` lists it in Actions and takes it away in NotActions. */
export interface Finding {
  readonly grantedBy?: Grant;
  readonly excludedBy?: Grant;
}

export interface Rights {
  readonly grants: () => readonly Grant[];
  /**
   * The grants that hold at a site, the widest first.
   * @param site where something is needed; with a pattern, grants that have some place in common with it hold
   * @param deepest how many segments the scope of a grant may have: `/` has 0, a subscription 2
   */
  covering(site: Site, deepest?: number): readonly Placed[];
  /** What those grants say of an action. */
  among(covering: readonly Placed[], action: string, data: boolean): Finding;
  /** Scopes at which the action is granted, at most `limit` of them; empty where it is nowhere. */
  scopesGranting(action: string, data: boolean, limit?: number): Scope[];
}

export interface RightsIndex {
  /** The rights of a principal. Only people hold roles; the rights of the operator are not assigned. */
  of(principal: Principal): Rights;
  siteOf(scope: Scope): Site;
  /** Where a call acts; `undefined` for a text that is no scope. */
  readSite(text: string): Site | undefined;
}

/** Indexes grants by place and holder. */
export function indexRights(grants: readonly Grant[]): RightsIndex {
  const verdicts = createVerdicts([...new Set(grants.map(({ role }) => role))]);
  const places = createPlaces();
  const holders = { user: new Map<string, Holder>(), group: new Map<string, Holder>() };
  for (const grant of grants) {
    const { kind, id } = grant.assignment.principal;
    const holder = getOrPut(holders[kind], id, () => ({ grants: [], scopes: new Map() }));
    const column = verdicts.columnOf(grant.role);
    holder.grants.push(grant);
    getOrPut(holder.scopes, column, () => []).push(grant.scope);
    places.put(holder, grant, column);
  }

  const holdersOf = ({ kind, id, groups }: Principal): Holder[] => {
    if (kind !== 'user') return [];
    const found = [holders.user.get(id), ...groups.map((group) => holders.group.get(group))];
    return [...new Set(found)].filter((holder) => holder !== undefined);
  };
  // A token that is verified once gives the same principal on each call.
  const remembered = new WeakMap<Principal, Rights>();
  return {
    of(principal) {
      let rights = remembered.get(principal);
      if (rights === undefined) remembered.set(principal, (rights = createRights(holdersOf(principal), verdicts)));
      return rights;
    },
    siteOf: places.siteOf,
    readSite: places.read,
  };
}

const nothing: Finding = {};

function createRights(holders: readonly Holder[], verdicts: Verdicts): Rights {
  const isHolder = new Set(holders);
  const scopesOf = new Map<number, readonly Scope[]>();
  const gather = (column: number): readonly Scope[] => holders.flatMap(({ scopes }) => scopes.get(column) ?? []);
  const columns = [...new Set(holders.flatMap(({ scopes }) => [...scopes.keys()]))];

  return {
    grants: () => holders.flatMap(({ grants }) => grants),
    covering({ scope, places }, deepest = Infinity) {
      const found: Placed[] = [];
      for (const { held, byHolder } of places) {
        // The shorter way to what the holders at the place and those of the principal have in common.
        if (held.length <= holders.length) {
          for (const { holder, grants } of held) if (isHolder.has(holder)) addCovering(found, grants, scope, deepest);
        } else {
          for (const holder of holders) {
            const own = byHolder.get(holder);
            if (own !== undefined) addCovering(found, own.grants, scope, deepest);
          }
        }
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
        for (const scope of getOrPut(scopesOf, column, gather)) if (found.push(scope) >= limit) return found;
      }
      return found;
    },
  };
}

function addCovering(found: Placed[], grants: readonly Placed[], scope: Scope, deepest: number): void {
  for (const placed of grants) if (placed.depth <= deepest && reaches(placed, scope)) found.push(placed);
}

function reaches({ grant, matchers }: Placed, scope: Scope): boolean {
  if (matchers === undefined) return true;
  const { keys, patternAt = 0 } = grant.scope;
  if (keys.length > scope.keys.length) return false;
  for (let at = patternAt; at < keys.length; at += 1) {
    const key = scope.keys[at]!;
    if (!(scope.patternAt === undefined ? matchers[at]!(key) : wildcardsMeet(keys[at]!, key))) return false;
  }
  return true;
}
