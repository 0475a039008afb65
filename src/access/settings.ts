// The `access` part of genkan.yaml.
import { z } from 'zod';
import { rulesSettings } from './rules/settings.ts';

const principal = z
  .union([
    z.strictObject({
      group: z
        .string()
        .min(1)
        .max(256)
        .describe('Group name or object id, exactly as the identity provider states it.'),
    }),
    z.strictObject({
      user: z
        .string()
        .min(1)
        .max(256)
        .describe('Principal id of one person; never a name or an address, which can be taken over.'),
    }),
    z.strictObject({
      application: z.string().min(1).max(64).describe('Client id of an agent that acts for itself.'),
    }),
  ])
  .describe('Who receives the role.');

const assignment = z.strictObject({
  principal,
  role: z.string().min(1).describe('Name of a built-in role or of one listed under roles.'),
  scope: z
    .string()
    .describe('Where it holds, with everything below: /subscriptions/GUID/resourceGroups/dev-*, /servers/NAME, /.'),
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
    maps: z
      .record(z.string().regex(/^[a-z0-9](-?[a-z0-9]){0,39}$/), z.discriminatedUnion('map', [azureMap]))
      .default({})
      .describe(
        'Per server, the map from tools to actions. Without one a tool needs mcp/servers/NAME/tools/TOOL/call.',
      ),
    rules: rulesSettings,
  })
  .prefault({})
  .describe('Who may do what, where.');

export type AccessSettings = z.output<typeof accessSettings>;
