// The `access` part of genkan.yaml.
import { z } from 'zod';
import { limitsSettings } from './limits/settings.ts';
import { breakGlassSettings, elevationSettings } from './elevation/settings.ts';
import { assigneeSetting } from './assignee.ts';
import { conditionText } from './conditions/settings.ts';
import { denyAssignmentsSetting } from './deny/settings.ts';
import { changeSettings } from './policy/change-settings.ts';
import { patternMapSettings } from './patterns/settings.ts';
import { reviewSettings } from './reviews/settings.ts';
import { rulesSettings } from './rules/settings.ts';

const assignment = z.strictObject({
  principal: assigneeSetting,
  role: z.string().min(1).describe('Name of a built-in role or of one listed under roles.'),
  scope: z
    .string()
    .describe('Where it holds, with everything below: /subscriptions/GUID/resourceGroups/dev-*, /servers/NAME, /.'),
  condition: conditionText
    .optional()
    .describe("On what condition it grants, in the language of Azure's role assignment conditions (version 2.0)."),
  from: z.iso.datetime({ offset: true }).optional().describe('When it begins to grant, e.g. 2026-12-01T08:00:00Z.'),
  until: z.iso.datetime({ offset: true }).optional().describe('When it ends to grant.'),
});

const azureMap = z.strictObject({
  map: z
    .literal('azure')
    .describe('The map for @azure/mcp: its tools become the Azure operations that they carry out.'),
  defaultSubscription: z
    .string()
    .optional()
    .describe('GUID of the subscription that the server uses when a call names none.'),
  subscriptions: z
    .record(z.string(), z.string())
    .default({})
    .describe('Display names of subscriptions and their GUIDs; a call that uses another name is refused.'),
  fixedArguments: z
    .record(z.string(), z.string())
    .default({})
    .describe('Arguments that callers may not choose, with the one value that they may repeat.'),
  reach: z
    .string()
    .default('/')
    .describe(
      "Scope that holds all that the server's own identity can reach: needed where a call does not show a place.",
    ),
  resources: z
    .record(z.string(), z.string())
    .default({})
    .describe('Resources that calls name by a worldwide name or address, and their Azure resource ids.'),
});

export const accessSettings = z
  .strictObject({
    roles: z
      .array(
        z.union([
          z.string().min(1),
          z.looseObject({ Name: z.string().describe('Name of the role; the rest as in a role file.') }),
        ]),
      )
      .default([])
      .describe("Custom roles: files in Azure's custom role JSON, or the same written here."),
    assignments: z.array(assignment).default([]).describe('Who has which role where. More can be added while running.'),
    denyAssignments: denyAssignmentsSetting,
    limits: limitsSettings,
    maps: z
      .record(
        z.string().regex(/^[a-z0-9](-?[a-z0-9]){0,39}$/),
        z.discriminatedUnion('map', [azureMap, patternMapSettings]),
      )
      .default({})
      .describe(
        'Per server, the map from tools to actions. Without one a tool needs mcp/servers/NAME/tools/TOOL/call.',
      ),
    changes: changeSettings,
    elevation: elevationSettings,
    breakGlass: breakGlassSettings,
    rules: rulesSettings,
    reviews: reviewSettings,
  })
  .prefault({})
  .describe('Who may do what, where.');

export type AccessSettings = z.output<typeof accessSettings>;
