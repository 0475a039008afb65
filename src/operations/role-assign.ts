// Operations that give roles to people, groups and agents, and take them back.
import { z } from 'zod';
import { parseDuration } from '../base/duration.ts';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Assignee, Assignment, AssignmentRequest } from '../access/assignment.ts';
import type { Outcome } from '../access/policy/policy-desk.ts';
import { assignmentView, viewOfAssignment } from './assignment.ts';
import type { AssignmentView } from './assignment.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { changeView, justification, noted, printChange, viewOf } from './policy-change.ts';
import type { ChangeView } from './policy-change.ts';
import { fields } from './table.ts';

const whom = {
  group: z.string().min(1).max(256).optional().describe('Group, as the identity provider states it.'),
  user: z.string().min(1).optional().describe('Person who has signed in before, by sign-in name or principal id.'),
  application: z.string().min(1).optional().describe('Agent, by client id.'),
};

const instant = z.iso.datetime({ offset: true });

const assign = defineOperation({
  id: 'role.assign',
  summary: 'Assign a role to a group, a person or an agent at a scope, for good or for a while',
  about:
    'Whoever may do this may give any role to anybody, themselves included: there is no delegation with constraints. Where ' +
    'that is too much, have changes approved by somebody else (access.changes in genkan.yaml).',
  action: 'genkan/role/assign',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z
    .strictObject({
      role: z.string().min(1).describe('Name of the role.'),
      ...whom,
      scope: z.string().min(1).describe('Where it holds, with everything below, e.g. /servers/files.'),
      condition: z
        .string()
        .min(1)
        .max(8192)
        .optional()
        .describe("On what condition it grants, in the language of Azure's role assignment conditions (version 2.0)."),
      from: instant.optional().describe('When it begins to grant, e.g. 2026-12-01T08:00:00Z; at once by default.'),
      until: instant.optional().describe('When it ends to grant; never by default.'),
      for: z
        .string()
        .refine((text) => parseDuration(text) !== undefined, 'is not a duration such as PT8H or 90d')
        .optional()
        .describe('How long it grants, instead of until: PT8H, 90d.'),
      justification,
    })
    .refine(
      ({ group, user, application }) => namedOf(group, user, application) === 1,
      'give one of group, user and application',
    )
    .refine(({ until, for: duration }) => until === undefined || duration === undefined, 'give until or for, not both'),
  output: z.object({ assignment: assignmentView, change: changeView }),
  resource: ({ scope }) => scope,
  async run(
    house,
    { role, scope, condition, from, until, for: duration, justification: why, ...given },
    { principal: by },
  ) {
    const principal = await findAssignee(house, given);
    if (isRefusal(principal)) return principal;
    const startsAtMs = from === undefined ? undefined : Date.parse(from);
    const endsAtMs =
      duration === undefined
        ? until && Date.parse(until)
        : (startsAtMs ?? house.clock.now()) + parseDuration(duration)!;
    const request: AssignmentRequest = {
      principal,
      role,
      scope,
      ...(condition !== undefined && { condition }),
      ...(startsAtMs !== undefined && { startsAtMs }),
      ...(typeof endsAtMs === 'number' && { endsAtMs }),
    };
    const { thing, outcome } = await house.access.policy.changes.assign([request], { by, why });
    const view = viewOfBoth(house, thing[0]!, outcome);
    return outcome.state === 'pending'
      ? { ...view, assignment: { ...view.assignment, state: 'pending' as const } }
      : view;
  },
  noted,
  print: ({ assignment, change }) => `${fields(assignment)}\n${printChange(change)}`,
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
      ...whom,
      scope: z.string().min(1).optional(),
      justification,
    })
    .refine(
      ({ id, role, group, user, application, scope }) =>
        id === undefined
          ? role !== undefined && scope !== undefined && namedOf(group, user, application) === 1
          : (role ?? group ?? user ?? application ?? scope) === undefined,
      'give either id, or role, scope and one of group, user and application',
    ),
  output: z.object({ assignment: assignmentView, change: changeView }),
  resource: ({ scope, id }) => scope ?? `/assignments/${id ?? ''}`,
  async run(house, { id, role = '', scope = '', justification: why, ...given }, { principal: by }) {
    const found = id ?? (await findAssignment(house, role, scope, given));
    if (isRefusal(found)) return found;
    const { thing, outcome } = await house.access.policy.changes.unassign(found, { by, why });
    const view = viewOfBoth(house, thing, outcome);
    return outcome.state === 'pending' ? view : { ...view, assignment: { ...view.assignment, state: 'over' as const } };
  },
  noted,
  print: ({ assignment, change }) => `${fields(assignment)}\n${printChange(change)}`,
});

function viewOfBoth(
  house: House,
  thing: Assignment,
  outcome: Outcome,
): { assignment: AssignmentView; change: ChangeView } {
  const assignment = viewOfAssignment(thing, house.clock.now());
  return { assignment, change: viewOf(outcome, house) };
}

interface Named {
  readonly group?: string | undefined;
  readonly user?: string | undefined;
  readonly application?: string | undefined;
}

const namedOf = (...given: (string | undefined)[]): number => given.filter((name) => name !== undefined).length;

async function findAssignee(
  { people, clients }: House,
  { user, group, application }: Named,
): Promise<Assignee | Refusal> {
  if (group !== undefined) return { kind: 'group', id: group };
  if (application !== undefined) {
    if ((await clients.find(application)) === undefined)
      return refuse('operation_not_found', { kind: 'agent', name: application });
    return { kind: 'application', id: application };
  }
  const person = await people.find(user ?? '');
  if (person === undefined) return refuse('operation_not_found', { kind: 'person', name: user ?? '' });
  return { kind: 'user', id: person.id };
}

async function findAssignment(house: House, role: string, scope: string, given: Named): Promise<string | Refusal> {
  const assignee = await findAssignee(house, given);
  if (isRefusal(assignee)) return assignee;
  const found = house.access
    .assignments()
    .filter(({ principal }) => principal.kind === assignee.kind && principal.id === assignee.id)
    .filter((assignment) => assignment.role === role && assignment.scope === scope);
  if (found.length > 1) return refuse('access_assignment_ambiguous', { ids: found.map(({ id }) => id).join(', ') });
  return found[0]?.id ?? refuse('operation_not_found', { kind: 'assignment', name: `${role} ${scope}` });
}

export const roleAssignOperations = [assign, unassign];
