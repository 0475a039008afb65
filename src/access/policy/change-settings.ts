// The `access.changes` part of genkan.yaml: who has to agree before the policy changes.
import { z } from 'zod';
import { parseDuration } from '../../base/duration.ts';
import { approverSettings } from '../approvals/approvers.ts';

export const changeSettings = z
  .strictObject({
    approval: z
      .enum(['none', 'required'])
      .default('none')
      .describe(
        'Whether somebody else has to approve each change of roles, assignments, deny assignments and eligibility.',
      ),
    approvers: z
      .array(approverSettings)
      .max(50)
      .default([])
      .describe('Who may approve; never whoever asked for the change.'),
    window: z
      .string()
      .refine((text) => parseDuration(text) !== undefined, 'is not a duration such as PT8H')
      .default('PT8H')
      .describe('How long a change waits for them.'),
    mfa: z.boolean().default(true).describe('Whether approvers must have signed in with a second factor.'),
    operatorExempt: z
      .boolean()
      .default(false)
      .describe(
        "Whether the machine's own command line changes the policy without approval, e.g. to set up or repair it.",
      ),
  })
  .refine(({ approval, approvers }) => approval === 'none' || approvers.length > 0, {
    path: ['approvers'],
    message: 'nobody could ever approve: name somebody',
  })
  .prefault({})
  .describe('Four eyes: whether changes of the policy while running wait for the approval of somebody else.');

export type ChangeSettings = z.output<typeof changeSettings>;
