// Who holds which role where: one assignment, from the configuration or the control database, and the checks on it.
import { createHash } from 'node:crypto';
import { GenkanError } from '../base/errors.ts';
import { assigneeOf } from './assignee.ts';
import { compileCondition } from './conditions/compile.ts';
import type { Condition } from './conditions/condition.ts';
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
  /** Principal ids of people of the group for whom it does not grant: an access review has taken them out. */
  readonly excludes?: readonly string[];
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
export type AssignmentRequest = Pick<
  Assignment,
  'principal' | 'role' | 'scope' | 'condition' | 'startsAtMs' | 'endsAtMs'
>;

/** An assignment that passed the checks, with what deciding needs. */
export interface Grant {
  readonly assignment: Assignment;
  readonly role: Role;
  readonly scope: Scope;
  /** Present where it grants only on a condition. */
  readonly condition?: Condition;
  /** How decisions name it. */
  readonly label: { readonly assignment: string; readonly role: string; readonly scope: string };
}

export type Roles = ReadonlyMap<string, Role>;

/**
 * Checks an assignment against the roles, AssignableScopes included.
 * @throws GenkanError `access_role_unknown`, `access_scope_invalid`, `access_scope_not_assignable`, `access_times_invalid`,
 * `access_condition_invalid`
 */
export function bind(assignment: Assignment, roles: Roles): Grant {
  const { startsAtMs = -Infinity, endsAtMs = Infinity } = assignment;
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
  if (endsAtMs <= startsAtMs) throw new GenkanError('access_times_invalid');
  const label = { assignment: assignment.id, role: role.name, scope: scope.text };
  const condition = assignment.condition === undefined ? {} : { condition: compileCondition(assignment.condition) };
  return { assignment, role, scope, label, ...condition };
}

/** The configuration's assignments. Their ids follow from what they say, so that records stay true when lines move. */
export function configuredAssignments(settings: AccessSettings, variables: Variables): Assignment[] {
  return settings.assignments.map(({ principal, role, scope, condition, from, until }) => {
    const assignee = assigneeOf(principal);
    const filled = substitute(scope, variables, `the assignment of "${role}" to ${assignee.kind} "${assignee.id}"`);
    const more = {
      ...(condition !== undefined && { condition }),
      ...(from !== undefined && { startsAtMs: Date.parse(from) }),
      ...(until !== undefined && { endsAtMs: Date.parse(until) }),
    };
    const content = JSON.stringify([assignee.kind, assignee.id, role, filled, ...Object.entries(more)]);
    const id = `configured-${createHash('sha256').update(content).digest('base64url').slice(0, 12)}`;
    return { id, principal: assignee, role, scope: filled, source: 'configuration', ...more };
  });
}

/** What an assignment says, as a text: two that say the same are one. */
export const saidBy = ({ principal, role, scope, condition, startsAtMs, endsAtMs }: AssignmentRequest): string =>
  JSON.stringify([principal.kind, principal.id, role, scope, condition, startsAtMs, endsAtMs]);
