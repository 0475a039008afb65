// Why a call is allowed or refused, in full: every requirement against every assignment of the principal.
import type { Principal } from '../base/principal.ts';
import type { Decision, Requirement } from './decision.ts';
import { reasonOf } from './denial.ts';
import type { Reason } from './denial.ts';
import type { Rights, RightsIndex } from './rights.ts';
import type { Judgement } from './role.ts';
import { covers } from './scope.ts';
import type { Site } from './places.ts';

/** One assignment held against one requirement. It grants when `covers` is true and `verdict` is `grants`. */
export interface Considered extends Judgement {
  readonly assignment: string;
  /** `user` or `group` and its id. */
  readonly through: string;
  readonly role: string;
  readonly scope: string;
  /** Whether the assignment's scope covers the one that is needed. */
  readonly covers: boolean;
}

export interface ExplainedRequirement extends Requirement {
  readonly outcome: 'granted' | Reason;
  readonly considered: readonly Considered[];
}

export interface Explanation {
  readonly principal: Pick<Principal, 'id' | 'name' | 'groups'>;
  readonly decision: Decision;
  readonly requirements: readonly ExplainedRequirement[];
}

/** Explains a decision that was made on these rights. */
export function explainDecision(
  principal: Principal,
  decision: Decision,
  rights: Rights,
  index: RightsIndex,
): Explanation {
  const { id, name, groups } = principal;
  const requirements = decision.requirements.map((requirement) => explainRequirement(requirement, rights, index));
  return { principal: { id, name, groups }, decision, requirements };
}

function explainRequirement(requirement: Requirement, rights: Rights, index: RightsIndex): ExplainedRequirement {
  const site = index.readSite(requirement.scope);
  const considered = rights.grants().map(({ assignment, role, scope }) => ({
    assignment: assignment.id,
    through: `${assignment.principal.kind} ${assignment.principal.id}`,
    role: role.name,
    scope: scope.text,
    covers: site !== undefined && covers(scope, site.scope),
    ...role.judge(requirement.action, requirement.data),
  }));
  return { ...requirement, outcome: outcomeOf(requirement, site, rights), considered };
}

function outcomeOf(requirement: Requirement, site: Site | undefined, rights: Rights): ExplainedRequirement['outcome'] {
  const covering = site === undefined ? [] : rights.covering(site);
  const { grantedBy, excludedBy } = rights.among(covering, requirement.action, requirement.data);
  return grantedBy === undefined ? reasonOf(requirement, excludedBy, rights) : 'granted';
}
