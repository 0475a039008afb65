// Everything one principal may do: what it and its groups hold at the places on the way to a scope, and what is denied it there.
import type { Principal } from '../base/principal.ts';
import type { Assignee, Grant } from './assignment.ts';
import type { Condition } from './conditions/condition.ts';
import type { Requirement } from './decision.ts';
import type { Denial } from './deny/deny-assignment.ts';
import { createDenials } from './deny/denials.ts';
import type { Denied } from './deny/denials.ts';
import { createTimetable, isAlways, isInTime, timesOf } from './moment.ts';
import type { Moment, Times } from './moment.ts';
import { createPlaces, getOrPut } from './places.ts';
import type { Place, Site } from './places.ts';
import type { Role } from './role.ts';
import type { Scope } from './scope.ts';
import { createVerdicts } from './verdicts.ts';
import type { Verdicts } from './verdicts.ts';
import { compileWildcard, wildcardsMeet } from './wildcard.ts';

/** What a grant is bound to. */
interface Terms extends Times {
  readonly condition: Grant['condition'];
}

/** A grant where it is kept, with the column of its role in the table of verdicts. */
export interface Placed {
  readonly grant: Grant;
  readonly column: number;
  /** Absent for a grant that always grants, as nearly all do. */
  readonly terms: Terms | undefined;
  /** How many segments its scope has. */
  readonly depth: number;
  /** What its place leaves open, the segments from the first `*` on; absent where it holds at all of its place. */
  readonly open: readonly { readonly key: string; readonly matches: (key: string) => boolean }[] | undefined;
}

/** What one user or group holds. */
interface Holder {
  readonly grants: Grant[];
  readonly placed: Map<Place, Placed[]>;
  /** Scopes by the column of the role: a refusal looks at every role, not at every grant. */
  readonly scopes: Map<number, Scope[]>;
  /** Those that do not hold at all times. */
  readonly timed: { readonly column: number; readonly terms: Terms; readonly scope: Scope }[];
}

/** What the grants at a scope say of an action. */
export interface Finding {
  readonly grantedBy?: Grant;
  /** The line of its Actions that grants. */
  readonly line?: string;
  /** A grant whose Actions list the action and whose NotActions take it away. */
  readonly excludedBy?: Grant;
  /** A grant of the action whose condition does not hold. */
  readonly unmet?: Grant;
}

export interface Rights extends Denied {
  readonly grants: () => readonly Grant[];
  /**
   * The grants that are kept at a site, the widest first.
   * @param site where something is needed; with a pattern, grants that have some place in common with it hold
   * @param deepest how many segments the scope of a grant may have: `/` has 0, a subscription 2
   */
  covering(site: Site, deepest?: number): readonly Placed[];
  /** What those grants say of an action. */
  among(covering: readonly Placed[], needed: Requirement, moment: Moment): Finding;
  /** Every one of those grants that grants an action, the widest first. */
  allAmong(covering: readonly Placed[], needed: Requirement, moment: Moment): readonly Grant[];
  /** Whether an action is granted at some scope. */
  isGranted(action: string, data: boolean, nowMs: number): boolean;
  /** Whether some scope at which the action is granted passes a test; none is looked at after it. Equal scopes are one object. */
  someScope(action: string, data: boolean, nowMs: number, test: (scope: Scope) => boolean): boolean;
}

export interface RightsIndex {
  /** The rights of a principal. People and agents hold roles; the rights of the operator are not assigned. */
  of(principal: Principal): Rights;
  siteOf(scope: Scope): Site;
  /** Where a call acts; `undefined` for a text that is no scope. */
  readSite(text: string): Site | undefined;
  /** Whether some grant is bound to a time. */
  readonly isTimed: boolean;
  /** Whether some grant or deny assignment is bound to a condition. */
  readonly isConditional: boolean;
  /** When the next grant begins or ends. */
  nextChangeAtMs(nowMs: number): number | undefined;
}

type Excepting = Map<string, { readonly holder: Holder; readonly excludes: ReadonlySet<string> }[]>;

/** Indexes grants by place and holder, and deny assignments by place. */
export function indexRights(grants: readonly Grant[], denials: readonly Denial[] = []): RightsIndex {
  const verdicts = createVerdicts([...new Set(grants.map(({ role }) => role))]);
  const denied = createDenials(denials);
  const places = createPlaces(denied.near);
  const holders = {
    user: new Map<string, Holder>(),
    group: new Map<string, Holder>(),
    application: new Map<string, Holder>(),
  };
  // What not everybody of a group has is held apart from the rest, with whom it is not for.
  const partial = { user: new Map(), group: new Map(), application: new Map() } satisfies Record<string, Excepting>;
  const newHolder = (): Holder => ({ grants: [], placed: new Map(), scopes: new Map(), timed: [] });
  function holderOf(kind: Assignee['kind'], id: string, excludes: readonly string[]): Holder {
    if (excludes.length === 0) return getOrPut(holders[kind], id, newHolder);
    const holder = newHolder();
    getOrPut(partial[kind] as Excepting, id, () => []).push({ holder, excludes: new Set(excludes) });
    return holder;
  }
  // Equal scopes are made one object, so that they can be told apart without reading them.
  const scopes = new Map<string, Scope>();
  const timed: Terms[] = [];
  for (const grant of grants) {
    const { kind, id } = grant.assignment.principal;
    const holder = holderOf(kind, id, grant.assignment.excludes ?? []);
    const column = verdicts.columnOf(grant.role);
    const terms = termsOf(grant);
    const scope = getOrPut(scopes, grant.scope.text, () => grant.scope);
    holder.grants.push(grant);
    if (terms !== undefined && !isAlways(terms)) {
      holder.timed.push({ column, terms, scope });
      timed.push(terms);
    } else getOrPut(holder.scopes, column, () => []).push(scope);
    addPlaced(
      getOrPut(holder.placed, places.keeping(grant.scope), () => []),
      grant,
      column,
      terms,
    );
  }

  const holdersOf = ({ kind, id, groups, clientId = '' }: Principal): Holder[] => {
    const held = (as: Assignee['kind'], holder: string, self: string): (Holder | undefined)[] => [
      holders[as].get(holder),
      ...((partial[as] as Excepting).get(holder) ?? []).map(({ holder: each, excludes }) =>
        excludes.has(self) ? undefined : each,
      ),
    ];
    const found =
      kind === 'user'
        ? [...held('user', id, id), ...groups.flatMap((group) => held('group', group, id))]
        : kind === 'application'
          ? held('application', clientId, clientId)
          : [];
    return [...new Set(found)].filter((holder) => holder !== undefined);
  };
  // A token that is verified once gives the same principal on each call.
  const remembered = new WeakMap<Principal, Rights>();
  return {
    of(principal) {
      let rights = remembered.get(principal);
      if (rights !== undefined) return rights;
      rights = { ...createRights(holdersOf(principal), verdicts), ...denied.of(principal) };
      remembered.set(principal, rights);
      return rights;
    },
    siteOf: places.siteOf,
    readSite: places.read,
    isTimed: timed.length > 0,
    isConditional: [...grants, ...denials].some(({ condition }) => condition !== undefined),
    nextChangeAtMs: createTimetable(
      timed.flatMap(({ startsAtMs, endsAtMs }) => [startsAtMs, endsAtMs]).filter(Number.isFinite),
    ),
  };
}

// Of each principal: enough for the places somebody works in, however many others are passed through.
const rememberedSites = 128;

const anywhere = (): boolean => true;
const nothing: Finding = {};
const nowhere: readonly Placed[] = [];

function createRights(holders: readonly Holder[], verdicts: Verdicts<Role>): Omit<Rights, keyof Denied> {
  const placed = mergePlaced(holders);
  const columns = [...new Set(holders.flatMap(({ scopes }) => [...scopes.keys()]))];
  const scopesOf = columns.map((column): readonly Scope[] => [
    ...new Set(holders.flatMap(({ scopes }) => scopes.get(column) ?? [])),
  ]);
  const timed = holders.flatMap((holder) => holder.timed);

  // People come back to where they have been.
  const siteIds = new Float64Array(rememberedSites).fill(-1);
  const coverings: (readonly Placed[])[] = new Array<readonly Placed[]>(rememberedSites).fill(nowhere);

  function cover({ scope, places }: Site, deepest: number): readonly Placed[] {
    const found: Placed[] = [];
    for (const place of places) {
      const here = placed.get(place);
      if (here === undefined) continue;
      for (const each of here)
        if (each.depth <= deepest && (each.open === undefined || reaches(each.depth, each.open, scope)))
          found.push(each);
    }
    return found;
  }

  const created: Omit<Rights, keyof Denied> = {
    grants: () => holders.flatMap(({ grants }) => grants),
    covering(site, deepest) {
      if (deepest !== undefined) return cover(site, deepest);
      const at = site.id % rememberedSites;
      if (siteIds[at] === site.id) return coverings[at]!;
      siteIds[at] = site.id;
      return (coverings[at] = cover(site, Infinity));
    },
    among(covering, needed, moment) {
      if (covering.length === 0) return nothing;
      const row = verdicts.row(needed.action, needed.data);
      let excludedBy: Grant | undefined;
      let bound: Placed[] | undefined;
      for (const placed of covering) {
        const { grant, column, terms } = placed;
        const verdict = verdicts.at(row, column);
        if (verdict === 'silent' || (terms !== undefined && !isInTime(terms, moment.nowMs))) continue;
        if (verdict === 'excludes') excludedBy ??= grant;
        else if (terms?.condition === undefined) return { grantedBy: grant, line: verdicts.lineAt(row, column) };
        else (bound ??= []).push(placed);
      }
      // A condition costs more to hold against a call than all of this, and mostly another grant needs none.
      for (const { grant, column } of bound ?? nowhere)
        if (mayHold(grant.condition!, needed, moment)) return { grantedBy: grant, line: verdicts.lineAt(row, column) };
      if (bound !== undefined) return { unmet: bound[0]!.grant };
      return excludedBy === undefined ? nothing : { excludedBy };
    },
    allAmong: (covering, needed, moment) =>
      covering
        .filter((each) => created.among([each], needed, moment).grantedBy !== undefined)
        .map(({ grant }) => grant),
    isGranted(action, data, nowMs) {
      const row = verdicts.row(action, data);
      for (const column of columns) if (verdicts.at(row, column) === 'grants') return true;
      return timed.length > 0 && created.someScope(action, data, nowMs, anywhere);
    },
    someScope(action, data, nowMs, test) {
      const row = verdicts.row(action, data);
      for (let at = 0; at < columns.length; at += 1)
        if (verdicts.at(row, columns[at]!) === 'grants')
          for (const scope of scopesOf[at]!) if (test(scope)) return true;
      return timed.some(
        ({ column, terms, scope }) => verdicts.at(row, column) === 'grants' && isInTime(terms, nowMs) && test(scope),
      );
    },
  };
  return created;
}

// What a call does not show grants nothing; before there is a call, it may.
const mayHold = (condition: Condition, needed: Requirement, { judge }: Moment): boolean =>
  judge === undefined || judge(condition, needed) === true;

function termsOf(grant: Grant): Terms | undefined {
  const times = timesOf(grant);
  return grant.condition === undefined && isAlways(times) ? undefined : { ...times, condition: grant.condition };
}

function addPlaced(placed: Placed[], grant: Grant, column: number, terms: Terms | undefined): void {
  const { keys, patternAt } = grant.scope;
  const open =
    patternAt === undefined ? undefined : keys.slice(patternAt).map((key) => ({ key, matches: compileWildcard(key) }));
  const isSame = (other: Placed): boolean =>
    other.column === column &&
    other.terms === undefined &&
    other.open?.length === open?.length &&
    (open ?? []).every(({ key }, at) => key === other.open![at]!.key);
  // Of two that say the same, the first is named; what always grants needs no second that does so at times.
  if (!placed.some(isSame)) placed.push({ grant, column, terms, depth: keys.length, open });
}

function mergePlaced(holders: readonly Holder[]): ReadonlyMap<Place, readonly Placed[]> {
  const merged = new Map<Place, Placed[]>();
  for (const { placed } of holders) for (const [place, more] of placed) getOrPut(merged, place, () => []).push(...more);
  return merged;
}

function reaches(depth: number, open: NonNullable<Placed['open']>, { keys, patternAt }: Scope): boolean {
  if (depth > keys.length) return false;
  let at = depth - open.length;
  for (const { key, matches } of open) {
    const met = keys[at]!;
    if (!(patternAt === undefined ? matches(met) : wildcardsMeet(key, met))) return false;
    at += 1;
  }
  return true;
}
