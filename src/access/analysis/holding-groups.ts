// Which of a person's groups hold something here, or are denied something: the part of their memberships that decisions rest on, for the record.
import type { Principal } from '../../base/principal.ts';
import type { Assignee, Assignment } from '../assignment.ts';
import type { DenyAssignment } from '../deny/deny-assignment.ts';

export type HoldingGroups = (principal: Principal) => readonly string[];

// What is said of one person stays small beside what they did.
const mostGroups = 64;

/**
 * All other memberships have no bearing on what a person may do here, and are nobody's business who reads the record.
 * With those that do, calls can be decided again later, when memberships have changed.
 */
export function createHoldingGroups(access: {
  readonly assignments: () => readonly Pick<Assignment, 'principal'>[];
  readonly denyAssignments: () => readonly Pick<DenyAssignment, 'principals' | 'excludePrincipals'>[];
  readonly version: () => number;
}): HoldingGroups {
  const named = (): Assignee[] => [
    ...access.assignments().map(({ principal }) => principal),
    ...access
      .denyAssignments()
      .flatMap(({ principals, excludePrincipals }) => [
        ...(principals === 'everyone' ? [] : principals),
        ...excludePrincipals,
      ]),
  ];
  let version: number | undefined;
  let holding = new Set<string>();
  let remembered = new WeakMap<Principal, readonly string[]>();
  return (principal) => {
    if (principal.groups.length === 0) return principal.groups;
    if (version !== access.version()) {
      version = access.version();
      holding = new Set(named().flatMap(({ kind, id }) => (kind === 'group' ? [id] : [])));
      remembered = new WeakMap();
    }
    let groups = remembered.get(principal);
    if (groups === undefined) {
      groups = principal.groups.filter((group) => holding.has(group)).slice(0, mostGroups);
      remembered.set(principal, groups);
    }
    return groups;
  };
}
