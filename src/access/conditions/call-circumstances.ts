// One requirement of one call as conditions look at it, where most look at the action first and no further.
import type { Principal } from '../../base/principal.ts';
import type { AccessRequest, Requirement } from '../decision.ts';
import type { Attributes, Circumstances } from './condition.ts';

export interface Call {
  readonly principal: Principal;
  readonly request: AccessRequest;
  readonly nowMs: number;
  /** Reads the arguments: asked only where a condition looks at them. */
  readonly attributes: () => Attributes;
}

/** A class, because a getter that each object has for itself takes longer to make than all else that a decision does. */
export class CallCircumstances implements Circumstances {
  readonly principal: Principal;
  readonly request: AccessRequest;
  readonly requirement: Requirement;
  readonly nowMs: number;
  readonly #attributes: () => Attributes;

  constructor({ principal, request, nowMs, attributes }: Call, requirement: Requirement) {
    this.principal = principal;
    this.request = request;
    this.requirement = requirement;
    this.nowMs = nowMs;
    this.#attributes = attributes;
  }

  get attributes(): Attributes {
    return this.#attributes();
  }
}
