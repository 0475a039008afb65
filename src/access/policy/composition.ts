// The policy put together: what the configuration says, what was made while running, and what is held for a while.
import { GenkanError } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { bind } from '../assignment.ts';
import type { Assignment, Grant, Roles } from '../assignment.ts';
import { bindDeny } from '../deny/deny-assignment.ts';
import type { Denial, DenyAssignment } from '../deny/deny-assignment.ts';
import { getOrPut } from '../places.ts';
import { createRole } from '../role.ts';
import { foldCase } from '../wildcard.ts';
import { canLeaveOut, placeOf } from './exclusion.ts';
import { keyOf } from './policy-item.ts';
import type { Content, Items, PolicyItem } from './policy-item.ts';
import { readAssignment, readDenyAssignment, readExclusion } from './stored-items.ts';

/** What stands before anything is made while running. Its mistakes stop the start, so none is left here. */
export interface ConfiguredPolicy {
  readonly roles: Roles;
  readonly grants: readonly Grant[];
  readonly denials: readonly Denial[];
}

/** As listed: `inactive` says why something has no effect, e.g. because its role is gone. */
export type Listed<Thing> = Thing & { readonly inactive?: ErrorCode };

export interface Composition extends ConfiguredPolicy {
  /** All of them, also those without effect: what they rest on has changed under them, and that must not stop the door. */
  readonly assignments: readonly Listed<Assignment>[];
  readonly denyAssignments: readonly Listed<DenyAssignment>[];
  /** Items without effect, by `keyOf`. */
  readonly inactive: ReadonlyMap<string, GenkanError>;
}

export type Compose = (items: Items, elsewhere: readonly Assignment[]) => Composition;

export function createCompose(configured: ConfiguredPolicy): Compose {
  // Most of a policy is as it was: what was made of an item is kept for as long as the item is.
  const roleIn = kept(({ content }) => createRole(content, 'database', {}));
  const assignmentIn = kept(readAssignment);
  const denyAssignmentIn = kept(readDenyAssignment);
  const exclusionIn = kept(readExclusion);
  const without = exclusions();
  const denials = new WeakMap<DenyAssignment, Denial>();
  const grants = new WeakMap<Assignment, Grant>();

  function grantOf(assignment: Assignment, roles: Roles): Grant {
    const known = grants.get(assignment);
    if (known !== undefined && known.role === roles.get(assignment.role)) return known;
    const grant = bind(assignment, roles);
    grants.set(assignment, grant);
    return grant;
  }

  function denialOf(assignment: DenyAssignment): Denial {
    const denial = denials.get(assignment) ?? bindDeny(assignment);
    denials.set(assignment, denial);
    return denial;
  }

  return (items, elsewhere) => {
    const roles = new Map(configured.roles);
    const denying = [...configured.denials];
    const denyAssignments: Listed<DenyAssignment>[] = denying.map(({ assignment }) => assignment);
    const inactive = new Map<string, GenkanError>();

    const each = (kind: string, take: (item: PolicyItem) => GenkanError | undefined): void => {
      for (const item of items.values()) {
        const reason = item.kind === kind ? take(item) : undefined;
        if (reason !== undefined) inactive.set(keyOf(item), reason);
      }
    };
    const excluded = new Map<string, string[]>();
    each('exclusion', (item) =>
      reasonNot(() => {
        const { principal, of, role, scope } = exclusionIn(item);
        getOrPut(excluded, placeOf({ principal: of, role, scope }), () => []).push(principal);
      }),
    );
    const granting = configured.grants.map((grant) => {
      const assignment = without(grant.assignment, excluded);
      return assignment === grant.assignment ? grant : grantOf(assignment, configured.roles);
    });
    const assignments: Listed<Assignment>[] = granting.map(({ assignment }) => assignment);

    // Names that differ in case alone read as one.
    const names = new Set([...roles.keys()].map(foldCase));
    each('role', (item) =>
      reasonNot(() => {
        const role = roleIn(item);
        if (role.name !== item.id || names.has(foldCase(item.id)))
          throw new GenkanError('access_role_taken', { role: item.id });
        names.add(foldCase(item.id));
        roles.set(role.name, role);
      }),
    );
    const grant = (assignment: Assignment): void =>
      listing(assignments, assignment, () => granting.push(grantOf(assignment, roles)));
    each('assignment', (item) => reasonNot(() => grant(without(assignmentIn(item), excluded))));
    for (const assignment of elsewhere) reasonNot(() => grant(assignment));
    each('deny-assignment', (item) =>
      reasonNot(() => {
        const assignment = denyAssignmentIn(item);
        listing(denyAssignments, assignment, () => denying.push(denialOf(assignment)));
      }),
    );
    return { roles, grants: granting, denials: denying, assignments, denyAssignments, inactive };
  };
}

/** Assignments without the people that are taken out of them: the same object for as long as these are the same. */
function exclusions(): (assignment: Assignment, excluded: ReadonlyMap<string, readonly string[]>) => Assignment {
  const made = new WeakMap<Assignment, Assignment>();
  return (assignment, excluded) => {
    if (excluded.size === 0 || !canLeaveOut(assignment)) return assignment;
    const excludes = excluded.get(placeOf(assignment));
    if (excludes === undefined) return assignment;
    const known = made.get(assignment);
    if (known?.excludes?.join('\n') === excludes.join('\n')) return known;
    const less = { ...assignment, excludes };
    made.set(assignment, less);
    return less;
  };
}

function kept<Thing extends object>(make: (item: PolicyItem) => Thing): (item: PolicyItem) => Thing {
  const things = new WeakMap<Content, Thing>();
  return (item) => {
    const thing = things.get(item.content) ?? make(item);
    things.set(item.content, thing);
    return thing;
  };
}

/** Lists something, with the reason where it has no effect. */
function listing<Thing extends object>(list: Listed<Thing>[], thing: Thing, use: () => void): void {
  const reason = reasonNot(use);
  list.push(reason === undefined ? thing : { ...thing, inactive: reason.code });
  if (reason !== undefined) throw reason;
}

/** Why something does not hold, where it does not. */
function reasonNot(make: () => void): GenkanError | undefined {
  try {
    make();
    return undefined;
  } catch (error) {
    if (error instanceof GenkanError) return error;
    throw error;
  }
}
