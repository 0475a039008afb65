// Holds what an identity may do in Azure against what Genkan grants: what nobody may do through here, and grants with nothing behind them.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Assignee, Grant } from '../assignment.ts';
import type { Denial } from '../deny/deny-assignment.ts';
import { getOrPut } from '../places.ts';
import type { Role } from '../role.ts';
import { covers, parseScope } from '../scope.ts';
import type { Scope } from '../scope.ts';
import { foldCase, wildcardsMeet } from '../wildcard.ts';
import { isManagementGroup, subscriptionOf } from './identity-rights.ts';
import type { AzureAssignment, AzureRole, IdentityRights } from './identity-rights.ts';
import { keyOfAction } from './known-actions.ts';
import type { KnownAction } from './known-actions.ts';
import { isPossibleAt, toolActions } from './tool-actions.ts';
import type { ToolAction } from './tool-actions.ts';

/** A role of ours at a scope, with all who hold it there or could. */
export interface Granted {
  readonly role: string;
  readonly scope: Scope;
  readonly holders: readonly (Assignee & { readonly onRequest: boolean })[];
}

/** An assignment in Azure and the role it gives. */
export interface Held extends AzureAssignment {
  readonly role: AzureRole;
}

/** At one scope in Azure: what the identity has and nobody is granted. */
export interface Excess {
  readonly scope: Scope;
  readonly held: readonly (Held & {
    /** Whether tools can need something of it, and nobody is granted that, here or below. */
    readonly unneeded: boolean;
  })[];
  readonly actions: readonly (ToolAction & {
    readonly roles: readonly string[];
    /** Scopes within it at which somebody is granted the action. */
    readonly grantedBelow: readonly string[];
  })[];
  /** How many further operations of Azure it grants that no tool can carry out. */
  readonly beyond: number;
}

/** A role at a scope in Genkan that grants what the identity lacks. */
export interface Powerless extends Granted {
  readonly actions: readonly (ToolAction & {
    /** Scopes within it at which the identity may do it. */
    readonly heldBelow: readonly string[];
  })[];
}

export interface Drift {
  readonly excess: readonly Excess[];
  /** What the identity may do nowhere in the scope of the grant. */
  readonly powerless: readonly Powerless[];
  /** What it may do in a part of it only. */
  readonly inPart: readonly Powerless[];
  /** Assignments of roles of which no tool can need anything. */
  readonly apart: readonly Held[];
  /** Scopes of grants that nothing can be said of. */
  readonly unjudged: readonly string[];
  /** Scopes whose subscriptions Azure alone knows, taken to hold everything that was looked at. */
  readonly managementGroups: readonly string[];
  /** How many assignments hang on a condition, by themselves or by their role. */
  readonly conditioned: number;
}

export interface Sides {
  readonly rights: IdentityRights;
  readonly grants: readonly Grant[];
  /** What people could hold on request. */
  readonly eligible: readonly Grant[];
  readonly denials: readonly Denial[];
  readonly nowMs: number;
  /** Every operation of Azure that is known. */
  readonly operations: readonly KnownAction[];
}

const mostPlaces = 10;

interface Group extends Granted {
  readonly holders: (Assignee & { readonly onRequest: boolean })[];
  readonly keys: ReadonlySet<string>;
}

export async function findDrift({ rights, grants, eligible, denials, nowMs, operations }: Sides): Promise<Drift> {
  const actions = toolActions();
  const known = new Set(actions.map(({ key }) => key));
  const further = operations.filter((each) => !known.has(keyOfAction(each)));
  const isDenied = createDenied(denials);
  const groups = groupsOf(grants, eligible, nowMs);
  const held = rights.assignments.map((each) => {
    const role = rights.roles.get(each.roleId)!;
    return { ...each, role, conditioned: each.conditioned || role.conditioned };
  });
  // One that is inherited is judged where it came to light.
  const placed = held.map((each) => ({ ...each, places: placesOf(each) }));

  const isApart = ({ role }: Held): boolean => !actions.some(({ action, data }) => role.grants(action, data));
  const excess: Excess[] = [];
  for (const [, here] of Map.groupBy(placed, ({ scope }) => scope.keys.join('/'))) {
    await nextTurn();
    const [{ scope }] = here as [(typeof here)[number]];
    const places = [...new Map(here.flatMap((each) => each.places).map((place) => [place.text, place])).values()];
    const above = groups.filter((group) => places.some((place) => covers(group.scope, place)));
    const near = groups.filter((group) => places.some((place) => meets(group.scope, place)));
    const needed = new Set<string>();
    const found = actions.flatMap((each) => {
      const roles = here.filter(({ role }) => role.grants(each.action, each.data)).map(({ role }) => role.name);
      if (roles.length === 0 || !isPossibleAt(scope, each.action)) return [];
      const isGranted = places.every((place) =>
        above.some((group) => group.keys.has(each.key) && covers(group.scope, place) && !isDenied(each, place)),
      );
      const below = near.filter(
        (group) =>
          group.keys.has(each.key) &&
          !isDenied(each, group.scope) &&
          places.some((place) => meets(group.scope, place) && !isDenied(each, place)),
      );
      if (isGranted || below.length > 0) needed.add(each.key);
      if (isGranted) return [];
      const grantedBelow = [...new Set(below.map((group) => group.scope.text))].slice(0, mostPlaces);
      return [{ ...each, roles: [...new Set(roles)], grantedBelow }];
    });
    // A management group holds subscriptions that were not looked at: somebody may need there what nobody needs here.
    const isElsewhere = (key: string): boolean => isManagementGroup(scope) && groups.some(({ keys }) => keys.has(key));
    const isNeeded = ({ role }: Held): boolean =>
      actions.some(({ key, action, data }) => (needed.has(key) || isElsewhere(key)) && role.grants(action, data));
    if (found.length === 0 && here.every(({ role }) => role.wildcards.length === 0)) continue;
    excess.push({
      scope,
      held: here.map((each) => ({ ...each, unneeded: !isApart(each) && !isNeeded(each) })),
      actions: found,
      beyond: further.filter(
        ({ action, data }) => isPossibleAt(scope, action) && here.some(({ role }) => role.grants(action, data)),
      ).length,
    });
  }

  const [powerless, inPart]: [Powerless[], Powerless[]] = [[], []];
  const unjudged = new Set<string>();
  for (const group of groups) {
    if (!isJudged(group.scope, rights)) {
      unjudged.add(group.scope.text);
      continue;
    }
    await nextTurn();
    const lacked = actions.flatMap((each) => {
      const isAsked = group.keys.has(each.key) && each.tools.length > 0 && isPossibleAt(group.scope, each.action);
      if (!isAsked || isDenied(each, group.scope)) return [];
      const having = placed.filter(({ role }) => role.grants(each.action, each.data));
      if (having.some(({ places }) => places.some((place) => covers(place, group.scope)))) return [];
      const below = having.flatMap(({ places }) => places.filter((place) => meets(place, group.scope)));
      return [{ ...each, heldBelow: [...new Set(below.map(({ text }) => text))].slice(0, mostPlaces) }];
    });
    const { role, scope, holders } = group;
    const put = (into: Powerless[], some: typeof lacked): unknown =>
      some.length > 0 && into.push({ role, scope, holders, actions: some });
    put(
      powerless,
      lacked.filter(({ heldBelow }) => heldBelow.length === 0),
    );
    put(
      inPart,
      lacked.filter(({ heldBelow }) => heldBelow.length > 0),
    );
  }
  return {
    excess: excess.sort(byWorst),
    powerless: powerless.sort(byWorst),
    inPart: inPart.sort(byWorst),
    apart: held.filter(isApart),
    unjudged: [...unjudged],
    managementGroups: [...new Set(held.filter((each) => isManagementGroup(each.scope)).map(({ scope }) => scope.text))],
    conditioned: held.filter((each) => each.conditioned).length,
  };

  /** Where an assignment holds, in scopes that can be compared with ours. */
  function placesOf({ scope, listedIn }: AzureAssignment): readonly Scope[] {
    return isManagementGroup(scope)
      ? listedIn.map((each) => parseScope(`/subscriptions/${each}`, 'literal')!)
      : [scope];
  }
}

/** Where not all that lies in a scope was looked at, what is missing there may only not have been seen. */
function isJudged(scope: Scope, { subscriptions, isWhole }: IdentityRights): boolean {
  if (isManagementGroup(scope)) return false;
  const subscription = subscriptionOf(scope);
  if (subscription === undefined || subscription.includes('*')) return isWhole;
  return subscriptions.includes(subscription);
}

/** Whether two scopes have something in common: one holds the other, or a pattern in one stands for a part of the other. */
const meets = (one: Scope, other: Scope): boolean =>
  one.keys.slice(0, other.keys.length).every((key, at) => wildcardsMeet(key, other.keys[at]!));

/** What is granted in Azure by each role at each scope. What has ended counts no more; what begins later does, and what hangs on a condition. */
function groupsOf(grants: readonly Grant[], eligible: readonly Grant[], nowMs: number): Group[] {
  const keysOf = new Map<Role, ReadonlySet<string>>();
  const groups = new Map<string, Group>();
  const all = [
    ...grants.map((grant) => ({ grant, onRequest: false })),
    ...eligible.map((grant) => ({ grant, onRequest: true })),
  ];
  for (const { grant, onRequest } of all) {
    const { assignment, role, scope } = grant;
    if (scope.keys[0] === 'servers' || (assignment.endsAtMs ?? Infinity) <= nowMs) continue;
    const keys = getOrPut(keysOf, role, () => keysGrantedBy(role));
    if (keys.size === 0) continue;
    const { holders } = getOrPut(groups, `${role.name}\n${foldCase(scope.text)}`, () => ({
      role: role.name,
      scope,
      holders: [],
      keys,
    }));
    const { kind, id } = assignment.principal;
    if (!holders.some((each) => each.kind === kind && each.id === id)) holders.push({ kind, id, onRequest });
  }
  return [...groups.values()];
}

const keysGrantedBy = (role: Role): ReadonlySet<string> =>
  new Set(
    toolActions()
      .filter(({ action, data }) => role.judge(action, data).verdict === 'grants')
      .map(({ key }) => key),
  );

/** What is denied to everybody, always and with everything below, nobody is granted. */
function createDenied(denials: readonly Denial[]): (action: ToolAction, place: Scope) => boolean {
  const total = denials.filter(
    ({ assignment: { principals, excludePrincipals, doNotApplyToChildScopes }, condition }) =>
      principals === 'everyone' &&
      excludePrincipals.length === 0 &&
      !doNotApplyToChildScopes &&
      condition === undefined,
  );
  return ({ action, data }, place) =>
    total.some((denial) => covers(denial.scope, place) && denial.judge(action, data).verdict === 'grants');
}

const weights = { critical: 1_000_000, high: 1000, medium: 1, low: 0 } as const;

/** The worst first: by the dangerous actions that are concerned, then by how many there are. */
function byWorst(one: { readonly actions: readonly ToolAction[] }, other: typeof one): number {
  const weigh = ({ actions }: typeof one): number => actions.reduce((sum, { risk }) => sum + weights[risk], 0);
  return weigh(other) - weigh(one) || other.actions.length - one.actions.length;
}
