// What somebody who is refused could have: roles for which they are eligible and that would grant all that is missing.
import type { Principal } from '../base/principal.ts';
import type { Grant } from './assignment.ts';
import type { Gap } from './denial.ts';
import type { Moment } from './moment.ts';
import { indexRights } from './rights.ts';

export interface EligibleRole {
  readonly role: string;
  readonly scope: string;
  /** Id of the eligibility. */
  readonly eligibility: string;
  /** The page where it is requested, where there is one. */
  readonly request?: string;
}

/** The address of that page. */
export type RequestPage = (wish: Pick<EligibleRole, 'role' | 'scope'>) => string;

const mostHints = 3;
const none: readonly EligibleRole[] = [];

/**
 * Finds, for what a refused call misses, single roles that would grant all of it: the narrowest scopes first.
 * @param eligible assignments that could be activated
 */
export function createEligibility(
  eligible: readonly Grant[],
  requestPage?: RequestPage,
): (principal: Principal, gaps: readonly Gap[], moment: Moment) => readonly EligibleRole[] {
  if (eligible.length === 0) return () => none;
  const index = indexRights(eligible);
  return (principal, gaps, moment) => {
    // No role helps against a deny assignment.
    if (gaps.some(({ denial }) => denial !== undefined)) return none;
    const rights = index.of(principal);
    let candidates: readonly Grant[] | undefined;
    for (const { requirement } of gaps) {
      const site = index.readSite(requirement.scope);
      if (site === undefined) return none;
      const granting = rights.allAmong(rights.covering(site), requirement, moment);
      candidates = candidates?.filter((grant) => granting.includes(grant)) ?? granting;
      if (candidates.length === 0) return none;
    }
    return (candidates ?? [])
      .slice(-mostHints)
      .reverse()
      .map(({ label: { assignment, role, scope } }) => ({
        role,
        scope,
        eligibility: assignment,
        ...(requestPage && { request: requestPage({ role, scope }) }),
      }));
  };
}
