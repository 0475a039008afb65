// Operations on role definitions: what there are, what they grant, custom ones, and the form in which Azure takes them.
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import { unknownActions } from '../access/azure/known-operations.ts';
import { exportForAzure } from '../access/role-export.ts';
import { roleDefinition } from '../access/role-definition.ts';
import type { Role } from '../access/role.ts';
import { defineOperation } from './operation.ts';
import { changeView, justification, noted, printChange, viewOf } from './policy-change.ts';
import { fields, table } from './table.ts';

const roleView = z.object({
  name: z.string(),
  description: z.string(),
  source: z.string().describe('`built-in`, `database` for those made while running, or where it was read from.'),
  actions: z.array(z.string()),
  notActions: z.array(z.string()),
  dataActions: z.array(z.string()),
  notDataActions: z.array(z.string()),
  assignableScopes: z.array(z.string()),
});

const named = z.string().min(1).describe('Name of the role.');
const definition = z
  .record(z.string(), z.unknown())
  .describe("The role in Azure's custom role JSON, as az role definition takes it; @FILE reads it from a file.");

const list = defineOperation({
  id: 'role.list',
  summary: 'List the roles that can be assigned',
  action: 'genkan/role/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({ roles: z.array(roleView) }),
  run: async ({ access }) => ({ roles: access.roles().map(viewOfRole) }),
  print: ({ roles }) =>
    table(roles, {
      name: ({ name }) => name,
      from: ({ source }) => source,
      description: ({ description }) => description,
    }),
});

const show = defineOperation({
  id: 'role.show',
  summary: 'Show what a role grants',
  action: 'genkan/role/show',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({ role: named }),
  positional: ['role'],
  output: z.object({ role: roleView }),
  async run({ access }, { role }) {
    const found = access.roles().find(({ name }) => name === role);
    return found === undefined
      ? refuse('operation_not_found', { kind: 'role', name: role })
      : { role: viewOfRole(found) };
  },
  print: ({ role }) => fields(role),
});

const viewOfRole = ({ name, source, definition: written }: Role): z.input<typeof roleView> => ({
  name,
  description: written.Description,
  source,
  actions: written.Actions,
  notActions: written.NotActions,
  dataActions: written.DataActions,
  notDataActions: written.NotDataActions,
  assignableScopes: written.AssignableScopes,
});

const changed = z.object({
  role: roleView,
  change: changeView,
  warnings: z
    .array(z.string())
    .describe('Lines of the role that match no operation of Azure, as far as they are known here.'),
});

/** A misspelt NotActions line excludes nothing and looks as if it did. */
async function warningsOf({ definition: written }: Role): Promise<string[]> {
  return (await unknownActions(written)).map(({ list: where, action, problem, nearest }) => {
    if (problem === 'plane') return `${where} ${action}: this is an operation of the other plane`;
    return `${where} ${action}: no operation of Azure is known by it${nearest === undefined ? '' : `; is ${nearest} meant?`}`;
  });
}

const printChanged = ({ role, change, warnings }: z.output<typeof changed>): string =>
  [fields(role), ...warnings.map((warning) => `warning: ${warning}`), printChange(change)].join('\n');

const create = defineOperation({
  id: 'role.create',
  summary: "Create a custom role from Azure's custom role JSON",
  action: 'genkan/role/create',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({ definition, justification }),
  positional: ['definition'],
  output: changed,
  resource: ({ definition: { Name } }) => `/roles/${String(Name)}`,
  async run(house, { definition: written, justification: why }, { principal: by }) {
    const { thing, outcome } = await house.access.policy.changes.createRole(written, { by, why });
    return { role: viewOfRole(thing), change: viewOf(outcome, house), warnings: await warningsOf(thing) };
  },
  noted,
  print: printChanged,
});

const update = defineOperation({
  id: 'role.update',
  summary: 'Replace a custom role that was created while running by another definition of the same name',
  about: 'Refused where the new AssignableScopes would leave an assignment of it without effect.',
  action: 'genkan/role/update',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({ definition, justification }),
  positional: ['definition'],
  output: changed,
  resource: ({ definition: { Name } }) => `/roles/${String(Name)}`,
  async run(house, { definition: written, justification: why }, { principal: by }) {
    const { thing, outcome } = await house.access.policy.changes.updateRole(written, { by, why });
    return { role: viewOfRole(thing), change: viewOf(outcome, house), warnings: await warningsOf(thing) };
  },
  noted,
  print: printChanged,
});

const remove = defineOperation({
  id: 'role.delete',
  summary: 'Delete a custom role that was created while running and is not assigned',
  action: 'genkan/role/delete',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: z.strictObject({ role: named, justification }),
  positional: ['role'],
  output: z.object({ role: z.string(), change: changeView }),
  resource: ({ role }) => `/roles/${role}`,
  async run(house, { role, justification: why }, { principal: by }) {
    const outcome = await house.access.policy.changes.deleteRole(role, { by, why });
    return { role, change: viewOf(outcome, house) };
  },
  noted,
  print: ({ change }) => printChange(change),
});

const exported = defineOperation({
  id: 'role.export',
  summary: 'Write a role as Azure takes it: patterns in AssignableScopes expanded, and what is only ours left out',
  action: 'genkan/role/show',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    role: named,
    scopes: z
      .array(z.string().max(2048))
      .max(10_000)
      .default([])
      .describe('Scopes that exist, e.g. the ids of all resource groups: what patterns such as dev-* stand for.'),
  }),
  output: z.object({
    role: roleDefinition
      .partial()
      .optional()
      .describe('For az role definition create; absent where Azure cannot have it.'),
    notes: z.array(z.string()).describe('What is not as it was.'),
  }),
  async run({ access }, { role, scopes }) {
    const found = access.roles().find(({ name }) => name === role);
    if (found === undefined) return refuse('operation_not_found', { kind: 'role', name: role });
    const { role: written, notes } = exportForAzure(found.definition, { scopes });
    return { notes: [...notes], ...(written && { role: roleDefinition.partial().parse(written) }) };
  },
  print: ({ role, notes }) =>
    [...notes.map((note) => `# ${note}`), role === undefined ? '' : JSON.stringify(role, undefined, 2)].join('\n'),
  problems: ({ role }) => role === undefined,
});

export const roleOperations = [list, show, create, update, remove, exported];
