// Whether some arguments exist with which a caller could use a tool: the filter of lists.
import type { NeededAction } from './action-map.ts';
import type { AccessRequest } from './decision.ts';
import { defaultRequirement } from './default-action.ts';
import type { Site } from './places.ts';
import type { Rights, RightsIndex } from './rights.ts';
import type { Scope } from './scope.ts';

/**
 * True when each action is granted, and all of them around one scope. What needs more than `always` says is decided by
 * the call; a list may show a tool that few arguments are allowed for, never one that none are.
 */
export function isVisible(
  request: Omit<AccessRequest, 'arguments'>,
  always: readonly NeededAction[],
  rights: Rights,
  index: RightsIndex,
  nowMs: number,
): boolean {
  // No call is known yet: conditions may hold, and what is denied on a condition may not be.
  const moment = { nowMs };
  const own = index.readSite(defaultRequirement(request).scope);
  const isGrantedAt = (need: NeededAction, site: Site): boolean =>
    !rights.isShut(site, need.action, need.data) &&
    rights.among(rights.covering(site, depthOf(need)), { ...need, scope: site.scope.text }, moment).grantedBy !==
      undefined;
  const isOurs = ({ action }: NeededAction): boolean => action.startsWith('mcp/');
  if (!always.filter(isOurs).every((need) => own !== undefined && isGrantedAt(need, own))) return false;
  // If there is a scope where all actions are granted, then so it is at the narrowest scope of the grants behind them.
  const azure = always.filter((need) => !isOurs(need));
  const isCentre = (scope: Scope): boolean => {
    const site = index.siteOf(scope);
    return scope.keys[0] !== 'servers' && azure.every((need) => isGrantedAt(need, site));
  };
  return azure.length === 0 || azure.some(({ action, data }) => rights.someScope(action, data, nowMs, isCentre));
}

const depths = { root: 0, subscription: 2 } as const;
const depthOf = ({ narrowest }: NeededAction): number => (narrowest === undefined ? Infinity : depths[narrowest]);
