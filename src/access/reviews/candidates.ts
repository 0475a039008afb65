// What a review asks about: each right of each person and agent, whether it was used, and how risky it is to leave it.
import type { Assignee, Assignment } from '../assignment.ts';
import { sumOf } from '../analysis/held-rights.ts';
import { riskOf, risks } from '../analysis/risk.ts';
import type { Risk } from '../analysis/risk.ts';
import type { PrincipalUse, Usage, Use } from '../analysis/usage.ts';
import type { Role } from '../role.ts';
import { covers, parseScope } from '../scope.ts';
import type { ReviewRules, riskFactors } from './settings.ts';

export type RiskFactor = (typeof riskFactors)[number];

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly groups: readonly string[];
  /** Whether they belong to another directory than ours. */
  readonly external: boolean;
}

/** `unused`, `inactive`: recommended for removal. `active`: used in time. `young`, `history`: too early to tell. */
export type Reason = 'active' | 'inactive' | 'unused' | 'young' | 'history';

export interface Candidate {
  readonly principal: Assignee;
  readonly name: string;
  /** The group through which they have it. */
  readonly through?: string;
  readonly assignment: string;
  readonly role: string;
  readonly scope: string;
  readonly uses: number;
  readonly lastUseMs?: number;
  readonly recommendation: 'keep' | 'remove';
  readonly reason: Reason;
  readonly risk: Risk;
  readonly factors: readonly RiskFactor[];
}

interface Sources {
  readonly assignments: readonly Assignment[];
  readonly people: readonly Person[];
  /** Since when somebody is in a group. */
  readonly joinedAtMs: (group: string, person: string) => number | undefined;
  readonly roles: ReadonlyMap<string, Role>;
  readonly usage: Usage;
  readonly nowMs: number;
  readonly thresholdMs: number;
  readonly risk: ReviewRules['riskBasedReview'];
  /** Only these roles, and only here. */
  readonly only: { readonly roles: readonly string[]; readonly scope: string };
}

/** Refused calls that are more than slips. */
const refusedAtLeast = 5;
const refusedShare = 0.1;

/** The riskiest first where risk is looked at, else by name. What is held for a while ends by itself, and is nobody's question. */
export function candidatesOf(sources: Sources): Candidate[] {
  const { assignments, people, only, risk } = sources;
  const within = parseScope(only.scope, 'patterns');
  const asked = assignments.filter(({ role, scope, source, endsAtMs }) => {
    const held = parseScope(scope, 'patterns');
    const isThere = within !== undefined && held !== undefined && covers(within, held);
    const lasts = (source === 'configuration' || source === 'database') && endsAtMs === undefined;
    return lasts && isThere && (only.roles.length === 0 || only.roles.includes(role));
  });
  const candidates = asked.flatMap((assignment) =>
    holdersOf(assignment, people).map(({ who, person }) => candidateOf(assignment, who, person, sources)),
  );
  const byName = (one: Candidate, other: Candidate): number =>
    one.name.localeCompare(other.name) || one.role.localeCompare(other.role) || one.scope.localeCompare(other.scope);
  const byRisk = (one: Candidate, other: Candidate): number => risks.indexOf(other.risk) - risks.indexOf(one.risk);
  return candidates.sort((one, other) => (risk.enabled ? byRisk(one, other) : 0) || byName(one, other));
}

interface Held {
  readonly who: Assignee;
  readonly person: Person | undefined;
}

/** A group is asked about person by person: it is people who leave, and a group that nobody is in grants nothing. */
function holdersOf({ principal, excludes = [] }: Assignment, people: readonly Person[]): Held[] {
  if (principal.kind !== 'group')
    return [{ who: principal, person: people.find(({ id }) => principal.kind === 'user' && id === principal.id) }];
  return people
    .filter(({ id, groups }) => groups.includes(principal.id) && !excludes.includes(id))
    .map((person) => ({ who: { kind: 'user', id: person.id }, person }));
}

function candidateOf(assignment: Assignment, who: Assignee, person: Person | undefined, sources: Sources): Candidate {
  const { usage, nowMs, thresholdMs, risk, roles, joinedAtMs } = sources;
  const id = who.kind === 'application' ? `application:${who.id}` : who.id;
  const use = usage.principals.get(id);
  const used = use && usedOf(assignment, roles.get(assignment.role), use);
  const { createdAtMs = 0, principal } = assignment;
  const sinceMs = Math.max(createdAtMs, (principal.kind === 'group' && joinedAtMs(principal.id, who.id)) || 0);
  const reason = reasonOf(used?.lastMs, sinceMs, usage, nowMs, thresholdMs);
  const factors = risk.enabled ? factorsOf(roles.get(assignment.role), use, person, risk.riskFactors) : [];
  const least: Risk = risk.enabled && risk.highRiskRoles.includes(assignment.role) ? 'high' : 'low';
  const step = Math.min(risks.indexOf(least) + factors.length, risks.length - 1);
  return {
    principal: who,
    name: person?.name ?? use?.name ?? who.id,
    ...(assignment.principal.kind === 'group' && { through: assignment.principal.id }),
    assignment: assignment.id,
    role: assignment.role,
    scope: assignment.scope,
    uses: used?.count ?? 0,
    ...(used !== undefined && { lastUseMs: used.lastMs }),
    recommendation: reason === 'inactive' || reason === 'unused' ? 'remove' : 'keep',
    reason,
    risk: risks[step]!,
    factors,
  };
}

/**
 * What they did that this would have granted, whatever else was named for it; and what it was named for, should its role
 * have changed since. Whether a condition held nobody knows afterwards: what it may have granted counts.
 */
function usedOf({ id, scope }: Assignment, role: Role | undefined, use: PrincipalUse): Use | undefined {
  const held = parseScope(scope, 'patterns');
  const granted = use.requirements.filter((used) => {
    const at = parseScope(used.scope, 'patterns');
    const isThere = held !== undefined && at !== undefined && covers(held, at);
    return isThere && role?.judge(used.action, used.data).verdict === 'grants';
  });
  const named = use.assignments.get(id);
  const sum = sumOf(granted) ?? named;
  // One call may need several things: those of one are at least so many calls.
  return sum && { ...sum, count: Math.max(named?.count ?? 0, ...granted.map(({ count }) => count)) };
}

function reasonOf(
  lastMs: number | undefined,
  heldSinceMs: number,
  { firstMs }: Usage,
  nowMs: number,
  thresholdMs: number,
): Reason {
  const since = nowMs - thresholdMs;
  if (lastMs !== undefined && lastMs >= since) return 'active';
  if (heldSinceMs > since) return 'young';
  // A record that does not reach back so far cannot tell who did nothing.
  if (firstMs === undefined || firstMs > since) return 'history';
  return lastMs === undefined ? 'unused' : 'inactive';
}

function factorsOf(
  role: Role | undefined,
  use: PrincipalUse | undefined,
  person: Person | undefined,
  wanted: readonly RiskFactor[],
): RiskFactor[] {
  const [refused, calls] = [use?.refused?.count ?? 0, use?.calls?.count ?? 0];
  const present: Record<RiskFactor, boolean> = {
    unusualAccess: refused >= refusedAtLeast && refused > (refused + calls) * refusedShare,
    externalUser: person?.external === true,
    privilegedRole: role !== undefined && isPrivileged(role),
  };
  return wanted.filter((factor) => present[factor]);
}

/** Who holds it can give themselves more, or delete and reveal. */
function isPrivileged({ definition, judge }: Role): boolean {
  if (judge('Microsoft.Authorization/roleAssignments/write', false).verdict === 'grants') return true;
  if (judge('genkan/role/assign', false).verdict === 'grants') return true;
  const risky = (line: string, data: boolean): boolean =>
    line === '*' || ['high', 'critical'].includes(riskOf(line, data));
  return (
    definition.Actions.some((line) => risky(line, false)) || definition.DataActions.some((line) => risky(line, true))
  );
}
