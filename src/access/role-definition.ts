// The written form of a role: exactly Azure's custom role JSON, as `az role definition list` and the portal write it.
import { z } from 'zod';

// Printable ASCII only: a Cyrillic "о" in a NotActions line would exclude nothing and look as if it did.
export const actionPattern = z
  .string()
  .regex(/^[A-Za-z0-9_.*/%~!'():@+-]{1,512}$/, 'is not an action pattern such as Microsoft.Compute/virtualMachines/*');

/** Unknown members are refused, so that a misspelt `NotAction` cannot widen a role in silence. */
export const roleDefinition = z.strictObject({
  Name: z.string().trim().min(1).max(128).describe('Name by which assignments refer to the role.'),
  Id: z.string().nullish().describe('Azure role id; kept, never used to decide.'),
  IsCustom: z.boolean().optional().describe('Written by Azure exports; kept, never used to decide.'),
  Description: z.string().max(2048).default('').describe('What the role is for.'),
  Actions: z
    .array(actionPattern)
    .default([])
    .describe('Control-plane actions that the role grants; * matches anything.'),
  NotActions: z.array(actionPattern).default([]).describe('Actions taken out of Actions.'),
  DataActions: z.array(actionPattern).default([]).describe('Data-plane actions that the role grants.'),
  NotDataActions: z.array(actionPattern).default([]).describe('Actions taken out of DataActions.'),
  AssignableScopes: z
    .array(z.string())
    .min(1)
    .describe('Scopes at or below which the role may be assigned; * within one segment is our extension of Azure.'),
});

export type RoleDefinition = z.output<typeof roleDefinition>;
