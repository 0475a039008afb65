// Operations on roles: what they grant, and giving them to people and groups or taking them back.
import { z } from 'zod';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { AssignmentRequest } from '../access/assignment.ts';
import type { Role } from '../access/role.ts';
import { assignmentView } from './assignment.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { fields, table } from './table.ts';

const roleView = z.object({
  name: z.string(),
  description: z.string(),
  source: z.string().describe('`built-in`, or where it was read from.'),
  actions: z.array(z.string()),
  notActions: z.array(z.string()),
  dataActions: z.array(z.string()),
  notDataActions: z.array(z.string()),
  assignableScopes: z.array(z.string()),
});

const list = defineOperation({
  id: 'role.list',
  summary: 'List the roles that can be assigned',
  action: 'genkan/role/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({ roles: z.array(roleView) }),
  run: async ({ access }) => ({ roles: access.roles().map(viewOf) }),
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
  input: z.strictObject({ role: z.string().min(1).describe('Name of the role.') }),
  positional: ['role'],
  output: z.object({ role: roleView }),
  async run({ access }, { role }) {
    const found = access.roles().find(({ name }) => name === role);
    return found === undefined ? refuse('operation_not_found', { kind: 'role', name: role }) : { role: viewOf(found) };
  },
  print: ({ role }) => fields(role),
});

const viewOf = ({ name, source, definition }: Role): z.input<typeof roleView> => ({
  name,
  description: definition.Description,
  source,
  actions: definition.Actions,
  notActions: definition.NotActions,
  dataActions: definition.DataActions,
  notDataActions: definition.NotDataActions,
  assignableScopes: definition.AssignableScopes,
});

const assign = defineOperation({
  id: 'role.assign',
  summary: 'Assign a role to a group, a person or an agent at a scope',
  action: 'genkan/role/assign',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z
    .strictObject({
      role: z.string().min(1).describe('Name of the role.'),
      group: z.string().min(1).optional().describe('Group, as the identity provider states it.'),
      user: z.string().min(1).optional().describe('Person who has signed in before, by sign-in name or principal id.'),
      application: z.string().min(1).optional().describe('Agent, by client id.'),
      scope: z.string().min(1).describe('Where it holds, with everything below, e.g. /servers/files.'),
    })
    .refine(
      ({ group, user, application }) => namedOf(group, user, application) === 1,
      'give one of group, user and application',
    ),
  output: z.object({ assignment: assignmentView }),
  resource: ({ scope }) => scope,
  async run(house, input, caller) {
    const wish = await readWish(house, input);
    if (isRefusal(wish)) return wish;
    return { assignment: await house.access.assign(wish, caller.principal) };
  },
  print: ({ assignment }) => fields(assignment),
});

const unassign = defineOperation({
  id: 'role.unassign',
  summary: 'Take an assignment back that was made while running',
  action: 'genkan/role/unassign',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: z
    .strictObject({
      id: z.string().min(1).optional().describe('Id of the assignment; or name role, group or user, and scope.'),
      role: z.string().min(1).optional(),
      group: z.string().min(1).optional(),
      user: z.string().min(1).optional(),
      application: z.string().min(1).optional(),
      scope: z.string().min(1).optional(),
    })
    .refine(
      ({ id, role, group, user, application, scope }) =>
        id === undefined
          ? role !== undefined && scope !== undefined && namedOf(group, user, application) === 1
          : (role ?? group ?? user ?? application ?? scope) === undefined,
      'give either id, or role, scope and one of group, user and application',
    ),
  output: z.object({ assignment: assignmentView }),
  resource: ({ scope, id }) => scope ?? `/assignments/${id ?? ''}`,
  async run(house, { id, role = '', scope = '', ...who }) {
    const found = id ?? (await findAssignment(house, { role, scope, ...who }));
    if (isRefusal(found)) return found;
    return { assignment: await house.access.unassign(found) };
  },
  print: ({ assignment }) => fields(assignment),
});

interface Named {
  readonly role: string;
  readonly scope: string;
  readonly group?: string;
  readonly user?: string;
  readonly application?: string;
}

const namedOf = (...given: (string | undefined)[]): number => given.filter((name) => name !== undefined).length;

async function readWish(
  { people, clients }: House,
  { role, scope, group, user, application }: Named,
): Promise<AssignmentRequest | Refusal> {
  if (group !== undefined) return { principal: { kind: 'group', id: group }, role, scope };
  if (application !== undefined) {
    if ((await clients.find(application)) === undefined)
      return refuse('operation_not_found', { kind: 'agent', name: application });
    return { principal: { kind: 'application', id: application }, role, scope };
  }
  const person = await people.find(user ?? '');
  if (person === undefined) return refuse('operation_not_found', { kind: 'person', name: user ?? '' });
  return { principal: { kind: 'user', id: person.id }, role, scope };
}

async function findAssignment(house: House, named: Named): Promise<string | Refusal> {
  const wish = await readWish(house, named);
  if (isRefusal(wish)) return wish;
  const found = house.access
    .assignments()
    .find(
      ({ principal, role, scope }) =>
        principal.kind === wish.principal.kind &&
        principal.id === wish.principal.id &&
        role === wish.role &&
        scope === wish.scope,
    );
  return found?.id ?? refuse('operation_not_found', { kind: 'assignment', name: `${named.role} ${named.scope}` });
}

export const roleOperations = [list, show, assign, unassign];
