// Azure's evaluation of access as its documentation states it, step by step and slowly: what the real one is compared with.
// https://learn.microsoft.com/azure/role-based-access-control/overview, "How Azure RBAC determines if a user has access to a resource"
import type { Assignee, Assignment } from '../../src/access/assignment.ts';
import type { DenyAssignment } from '../../src/access/deny/deny-assignment.ts';
import type { RoleDefinition } from '../../src/access/role-definition.ts';
import type { Principal } from '../../src/base/principal.ts';

export interface Policy {
  readonly roles: readonly RoleDefinition[];
  readonly assignments: readonly Assignment[];
  readonly denyAssignments: readonly DenyAssignment[];
}

export interface Asked {
  readonly principal: Principal;
  readonly action: string;
  readonly data: boolean;
  readonly scope: string;
  readonly nowMs: number;
  /** `undefined`: cannot be told. */
  readonly holds: (condition: string) => boolean | undefined;
}

export function hasAccess({ roles, assignments, denyAssignments }: Policy, asked: Asked): boolean {
  const { action, data, scope, nowMs, holds } = asked;
  // 4. If a deny assignment applies, access is blocked.
  for (const deny of denyAssignments) {
    if (deny.principals !== 'everyone' && !names(deny.principals, asked)) continue;
    if (names(deny.excludePrincipals, asked)) continue;
    const isSame = segments(deny.scope).length === segments(scope).length;
    const isInside = lies(scope, deny.scope) && (isSame || !deny.doNotApplyToChildScopes);
    // Ours: who needs an operation of Azure over a whole scope is denied it where a part of that is denied.
    const isPart = !/^(mcp|genkan)\//i.test(action) && !isSame && lies(deny.scope, scope, 'either');
    if (!isInside && !isPart) continue;
    const denies = deny.permissions.some(({ actions, notActions, dataActions, notDataActions }) =>
      data ? allows(action, dataActions, notDataActions) : allows(action, actions, notActions),
    );
    if (denies && (deny.condition === undefined || holds(deny.condition) !== false)) return false;
  }
  // 5.–9. Some role at the scope holds the action, and the conditions of its assignment, if there are any, are met.
  return assignments.some(({ principal, role, scope: held, startsAtMs, endsAtMs, condition }) => {
    const definition = roles.find(({ Name }) => Name === role)!;
    const { Actions, NotActions, DataActions, NotDataActions } = definition;
    if (!names([principal], asked) || !lies(scope, held)) return false;
    if (nowMs < (startsAtMs ?? -Infinity) || nowMs >= (endsAtMs ?? Infinity)) return false;
    // Ours: only a line that says so reaches into the administration of Genkan.
    const isOurs = /^genkan\//i;
    const lines = isOurs.test(action) ? (list: readonly string[]) => list.filter((line) => isOurs.test(line)) : id;
    const granted = data
      ? allows(action, lines(DataActions), NotDataActions)
      : allows(action, lines(Actions), NotActions);
    return granted && (condition === undefined || holds(condition) === true);
  });
}

const id = (list: readonly string[]): readonly string[] => list;

const names = (list: readonly Assignee[], { principal }: Asked): boolean =>
  list.some(({ kind, id: named }) =>
    kind === 'user'
      ? principal.kind === 'user' && principal.id === named
      : kind === 'group'
        ? principal.groups.includes(named)
        : principal.kind === 'application' && principal.clientId === named,
  );

/** Actions − NotActions, or DataActions − NotDataActions. */
const allows = (action: string, listed: readonly string[], taken: readonly string[]): boolean =>
  listed.some((line) => fits(line, action)) && !taken.some((line) => fits(line, action));

/** `*` stands for any characters; permission strings are case-insensitive. */
const fits = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('\\*', '.*')}$`, 'is').test(text);

const segments = (scope: string): string[] => scope.split('/').filter((segment) => segment !== '');

/** Whether a scope lies in another: segment by segment, and each of the other's may hold stars. */
function lies(inner: string, outer: string, stars: 'outer' | 'either' = 'outer'): boolean {
  const [held, asked] = [segments(outer), segments(inner)];
  const isOwn = outer.startsWith('/servers') || inner.startsWith('/servers');
  const same = (pattern: string, text: string): boolean =>
    isOwn
      ? pattern.split('*').length > 1
        ? fits(pattern, text) && !/[A-Z]/.test(text)
        : pattern === text
      : fits(pattern, text);
  return (
    held.length <= asked.length &&
    held.every((each, at) => same(each, asked[at]!) || (stars === 'either' && same(asked[at]!, each)))
  );
}
