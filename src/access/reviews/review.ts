// What a review is: its terms, its items with their decisions, and the figures of its report.
import type { Approver } from '../approvals/approval.ts';
import type { Candidate } from './candidates.ts';

export interface ReviewTerms {
  readonly thresholdMs: number;
  readonly autoAction: 'removeAccess' | 'noChange';
  readonly reminderMs: number;
  readonly resultAfterMs: number;
  readonly reviewers: readonly Approver[];
  readonly roles: readonly string[];
  readonly scope: string;
  /** Days of the window for which there are records. */
  readonly recordedDays: number;
}

export interface ReviewItem extends Candidate {
  readonly id: number;
  readonly decision?: {
    readonly verdict: 'keep' | 'remove';
    /** Principal id, or `policy` for what nobody decided. */
    readonly by: string;
    readonly name: string;
    readonly comment: string;
    readonly atMs: number;
  };
  /** `removed`: the assignment. `excluded`: the person from it. `gone`: it was not there any more. `pending`: an approval is waited for. */
  readonly outcome?: 'removed' | 'excluded' | 'gone' | 'pending';
}

export interface Review {
  readonly id: string;
  readonly campaign: string;
  readonly state: 'open' | 'completed';
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly endsAtMs: number;
  readonly terms: ReviewTerms;
  readonly completed?: { readonly atMs: number; readonly by: string };
  /** The version of the policy that took the rights away, or the approval that it waits for. */
  readonly applied?: { readonly version?: number; readonly approval?: string };
}

/** Decisions of nobody: what the rules say. */
export const policyDecides = 'policy';

export interface ReviewFigures {
  readonly items: number;
  /** Decided by people. */
  readonly decided: number;
  readonly automatic: number;
  readonly undecided: number;
  /** Share of the items that people have decided, in per cent with one digit. */
  readonly completionPercent: number;
  readonly kept: number;
  readonly removed: number;
  readonly inactive: number;
  readonly highRisk: number;
  readonly highRiskUndecided: number;
}

export function figuresOf(items: readonly ReviewItem[]): ReviewFigures {
  const count = (is: (item: ReviewItem) => boolean): number => items.filter(is).length;
  const decided = count(({ decision }) => decision !== undefined && decision.by !== policyDecides);
  const isHigh = ({ risk }: ReviewItem): boolean => risk === 'high' || risk === 'critical';
  return {
    items: items.length,
    decided,
    automatic: count(({ decision }) => decision?.by === policyDecides),
    undecided: count(({ decision }) => decision === undefined),
    completionPercent: items.length === 0 ? 100 : Math.round((decided / items.length) * 1000) / 10,
    kept: count(({ decision }) => decision?.verdict === 'keep'),
    removed: count(({ decision }) => decision?.verdict === 'remove'),
    inactive: count(({ recommendation }) => recommendation === 'remove'),
    highRisk: count(isHigh),
    highRiskUndecided: count((item) => isHigh(item) && item.decision === undefined),
  };
}
