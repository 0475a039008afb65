// The operation that carries out a plan of `access analyze`: new roles and swapped assignments, as one change of the policy.
import { z } from 'zod';
import { createRole } from '../access/role.ts';
import { GenkanError, refuse } from '../base/errors.ts';
import { correlationId } from '../base/ids.ts';
import { planView, printPlan, readPlan } from './access-plan.ts';
import type { PlanView } from './access-plan.ts';
import { defineOperation } from './operation.ts';
import { changeView, justification, noted, printChange, viewOf } from './policy-change.ts';

const apply = defineOperation({
  id: 'access.apply',
  summary: 'Carry out a plan of access analyze: create its roles and swap assignments, as one change of the policy',
  about:
    'Without --yes it only says what it would do. Needs the rights to create roles and to assign as well. Where changes need an approval (access.changes), this one does, too; ' +
    'genkan policy revert takes it back as a whole. Assignments that stand in genkan.yaml are named, not removed.',
  action: 'genkan/access/apply',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    plan: z
      .record(z.string(), z.unknown())
      .describe('The answer of access analyze --json, or the plan in it; @FILE reads it from a file.'),
    yes: z.boolean().default(false).describe('Do it.'),
    justification,
  }),
  positional: ['plan'],
  output: z.object({ plan: planView, change: changeView.optional().describe('Absent where nothing was done.') }),
  async run(house, { plan: given, yes, justification: why }, { principal: by }) {
    const plan = readPlan(given);
    // A plan can be written by hand, so that whoever may apply one could else do by it what they may not do by itself.
    const lacking = neededFor(plan).find((action) => !house.access.allows(by, action, '/'));
    if (lacking !== undefined)
      return refuse('access_action_missing', { tool: 'access apply', scope: '/', missing: lacking });
    if (!yes) return { plan };
    const made = { createdBy: by.id, createdAtMs: house.clock.now() };
    const outcome = await house.access.policy.changes.put(
      (items) => [
        ...plan.roles.map((written) => {
          const { name, definition } = createRole(written, 'plan', {});
          if (house.access.roles().some((role) => role.name === name))
            throw new GenkanError('access_role_taken', { role: name });
          return { kind: 'role', id: name, after: { ...definition } };
        }),
        ...plan.assign.map((wish) => ({ kind: 'assignment', id: correlationId(), after: { ...wish, ...made } })),
        ...plan.remove.map((id) => {
          const item = items.get(`assignment ${id}`);
          if (item === undefined) throw new GenkanError('access_assignment_unknown', { id });
          return { kind: 'assignment', id, before: item.content };
        }),
      ],
      { by, why: why || 'least privilege: access apply' },
    );
    return { plan, change: viewOf(outcome, house) };
  },
  noted: ({ change }) => (change === undefined ? { change: { state: 'planned' } } : noted({ change })),
  print: ({ plan, change }) =>
    [
      ...printPlan(plan).slice(1),
      '',
      change === undefined ? 'Nothing was changed; --yes carries it out.' : printChange(change),
    ].join('\n'),
});

const neededFor = ({ roles, assign, remove }: PlanView): string[] => [
  ...(roles.length > 0 ? ['genkan/role/create'] : []),
  ...(assign.length > 0 ? ['genkan/role/assign'] : []),
  ...(remove.length > 0 ? ['genkan/role/unassign'] : []),
];

export const accessApplyOperations = [apply];
