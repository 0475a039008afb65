// Operations on assignments: who holds which role where.
import { z } from 'zod';
import type { ListedAssignment } from '../access/access.ts';
import { defineOperation } from './operation.ts';
import { table } from './table.ts';

export const assignmentView = z.object({
  id: z.string(),
  principal: z.object({ kind: z.enum(['user', 'group', 'application']), id: z.string() }),
  role: z.string(),
  scope: z.string(),
  source: z
    .enum(['configuration', 'database', 'elevation', 'break-glass'])
    .describe('Whether it stands in genkan.yaml, was made while running, or is held for a while.'),
  condition: z.string().optional().describe("On what condition it grants, in Azure's language."),
  startsAt: z.iso.datetime().optional().describe('When it begins to grant.'),
  endsAt: z.iso.datetime().optional().describe('When it ends to grant.'),
  state: z
    .enum(['active', 'upcoming', 'over', 'inactive', 'pending'])
    .describe('Whether it grants now. `inactive`: see there. `pending`: not before somebody has approved it.'),
  createdBy: z.string().optional().describe('Principal id of whoever made it.'),
  createdAtMs: z.number().optional().describe('When, in milliseconds since the Unix epoch.'),
  excludes: z
    .array(z.string())
    .optional()
    .describe('For whom of the group it does not grant, by principal id: `exclusion list` tells of them.'),
  inactive: z.string().optional().describe('Why it grants nothing, e.g. because its role is gone: an error code.'),
});

export type AssignmentView = z.output<typeof assignmentView>;

export function viewOfAssignment(
  { startsAtMs = -Infinity, endsAtMs = Infinity, excludes, ...assignment }: ListedAssignment,
  nowMs: number,
): AssignmentView {
  const inTime = nowMs < startsAtMs ? 'upcoming' : nowMs < endsAtMs ? 'active' : 'over';
  return {
    ...assignment,
    ...(excludes && { excludes: [...excludes] }),
    ...(startsAtMs > -Infinity && { startsAt: new Date(startsAtMs).toISOString() }),
    ...(endsAtMs < Infinity && { endsAt: new Date(endsAtMs).toISOString() }),
    state: assignment.inactive === undefined ? inTime : 'inactive',
  };
}

const list = defineOperation({
  id: 'assignment.list',
  summary: 'List who holds which role where',
  action: 'genkan/assignment/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    group: z.string().optional().describe('Only of this group.'),
    user: z.string().optional().describe('Only of this person, by principal id.'),
    application: z.string().optional().describe('Only of this agent, by client id.'),
    role: z.string().optional().describe('Only of this role.'),
  }),
  output: z.object({ assignments: z.array(assignmentView) }),
  run: async ({ access, clock }, { group, user, application, role }) => ({
    assignments: access
      .assignments()
      .filter(({ principal }) => group === undefined || (principal.kind === 'group' && principal.id === group))
      .filter(({ principal }) => user === undefined || (principal.kind === 'user' && principal.id === user))
      .filter(
        ({ principal }) =>
          application === undefined || (principal.kind === 'application' && principal.id === application),
      )
      .filter((assignment) => role === undefined || assignment.role === role)
      .map((assignment) => viewOfAssignment(assignment, clock.now())),
  }),
  print: ({ assignments }) =>
    table(assignments, {
      who: ({ principal }) => `${principal.kind} ${principal.id}`,
      role: ({ role }) => role,
      scope: ({ scope }) => scope,
      from: ({ source }) => source,
      state: ({ state }) => (state === 'active' ? '' : state),
      starts: ({ startsAt = '' }) => startsAt,
      ends: ({ endsAt = '' }) => endsAt,
      condition: ({ condition = '' }) => condition,
      'left out': ({ excludes = [] }) =>
        excludes.slice(0, 3).join(' ') + (excludes.length > 3 ? ` +${excludes.length - 3}` : ''),
      id: ({ id }) => id,
      inactive: ({ inactive = '' }) => inactive,
    }),
});

export const assignmentOperations = [list];
