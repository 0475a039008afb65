// The decision itself: every action that a call needs must be granted by some assignment at a covering scope.
import { refuse } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Grant } from './assignment.ts';
import type { Access, AccessRequest, Allowed, Decision } from './decision.ts';
import { denied, deny } from './denial.ts';
import type { Gap } from './denial.ts';
import { explainDecision } from './explanation.ts';
import type { Explanation } from './explanation.ts';
import { effectOf } from './default-action.ts';
import { createNeedsReader } from './needs.ts';
import type { ActionMaps } from './needs.ts';
import { indexRights } from './rights-index.ts';
import { createScopeReader } from './scope.ts';
import { isVisible } from './visibility.ts';

/** All answers for one state of roles and assignments. Pure and synchronous. */
export interface Decider extends Pick<Access, 'decide' | 'visible'> {
  /** Whether the principal may do one thing of Genkan's own, e.g. `genkan/role/assign` at `/`. */
  allows(principal: Principal, action: string, scope: string, data?: boolean): boolean;
  /** The decision with every assignment that was considered. Slow: for people, not for the request path. */
  explain(principal: Principal, request: AccessRequest): Explanation;
}

export function createDecider(grants: readonly Grant[], maps: ActionMaps): Decider {
  const rightsOf = indexRights(grants);
  const needsReader = createNeedsReader(maps);
  const readScope = createScopeReader();

  function decide(principal: Principal, request: AccessRequest): Decision {
    const needs = needsReader.of(request);
    if ('outcome' in needs) return denied(needs, { effect: effectOf(request), requirements: [] });
    const { effect, requirements } = needs;
    const rights = rightsOf(principal);
    const because: Allowed['because'][number][] = [];
    const gaps: Gap[] = [];
    for (const requirement of requirements) {
      const scope = readScope(requirement.scope);
      if (scope === undefined)
        return denied(refuse('access_scope_invalid', { scope: shown(requirement.scope) }), needs);
      const { grantedBy, excludedBy } = rights.find(requirement.action, requirement.data, scope);
      if (grantedBy === undefined) gaps.push({ requirement, excludedBy });
      else because.push(grantedBy.label);
    }
    if (gaps.length > 0) return deny(request, rights, needs, gaps);
    return { outcome: 'allow', effect, requirements, because };
  }

  return {
    decide,
    visible(principal, request) {
      const always = needsReader.always(request);
      return always !== undefined && isVisible(request, always, rightsOf(principal));
    },
    allows(principal, action, scope, data = false) {
      // Whoever sits at the machine's own command line owns its files; that gives the door, not what lies behind it.
      if (principal.kind === 'operator') return action.startsWith('genkan/') && !data;
      const needed = readScope(scope);
      return needed !== undefined && rightsOf(principal).find(action, data, needed).grantedBy !== undefined;
    },
    explain: (principal, request) => explainDecision(principal, decide(principal, request), rightsOf(principal)),
  };
}

const shown = (scope: string): string => (scope.length > 200 ? `${scope.slice(0, 200)}…` : scope);
