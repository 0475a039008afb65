// Operations on deny assignments: what nobody gets, whatever roles they hold.
import { z } from 'zod';
import type { ListedDenyAssignment } from '../access/access.ts';
import { denyAssignmentSetting } from '../access/deny/settings.ts';
import { defineOperation } from './operation.ts';
import { changeView, justification, noted, printChange, viewOf } from './policy-change.ts';
import { fields, table } from './table.ts';

const assignee = z.object({ kind: z.enum(['user', 'group', 'application']), id: z.string() });
const patterns = z.array(z.string());

const denyView = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().optional(),
  principals: z.union([z.literal('everyone'), z.array(assignee)]),
  excludePrincipals: z.array(assignee),
  permissions: z.array(
    z.object({ actions: patterns, notActions: patterns, dataActions: patterns, notDataActions: patterns }),
  ),
  scope: z.string(),
  doNotApplyToChildScopes: z.boolean(),
  condition: z.string().optional(),
  source: z.enum(['configuration', 'database']).describe('Whether it stands in genkan.yaml or was made while running.'),
  createdBy: z.string().optional(),
  createdAtMs: z.number().optional(),
  inactive: z.string().optional().describe('Why it denies nothing: an error code.'),
});

type DenyView = z.output<typeof denyView>;

const viewOfDeny = (denyAssignment: ListedDenyAssignment): DenyView => denyView.parse(structuredClone(denyAssignment)); // a copy that nobody shares

const whomOf = ({ principals }: DenyView): string =>
  principals === 'everyone' ? principals : principals.map(({ kind, id }) => `${kind} ${id}`).join(', ');

const list = defineOperation({
  id: 'deny.list',
  summary: 'List deny assignments: what is denied whatever roles grant',
  action: 'genkan/deny/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({ denyAssignments: z.array(denyView) }),
  run: async ({ access }) => ({ denyAssignments: access.denyAssignments().map(viewOfDeny) }),
  print: ({ denyAssignments }) =>
    table(denyAssignments, {
      name: ({ name }) => name,
      scope: ({ scope, doNotApplyToChildScopes }) => scope + (doNotApplyToChildScopes ? ' (there alone)' : ''),
      whom: whomOf,
      'but not': ({ excludePrincipals }) => excludePrincipals.map(({ kind, id }) => `${kind} ${id}`).join(', '),
      actions: ({ permissions }) =>
        permissions.flatMap(({ actions, dataActions }) => [...actions, ...dataActions]).join(', '),
      from: ({ source }) => source,
      id: ({ id }) => id,
      inactive: ({ inactive = '' }) => inactive,
    }),
});

const create = defineOperation({
  id: 'deny.create',
  summary: 'Deny actions at a scope to people, groups, agents or everyone, whatever roles they hold',
  about: 'It never holds for the command line at the machine itself, which is who can take it back.',
  action: 'genkan/deny/create',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    definition: denyAssignmentSetting.describe(
      'The deny assignment, as under access.denyAssignments in genkan.yaml; @FILE reads it from a file.',
    ),
    justification,
  }),
  positional: ['definition'],
  output: z.object({ denyAssignment: denyView, change: changeView }),
  resource: ({ definition: { scope } }) => scope,
  async run(house, { definition, justification: why }, { principal: by }) {
    const { changes } = house.access.policy;
    const { thing, outcome } = await changes.deny(definition, { by, why });
    return { denyAssignment: viewOfDeny(thing), change: viewOf(outcome, house) };
  },
  noted,
  print: ({ denyAssignment, change }) => `${fields(denyAssignment)}\n${printChange(change)}`,
});

const remove = defineOperation({
  id: 'deny.delete',
  summary: 'Delete a deny assignment that was made while running',
  action: 'genkan/deny/delete',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: z.strictObject({ id: z.string().min(1).describe('Id of the deny assignment.'), justification }),
  positional: ['id'],
  output: z.object({ denyAssignment: denyView, change: changeView }),
  resource: ({ id }) => `/deny-assignments/${id}`,
  async run(house, { id, justification: why }, { principal: by }) {
    const { thing, outcome } = await house.access.policy.changes.undeny(id, { by, why });
    return { denyAssignment: viewOfDeny(thing), change: viewOf(outcome, house) };
  },
  noted,
  print: ({ denyAssignment, change }) => `${fields(denyAssignment)}\n${printChange(change)}`,
});

export const denyOperations = [list, create, remove];
