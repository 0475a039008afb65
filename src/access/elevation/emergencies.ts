// Break-glass afterwards: every use of it is looked at by somebody else, who writes down what they find.
import type { Clock } from '../../base/clock.ts';
import { refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import type { Revocations } from '../../state/revocations.ts';
import { isAmong, whyNotDecide } from '../approvals/approval.ts';
import { resolveApprovers } from '../approvals/approvers.ts';
import type { ApproverSettings, FindPerson, ResolvedApprovers } from '../approvals/approvers.ts';
import { isActive } from './elevation.ts';
import type { Elevation } from './elevation.ts';
import type { ElevationStore } from './elevation-store.ts';

export interface Emergencies {
  reviewers(): Promise<ResolvedApprovers>;
  /** Newest first. @param query `unreviewed`: only those that wait for a finding */
  list(query: { readonly unreviewed?: boolean; readonly limit?: number }): Promise<Elevation[]>;
  /** Whether somebody is one of those who look at emergencies. */
  isReviewer(by: Principal): Promise<boolean>;
  /**
   * Writes down what a reviewer has found, once.
   * @returns refusal `access_elevation_unknown`, `access_break_glass_reviewer`, `access_approval_mfa`,
   * `access_break_glass_open`, `access_break_glass_reviewed`
   */
  review(id: string, by: Principal, finding: string): Promise<Elevation | Refusal>;
}

interface EmergencyNeighbours {
  readonly store: ElevationStore;
  readonly revocations: Revocations;
  readonly hasSecondFactor: (principal: Principal) => boolean;
  readonly mfaKnown: boolean;
  readonly findPerson: FindPerson;
  readonly clock: Clock;
}

export function createEmergencies(written: readonly ApproverSettings[], neighbours: EmergencyNeighbours): Emergencies {
  const { store, revocations, hasSecondFactor, mfaKnown, findPerson, clock } = neighbours;
  const reviewers = (): Promise<ResolvedApprovers> => resolveApprovers(written, findPerson);

  /** The rule of approvals holds for reviews: those whom the policy names, in their own name, never the one who is reviewed, nor who opened it for them. */
  async function whyNot(by: Principal, requester: Elevation['person']): Promise<Refusal | undefined> {
    const { approvers } = await reviewers();
    const refusal = whyNotDecide({ requester, approvers, mfa: mfaKnown, state: 'pending' }, by, hasSecondFactor);
    return refusal === undefined || refusal.code === 'access_approval_mfa'
      ? refusal
      : refuse('access_break_glass_reviewer');
  }

  return {
    reviewers,
    list: (query) => store.list({ ...query, kind: 'break-glass' }, clock.now()),
    isReviewer: async (by) => isAmong((await reviewers()).approvers, by),
    async review(id, by, finding) {
      const elevation = await store.find(id);
      if (elevation?.kind !== 'break-glass') return refuse('access_elevation_unknown');
      const refusal = await whyNot(by, elevation.person);
      if (refusal !== undefined) return refusal;
      if (by.id === elevation.openedBy) return refuse('access_break_glass_reviewer');
      // What is still going on cannot have been looked at.
      if (isActive(elevation, clock.now())) return refuse('access_break_glass_open');
      const review = { by: by.id, name: by.name, atMs: clock.now(), finding };
      const isFirst = await revocations.commit((transaction) => store.review(transaction, id, review));
      return isFirst ? { ...elevation, review } : refuse('access_break_glass_reviewed');
    },
  };
}
