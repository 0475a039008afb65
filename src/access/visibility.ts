// Whether some arguments exist with which a caller could use a tool: the filter of lists.
import type { NeededAction } from './action-map.ts';
import type { AccessRequest, Requirement } from './decision.ts';
import { find } from './grants.ts';
import type { Holder } from './grants.ts';
import { defaultRequirement } from './needs.ts';
import { parseScope } from './scope.ts';
import type { Scope } from './scope.ts';

const depths = { root: 0, subscription: 2 } as const;

/**
 * True when each action is granted, and all of them around one scope. What needs more than `always` says is decided by
 * the call; a list may show a tool that few arguments are allowed for, never one that none are.
 */
export function isVisible(
  request: Omit<AccessRequest, 'arguments'>,
  always: readonly (NeededAction | Requirement)[],
  holders: readonly Holder[],
): boolean {
  const ours = always.filter(({ action }) => action.startsWith('mcp/'));
  const azure = always.filter(({ action }) => !action.startsWith('mcp/'));
  if (!ours.every((need) => isGrantedAt(need, parseScope(defaultRequirement(request).scope, 'literal'), holders)))
    return false;
  return (
    azure.length === 0 ||
    azureScopes(azure, holders).some((scope) => azure.every((need) => isGrantedAt(need, scope, holders)))
  );
}

const isGrantedAt = (need: NeededAction, scope: Scope | undefined, holders: readonly Holder[]): boolean =>
  scope !== undefined && find(holders, need.action, need.data, scope, depthOf(need)).grantedBy !== undefined;

const depthOf = ({ narrowest }: NeededAction): number => (narrowest === undefined ? Infinity : depths[narrowest]);

// If a scope exists where all actions are granted, then so does one among the scopes of the grants: the narrowest of
// those that grant them.
function azureScopes(needs: readonly NeededAction[], holders: readonly Holder[]): Scope[] {
  const scopes: Scope[] = [];
  for (const { byRole } of holders)
    for (const [role, grants] of byRole)
      if (needs.some(({ action, data }) => role.verdict(action, data) === 'grants'))
        for (const { scope } of grants) if (scope.keys[0] !== 'servers') scopes.push(scope);
  return scopes;
}
