// What the rules of the configuration say of a call that assignments allow: no, not before somebody approves it, or yes.
import type { Refusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import type { Attributes } from '../conditions/condition.ts';
import type { AccessRequest, ApprovalDemand, Requirement } from '../decision.ts';

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
