// May they: roles and assignments, from the configuration and made while running, and the answers that follow from them.
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import type { ErrorCode } from '../base/errors.ts';
import { correlationId } from '../base/ids.ts';
import type { Principal } from '../base/principal.ts';
import type { Database } from '../state/database.ts';
import { bind, configuredAssignments, sameContent } from './assignment.ts';
import type { Assignment, AssignmentRequest, Grant, Roles } from './assignment.ts';
import { createAssignmentStore, noAssignments } from './assignment-store.ts';
import { createActionMaps } from './configured-maps.ts';
import type { Access } from './decision.ts';
import { createDecider } from './decider.ts';
import type { Decider } from './decider.ts';
import type { ActionMaps } from './needs.ts';
import type { Role } from './role.ts';
import { collectRoles } from './roles.ts';
import type { AccessSettings } from './settings.ts';
import type { Variables } from './variables.ts';

export interface AccessNeighbours {
  /** Absent where the configuration alone says who may what. */
  readonly database?: Database | undefined;
  /** The configuration's `variables`, for `{name}` in access values. */
  readonly variables: Variables;
  /** Reads a role file that the configuration names, relative to the configuration. */
  readonly readFile: (file: string) => string;
  readonly clock: Clock;
}

/** An assignment as listed; `inactive` says why a stored one grants nothing, e.g. because its role is gone. */
export interface ListedAssignment extends Assignment {
  readonly inactive?: ErrorCode;
}

export interface AccessControl extends Access, Pick<Decider, 'explain'> {
  roles(): readonly Role[];
  assignments(): readonly ListedAssignment[];
  /**
   * Makes a durable assignment; the same one twice is the first.
   * @throws GenkanError `access_role_unknown`, `access_scope_invalid`, `access_scope_not_assignable`
   */
  assign(request: AssignmentRequest, by: Principal): Promise<Assignment>;
  /** @throws GenkanError `access_assignment_unknown`, `access_assignment_configured` */
  unassign(id: string): Promise<Assignment>;
  /** Reads the stored assignments again, for what another process has changed. */
  refresh(): Promise<void>;
}

/**
 * Loads roles and assignments and compiles them.
 * @throws GenkanError for anything wrong in the configured roles and assignments; stored ones become inactive instead
 */
export async function createAccess(
  settings: AccessSettings,
  neighbours: AccessNeighbours,
  maps: ActionMaps = createActionMaps(settings.maps, neighbours.variables),
): Promise<AccessControl> {
  const { database, variables, readFile, clock } = neighbours;
  const roles = collectRoles(settings.roles, readFile, variables);
  const configured = configuredAssignments(settings, variables).map((assignment) => bind(assignment, roles));
  const store = database === undefined ? noAssignments : createAssignmentStore(database);

  let listed: readonly ListedAssignment[] = [];
  let decider = createDecider([], maps);
  let version = 0;
  const adopt = (stored: readonly Assignment[]): void => {
    const grants = [...configured];
    const inactive: ListedAssignment[] = [];
    for (const assignment of stored) {
      const grant = bindOrNote(assignment, roles);
      if ('inactive' in grant) inactive.push(grant);
      else grants.push(grant);
    }
    listed = [...grants.map(({ assignment }) => assignment), ...inactive];
    decider = createDecider(grants, maps);
    version += 1;
  };
  // One change at a time, so that a slow read cannot put back what a later change took away.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(change: () => Promise<Result>): Promise<Result> => {
    const result = last.then(change);
    last = result.catch(() => undefined);
    return result;
  };
  const refresh = async (): Promise<void> => {
    const stored = await store.list();
    const known = new Set(listed.filter(({ source }) => source === 'database').map(({ id }) => id));
    if (version === 0 || stored.length !== known.size || !stored.every(({ id }) => known.has(id))) adopt(stored);
  };
  await refresh();

  return {
    decide: (principal, request) => decider.decide(principal, request),
    visible: (principal, request) => decider.visible(principal, request),
    reaches: (principal, server) => decider.reaches(principal, server),
    allows: (...asked) => decider.allows(...asked),
    explain: (principal, request) => decider.explain(principal, request),
    version: () => version,
    roles: () => [...roles.values()],
    assignments: () => listed,
    assign: (request, by) =>
      inTurn(async () => {
        const present = listed.find((other) => sameContent(other, request));
        if (present !== undefined && present.inactive === undefined) return present;
        const assignment: Assignment = {
          id: correlationId(),
          principal: request.principal,
          role: request.role,
          scope: request.scope,
          source: 'database',
          createdBy: by.id,
          createdAtMs: clock.now(),
        };
        bind(assignment, roles);
        await store.add(assignment);
        adopt(await store.list());
        return assignment;
      }),
    unassign: (id) =>
      inTurn(async () => {
        const assignment = listed.find((other) => other.id === id);
        if (assignment === undefined) throw new GenkanError('access_assignment_unknown', { id });
        if (assignment.source === 'configuration') throw new GenkanError('access_assignment_configured', { id });
        await store.remove(id);
        adopt(await store.list());
        return assignment;
      }),
    refresh: () => inTurn(refresh),
  };
}

// The configuration may have changed under a stored assignment. That must neither grant anything nor stop the door.
function bindOrNote(assignment: Assignment, roles: Roles): Grant | (ListedAssignment & { inactive: ErrorCode }) {
  try {
    return bind(assignment, roles);
  } catch (error) {
    if (error instanceof GenkanError) return { ...assignment, inactive: error.code };
    throw error;
  }
}
