// A policy as somebody proposes it: the one in force with a role replaced, with others assigned to some, or with a plan carried out.
import { bind, configuredAssignments } from '../assignment.ts';
import type { Assignee, Assignment, AssignmentRequest, Grant } from '../assignment.ts';
import { bindDeny, configuredDenyAssignments } from '../deny/deny-assignment.ts';
import { createRole } from '../role.ts';
import type { Role } from '../role.ts';
import { collectRoles } from '../roles.ts';
import type { AccessSettings } from '../settings.ts';
import type { Variables } from '../variables.ts';
import type { Policy } from './replay.ts';

/** Everything that decides now. */
export interface InForce extends Policy {
  readonly roles: ReadonlyMap<string, Role>;
}

/** What is to be carried out together. */
export interface AccessPlan {
  readonly roles: readonly unknown[];
  readonly assign: readonly AssignmentRequest[];
  /** Ids of assignments. */
  readonly remove: readonly string[];
}

/** Roles take the place of those of their name, with every assignment of these. @throws GenkanError where a role is none, or is assigned where it may not be */
export function withPlan(now: InForce, { roles, assign, remove }: AccessPlan, variables: Variables = {}): InForce {
  const known = new Map(now.roles);
  for (const written of roles) {
    const role = createRole(written, 'proposed', variables);
    known.set(role.name, role);
  }
  const gone = new Set(remove);
  const kept = now.grants.filter(({ assignment }) => !gone.has(assignment.id));
  const grants = kept.map((grant) =>
    known.get(grant.role.name) === grant.role ? grant : bind(grant.assignment, known),
  );
  const added = assign.map((wish, at) => bind({ ...wish, id: `proposed-${at + 1}`, source: 'database' }, known));
  return { ...now, roles: known, grants: [...grants, ...added] };
}

/** A role instead of everything that some have for good, wherever it may be assigned. */
export function withRoleFor(now: InForce, written: unknown, holders: readonly Assignee[]): InForce {
  const role = createRole(written, 'proposed', {});
  const scopes = role.definition.AssignableScopes;
  return withPlan(now, {
    roles: [written],
    assign: holders.flatMap((principal) => scopes.map((scope) => ({ principal, role: role.name, scope }))),
    remove: standingOf(now.grants, holders).map(({ id }) => id),
  });
}

/**
 * A policy as the `access` part of genkan.yaml writes it: whoever it names has what it says and nothing else for good;
 * deny assignments come on top of those in force.
 */
export function withSettings(now: InForce, settings: AccessSettings, variables: Variables): InForce {
  const noFile = (file: string): never => {
    throw new TypeError(`role files are not read here: write the role of ${file} out`);
  };
  const own = new Set(collectRoles([], noFile, {}).keys());
  const roles = [...collectRoles(settings.roles, noFile, variables).values()].filter(({ name }) => !own.has(name));
  const wanted = configuredAssignments(settings, variables);
  const remove = standingOf(
    now.grants,
    wanted.map(({ principal }) => principal),
  );
  const { denials = [], ...after } = withPlan(now, {
    roles: roles.map(({ definition }) => definition),
    assign: wanted,
    remove: remove.map(({ id }) => id),
  });
  return {
    ...after,
    denials: [...denials, ...configuredDenyAssignments(settings.denyAssignments, variables).map(bindDeny)],
  };
}

const standingOf = (grants: readonly Grant[], holders: readonly Assignee[]): Assignment[] =>
  grants
    .map(({ assignment }) => assignment)
    .filter(
      ({ principal, source }) =>
        (source === 'configuration' || source === 'database') &&
        holders.some(({ kind, id }) => kind === principal.kind && id === principal.id),
    );
