// The question that the gateway asks of access, and the answer with its reasons.
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Approver } from './approvals/approval.ts';

/** What a call does to the world, worst of its actions. Calls that are not `read` need a durable intent before they are forwarded. */
export type Effect = 'read' | 'write' | 'destroy';

export type Primitive = 'tools' | 'prompts' | 'resources';

/** One use of one tool, prompt or resource of one server. */
export interface AccessRequest {
  readonly server: string;
  readonly primitive: Primitive;
  /** Name of the tool or prompt, URI of the resource; as the server knows it. */
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** `annotations.readOnlyHint` / `destructiveHint` of the tool. They only grade the effect of unmapped tools, never grant anything. */
  readonly hints?: { readonly readOnly?: boolean; readonly destructive?: boolean };
  /** Where the call came from, for conditions on the place. */
  readonly sourceIP?: string;
}

/** One action that a request needs, at the scope at which it is needed. */
export interface Requirement {
  /** Azure operation (`Microsoft.Compute/virtualMachines/read`) or ours (`mcp/servers/files/tools/read_file/call`). */
  readonly action: string;
  /** `true` when it is checked against DataActions instead of Actions. */
  readonly data: boolean;
  /** ARM scope (`/subscriptions/…/resourceGroups/…`) or ours (`/servers/files/tools/read_file`). */
  readonly scope: string;
}

/** A rule that wants somebody to look at the very call before it is made. */
export interface ApprovalDemand {
  /** Name of the rule. */
  readonly rule: string;
  readonly approvers: readonly Approver[];
  /** Whether approvers have to have proved a second factor. */
  readonly mfa: boolean;
  /** How long the call waits for them. */
  readonly withinSeconds: number;
}

export interface Allowed {
  readonly outcome: 'allow';
  readonly effect: Effect;
  readonly requirements: readonly Requirement[];
  /** The assignment that granted each requirement, in the same order, and the line of its role's Actions or DataActions. */
  readonly because: readonly {
    readonly assignment: string;
    readonly role: string;
    readonly scope: string;
    readonly action?: string;
  }[];
  /** Present where the call may be made only once somebody has approved it. */
  readonly approval?: ApprovalDemand;
  /** Rules that only want to be told of such calls. */
  readonly audited?: readonly string[];
}

export interface Denied extends Refusal {
  readonly outcome: 'deny';
  readonly effect: Effect;
  readonly requirements: readonly Requirement[];
}

export type Decision = Allowed | Denied;

export interface Access {
  /** Decides one call. Pure and synchronous; never throws on hostile input. */
  decide(principal: Principal, request: AccessRequest): Decision;
  /** Whether some arguments exist with which the principal could use it: the filter of `tools/list` and its like. */
  visible(principal: Principal, request: Omit<AccessRequest, 'arguments'>): boolean;
  /**
   * Whether the principal may use anything on this server: some tool, prompt or resource with some arguments. Asked before
   * a conversation with the server is opened. Never true without an assignment; where it is not exact, it says yes.
   */
  reaches(principal: Principal, server: string): boolean;
  /** Whether the principal may do one thing at one scope, be it of Genkan's own, e.g. `genkan/role/assign` at `/`. */
  allows(principal: Principal, action: string, scope: string, data?: boolean): boolean;
  /** Grows by one whenever the answers may have changed; part of every cache key built on them. */
  version(): number;
}
