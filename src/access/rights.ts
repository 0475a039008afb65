// Everything one principal may do: what it and its groups hold at the places on the way to a scope, and what is denied it there.
import type { Principal } from '../base/principal.ts';
import type { Assignee, Grant } from './assignment.ts';
import { allOf } from './bundle.ts';
import type { Bundle } from './bundle.ts';
import type { Condition } from './conditions/condition.ts';
import type { Requirement } from './decision.ts';
import type { Denial } from './deny/deny-assignment.ts';
import { createDenials } from './deny/denials.ts';
import type { Denied } from './deny/denials.ts';
import { createWhereGranted } from './granting.ts';
import type { Timed, WhereGranted } from './granting.ts';
import { createTimetable, isAlways, isInTime } from './moment.ts';
import type { Moment } from './moment.ts';
import { createPlaces, getOrPut } from './places.ts';
import type { Place, Site } from './places.ts';
import type { Role } from './role.ts';
import type { Scope } from './scope.ts';
import { addPlaced, holdsAt, mergePlaced, termsOf } from './placed.ts';
import type { Placed, Terms } from './placed.ts';
import { createVerdicts } from './verdicts.ts';
import type { VerdictTable, Verdicts } from './verdicts.ts';

/** What one user or group holds. */
interface Holder {
  readonly grants: Grant[];
  readonly placed: Map<Place, Placed[]>;
  /** Scopes by the column of the role: a refusal looks at every role, not at every grant. */
  readonly scopes: Map<number, Scope[]>;
  /** Those that do not hold at all times. */
  readonly timed: Timed[];
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

/** Actions of a bundle that a call needs at one scope. */
export interface Joint {
  readonly table: VerdictTable;
  /** The requirements of the call; those of the bundle stand together from `from` on. */
  readonly requirements: readonly Requirement[];
  readonly from: number;
}

/** By the place of each action in the bundle. */
export interface JointFinding {
  readonly grantedBy: readonly (Placed | undefined)[];
  /** The actions that nothing grants, as bits. */
  readonly missing: number;
  /** A grant that takes an action away again; only of what nothing grants. */
  readonly excludedBy: readonly (Placed | undefined)[];
  /** A grant of an action whose condition does not hold. */
  readonly unmet: readonly (Placed | undefined)[];
  /** The missing actions of which those two say something, as bits. */
  readonly told: number;
}

export interface Rights extends Denied, WhereGranted {
  readonly grants: () => readonly Grant[];
  /**
   * The grants that are kept at a site, the widest first.
   * @param site where something is needed; with a pattern, grants that have some place in common with it hold
   * @param deepest how many segments the scope of a grant may have: `/` has 0, a subscription 2
   */
  covering(site: Site, deepest?: number): readonly Placed[];
  /** What those grants say of an action. */
  among(covering: readonly Placed[], needed: Requirement, moment: Moment): Finding;
  /** What the grants at a site say of several actions at once. */
  together(site: Site, asked: Joint, moment: Moment): JointFinding;
  /** The actions of a bundle that are granted at some scope, as bits. */
  grantedSomewhere(table: VerdictTable, nowMs: number): number;
  /** Every one of those grants that grants an action, the widest first. */
  allAmong(covering: readonly Placed[], needed: Requirement, moment: Moment): readonly Grant[];
  /** Whether an action is granted at some scope. */
  isGranted(action: string, data: boolean, nowMs: number): boolean;
  /** Whether some scope at which the action is granted passes a test; none is looked at after it. Equal scopes are one object. */
  someScope(action: string, data: boolean, nowMs: number, test: (scope: Scope) => boolean): boolean;
}

/** What is known of one needed action. */
interface Found {
  readonly site: Site;
  readonly table: VerdictTable;
}

export interface RightsIndex {
  /** The rights of a principal. People and agents hold roles; the rights of the operator are not assigned. */
  of(principal: Principal): Rights;
  siteOf(scope: Scope): Site;
  /** Where a call acts that a map has read. */
  siteAt(scope: Scope): Site;
  /** Where a call acts; `undefined` for a text that is no scope. */
  readSite(text: string): Site | undefined;
  /** What roles say of actions that are needed together. */
  tableOf(bundle: Bundle): VerdictTable;
  /**
   * Where one action is needed, and what roles say of it; `undefined` where its scope is none.
   * @param isKept whether it is one object for every call like this
   */
  findOne(needed: Requirement, isKept: boolean): Found | undefined;
  /** The line of its role's Actions with which a grant grants an action of a bundle. */
  line(table: VerdictTable, granting: Placed, action: number): string;
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
  const places = createPlaces(denied);
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
  const found = new Map<Requirement, Found>();
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
    siteAt: places.at,
    readSite: places.read,
    tableOf: verdicts.tableOf,
    line: (table, { column }, action) => verdicts.lineAt(table, column, action),
    findOne(needed, isKept) {
      const known = isKept ? found.get(needed) : undefined;
      if (known !== undefined) return known;
      const site = places.read(needed.scope);
      if (site === undefined) return undefined;
      const one = { site, table: verdicts.row(needed.action, needed.data) };
      if (!isKept) return one;
      if (found.size >= verdicts.most) found.clear();
      found.set(needed, one);
      return one;
    },
    isTimed: timed.length > 0,
    isConditional: [...grants, ...denials].some(({ condition }) => condition !== undefined),
    nextChangeAtMs: createTimetable(
      timed.flatMap(({ startsAtMs, endsAtMs }) => [startsAtMs, endsAtMs]).filter(Number.isFinite),
    ),
  };
}

// Of each principal: enough for the places somebody works in, however many others are passed through.
const rememberedWays = 128;

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

  // People come back to where they have been, and most of the places where they have not hold nothing of theirs.
  const ends = new Int32Array(rememberedWays).fill(-1);
  const ways: (readonly Placed[])[] = new Array<readonly Placed[]>(rememberedWays).fill(nowhere);

  /** All that is kept on the way to a site: what holds at a pattern of places may not hold there. */
  function keptTo({ end }: Site): readonly Placed[] {
    if ('length' in end) return end.flatMap(({ number }) => placed.get(number) ?? nowhere);
    const at = end.number % rememberedWays;
    if (ends[at] === end.number) return ways[at]!;
    const kept: Placed[][] = [];
    for (let place: Place | undefined = end; place !== undefined; place = place.parent) {
      const here = place.holds ? placed.get(place.number) : undefined;
      if (here !== undefined) kept.push(here);
    }
    ends[at] = end.number;
    return (ways[at] = kept.length === 0 ? nowhere : kept.reverse().flat());
  }

  const created: Omit<Rights, keyof Denied> = {
    ...createWhereGranted({ columns, scopesOf, timed }, verdicts),
    grants: () => holders.flatMap(({ grants }) => grants),
    covering: (site, deepest = Infinity) =>
      keptTo(site).filter((each) => each.depth <= deepest && holdsAt(each, site.scope)),
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
    together(site, { table, requirements, from }, moment) {
      const grantedBy: (Placed | undefined)[] = [];
      let excludedBy = nobody;
      let unmet = nobody;
      let bound = nowhere;
      let missing = allOf(table.bundle);
      let told = 0;
      for (const placed of keptTo(site)) {
        if (missing === 0) break;
        const { column, terms } = placed;
        const grants = verdicts.grants(table, column) & missing;
        const excludes = verdicts.excludes(table, column) & missing & ~told;
        if ((grants | excludes) === 0 || !holdsAt(placed, site.scope)) continue;
        if (terms !== undefined && !isInTime(terms, moment.nowMs)) continue;
        if (excludes !== 0) {
          excludedBy = put(excludedBy, excludes, placed);
          told |= excludes;
        }
        if (grants === 0) continue;
        if (terms?.condition !== undefined) bound = [...bound, placed];
        else {
          put(grantedBy, grants, placed);
          missing &= ~grants;
        }
      }
      // As in `among`: a condition is held against a call where nothing else grants.
      for (const placed of bound) {
        const open = verdicts.grants(table, placed.column) & missing;
        for (let rest = open; rest !== 0; rest &= rest - 1) {
          const bit = rest & -rest;
          if (mayHold(placed.grant.condition!, requirements[from + indexOf(bit)]!, moment)) {
            put(grantedBy, bit, placed);
            missing &= ~bit;
          } else if (unmet[indexOf(bit)] === undefined) unmet = put(unmet, bit, placed);
        }
        told |= open;
      }
      return { grantedBy, missing, excludedBy, unmet, told: told & missing };
    },
    grantedSomewhere(table, nowMs) {
      const all = allOf(table.bundle);
      let granted = 0;
      for (let at = 0; at < columns.length && granted !== all; at += 1) granted |= verdicts.grants(table, columns[at]!);
      if (granted !== all)
        for (const { column, terms } of timed) if (isInTime(terms, nowMs)) granted |= verdicts.grants(table, column);
      return granted;
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

const nobody: readonly (Placed | undefined)[] = [];
const indexOf = (bit: number): number => 31 - Math.clz32(bit);

/** Puts one grant for several actions; what nothing stood in yet begins with it. */
function put(kept: readonly (Placed | undefined)[], actions: number, placed: Placed): readonly (Placed | undefined)[] {
  const all = kept === nobody ? [] : (kept as (Placed | undefined)[]);
  for (let rest = actions; rest !== 0; rest &= rest - 1) all[indexOf(rest & -rest)] = placed;
  return all;
}

// What a call does not show grants nothing; before there is a call, it may.
const mayHold = (condition: Condition, needed: Requirement, { judge }: Moment): boolean =>
  judge === undefined || judge(condition, needed) === true;
