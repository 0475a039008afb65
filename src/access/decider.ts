// The decision itself: every action that a call needs must be granted by some assignment at a covering scope.
import { refuse } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Grant } from './assignment.ts';
import type { Access, AccessRequest, Allowed, Decision } from './decision.ts';
import { denied, deny, reasonOf } from './denial.ts';
import type { Gap } from './denial.ts';
import { explainDecision } from './explanation.ts';
import type { Explanation } from './explanation.ts';
import { effectOf } from './default-action.ts';
import { createNeedsReader } from './needs.ts';
import type { ActionMaps } from './needs.ts';
import type { Placed } from './rights.ts';
import { createReach } from './reach.ts';
import { indexRights } from './rights.ts';
import { isVisible } from './visibility.ts';

/** All answers for one state of roles and assignments. Pure and synchronous. */
export interface Decider extends Omit<Access, 'version'> {
  /** The decision with every assignment that was considered. Slow: for people, not for the request path. */
  explain(principal: Principal, request: AccessRequest): Explanation;
}

export function createDecider(grants: readonly Grant[], maps: ActionMaps): Decider {
  const index = indexRights(grants);
  const needsReader = createNeedsReader(maps);

  function decide(principal: Principal, request: AccessRequest): Decision {
    const needs = needsReader.of(request);
    if ('outcome' in needs) return denied(needs, { effect: effectOf(request), requirements: [] });
    const { effect, requirements } = needs;
    const rights = index.of(principal);
    const because: Allowed['because'][number][] = [];
    const gaps: Gap[] = [];
    let place: string | undefined;
    let covering: readonly Placed[] = [];
    for (const requirement of requirements) {
      const { action, data, scope } = requirement;
      if (scope !== place) {
        const site = index.readSite(scope);
        if (site === undefined) return denied(refuse('access_scope_invalid', { scope: shown(scope) }), needs);
        covering = rights.covering(site);
        place = scope;
      }
      const { grantedBy, excludedBy } = rights.among(covering, action, data);
      if (grantedBy !== undefined) because.push(grantedBy.label);
      else gaps.push({ requirement, excludedBy, reason: reasonOf(requirement, excludedBy, rights) });
    }
    if (gaps.length > 0) return deny(request, needs, gaps, rights);
    return { outcome: 'allow', effect, requirements, because };
  }

  function visible(principal: Principal, request: Omit<AccessRequest, 'arguments'>): boolean {
    const always = needsReader.always(request);
    return always !== undefined && isVisible(request, always, index.of(principal), index);
  }

  return {
    decide,
    visible,
    reaches: createReach(maps, index, visible),
    allows(principal, action, scope, data = false) {
      // Whoever sits at the machine's own command line owns its files; that gives the door, not what lies behind it.
      if (principal.kind === 'operator') return action.startsWith('genkan/') && !data;
      const site = index.readSite(scope);
      if (site === undefined) return false;
      const rights = index.of(principal);
      return rights.among(rights.covering(site), action, data).grantedBy !== undefined;
    },
    explain: (principal, request) => explainDecision(principal, decide(principal, request), index.of(principal), index),
  };
}

const shown = (scope: string): string => (scope.length > 200 ? `${scope.slice(0, 200)}…` : scope);
