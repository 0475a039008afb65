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
  /** `removed`: the assignment. `excluded`: the person from it. `gone`: it was not there any more. `pending`: an approval is waited for. `refused`: it did not come. */
  readonly outcome?: 'removed' | 'excluded' | 'gone' | 'pending' | 'refused';
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
  /** What took the rights away; absent until all of it was carried out or asked for. */
  readonly applied?: Applied;
}

export interface Applied {
  /** Versions of the policy, the first one first. A version has its limit, so that there may be several. */
  readonly versions: readonly number[];
  /** Approvals that were asked for, where four eyes are demanded. */
  readonly approvals: readonly string[];
  /** Whether some of them are waited for. */
  readonly waits: boolean;
}

/** Why a version of the policy was made: it is found again by that. */
export const whyOf = ({ id }: Pick<Review, 'id'>): string => `review ${id}`;

/** What the end of a review takes away as things are. */
export const removalsOf = ({ terms, state }: Review, items: readonly ReviewItem[]): ReviewItem[] =>
  items.filter(({ decision, recommendation }) => {
    const byRules = state === 'open' && terms.autoAction === 'removeAccess' && recommendation === 'remove';
    return decision === undefined ? byRules : decision.verdict === 'remove';
  });

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
  /** Of these, what waits for an approval, and what was refused one and stays. */
  readonly pending: number;
  readonly refused: number;
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
    pending: count(({ outcome }) => outcome === 'pending'),
    refused: count(({ outcome }) => outcome === 'refused'),
    inactive: count(({ recommendation }) => recommendation === 'remove'),
    highRisk: count(isHigh),
    highRiskUndecided: count((item) => isHigh(item) && item.decision === undefined),
  };
}
