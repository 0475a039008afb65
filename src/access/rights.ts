// Everything one principal may do: what it and its groups hold at the places on the way to a scope.
import type { Principal } from '../base/principal.ts';
import type { Grant } from './assignment.ts';
import { createPlaces, getOrPut } from './places.ts';
import type { Place, Site } from './places.ts';
import type { Scope } from './scope.ts';
import { createVerdicts } from './verdicts.ts';
import type { Verdicts } from './verdicts.ts';
import { compileWildcard, wildcardsMeet } from './wildcard.ts';

/** A grant where it is kept, with the column of its role in the table of verdicts. */
export interface Placed {
  readonly grant: Grant;
  readonly column: number;
  /** How many segments its scope has. */
  readonly depth: number;
  /** What its place leaves open: the segments from the first `*` on. */
  readonly open: readonly { readonly key: string; readonly matches: (key: string) => boolean }[];
}

/** What one user or group holds. */
interface Holder {
  readonly grants: Grant[];
  readonly placed: Map<Place, Placed[]>;
  /** Scopes by the column of the role: a refusal looks at every role, not at every grant. */
  readonly scopes: Map<number, Scope[]>;
}

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
  /** Whether some scope at which the action is granted passes a test; none is looked at after it. Equal scopes are one object. */
  someScope(action: string, data: boolean, test: (scope: Scope) => boolean): boolean;
}

export interface RightsIndex {
  /** The rights of a principal. People and agents hold roles; the rights of the operator are not assigned. */
  of(principal: Principal): Rights;
  siteOf(scope: Scope): Site;
  /** Where a call acts; `undefined` for a text that is no scope. */
  readSite(text: string): Site | undefined;
}

/** Indexes grants by place and holder. */
export function indexRights(grants: readonly Grant[]): RightsIndex {
  const verdicts = createVerdicts([...new Set(grants.map(({ role }) => role))]);
  const places = createPlaces();
  const holders = {
    user: new Map<string, Holder>(),
    group: new Map<string, Holder>(),
    application: new Map<string, Holder>(),
  };
  // Equal scopes are made one object, so that they can be told apart without reading them.
  const scopes = new Map<string, Scope>();
  for (const grant of grants) {
    const { kind, id } = grant.assignment.principal;
    const holder = getOrPut(holders[kind], id, () => ({ grants: [], placed: new Map(), scopes: new Map() }));
    const column = verdicts.columnOf(grant.role);
    holder.grants.push(grant);
    getOrPut(holder.scopes, column, () => []).push(getOrPut(scopes, grant.scope.text, () => grant.scope));
    addPlaced(
      getOrPut(holder.placed, places.keeping(grant.scope), () => []),
      grant,
      column,
    );
  }

  const holdersOf = ({ kind, id, groups, clientId = '' }: Principal): Holder[] => {
    const agent = kind === 'application' ? holders.application.get(clientId) : undefined;
    if (kind !== 'user') return agent === undefined ? [] : [agent];
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
const nowhere: readonly Placed[] = [];

function createRights(holders: readonly Holder[], verdicts: Verdicts): Rights {
  const placed = mergePlaced(holders);
  const scopesOf = new Map<number, readonly Scope[]>();
  const gather = (column: number): readonly Scope[] => [
    ...new Set(holders.flatMap(({ scopes }) => scopes.get(column) ?? [])),
  ];
  const columns = [...new Set(holders.flatMap(({ scopes }) => [...scopes.keys()]))];

  return {
    grants: () => holders.flatMap(({ grants }) => grants),
    covering({ scope, places }, deepest = Infinity) {
      const found: Placed[] = [];
      for (const place of places)
        for (const each of placed.get(place) ?? nowhere)
          if (each.depth <= deepest && reaches(each, scope)) found.push(each);
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
    someScope(action, data, test) {
      const row = verdicts.row(action, data);
      for (const column of columns)
        if (verdicts.at(row, column) === 'grants' && getOrPut(scopesOf, column, gather).some(test)) return true;
      return false;
    },
  };
}

function addPlaced(placed: Placed[], grant: Grant, column: number): void {
  const { keys, patternAt = keys.length } = grant.scope;
  const open = keys.slice(patternAt).map((key) => ({ key, matches: compileWildcard(key) }));
  const isSame = (other: Placed): boolean =>
    other.column === column &&
    other.open.length === open.length &&
    other.open.every(({ key }, at) => key === open[at]!.key);
  // Of two that say the same, the first is named.
  if (!placed.some(isSame)) placed.push({ grant, column, depth: keys.length, open });
}

function mergePlaced(holders: readonly Holder[]): ReadonlyMap<Place, readonly Placed[]> {
  const merged = new Map<Place, Placed[]>();
  for (const { placed } of holders) for (const [place, more] of placed) getOrPut(merged, place, () => []).push(...more);
  return merged;
}

function reaches({ depth, open }: Placed, { keys, patternAt }: Scope): boolean {
  if (depth > keys.length) return false;
  let at = depth - open.length;
  for (const { key, matches } of open) {
    const met = keys[at]!;
    if (!(patternAt === undefined ? matches(met) : wildcardsMeet(key, met))) return false;
    at += 1;
  }
  return true;
}
