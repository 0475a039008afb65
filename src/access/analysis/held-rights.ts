// What people, groups and agents hold, against what recorded calls used of it: assignment by assignment.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Assignee, Grant } from '../assignment.ts';
import { getOrPut } from '../places.ts';
import type { Role } from '../role.ts';
import { covers, parseScope } from '../scope.ts';
import type { Scope } from '../scope.ts';
import { distinctActions, keyOfAction, knownActions } from './known-actions.ts';
import type { KnownAction } from './known-actions.ts';
import { byRisk, riskOf, worstOf } from './risk.ts';
import type { Risk } from './risk.ts';
import type { PrincipalUse, Usage, Use, UsedRequirement } from './usage.ts';

/** One use by somebody who holds the assignment, at a scope that was read. */
export interface Exercised {
  readonly used: UsedRequirement;
  readonly scope: Scope;
  readonly by: string;
}

export interface UnusedAction extends KnownAction {
  readonly risk: Risk;
}

/** One assignment and what was made of it. */
export interface HeldAssignment {
  readonly grant: Grant;
  /**
   * Every recorded use that it would have granted, be it that a wider one was named for it: without the wider one, this
   * is what the work would rest on. Of one with a condition, only what it was named for.
   */
  readonly exercised: readonly Exercised[];
  readonly use: Use | undefined;
  /** Known actions that it grants and nobody used, the most dangerous first. */
  readonly unused: readonly UnusedAction[];
  /** How many known actions it grants. */
  readonly granted: number;
  /** Why it is not judged: `young`, or `bound` to a time, a condition or some of a group, so that use says little about need. */
  readonly spared: 'young' | 'bound' | undefined;
}

/** Somebody who holds something. */
export interface Holding {
  readonly holder: Assignee;
  /** Who used it, by principal id: the holder, or members of the group. */
  readonly active: readonly PrincipalUse[];
  readonly assignments: readonly HeldAssignment[];
  /** The worst of what is held by standing assignments and not used. */
  readonly risk: Risk;
}

export interface HoldingOptions {
  readonly nowMs: number;
  /** Assignments younger than this are not judged. */
  readonly minAgeMs: number;
}

/**
 * Holds every standing assignment against the use of it, the most dangerous excess first. What is held for a while alone
 * (elevations, break-glass) is left out: it ends by itself. Between two holders other work goes on.
 */
export async function findHoldings(
  grants: readonly Grant[],
  usage: Usage,
  options: HoldingOptions,
): Promise<Holding[]> {
  const holders = new Map<string, Grant[]>();
  for (const grant of grants) {
    const { principal, source } = grant.assignment;
    if (source !== 'configuration' && source !== 'database') continue;
    getOrPut(holders, `${principal.kind} ${principal.id}`, () => []).push(grant);
  }
  const scopes = new Map<string, Scope | undefined>();
  const read = (text: string): Scope | undefined => getOrPut(scopes, text, () => parseScope(text, 'patterns'));
  const grantedOf = createGranted(usage);
  const holdings: Holding[] = [];
  for (const held of holders.values()) {
    await nextTurn();
    const holder = held[0]!.assignment.principal;
    const active = [...usage.principals.values()].filter((each) => each.calls !== undefined && holds(holder, each));
    const uses = active.flatMap(({ id, requirements }) =>
      requirements.flatMap((used): Exercised[] => {
        const scope = read(used.scope);
        return scope === undefined ? [] : [{ used, scope, by: id }];
      }),
    );
    const assignments: HeldAssignment[] = [];
    for (const grant of held) {
      assignments.push(holdAgainst(grant, uses, grantedOf(grant.role), options));
      if (assignments.length % 50 === 0) await nextTurn();
    }
    const excess = assignments.filter(({ spared }) => spared === undefined).flatMap(({ unused }) => unused);
    holdings.push({ holder, active, assignments, risk: worstOf(excess.map((each) => each.risk)) });
  }
  return holdings.sort((one, other) => byRisk(one.risk, other.risk) || unusedIn(other) - unusedIn(one));
}

/** What each role grants of all that is known or was used, by key: asked of a role once, however often it is assigned. */
function createGranted(usage: Usage): (role: Role) => ReadonlyMap<string, UnusedAction> {
  const used = [...usage.principals.values()].flatMap(({ requirements }) => requirements);
  const universe = distinctActions([...knownActions(), ...used]).map((each) => ({
    ...each,
    risk: riskOf(each.action, each.data),
  }));
  const roles = new Map<Role, ReadonlyMap<string, UnusedAction>>();
  return (role) =>
    getOrPut(roles, role, () => {
      const granted = universe.filter(({ action, data }) => role.judge(action, data).verdict === 'grants');
      return new Map(granted.map((each) => [keyOfAction(each), each]));
    });
}

/** Whether somebody's calls were made with what the holder holds. */
function holds({ kind, id }: Assignee, { id: principal, clientId, groups }: PrincipalUse): boolean {
  if (kind === 'group') return groups.has(id);
  if (kind === 'user') return principal === id;
  return principal === `application:${id}` && (clientId === undefined || clientId === id);
}

function holdAgainst(
  grant: Grant,
  uses: readonly Exercised[],
  grantedAnywhere: ReadonlyMap<string, UnusedAction>,
  { nowMs, minAgeMs }: HoldingOptions,
): HeldAssignment {
  const { assignment, scope } = grant;
  const { condition, excludes, startsAtMs, endsAtMs } = assignment;
  const isBound = (condition ?? excludes ?? startsAtMs ?? endsAtMs) !== undefined;
  const exercised = uses.filter(
    ({ used, scope: at }) =>
      grantedAnywhere.has(keyOfAction(used)) && covers(scope, at) && (!isBound || used.assignments.has(assignment.id)),
  );
  const granted = [...grantedAnywhere.values()].filter(({ action }) => isAt(scope, action));
  const used = new Set(exercised.map(({ used: each }) => keyOfAction(each)));
  const unused = granted
    .filter((each) => !used.has(keyOfAction(each)))
    .sort((one, other) => byRisk(one.risk, other.risk));
  const isYoung = assignment.createdAtMs !== undefined && assignment.createdAtMs > nowMs - minAgeMs;
  return {
    grant,
    exercised,
    use: sumOf(exercised.map(({ used: each }) => each)),
    unused,
    granted: granted.length,
    spared: isBound ? 'bound' : isYoung ? 'young' : undefined,
  };
}

// At a server there are tools, in Azure there are Azure's operations; only at `/` there are both.
function isAt({ keys }: Scope, action: string): boolean {
  const isOurs = /^mcp\//i.test(action);
  if (/^genkan\//i.test(action)) return keys.length === 0;
  if (keys[0] !== 'servers') return keys.length === 0 || !isOurs;
  return isOurs && (keys[1] === undefined || keys[1].includes('*') || action.startsWith(`mcp/servers/${keys[1]}/`));
}

export function sumOf(uses: readonly Use[]): Use | undefined {
  let sum: { count: number; firstMs: number; lastMs: number } | undefined;
  for (const used of uses) {
    sum ??= { count: 0, firstMs: used.firstMs, lastMs: used.lastMs };
    sum.count += used.count;
    sum.firstMs = Math.min(sum.firstMs, used.firstMs);
    sum.lastMs = Math.max(sum.lastMs, used.lastMs);
  }
  return sum;
}

const unusedIn = ({ assignments }: Holding): number => assignments.reduce((sum, { unused }) => sum + unused.length, 0);
