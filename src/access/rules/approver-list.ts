// The approvers of one rule, of whom some are written by sign-in name: known once each name has been looked up.
import type { Log } from '../../base/log.ts';
import type { Approver } from '../approvals/approval.ts';
import { approverOf } from '../approvals/approvers.ts';
import type { ApproverSettings, ResolvedApprovers } from '../approvals/approvers.ts';

export type Resolve = (written: readonly ApproverSettings[]) => Promise<ResolvedApprovers>;

export interface ApproverList {
  /** Those who are known by now. A name that is not has nobody behind it, and is looked up again, not more often than every 30 s. */
  known(nowMs: number): readonly Approver[];
  /** Never rejects: a directory that does not answer leaves names unknown. */
  lookUp(): Promise<void>;
}

const pauseMs = 30_000;

export function createApproverList(
  rule: string,
  written: readonly ApproverSettings[],
  { resolveApprovers, log }: { readonly resolveApprovers: Resolve; readonly log: Pick<Log, 'warn'> },
): ApproverList {
  let approvers: readonly Approver[] = written.flatMap((each) => approverOf(each) ?? []);
  let isComplete = approvers.length === written.length;
  let underWay: Promise<void> | undefined;
  let lastAskedMs = -Infinity;

  async function find(): Promise<void> {
    try {
      const found = await resolveApprovers(written);
      approvers = found.approvers;
      isComplete = found.unknown.length === 0;
      if (!isComplete) log.warn({ rule, unknown: found.unknown }, 'approvers whom nobody knows approve nothing');
    } catch (error) {
      log.warn({ rule, error }, 'approvers could not be looked up');
    }
  }
  const lookUp = (): Promise<void> =>
    isComplete ? Promise.resolve() : (underWay ??= find().finally(() => (underWay = undefined)));

  return {
    known(nowMs) {
      if (!isComplete && nowMs - lastAskedMs >= pauseMs) {
        lastAskedMs = nowMs;
        void lookUp();
      }
      return approvers;
    },
    lookUp,
  };
}
