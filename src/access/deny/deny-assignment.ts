// What nobody gets, whatever roles they hold: deny assignments as Azure documents them, checked and ready to judge.
// https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
import { createHash } from 'node:crypto';
import { GenkanError } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import { assigneeOf } from '../assignee.ts';
import type { Assignee } from '../assignment.ts';
import { compileCondition } from '../conditions/compile.ts';
import type { Condition } from '../conditions/condition.ts';
import { compilePermission } from '../permission.ts';
import type { Judgement } from '../permission.ts';
import { parseScope } from '../scope.ts';
import type { Scope } from '../scope.ts';
import { substitute } from '../variables.ts';
import type { Variables } from '../variables.ts';
import { foldCase } from '../wildcard.ts';
import type { DenyAssignmentSetting } from './settings.ts';

/** What one permission denies: (actions − notActions) and (dataActions − notDataActions). */
export interface DenyPermission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

export interface DenyAssignment {
  readonly id: string;
  /** Unique at its scope. */
  readonly name: string;
  readonly description?: string;
  /** `everyone`: all people and agents (`SystemDefined` in Azure); never the operator at the machine itself. */
  readonly principals: readonly Assignee[] | 'everyone';
  readonly excludePrincipals: readonly Assignee[];
  readonly permissions: readonly DenyPermission[];
  readonly scope: string;
  readonly doNotApplyToChildScopes: boolean;
  /** A condition in Azure's language on which it denies. */
  readonly condition?: string;
  readonly source: 'configuration' | 'database';
  readonly createdBy?: string;
  readonly createdAtMs?: number;
}

/** A deny assignment that passed the checks, with what deciding needs. */
export interface Denial {
  readonly assignment: DenyAssignment;
  readonly scope: Scope;
  readonly condition?: Condition;
  /** `grants` says that it denies the action, by that line. */
  judge(action: string, data: boolean): Judgement;
  /** Whether it denies every control-plane action that a pattern stands for. */
  deniesAll(pattern: string): boolean;
  /** Whether it holds for somebody. */
  isFor(principal: Principal): boolean;
  /** How refusals name it. */
  readonly label: { readonly id: string; readonly name: string; readonly scope: string };
}

/**
 * Checks a deny assignment and compiles it.
 * @throws GenkanError `access_deny_invalid`, `access_scope_invalid`, `access_condition_invalid`
 */
export function bindDeny(assignment: DenyAssignment): Denial {
  const { id, name, permissions } = assignment;
  const invalid = (reason: string): GenkanError => new GenkanError('access_deny_invalid', { name, reason });
  const scope = parseScope(assignment.scope, 'patterns');
  if (scope === undefined) throw new GenkanError('access_scope_invalid', { scope: assignment.scope });
  // We do not know which subscriptions lie below one, and a denial that does not hold there is none.
  if (scope.keys.includes('microsoft.management'))
    throw invalid('management groups are not known here; name their subscriptions');
  // Resources are read at one scope for all of a server.
  if (scope.keys.length > 3 && scope.keys[0] === 'servers' && scope.keys[2] === 'resources')
    throw invalid(
      `resources are not told apart; name ${scope.text.slice(0, scope.text.lastIndexOf('/'))} for all of them`,
    );
  if (!permissions.some(({ actions, dataActions }) => actions.length + dataActions.length > 0))
    throw invalid('it denies no action and no data action');
  const control = permissions.map(({ actions, notActions }) => compilePermission(actions, notActions));
  const data = permissions.map(({ dataActions, notDataActions }) => compilePermission(dataActions, notDataActions));
  return {
    assignment,
    scope,
    ...(assignment.condition !== undefined && { condition: compileCondition(assignment.condition) }),
    judge: (action, isData) => strongest((isData ? data : control).map(({ judge }) => judge(action))),
    deniesAll: (pattern) => control.some(({ holdsAll }) => holdsAll(pattern)),
    isFor: (principal) => isFor(assignment, principal),
    label: { id, name, scope: scope.text },
  };
}

function strongest(judgements: readonly Judgement[]): Judgement {
  const found = (wanted: Judgement['verdict']): Judgement | undefined =>
    judgements.find(({ verdict }) => verdict === wanted);
  return found('grants') ?? found('excludes') ?? { verdict: 'silent' };
}

function isFor({ principals, excludePrincipals }: DenyAssignment, principal: Principal): boolean {
  // Whoever sits at the machine's own command line owns its files, and is who can take back what shuts everybody out.
  if (principal.kind === 'operator') return false;
  // Where a directory and the sign-in disagree about somebody's groups, they are denied by either and spared by both alone.
  const { groups, disputedGroups } = principal;
  const isDenied = principals === 'everyone' || isAmong(principals, principal, disputedGroups?.either ?? groups);
  return isDenied && !isAmong(excludePrincipals, principal, disputedGroups?.both ?? groups);
}

const isAmong = (list: readonly Assignee[], principal: Principal, groups: readonly string[]): boolean =>
  list.some(({ kind, id }) => {
    if (kind === 'group') return groups.includes(id);
    if (kind === 'user') return principal.kind === 'user' && principal.id === id;
    return principal.kind === 'application' && principal.clientId === id;
  });

/** The configuration's deny assignments. Their ids follow from what they say, so that records stay true when lines move. */
export function configuredDenyAssignments(
  settings: readonly DenyAssignmentSetting[],
  variables: Variables,
): DenyAssignment[] {
  const taken = new Set<string>();
  return settings.map((written) => {
    const assignment = denyAssignmentOf(written, variables);
    const { name, scope } = assignment;
    const place = foldCase(`${name}\n${scope}`);
    if (taken.has(place))
      throw new GenkanError('access_deny_invalid', { name, reason: `its name is taken at ${scope}` });
    taken.add(place);
    const id = `configured-deny-${createHash('sha256').update(JSON.stringify(assignment)).digest('base64url').slice(0, 12)}`;
    return { ...assignment, id, source: 'configuration' };
  });
}

/** What was written, with variables filled in: all of a deny assignment that its author chooses. */
export function denyAssignmentOf(
  { principals, excludePrincipals, description, condition, ...written }: DenyAssignmentSetting,
  variables: Variables,
): Omit<DenyAssignment, 'id' | 'source'> {
  return {
    ...written,
    ...(description !== undefined && { description }),
    ...(condition !== undefined && { condition }),
    principals: principals === 'everyone' ? principals : principals.map(assigneeOf),
    excludePrincipals: excludePrincipals.map(assigneeOf),
    scope: substitute(written.scope, variables, `the deny assignment "${written.name}"`),
  };
}
