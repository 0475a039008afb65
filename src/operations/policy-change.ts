// What operations that change the policy answer with: the version that they made, or the approval that it waits for.
import { z } from 'zod';
import { approvalUrl } from '../access/approvals/approval-notices.ts';
import type { Outcome } from '../access/policy/policy-desk.ts';
import type { House } from './house.ts';

export const justification = z
  .string()
  .max(500)
  .default('')
  .describe('Why, for the history of the policy and the audit log.');

export const changeView = z.object({
  state: z
    .enum(['done', 'unchanged', 'pending'])
    .describe(
      '`pending`: somebody else has to approve it first, and nothing has changed yet. `unchanged`: it was so already.',
    ),
  version: z.int().optional().describe('The version of the policy that it made.'),
  approval: z
    .object({
      id: z.string(),
      url: z.string().describe('Where an approver decides on it.'),
      expires: z.iso.datetime().describe('When it lapses.'),
    })
    .optional()
    .describe('When pending: what has to be approved.'),
});

export type ChangeView = z.output<typeof changeView>;

export function viewOf(outcome: Outcome, { publicUrl }: Pick<House, 'publicUrl'>): ChangeView {
  if (outcome.state !== 'pending') return outcome;
  const { id, expiresAtMs } = outcome.approval;
  return {
    state: 'pending',
    approval: { id, url: approvalUrl(publicUrl, id), expires: new Date(expiresAtMs).toISOString() },
  };
}

/** The last line of an answer, for people. */
export function printChange({ state, version, approval }: ChangeView): string {
  if (state === 'unchanged') return 'Nothing has changed: the policy says so already.';
  if (approval === undefined)
    return `Version ${String(version)} of the policy; genkan policy revert ${String(version)} takes it back.`;
  return `Nothing has changed yet. It waits for approval ${approval.id} until ${approval.expires}: ${approval.url}`;
}

/** What the audit record says of it. */
export const noted = ({ change }: { change: ChangeView }): Record<string, unknown> => ({
  change: change.approval === undefined ? change : { state: change.state, approval: change.approval.id },
});
