// The decision itself: nothing that a call needs is denied, and some assignment at a covering scope grants each of it.
import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { refuse } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Together } from './action-map.ts';
import type { Grant } from './assignment.ts';
import { CallCircumstances } from './conditions/call-circumstances.ts';
import { noCall } from './conditions/condition.ts';
import type { Attributes } from './conditions/condition.ts';
import type { Access, AccessRequest, Allowed, Decision, Requirement } from './decision.ts';
import { denied, deny } from './denial.ts';
import type { Gap } from './denial.ts';
import type { Denial } from './deny/deny-assignment.ts';
import { createEligibility } from './eligibility.ts';
import type { RequestPage } from './eligibility.ts';
import { explainDecision } from './explanation.ts';
import type { Explanation } from './explanation.ts';
import { effectOf } from './default-action.ts';
import type { Moment } from './moment.ts';
import { createNeedsReader } from './needs.ts';
import type { ActionMaps } from './needs.ts';
import type { Site } from './places.ts';
import { createReach } from './reach.ts';
import { indexRights } from './rights.ts';
import type { Rights, RightsIndex } from './rights.ts';
import { noRules } from './rules/rules.ts';
import type { Rules } from './rules/rules.ts';
import type { VerdictTable } from './verdicts.ts';
import { isVisible } from './visibility.ts';

/** All answers for one state of roles and assignments. Synchronous; the same at any time between two changes. */
export interface Decider extends Omit<Access, 'version'> {
  /** The decision with every assignment that was considered. Slow: for people, not for the request path. */
  explain(principal: Principal, request: AccessRequest): Explanation;
  /** When answers change next because an assignment begins or ends; `undefined` if none will. */
  nextChangeAtMs(nowMs: number): number | undefined;
}

/** What a policy holds besides assignments. */
export interface DeciderOptions {
  readonly denials?: readonly Denial[];
  /** Assignments that somebody could activate; they grant nothing, and a refusal tells of them. */
  readonly eligible?: readonly Grant[];
  /** Where people request them. */
  readonly requestPage?: RequestPage;
  readonly rules?: Rules;
  readonly clock?: Clock;
}

export function createDecider(
  grants: readonly Grant[],
  maps: ActionMaps,
  { denials = [], eligible = [], requestPage, rules = noRules, clock = systemClock }: DeciderOptions = {},
): Decider {
  const index = indexRights(grants, denials);
  const needsReader = createNeedsReader(maps);
  const elevationFor = createEligibility(eligible, requestPage);
  const isConditional = index.isConditional || eligible.some(({ condition }) => condition !== undefined);
  const isTimed = index.isTimed || isConditional || eligible.length > 0 || !rules.isEmpty;
  // A policy without times and conditions does not read the clock.
  const nowMs = isTimed ? clock.now : () => 0;

  function momentOf(principal: Principal, request: AccessRequest): Moment {
    if (!isConditional) return isTimed ? { nowMs: nowMs() } : timeless;
    const now = nowMs();
    const call = { principal, request, nowMs: now, attributes: attributesOf(request) };
    return {
      nowMs: now,
      judge(condition, requirement) {
        const circumstances = new CallCircumstances(call, requirement);
        return condition.judge === undefined ? condition.holds(circumstances) : condition.judge(circumstances);
      },
    };
  }

  // Read only where something looks at them, and then once.
  function attributesOf(request: AccessRequest): () => Attributes {
    let attributes: Attributes | undefined;
    return () => (attributes ??= needsReader.attributesOf(request));
  }

  function decide(principal: Principal, request: AccessRequest): Decision {
    const needs = needsReader.of(request);
    if ('outcome' in needs) return denied(needs, { effect: effectOf(request), requirements: [] });
    const { effect, requirements, together, isKept = false } = needs;
    const judging: Judging = {
      index,
      requirements,
      rights: index.of(principal),
      moment: momentOf(principal, request),
      because: [],
      gaps: [],
    };
    const { rights, moment, because, gaps } = judging;
    let from = 0;
    for (const { scope, bundle } of together ?? none) {
      judge(judging, index.siteAt(scope), index.tableOf(bundle), from);
      from += bundle.actions.length;
    }
    for (; from < requirements.length; from += 1) {
      const requirement = requirements[from]!;
      const found = index.findOne(requirement, isKept);
      if (found === undefined)
        return denied(refuse('access_scope_invalid', { scope: shown(requirement.scope) }), needs);
      judge(judging, found.site, found.table, from);
    }
    if (gaps.length > 0) {
      const elevation = elevationFor(principal, gaps, moment);
      return deny(request, needs, gaps, { rights, nowMs: moment.nowMs, elevation });
    }
    const allowed: Allowed = { outcome: 'allow', effect, requirements, because };
    return rules.isEmpty ? allowed : withRules(principal, request, allowed, moment.nowMs);
  }

  function withRules(principal: Principal, request: AccessRequest, allowed: Allowed, now: number): Decision {
    const { requirements } = allowed;
    const found = rules.check({ principal, request, requirements, attributes: attributesOf(request), nowMs: now });
    if (found === undefined) return allowed;
    if (found.refusal !== undefined) return denied(found.refusal, allowed);
    const { approval, audited } = found;
    return { ...allowed, ...(approval && { approval }), ...(audited && { audited }) };
  }

  function visible(principal: Principal, request: Omit<AccessRequest, 'arguments'>): boolean {
    const always = needsReader.always(request);
    return always !== undefined && isVisible(request, always, index.of(principal), index, nowMs());
  }

  return {
    decide,
    visible,
    reaches: createReach(maps, index, { visible, nowMs }),
    allows(principal, action, scope, data = false) {
      // Whoever sits at the machine's own command line owns its files; that gives the door, not what lies behind it.
      if (principal.kind === 'operator') return action.startsWith('genkan/') && !data;
      const site = index.readSite(scope);
      if (site === undefined) return false;
      const rights = index.of(principal);
      const needed = { action, data, scope };
      const moment = momentOf(principal, noCall);
      if (rights.deniedBy(site, needed, moment) !== undefined) return false;
      return rights.among(rights.covering(site), needed, moment).grantedBy !== undefined;
    },
    explain: (principal, request) =>
      explainDecision(decide(principal, request), { principal, index, moment: momentOf(principal, request) }),
    nextChangeAtMs: index.nextChangeAtMs,
  };
}

/** One decision while it is made. */
interface Judging {
  readonly index: RightsIndex;
  readonly requirements: readonly Requirement[];
  readonly rights: Rights;
  readonly moment: Moment;
  readonly because: Allowed['because'][number][];
  readonly gaps: Gap[];
}

/** Judges the requirements from `from` on that make up a bundle at one site. */
function judge(judging: Judging, site: Site, table: VerdictTable, from: number): void {
  const { index, requirements, rights, moment, because, gaps } = judging;
  const { bundle } = table;
  const found = rights.together(site, { table, requirements, from }, moment);
  const deniable = site.near.length === 0 ? 0 : rights.mayDeny(site, bundle);
  const lacking = found.missing & ~found.told;
  const elsewhere = lacking === 0 ? 0 : rights.grantedSomewhere(table, moment.nowMs);
  for (let at = 0; at < bundle.actions.length; at += 1) {
    const bit = 1 << at;
    const requirement = requirements[from + at]!;
    const denial = (deniable & bit) === 0 ? undefined : rights.deniedBy(site, requirement, moment);
    if (denial !== undefined) gaps.push({ requirement, table, at, reason: 'access_denied_by_assignment', denial });
    else if ((found.missing & bit) === 0) {
      const granting = found.grantedBy[at]!;
      const { assignment, role, scope } = granting.grant.label;
      because.push({ assignment, role, scope, action: index.line(table, granting, at) });
    } else {
      const [unmet, excludedBy] = [found.unmet[at]?.grant, found.excludedBy[at]?.grant];
      if (unmet !== undefined) gaps.push({ requirement, table, at, reason: 'access_condition_unmet', unmet });
      else if (excludedBy !== undefined)
        gaps.push({ requirement, table, at, reason: 'access_action_excluded', excludedBy });
      else
        gaps.push({
          requirement,
          table,
          at,
          reason: (elsewhere & bit) === 0 ? 'access_action_missing' : 'access_out_of_scope',
        });
    }
  }
}

const none: readonly Together[] = [];
const timeless: Moment = { nowMs: 0 };
const shown = (scope: string): string => (scope.length > 200 ? `${scope.slice(0, 200)}…` : scope);
