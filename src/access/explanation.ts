// Why a call is allowed or refused, in full: every requirement against every assignment of the principal.
import type { Principal } from '../base/principal.ts';
import type { Condition } from './conditions/condition.ts';
import type { Decision, Requirement } from './decision.ts';
import { reasonOf } from './denial.ts';
import type { Reason } from './denial.ts';
import { isInTime, timesOf } from './moment.ts';
import type { Moment } from './moment.ts';
import type { Judgement } from './permission.ts';
import type { Site } from './places.ts';
import type { Rights, RightsIndex } from './rights.ts';
import { covers } from './scope.ts';

/** `cannot be told`: the call does not show what is compared, so a grant does not grant and a denial denies. */
export interface ConsideredCondition {
  readonly text: string;
  readonly holds: boolean | 'cannot be told';
}

/** One assignment held against one requirement. It grants when `covers` is true, `verdict` is `grants` and nothing else is said. */
export interface Considered extends Judgement {
  readonly assignment: string;
  /** `user` or `group` and its id. */
  readonly through: string;
  readonly role: string;
  readonly scope: string;
  /** Whether the assignment's scope covers the one that is needed. */
  readonly covers: boolean;
  /** Present where it does not grant at this time. */
  readonly time?: 'not yet' | 'ended';
  /** Present where it grants only on a condition, with whether that holds for this call. */
  readonly condition?: ConsideredCondition;
}

/** A deny assignment that could hold at the scope. It denies when `denies` is true. */
export interface ConsideredDenial extends Judgement {
  readonly denyAssignment: string;
  readonly name: string;
  readonly scope: string;
  /** Whether it holds for the principal: named by it and not excluded. */
  readonly isForPrincipal: boolean;
  /** Whether its scope holds the whole of the one that is needed, or only a part of it. */
  readonly covers: 'all' | 'part';
  readonly condition?: ConsideredCondition;
  readonly denies: boolean;
}

export interface ExplainedRequirement extends Requirement {
  readonly outcome: 'granted' | Reason;
  readonly considered: readonly Considered[];
  /** Absent where there is no deny assignment at that scope. */
  readonly denials?: readonly ConsideredDenial[];
}

export interface Explanation {
  readonly principal: Pick<Principal, 'id' | 'name' | 'groups'>;
  readonly decision: Decision;
  readonly requirements: readonly ExplainedRequirement[];
}

/** What the decision was made on. */
interface Ground {
  readonly principal: Principal;
  readonly index: RightsIndex;
  readonly moment: Moment;
}

export function explainDecision(decision: Decision, ground: Ground): Explanation {
  const { id, name, groups } = ground.principal;
  const requirements = decision.requirements.map((requirement) => explainRequirement(requirement, ground));
  return { principal: { id, name, groups }, decision, requirements };
}

function explainRequirement(requirement: Requirement, ground: Ground): ExplainedRequirement {
  const { index, moment } = ground;
  const rights = index.of(ground.principal);
  const site = index.readSite(requirement.scope);
  const considered = rights.grants().map((grant): Considered => {
    const { assignment, role, scope, condition } = grant;
    const { startsAtMs } = timesOf(grant);
    return {
      assignment: assignment.id,
      through: `${assignment.principal.kind} ${assignment.principal.id}`,
      role: role.name,
      scope: scope.text,
      covers: site !== undefined && covers(scope, site.scope),
      ...role.judge(requirement.action, requirement.data),
      ...(!isInTime(timesOf(grant), moment.nowMs) && { time: startsAtMs > moment.nowMs ? 'not yet' : 'ended' }),
      ...(condition && { condition: considerCondition(condition, requirement, moment) }),
    };
  });
  const denials = site === undefined ? [] : explainDenials(site, requirement, ground);
  const outcome = outcomeOf(requirement, site, rights, moment);
  return { ...requirement, outcome, considered, ...(denials.length > 0 && { denials }) };
}

function explainDenials(
  site: Site,
  requirement: Requirement,
  { principal, index, moment }: Ground,
): ConsideredDenial[] {
  const denying = index.of(principal).deniedBy(site, requirement, moment);
  return site.near.map(({ denial, whole }) => ({
    denyAssignment: denial.label.id,
    name: denial.label.name,
    scope: denial.label.scope,
    isForPrincipal: denial.isFor(principal),
    covers: whole ? 'all' : 'part',
    ...denial.judge(requirement.action, requirement.data),
    ...(denial.condition && { condition: considerCondition(denial.condition, requirement, moment) }),
    denies: denial === denying,
  }));
}

const considerCondition = (condition: Condition, requirement: Requirement, { judge }: Moment): ConsideredCondition => ({
  text: condition.text,
  holds: judge?.(condition, requirement) ?? 'cannot be told',
});

function outcomeOf(
  requirement: Requirement,
  site: Site | undefined,
  rights: Rights,
  moment: Moment,
): ExplainedRequirement['outcome'] {
  if (site !== undefined && rights.deniedBy(site, requirement, moment) !== undefined)
    return 'access_denied_by_assignment';
  const found = rights.among(site === undefined ? [] : rights.covering(site), requirement, moment);
  return found.grantedBy === undefined ? reasonOf(requirement, found, rights, moment.nowMs) : 'granted';
}
