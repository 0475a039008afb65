// Operations on exclusions: whom access reviews have left out of assignments, and the way back in.
import { z } from 'zod';
import { GenkanError } from '../base/errors.ts';
import { canLeaveOut, placeOf } from '../access/policy/exclusion.ts';
import type { PolicyItem } from '../access/policy/policy-item.ts';
import { readExclusion } from '../access/policy/stored-items.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { changeView, justification, noted, printChange, viewOf } from './policy-change.ts';
import { fields, table } from './table.ts';

const exclusionView = z.object({
  id: z.string(),
  principal: z.string().describe('Who is left out, by principal id.'),
  of: z
    .object({ kind: z.enum(['user', 'group', 'application']), id: z.string() })
    .describe('To whom the role is assigned.'),
  role: z.string(),
  scope: z.string(),
  state: z
    .enum(['active', 'inactive'])
    .describe('`inactive`: no assignment says this now; one that does is met by it.'),
});

function viewsOf({ access }: House, items: readonly PolicyItem[]): z.output<typeof exclusionView>[] {
  const places = new Set(access.assignments().filter(canLeaveOut).map(placeOf));
  return items.flatMap((item) => {
    try {
      const { principal, of, role, scope } = readExclusion(item);
      const state = places.has(placeOf({ principal: of, role, scope })) ? 'active' : 'inactive';
      return [{ id: item.id, principal, of, role, scope, state } as const];
    } catch (error) {
      if (error instanceof GenkanError) return []; // has no effect, and the log tells of it
      throw error;
    }
  });
}

const list = defineOperation({
  id: 'exclusion.list',
  summary: 'List whom access reviews have left out of assignments of groups or of genkan.yaml',
  action: 'genkan/assignment/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    user: z.string().min(1).optional().describe('Only of this person or agent, by principal id.'),
  }),
  output: z.object({ exclusions: z.array(exclusionView) }),
  run: async (house, { user }) => ({
    exclusions: viewsOf(house, house.access.policy.items('exclusion')).filter(
      ({ principal }) => user === undefined || principal === user,
    ),
  }),
  print: ({ exclusions }) =>
    table(exclusions, {
      who: ({ principal }) => principal,
      'left out of': ({ of, role }) => `${role} of ${of.kind} ${of.id}`,
      scope: ({ scope }) => scope,
      state: ({ state }) => (state === 'active' ? '' : state),
      id: ({ id }) => id,
    }),
});

const remove = defineOperation({
  id: 'exclusion.remove',
  summary: 'Let somebody hold again what an access review has left them out of',
  action: 'genkan/role/assign',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    id: z.string().min(1).max(64).describe('Id of the exclusion, from `exclusion list`.'),
    justification,
  }),
  positional: ['id'],
  output: z.object({ exclusion: exclusionView, change: changeView }),
  resource: ({ id }) => `/exclusions/${id}`,
  async run(house, { id, justification: why }, { principal: by }) {
    const [exclusion] = viewsOf(
      house,
      house.access.policy.items('exclusion').filter((item) => item.id === id),
    );
    if (exclusion === undefined) throw new GenkanError('operation_not_found', { kind: 'exclusion', name: id });
    const outcome = await house.access.policy.changes.put(
      (items) => {
        const item = items.get(`exclusion ${id}`);
        return item === undefined ? [] : [{ kind: 'exclusion', id, before: item.content }];
      },
      { by, why },
    );
    return { exclusion, change: viewOf(outcome, house) };
  },
  noted,
  print: ({ exclusion: { of, ...exclusion }, change }) =>
    `${fields({ ...exclusion, of: `${of.kind} ${of.id}` })}\n${printChange(change)}`,
});

export const exclusionOperations = [list, remove];
