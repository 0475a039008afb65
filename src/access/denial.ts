// Why a call is refused: each requirement that nothing grants, the reason for it, and the refusal that says so.
import { refuse } from '../base/errors.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { AccessRequest, Denied, Effect, Requirement } from './decision.ts';
import type { Grant } from './assignment.ts';
import type { Holder } from './grants.ts';
import { shownName } from './needs.ts';

/** A requirement that the principal's roles do not meet. */
export interface Gap {
  readonly requirement: Requirement;
  /** A grant at that scope whose NotActions take the action away. */
  readonly excludedBy?: Grant;
}

type Reason = 'access_action_missing' | 'access_action_excluded' | 'access_out_of_scope';

// The first that applies is told: what no role has helps nowhere, so it matters more than where or why not.
const order: readonly Reason[] = ['access_action_missing', 'access_action_excluded', 'access_out_of_scope'];

const shownScopes = 5;

/**
 * The refusal for a call. `data` is for machines: `missing` lists every action that the caller lacks, `scopes` where they
 * are needed, `role` the role that excludes them, `granted` the scopes at which the caller does have them.
 */
export function deny(
  request: Pick<AccessRequest, 'name'>,
  holders: readonly Holder[],
  needs: { readonly effect: Effect; readonly requirements: readonly Requirement[] },
  gaps: readonly Gap[],
): Denied {
  const reasons = gaps.map((gap) => reasonOf(gap, holders));
  const code = order.find((candidate) => reasons.includes(candidate)) ?? 'access_action_missing';
  const told = gaps.filter((_gap, at) => reasons[at] === code);
  const role = told[0]?.excludedBy?.role.name;
  const granted = code === 'access_out_of_scope' ? scopesGranting(told, holders) : undefined;
  const params = {
    tool: shownName(request),
    scope: distinct(told.map(({ requirement }) => requirement.scope)).join(', '),
    missing: distinct(told.map(({ requirement }) => requirement.action)).join(', '),
    ...(role === undefined ? {} : { role }),
    ...(granted === undefined ? {} : { granted: granted.join(', ') }),
  };
  const data = {
    missing: distinct(gaps.map(({ requirement }) => requirement.action)),
    scopes: distinct(gaps.map(({ requirement }) => requirement.scope)),
    ...(role === undefined ? {} : { role }),
    ...(granted === undefined ? {} : { granted }),
  };
  return denied(refuse(code satisfies ErrorCode, params, { data }), needs);
}

/** Turns a refusal from before the roles were looked at into a decision. */
export const denied = (refusal: ReturnType<typeof refuse>, needs: Pick<Denied, 'effect' | 'requirements'>): Denied => ({
  ...refusal,
  outcome: 'deny',
  effect: needs.effect,
  requirements: needs.requirements,
});

/** Why one requirement is not met. */
export function reasonOf({ requirement, excludedBy }: Gap, holders: readonly Holder[]): Reason {
  if (excludedBy !== undefined) return 'access_action_excluded';
  const elsewhere = holders.some(({ byRole }) =>
    [...byRole.keys()].some((role) => role.verdict(requirement.action, requirement.data) === 'grants'),
  );
  return elsewhere ? 'access_out_of_scope' : 'access_action_missing';
}

function scopesGranting(gaps: readonly Gap[], holders: readonly Holder[]): string[] {
  const scopes = new Set<string>();
  for (const { requirement } of gaps)
    for (const { byRole } of holders)
      for (const [role, grants] of byRole)
        if (role.verdict(requirement.action, requirement.data) === 'grants')
          for (const { scope } of grants.slice(0, shownScopes)) scopes.add(scope.text);
  return [...scopes].slice(0, shownScopes);
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];
