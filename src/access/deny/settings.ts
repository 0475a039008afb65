// A deny assignment as the configuration and the command line write it: Azure's properties, with principals as in assignments.
import { z } from 'zod';
import { assigneeSetting } from '../assignee.ts';
import { conditionText } from '../conditions/settings.ts';
import { actionPattern } from '../role-definition.ts';

const patterns = (what: string) => z.array(actionPattern).max(1024).default([]).describe(what);

/** One permission: at least one of `actions` and `dataActions` must say something, as in Azure. */
const denyPermission = z
  .strictObject({
    actions: patterns('Control-plane actions that are denied; * matches anything.'),
    notActions: patterns('Actions taken out of actions: they are not denied.'),
    dataActions: patterns('Data-plane actions that are denied.'),
    notDataActions: patterns('Actions taken out of dataActions: they are not denied.'),
  })
  .refine(
    ({ actions, dataActions }) => actions.length + dataActions.length > 0,
    'must deny some action or data action',
  );

export const denyAssignmentSetting = z.strictObject({
  name: z.string().trim().min(1).max(256).describe('How refusals name it. Unique at its scope.'),
  description: z.string().max(2048).optional().describe('What it is for.'),
  principals: z
    .union([z.literal('everyone'), z.array(assigneeSetting).min(1).max(1024)])
    .describe('Whom it holds for; everyone stands for all people and agents (SystemDefined in Azure).'),
  excludePrincipals: z
    .array(assigneeSetting)
    .max(1024)
    .default([])
    .describe('Whom it spares: people, agents, and all members of groups.'),
  permissions: z.array(denyPermission).min(1).max(64).describe('What it denies.'),
  scope: z
    .string()
    .describe('Where it holds, with everything below: /subscriptions/GUID/resourceGroups/prod-*, /servers/NAME, /.'),
  doNotApplyToChildScopes: z.boolean().default(false).describe('Whether it holds at that scope alone.'),
  condition: conditionText
    .optional()
    .describe(
      "Condition in Azure's language on which it denies; a call that does not show what it compares is denied.",
    ),
});

export type DenyAssignmentSetting = z.output<typeof denyAssignmentSetting>;

export const denyAssignmentsSetting = z
  .array(denyAssignmentSetting)
  .default([])
  .describe('What is denied whatever roles grant: deny assignments win over every role, also over an elevated one.');
