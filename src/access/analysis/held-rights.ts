// What people, groups and agents hold, against what recorded calls used of it: assignment by assignment.
import type { Assignee, Grant } from '../assignment.ts';
import { getOrPut } from '../places.ts';
import { covers, parseScope } from '../scope.ts';
import type { Scope } from '../scope.ts';
import { distinctActions, grantedBy, keyOfAction, knownActions } from './known-actions.ts';
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
  /** Why it is not judged: `young`, or `bound` to a time or a condition, so that use says little about need. */
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
 * (elevations, break-glass) is left out: it ends by itself.
 */
export function findHoldings(grants: readonly Grant[], usage: Usage, options: HoldingOptions): Holding[] {
  const universe = knownActionsWith(usage);
  const holders = new Map<string, Grant[]>();
  for (const grant of grants) {
    const { principal, source } = grant.assignment;
    if (source !== 'configuration' && source !== 'database') continue;
    getOrPut(holders, `${principal.kind} ${principal.id}`, () => []).push(grant);
  }
  const scopes = new Map<string, Scope | undefined>();
  const read = (text: string): Scope | undefined => getOrPut(scopes, text, () => parseScope(text, 'patterns'));
  return [...holders.values()]
    .map((held): Holding => {
      const holder = held[0]!.assignment.principal;
      const active = [...usage.principals.values()].filter((each) => each.calls !== undefined && holds(holder, each));
      const uses = active.flatMap(({ id, requirements }) =>
        requirements.flatMap((used): Exercised[] => {
          const scope = read(used.scope);
          return scope === undefined ? [] : [{ used, scope, by: id }];
        }),
      );
      const assignments = held.map((grant) => holdAgainst(grant, uses, universe, options));
      const excess = assignments.filter(({ spared }) => spared === undefined).flatMap(({ unused }) => unused);
      return { holder, active, assignments, risk: worstOf(excess.map(({ risk }) => risk)) };
    })
    .sort((one, other) => byRisk(one.risk, other.risk) || unusedIn(other) - unusedIn(one));
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
  universe: readonly KnownAction[],
  { nowMs, minAgeMs }: HoldingOptions,
): HeldAssignment {
  const { assignment, role, scope } = grant;
  const isBound = (assignment.condition ?? assignment.startsAtMs ?? assignment.endsAtMs) !== undefined;
  const exercised = uses.filter(
    ({ used, scope: at }) =>
      covers(scope, at) &&
      role.judge(used.action, used.data).verdict === 'grants' &&
      (!isBound || used.assignments.has(assignment.id)),
  );
  const granted = grantedBy(role, universe).filter(({ action }) => isAt(scope, action));
  const used = new Set(exercised.map(({ used: each }) => keyOfAction(each)));
  const unused = granted
    .filter((each) => !used.has(keyOfAction(each)))
    .map((each) => ({ ...each, risk: riskOf(each.action, each.data) }))
    .sort((one, other) => byRisk(one.risk, other.risk));
  const isYoung = assignment.createdAtMs !== undefined && assignment.createdAtMs > nowMs - minAgeMs;
  return {
    grant,
    exercised,
    use: sumOf(exercised),
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

const knownActionsWith = (usage: Usage): KnownAction[] =>
  distinctActions([...knownActions(), ...[...usage.principals.values()].flatMap(({ requirements }) => requirements)]);

function sumOf(exercised: readonly Exercised[]): Use | undefined {
  let sum: { count: number; firstMs: number; lastMs: number } | undefined;
  for (const { used } of exercised) {
    sum ??= { count: 0, firstMs: used.firstMs, lastMs: used.lastMs };
    sum.count += used.count;
    sum.firstMs = Math.min(sum.firstMs, used.firstMs);
    sum.lastMs = Math.max(sum.lastMs, used.lastMs);
  }
  return sum;
}

const unusedIn = ({ assignments }: Holding): number => assignments.reduce((sum, { unused }) => sum + unused.length, 0);
