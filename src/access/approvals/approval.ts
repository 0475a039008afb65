// One approval: what somebody asks for, who may say yes, and what became of it.
import { refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import type { ApprovalTables } from '../../state/approval-schema.ts';

export type ApprovalKind = ApprovalTables['approval']['kind'];

/** `operator`: the command line of the machine itself, which has no name; policies have to name it. */
export type Approver =
  { readonly kind: 'user' | 'group'; readonly id: string; readonly name?: string } | { readonly kind: 'operator' };

export interface ApprovalRequest {
  readonly kind: ApprovalKind;
  readonly requester: Pick<Principal, 'id' | 'name'>;
  /** What it is about, where the same may be asked for again: while one waits, there is no second. */
  readonly reference?: string;
  /** What is asked for, in one line: `Virtual Machine Contributor at /subscriptions/…`. */
  readonly subject: string;
  /** What approvers see, and what carrying it out needs; JSON-safe, nothing secret. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly justification: string;
  readonly approvers: readonly Approver[];
  /** Whether approvers have to have proved a second factor. */
  readonly mfa: boolean;
  readonly expiresAtMs: number;
}

export interface Approval extends ApprovalRequest {
  readonly id: string;
  readonly state: 'pending' | 'approved' | 'denied' | 'withdrawn' | 'expired';
  readonly createdAtMs: number;
  readonly decision?: {
    readonly by: string;
    readonly name: string;
    readonly comment: string;
    readonly atMs: number;
  };
}

/**
 * Why somebody may not decide, the one rule for every door: a person whom the policy names, with the second factor that it
 * demands, in their own name, and never the one who asks.
 */
export function whyNotDecide(
  { requester, approvers, mfa, state }: Pick<Approval, 'requester' | 'approvers' | 'mfa' | 'state'>,
  by: Principal,
  hasSecondFactor: (principal: Principal) => boolean,
): Refusal | undefined {
  if (by.id === requester.id) return refuse('access_approval_own');
  if (!isAmong(approvers, by)) return refuse('access_approval_not_approver');
  if (mfa && by.kind === 'user' && !hasSecondFactor(by)) return refuse('access_approval_mfa');
  return state === 'pending' ? undefined : refuse('access_approval_over', { state });
}

/** Whether somebody, in their own name, is one of those whom a policy names. */
export function isAmong(approvers: readonly Approver[], by: Principal): boolean {
  // An assistant that acts for a person (RFC 8693 §4.1) is not that person, and an agent is nobody's second pair of eyes.
  if (by.kind === 'application' || by.actors !== undefined) return false;
  return approvers.some((approver) => isThe(approver, by));
}

function isThe(approver: Approver, by: Principal): boolean {
  if (approver.kind === 'operator') return by.kind === 'operator';
  if (by.kind !== 'user') return false;
  return approver.kind === 'user' ? approver.id === by.id : by.groups.includes(approver.id);
}
