// Why a call is refused: each requirement that nothing grants, the reason for it, and the refusal that says so.
import type { Refusal } from '../base/errors.ts';
import type { AccessRequest, Denied, Requirement } from './decision.ts';
import type { Denial } from './deny/deny-assignment.ts';
import type { Grant } from './assignment.ts';
import type { EligibleRole } from './eligibility.ts';
import { grantingAt, mostListed } from './granting.ts';
import type { Granting } from './granting.ts';
import type { Finding, Rights } from './rights.ts';
import type { VerdictTable } from './verdicts.ts';
import { shownName } from './needs.ts';

// In the order in which they are told: what is denied helps no role; what no role has helps nowhere, so it matters more than
// why not or where; what only its condition keeps back is nearest to being granted.
const reasons = [
  'access_denied_by_assignment',
  'access_action_missing',
  'access_action_excluded',
  'access_out_of_scope',
  'access_condition_unmet',
] as const;

export type Reason = (typeof reasons)[number];

/** A requirement that the principal's roles do not meet, or that is denied whatever they are. */
export interface Gap {
  readonly requirement: Requirement;
  readonly reason: Reason;
  /** What roles say of the actions that were judged together, and which of them this is. */
  readonly table: VerdictTable;
  readonly at: number;
  /** What denies it. */
  readonly denial?: Denial;
  /** What takes the action away again. */
  readonly excludedBy?: Grant;
  /** What would grant it on a condition. */
  readonly unmet?: Grant;
}

/** Why one requirement is not met, given what the grants at its scope say of it. */
export function reasonOf({ action, data }: Requirement, found: Finding, rights: Rights, nowMs: number): Reason {
  if (found.unmet !== undefined) return 'access_condition_unmet';
  if (found.excludedBy !== undefined) return 'access_action_excluded';
  return rights.isGranted(action, data, nowMs) ? 'access_out_of_scope' : 'access_action_missing';
}

const shownCondition = 500;

/** What stands beside the gaps of a call that is refused. */
interface Circumstance {
  readonly rights: Rights;
  readonly nowMs: number;
  /** Roles that would close every gap, if the caller activated one of them. */
  readonly elevation: readonly EligibleRole[];
}

/**
 * The refusal for a call. `data` is for machines: `missing` lists every action that the caller lacks, `scopes` where they
 * are needed, `role` the role that excludes them, `granted` some scopes at which the caller does have them,
 * `denyAssignment` what denies them, `assignment` and `condition` what would grant them, `elevation` how to get them.
 */
export function deny(
  request: Pick<AccessRequest, 'name'>,
  { effect, requirements }: Pick<Denied, 'effect' | 'requirements'>,
  gaps: readonly Gap[],
  { rights, nowMs, elevation }: Circumstance,
): Denied {
  const code = reasons[mostImportant(gaps)]!;
  const told = gaps.every(({ reason }) => reason === code) ? gaps : gaps.filter(({ reason }) => reason === code);
  const [missing, scopes] = [actionsOf(told), scopesOf(told)];
  const params: Record<string, string> = {
    tool: shownName(request),
    scope: list(scopes),
    missing: list(missing),
  };
  const data: Record<string, unknown> =
    told === gaps ? { missing, scopes } : { missing: actionsOf(gaps), scopes: scopesOf(gaps) };
  const { denial, excludedBy, unmet } = told[0]!;
  if (denial !== undefined) {
    params['name'] = denial.label.name;
    data['denyAssignment'] = denial.label;
  }
  if (excludedBy !== undefined) {
    params['role'] = excludedBy.role.name;
    data['role'] = excludedBy.role.name;
  }
  if (unmet !== undefined) {
    const { assignment, role } = unmet.label;
    const condition = (unmet.condition?.text ?? '').slice(0, shownCondition);
    Object.assign(params, { assignment, role, condition });
    Object.assign(data, { assignment, role, condition });
  }
  if (code === 'access_out_of_scope') {
    const granted = scopesGranting(told, rights, nowMs);
    params['granted'] = granted.listed;
    data['granted'] = granted.scopes;
  }
  if (elevation.length > 0) data['elevation'] = elevation;
  return { outcome: 'deny', code, params, data, effect, requirements };
}

/** Turns a refusal from before the roles were looked at into a decision. */
export const denied = (refusal: Refusal, needs: Pick<Denied, 'effect' | 'requirements'>): Denied => ({
  ...refusal,
  outcome: 'deny',
  effect: needs.effect,
  requirements: needs.requirements,
});

function mostImportant(gaps: readonly Gap[]): number {
  let first = reasons.length - 1;
  for (const { reason } of gaps) first = Math.min(first, reasons.indexOf(reason));
  return first;
}

/** Where the caller does have what is missing: the first of the actions, and others until there are enough. */
function scopesGranting(gaps: readonly Gap[], rights: Rights, nowMs: number): Granting {
  let { table, at } = gaps[0]!;
  const found = rights.granting(table, at, nowMs);
  if (gaps.length === 1 || found.scopes.length >= mostListed) return found;
  const scopes = new Set(found.scopes);
  let unlike = rights.grantedUnlike(table, at);
  for (const gap of gaps) {
    if (gap.table === table && (unlike & (1 << gap.at)) === 0) continue; // the same roles grant it
    ({ table, at } = gap);
    unlike = rights.grantedUnlike(table, at);
    for (const scope of rights.granting(table, at, nowMs).scopes) scopes.add(scope);
    if (scopes.size >= mostListed) break;
  }
  return scopes.size === found.scopes.length ? found : grantingAt(scopes);
}

const actionsOf = (gaps: readonly Gap[]): string[] => {
  const texts: string[] = [];
  for (const { requirement } of gaps) if (!texts.includes(requirement.action)) texts.push(requirement.action);
  return texts;
};

// Most requirements share the scope, and with it the text itself.
function scopesOf(gaps: readonly Gap[]): string[] {
  const texts: string[] = [];
  let last: string | undefined;
  for (const { requirement } of gaps) {
    if (requirement.scope === last) continue;
    last = requirement.scope;
    if (!texts.includes(last)) texts.push(last);
  }
  return texts;
}

// `join` copies every text at once; texts added to one another are copied where somebody reads them.
function list(texts: readonly string[]): string {
  let listed = texts[0] ?? '';
  for (let at = 1; at < texts.length; at += 1) listed += `, ${texts[at]!}`;
  return listed;
}
