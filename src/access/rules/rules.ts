// What the rules of the configuration say of a call that assignments allow: no, not before somebody approves it, or yes.
import { parseDuration } from '../../base/duration.ts';
import { refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Principal } from '../../base/principal.ts';
import { CallCircumstances } from '../conditions/call-circumstances.ts';
import type { Attributes } from '../conditions/condition.ts';
import type { AccessRequest, ApprovalDemand, Requirement } from '../decision.ts';
import { shownName } from '../needs.ts';
import { parseScope } from '../scope.ts';
import { createApproverList } from './approver-list.ts';
import type { ApproverList, Resolve } from './approver-list.ts';
import { strictest } from './demands.ts';
import { compileRule } from './rule.ts';
import type { Firing, Rule } from './rule.ts';
import type { RuleSettings } from './settings.ts';

/** A call whose every requirement some assignment grants. */
export interface GrantedCall {
  readonly principal: Principal;
  readonly request: AccessRequest;
  readonly requirements: readonly Requirement[];
  /** What the map reads from the arguments; asked for only where a rule looks. */
  readonly attributes: () => Attributes;
  readonly nowMs: number;
}

/** What rules have to say. `audited` names the rules that only want to be told of; the decision carries them to the record. */
export type RuleFinding =
  | { readonly refusal: Refusal }
  | { readonly refusal?: undefined; readonly approval?: ApprovalDemand; readonly audited?: readonly string[] };

export interface Rules {
  readonly isEmpty: boolean;
  /** Pure, synchronous, never throws. `undefined` where no rule has anything to say. */
  check(call: GrantedCall): RuleFinding | undefined;
}

export const noRules: Rules = { isEmpty: true, check: () => undefined };

export interface ConfiguredRules extends Rules {
  /** Looks up whom the names of approvers mean, before a call asks for them; what cannot be found is looked up again then. */
  lookUpApprovers(): Promise<void>;
}

interface RulesNeighbours {
  readonly resolveApprovers: Resolve;
  readonly log: Pick<Log, 'warn'>;
}

/** One of the rules, in their order, with the approval that it wants. */
interface Placed {
  readonly order: number;
  readonly rule: Rule;
  readonly demand?: Demand;
}

interface Demand extends Pick<ApprovalDemand, 'rule' | 'mfa' | 'withinSeconds'> {
  readonly approvers: ApproverList;
}

interface Fired extends Placed {
  readonly firing: Firing;
}

const usualWaitMs = 900_000;
// Callers choose tool names and so actions, and scopes; what they can make us keep has an end.
const remembered = 8192;

/** @throws GenkanError for a rule that is none; settings that were parsed hold only rules */
export function createRules(settings: readonly RuleSettings[], neighbours: RulesNeighbours): ConfiguredRules {
  const placed = settings.map((each, order): Placed => {
    const rule = compileRule(each);
    return each.effect === 'requireApproval' ? { order, rule, demand: demandOf(each, neighbours) } : { order, rule };
  });
  const concerning = remembering((action) => placed.filter(({ rule }) => rule.concerns(action)));
  const scopeOf = remembering((text) => parseScope(text, 'literal'));
  return {
    isEmpty: settings.length === 0,
    check(call) {
      // Most calls need actions that no rule is about: they are done after one look-up for each.
      let fired: Map<Placed, Fired> | undefined;
      for (const requirement of call.requirements) {
        const concerned = concerning(requirement.action);
        if (concerned.length === 0) continue;
        const scope = scopeOf(requirement.scope);
        const circumstances = new CallCircumstances(call, requirement);
        for (const each of concerned) {
          if (fired?.has(each) || !each.rule.appliesTo(call.principal, call.request, scope)) continue;
          const firing = each.rule.fires(circumstances);
          if (firing !== undefined) (fired ??= new Map()).set(each, { ...each, firing });
        }
      }
      return fired && findingOf([...fired.values()], call);
    },
    async lookUpApprovers() {
      await Promise.all(placed.map(({ demand }) => demand?.approvers.lookUp()));
    },
  };
}

function demandOf({ name, approvers = [], mfa = true, within }: RuleSettings, neighbours: RulesNeighbours): Demand {
  const waitMs = (within === undefined ? undefined : parseDuration(within)) ?? usualWaitMs;
  const list = createApproverList(name, approvers, neighbours);
  return { rule: name, approvers: list, mfa, withinSeconds: Math.ceil(waitMs / 1000) };
}

/** A refusal by the first rule that refuses; else the approval that satisfies every rule that wants one. */
function findingOf(fired: readonly Fired[], { request, nowMs }: GrantedCall): RuleFinding {
  const inOrder = fired.toSorted((a, b) => a.order - b.order);
  const ofEffect = (effect: RuleSettings['effect']): Fired[] =>
    inOrder.filter(({ rule }) => rule.settings.effect === effect);
  const [denying] = ofEffect('deny');
  if (denying !== undefined) return { refusal: denying.rule.refusal(request, denying.firing) };
  const demands = ofEffect('requireApproval').flatMap(({ demand }): ApprovalDemand[] =>
    demand === undefined ? [] : [{ ...demand, approvers: demand.approvers.known(nowMs) }],
  );
  const approval = demands.length === 0 ? undefined : strictest(demands);
  if (approval?.approvers.length === 0)
    return { refusal: refuse('access_rule_no_approver', { rule: approval.rule, tool: shownName(request) }) };
  const audited = ofEffect('audit').map(({ rule }) => rule.settings.name);
  return { ...(approval && { approval }), ...(audited.length > 0 && { audited }) };
}

function remembering<Value>(find: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) {
      if (known.size >= remembered) known.clear();
      known.set(text, (value = find(text)));
    }
    return value;
  };
}
