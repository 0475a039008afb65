// Who holds which role where: one assignment, from the configuration or the control database, and the checks on it.
import { createHash } from 'node:crypto';
import { GenkanError } from '../base/errors.ts';
import type { Role } from './role.ts';
import { covers, parseScope } from './scope.ts';
import type { Scope } from './scope.ts';
import type { AccessSettings } from './settings.ts';
import { substitute } from './variables.ts';
import type { Variables } from './variables.ts';

export interface Assignee {
  readonly kind: 'user' | 'group' | 'application';
  /** Principal id of the user, the group as the identity provider states it, or the client id of the agent. Compared exactly. */
  readonly id: string;
}

export interface Assignment {
  readonly id: string;
  readonly principal: Assignee;
  readonly role: string;
  readonly scope: string;
  /** `elevation`: held for a while, after a request; `break-glass`: taken in an emergency. */
  readonly source: 'configuration' | 'database' | 'elevation' | 'break-glass';
  /** A condition in Azure's language (conditionVersion 2.0) on which it grants. */
  readonly condition?: string;
  /** When it begins and ends to grant; the end itself is not part of it. */
  readonly startsAtMs?: number;
  readonly endsAtMs?: number;
  readonly createdBy?: string;
  readonly createdAtMs?: number;
}

/** Assignments from elsewhere than the configuration and `assign`, e.g. elevations; read again whenever the policy has changed. */
export interface AssignmentSource {
  list(): Promise<readonly Assignment[]>;
}

/** What callers of `assign` choose. */
export type AssignmentRequest = Pick<Assignment, 'principal' | 'role' | 'scope'>;

/** An assignment that passed the checks, with what deciding needs. */
export interface Grant {
  readonly assignment: Assignment;
  readonly role: Role;
  readonly scope: Scope;
  /** How decisions name it. */
  readonly label: { readonly assignment: string; readonly role: string; readonly scope: string };
}

export type Roles = ReadonlyMap<string, Role>;

/**
 * Checks an assignment against the roles, AssignableScopes included.
 * @throws GenkanError `access_role_unknown`, `access_scope_invalid`, `access_scope_not_assignable`
 */
export function bind(assignment: Assignment, roles: Roles): Grant {
  const role = roles.get(assignment.role);
  if (role === undefined) throw new GenkanError('access_role_unknown', { role: assignment.role });
  const scope = parseScope(assignment.scope, 'patterns');
  if (scope === undefined) throw new GenkanError('access_scope_invalid', { scope: assignment.scope });
  if (!role.assignableScopes.some((assignable) => covers(assignable, scope)))
    throw new GenkanError('access_scope_not_assignable', {
      role: role.name,
      scope: scope.text,
      assignable: role.definition.AssignableScopes.join(', '),
    });
  return { assignment, role, scope, label: { assignment: assignment.id, role: role.name, scope: scope.text } };
}

/** The configuration's assignments. Their ids follow from what they say, so that records stay true when lines move. */
export function configuredAssignments(settings: AccessSettings, variables: Variables): Assignment[] {
  return settings.assignments.map(({ principal, role, scope }) => {
    const assignee = assigneeOf(principal);
    const filled = substitute(scope, variables, `the assignment of "${role}" to ${assignee.kind} "${assignee.id}"`);
    const content = JSON.stringify([assignee.kind, assignee.id, role, filled]);
    const id = `configured-${createHash('sha256').update(content).digest('base64url').slice(0, 12)}`;
    return { id, principal: assignee, role, scope: filled, source: 'configuration' };
  });
}

const assigneeOf = (principal: AccessSettings['assignments'][number]['principal']): Assignee => {
  if ('group' in principal) return { kind: 'group', id: principal.group };
  if ('user' in principal) return { kind: 'user', id: principal.user };
  return { kind: 'application', id: principal.application };
};

export const sameContent = (left: AssignmentRequest, right: AssignmentRequest): boolean =>
  left.principal.kind === right.principal.kind &&
  left.principal.id === right.principal.id &&
  left.role === right.role &&
  left.scope === right.scope;
