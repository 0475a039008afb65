// What a condition is: a text in the language of Azure's role assignment conditions, ready to be held against one call.
import type { Principal } from '../../base/principal.ts';
import type { AccessRequest, Requirement } from '../decision.ts';

/** One requirement of one call, with everything that a condition may look at. */
export interface Circumstances {
  readonly principal: Principal;
  readonly request: AccessRequest;
  readonly requirement: Requirement;
  /** What the map of the server has read from the arguments, e.g. `location`, `sku`, `publicIp`; lower-case names. */
  readonly attributes: Attributes;
  readonly nowMs: number;
}

/** Stands for the call where a right is asked about without one: what a condition looks for in it cannot be told. */
export const noCall: AccessRequest = { server: '', primitive: 'tools', name: '', arguments: {} };

export type Attributes = Readonly<Record<string, AttributeValue>>;
export type AttributeValue = string | number | boolean | readonly string[] | typeof malformed | undefined;

/** An argument is there, and nobody knows what the server makes of it. It equals nothing, and must not pass for nothing. */
export const malformed: unique symbol = Symbol('malformed');

export interface Condition {
  /** As it was written. */
  readonly text: string;
  /**
   * Pure, bounded, never throws. A comparison with an attribute that the call does not show is not met, as in Azure, and
   * neither is its opposite: nothing is granted for what a call leaves out.
   */
  holds(circumstances: Circumstances): boolean;
  /** The same, `undefined` where it cannot be told: what denies on a condition then denies. */
  judge?(circumstances: Circumstances): boolean | undefined;
}
