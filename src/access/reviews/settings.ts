// The `access.reviews` part of genkan.yaml: the rules of all reviews, and the campaigns that begin by themselves.
import { Cron } from 'croner';
import { z } from 'zod';
import { parseDuration } from '../../base/duration.ts';
import { approverSettings } from '../approvals/approvers.ts';

const duration = (least: string) =>
  z
    .string()
    .refine((text) => (parseDuration(text) ?? 0) >= parseDuration(least)!, `write a duration of at least ${least}`);

export const riskFactors = ['unusualAccess', 'externalUser', 'privilegedRole'] as const;

/** The rules as a file says them. */
export const reviewRules = z
  .strictObject({
    autoReviewSettings: z
      .strictObject({
        inactiveUserThreshold: duration('1d')
          .default('90d')
          .describe('A right that was not used for so long counts as inactive, e.g. 90d.'),
        autoAction: z
          .enum(['removeAccess', 'noChange'])
          .default('removeAccess')
          .describe('What becomes of inactive rights on which nobody has decided when a review ends.'),
        notifications: z
          .strictObject({
            beforeReview: duration('1h')
              .default('7d')
              .describe('How long before a review begins its reviewers hear of it.'),
            duringReview: duration('1h').default('3d').describe('How often they are reminded of what is left.'),
            afterReview: z
              .union([z.literal('immediate'), duration('1m')])
              .default('immediate')
              .describe('How long after its end the result is told.'),
          })
          .prefault({})
          .describe('When reviewers hear of a review.'),
      })
      .prefault({})
      .describe('What is inactive, and what becomes of it.'),
    riskBasedReview: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether the riskiest rights come first, with their risk.'),
        highRiskRoles: z
          .array(z.string().min(1).max(256))
          .max(100)
          .default([])
          .describe('Roles that are of high risk, whoever holds them.'),
        riskFactors: z
          .array(z.enum(riskFactors))
          .default([])
          .describe('What raises the risk by a step each: see docs/reviews.md.'),
      })
      .prefault({})
      .describe('What is looked at first.'),
  })
  .describe('Rules of access reviews.');

export type ReviewRules = z.output<typeof reviewRules>;

const campaign = z
  .strictObject({
    schedule: z
      .string()
      .min(1)
      .max(100)
      .describe('When it begins: minute, hour, day of the month, month, day of the week, as cron writes them.'),
    timeZone: z.string().min(1).max(64).default('UTC').describe('Time zone of the schedule, e.g. Asia/Tokyo.'),
    lasts: duration('1h').default('P14D').describe('How long reviewers have.'),
    reviewers: z.array(approverSettings).min(1).max(50).describe('Who decides. Nobody decides on rights of their own.'),
    roles: z
      .array(z.string().min(1).max(256))
      .max(100)
      .default([])
      .describe('Only these roles; all of them when empty.'),
    scope: z.string().min(1).max(2048).default('/').describe('Only rights at this scope or below it.'),
    autoApproveInactive: z
      .boolean()
      .default(false)
      .describe(
        'Whether the removal of inactive rights is approved from the beginning; reviewers can still keep them.',
      ),
  })
  .superRefine(({ schedule, timeZone }, context) => {
    if (nextRun(schedule, timeZone, 0) === undefined)
      context.addIssue({ code: 'custom', path: ['schedule'], message: 'write a schedule such as "0 9 1 */3 *"' });
  });

export type Campaign = z.output<typeof campaign>;

/** When a schedule comes round next after a time; undefined for one that never does, or is none. */
export function nextRun(schedule: string, timeZone: string, afterMs: number): number | undefined {
  try {
    return new Cron(schedule, { paused: true, timezone: timeZone, mode: '5-part' })
      .nextRun(new Date(afterMs))
      ?.getTime();
  } catch {
    return undefined;
  }
}

export const reviewSettings = z
  .strictObject({
    settings: z
      .union([z.string().min(1).max(1024), reviewRules])
      .prefault({})
      .describe('The rules: a file (autoReviewSettings, riskBasedReview), or the same written here.'),
    campaigns: z
      .record(
        z.string().regex(/^[a-z0-9](-?[a-z0-9]){0,39}$/, 'use small letters, digits and single hyphens'),
        campaign,
      )
      .default({})
      .describe('Reviews that begin by themselves, by a name of your choice.'),
  })
  .prefault({})
  .describe('Access reviews: who still needs what they may do.');

export type ReviewSettings = z.output<typeof reviewSettings>;
