// A plan for the policy as people keep and hand on: what to create, to assign and to remove.
import { z } from 'zod';
import type { AccessPlan } from '../access/analysis/proposal.ts';
import { GenkanError } from '../base/errors.ts';

const assignee = z.strictObject({ kind: z.enum(['user', 'group', 'application']), id: z.string().min(1).max(256) });
const assignment = { principal: assignee, role: z.string().min(1).max(128), scope: z.string().min(1).max(2048) };

export const planView = z.strictObject({
  roles: z
    .array(z.record(z.string(), z.unknown()))
    .max(1000)
    .default([])
    .describe("Roles to create, in Azure's custom role JSON."),
  assign: z.array(z.strictObject(assignment)).max(1000).default([]).describe('Assignments to make.'),
  remove: z.array(z.string().min(1).max(128)).max(1000).default([]).describe('Ids of assignments to remove.'),
  byHand: z
    .array(z.strictObject({ id: z.string(), ...assignment }))
    .max(10_000)
    .default([])
    .describe('Assignments that stand in genkan.yaml and have to be removed there.'),
});

export type PlanView = z.output<typeof planView>;

/** @param given a plan, or an answer of `access analyze` with one in it. @throws GenkanError `access_plan_invalid` */
export function readPlan(given: Readonly<Record<string, unknown>>): PlanView {
  const parsed = planView.safeParse('plan' in given ? given['plan'] : given);
  if (!parsed.success) throw new GenkanError('access_plan_invalid', { reason: z.prettifyError(parsed.error) });
  const { roles, assign, remove, byHand } = parsed.data;
  if (roles.length + assign.length + remove.length + byHand.length === 0)
    throw new GenkanError('access_plan_invalid', { reason: 'it says nothing' });
  return parsed.data;
}

/** As if what is to be done by hand was done as well. */
export const wholePlan = ({ roles, assign, remove, byHand }: PlanView): AccessPlan => ({
  roles,
  assign,
  remove: [...remove, ...byHand.map(({ id }) => id)],
});

/** The plan for people, under a heading. */
export function printPlan({ roles, assign, remove, byHand }: PlanView): string[] {
  if (roles.length + assign.length + remove.length + byHand.length === 0) return ['', 'Nothing is to be changed.'];
  return [
    '',
    'What would do (genkan access analyze --json > plan.json keeps it for access simulate and access apply):',
    ...roles.map(({ Name, Actions, DataActions }) => {
      const lines = [...((Actions as string[] | undefined) ?? []), ...((DataActions as string[] | undefined) ?? [])];
      return `  + role "${String(Name)}": ${lines.slice(0, 4).join(', ')}${lines.length > 4 ? ` and ${lines.length - 4} more` : ''}`;
    }),
    ...assign.map(({ principal, role, scope }) => `  + ${principal.kind} ${principal.id}: "${role}" at ${scope}`),
    ...remove.map((id) => `  - assignment ${id}`),
    ...byHand.map(
      ({ principal, role, scope }) =>
        `  - in genkan.yaml, by hand: ${principal.kind} ${principal.id}: "${role}" at ${scope}`,
    ),
  ];
}
