// The `access.elevation` and `access.breakGlass` parts of genkan.yaml.
import { z } from 'zod';
import { parseDuration } from '../../base/duration.ts';
import { approverSettings } from '../approvals/approvers.ts';
import { jitSettings } from './jit-settings.ts';
import { pimSettings } from './pim/settings.ts';

const person = z
  .union([
    z.strictObject({
      user: z.string().min(1).max(256).describe('Principal id of one person; never a name, which can be taken over.'),
    }),
    z.strictObject({
      group: z.string().min(1).max(256).describe('Group name or object id, as the identity provider states it.'),
    }),
  ])
  .describe('Who is eligible. People alone are: an agent can neither justify itself nor show a second factor.');

const held = {
  principal: person,
  role: z.string().min(1).max(256).describe('Name of the role that they may hold for a while.'),
  scope: z.string().min(1).max(2048).describe('Where, at most: requests are for this scope or one below it.'),
};

const rules = z.union([z.string().min(1).max(1024), jitSettings]);

const eligible = z
  .strictObject({
    ...held,
    settings: rules.optional().describe('A file with other rules than those for all, or the same written here.'),
    from: z.iso.datetime({ offset: true }).optional().describe('When they begin to be eligible.'),
    until: z.iso.datetime({ offset: true }).optional().describe('When they cease to be; what they hold ends with it.'),
  })
  .refine(({ from, until }) => from === undefined || until === undefined || Date.parse(from) < Date.parse(until), {
    path: ['until'],
    message: 'it has to be after "from"',
  });

export const elevationSettings = z
  .strictObject({
    settings: rules
      .prefault({})
      .describe(
        'The rules: a file in the shape of Azure PIM (approvalSettings, activationSettings), or the same written here.',
      ),
    minimumJustification: z
      .int()
      .min(1)
      .max(500)
      .default(10)
      .describe('Characters that a justification has at least, where one is required.'),
    eligible: z.array(eligible).max(10_000).default([]).describe('Who may request which role where.'),
    pim: pimSettings.optional(),
  })
  .prefault({})
  .describe(
    "Elevation: roles held for a while, after a request. Genkan's own, of which Azure knows nothing, except where `pim` says otherwise.",
  );

export const breakGlassSettings = z
  .strictObject({
    eligible: z.array(z.strictObject(held)).max(100).default([]).describe('Who may take which role in an emergency.'),
    maximumDuration: z
      .string()
      .refine((text) => (parseDuration(text) ?? Infinity) <= 8 * 3_600_000, 'write a duration of at most PT8H')
      .default('PT1H')
      .describe('How long it lasts at most.'),
    reviewers: z
      .array(approverSettings)
      .max(50)
      .default([])
      .describe('Who looks at it afterwards. Never the one who used it.'),
  })
  .refine(({ eligible: listed, reviewers }) => listed.length === 0 || reviewers.length > 0, {
    path: ['reviewers'],
    message: 'somebody has to look at each emergency afterwards',
  })
  .prefault({})
  .describe('Break-glass: a role at once, without approval, with an alarm and a review afterwards.');

export type ElevationSettings = z.output<typeof elevationSettings>;
export type BreakGlassSettings = z.output<typeof breakGlassSettings>;
