// What the pages do in a person's name: the operations that every other door offers, and the part of their answers that pages show.
import { z } from 'zod';
import type { Refusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';

/** Carries out an operation for a person, recorded as at every other door. */
export type Act = (
  operation: string,
  input: object,
  caller: { readonly principal: Principal; readonly sourceIP: string; readonly userAgent: string },
) => Promise<{ readonly outcome: 'allow'; readonly output: unknown } | Refusal>;

export const approvalShown = z.object({
  approval: z.object({
    id: z.string(),
    kind: z.enum(['elevation', 'extension', 'call', 'policy-change']),
    state: z.enum(['pending', 'approved', 'denied', 'withdrawn', 'expired']),
    subject: z.string(),
    requester: z.object({ id: z.string(), name: z.string() }),
    justification: z.string(),
    approvers: z.array(z.string()),
    expiresAt: z.string(),
    decidedBy: z.string().optional(),
    comment: z.string().optional(),
    mayDecide: z.boolean(),
    whyNot: z.string().optional(),
    details: z.record(z.string(), z.unknown()),
  }),
});
export type ShownApproval = z.output<typeof approvalShown>['approval'];

export const eligibilityShown = z.object({
  eligible: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['elevation', 'break-glass']),
      principal: z.object({ kind: z.string(), id: z.string() }),
      role: z.string(),
      scope: z.string(),
      maximumDuration: z.string(),
      approval: z.boolean(),
      inactive: z.string().optional(),
    }),
  ),
});
export type ShownEligibility = z.output<typeof eligibilityShown>['eligible'][number];

const elevation = z.object({
  id: z.string(),
  state: z.string(),
  role: z.string(),
  scope: z.string(),
  enforcedBy: z.string(),
  azure: z.string().optional(),
  endsAt: z.string().optional(),
  approval: z.string().optional(),
});
export const elevationShown = z.object({ elevation });
export const elevationsShown = z.object({ elevations: z.array(elevation) });
export type ShownElevation = z.output<typeof elevation>;
