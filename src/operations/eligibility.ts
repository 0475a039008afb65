// Operations on eligibility: which roles may be requested or taken in an emergency, by whom, and making people eligible while running.
import { z } from 'zod';
import { formatDuration } from '../base/duration.ts';
import { GenkanError, refuse } from '../base/errors.ts';
import { correlationId } from '../base/ids.ts';
import type { Eligibility } from '../access/elevation/eligibility.ts';
import { keyOf } from '../access/policy/policy-item.ts';
import { defineOperation } from './operation.ts';
import { changeView, justification, noted, printChange, viewOf } from './policy-change.ts';
import { fields, table } from './table.ts';

const eligibilityView = z.object({
  id: z.string(),
  kind: z.enum(['elevation', 'break-glass']),
  principal: z.object({ kind: z.enum(['user', 'group']), id: z.string() }),
  role: z.string(),
  scope: z.string(),
  source: z.enum(['configuration', 'database']).describe('Whether it stands in genkan.yaml or was made while running.'),
  from: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
  maximumDuration: z.string(),
  approval: z.boolean().describe('Whether somebody has to approve it.'),
  justification: z.boolean(),
  mfa: z.boolean().describe('Whether it takes a second factor.'),
  inactive: z
    .string()
    .optional()
    .describe('Why it makes nobody eligible, e.g. because its role is gone: an error code.'),
});

const eligibilityOf = ({ startsAtMs, endsAtMs, rules, ...rest }: Eligibility): z.output<typeof eligibilityView> => ({
  ...rest,
  ...(startsAtMs !== undefined && { from: at(startsAtMs) }),
  ...(endsAtMs !== undefined && { until: at(endsAtMs) }),
  maximumDuration: formatDuration(rules.maximumMs),
  approval: rules.approval,
  justification: rules.justification,
  mfa: rules.mfa,
});

const list = defineOperation({
  id: 'eligibility.list',
  summary: 'List which roles may be requested, or taken in an emergency: by you, and for administrators by anybody',
  action: 'genkan/eligibility/list',
  audience: 'anybody',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({
    eligible: z.array(eligibilityView),
    unknownApprovers: z
      .array(z.string())
      .describe('Names of approvers that are nobody here, or several: they approve nothing.'),
  }),
  async run({ access, elevation }, _, { principal }) {
    const all = access.allows(principal, 'genkan/eligibility/list', '/');
    return {
      eligible: elevation.eligible(all ? undefined : principal).map(eligibilityOf),
      unknownApprovers: [...(await elevation.unknownApprovers())],
    };
  },
  problems: ({ unknownApprovers }) => unknownApprovers.length > 0,
  print: ({ eligible, unknownApprovers }) =>
    [
      table(eligible, {
        who: ({ principal }) => `${principal.kind} ${principal.id}`,
        role: ({ role }) => role,
        scope: ({ scope }) => scope,
        kind: ({ kind }) => (kind === 'elevation' ? '' : kind),
        'at most': ({ maximumDuration }) => maximumDuration,
        approval: ({ approval }) => (approval ? 'yes' : ''),
        mfa: ({ mfa }) => (mfa ? 'yes' : ''),
        until: ({ until = '' }) => until,
        inactive: ({ inactive = '' }) => inactive,
      }),
      ...unknownApprovers.map(
        (name) => `"${name}" is nobody here, or several: they approve nothing until they are known.`,
      ),
    ].join('\n'),
});

const at = (ms: number): string => new Date(ms).toISOString();

const held = z.object({
  id: z.string(),
  principal: z.object({ kind: z.enum(['user', 'group']), id: z.string() }),
  role: z.string(),
  scope: z.string(),
  from: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
});

const time = z.iso.datetime({ offset: true }).optional();

const add = defineOperation({
  id: 'eligibility.add',
  summary: 'Let a group or a person request a role for a while, by the general rules of access.elevation',
  action: 'genkan/eligibility/add',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z
    .strictObject({
      role: z.string().min(1).max(128).describe('Name of the role.'),
      scope: z.string().min(1).max(2048).describe('Where, at most: requests are for this scope or one below it.'),
      group: z.string().min(1).max(256).optional().describe('Group, as the identity provider states it.'),
      user: z
        .string()
        .min(1)
        .max(256)
        .optional()
        .describe('Person who has signed in before, by sign-in name or principal id.'),
      from: time.describe('When they begin to be eligible.'),
      until: time.describe('When they cease to be; what they hold ends with it.'),
      justification,
    })
    .refine(({ group, user }) => (group === undefined) !== (user === undefined), 'give either group or user'),
  output: z.object({ eligibility: held, change: changeView }),
  resource: ({ scope }) => scope,
  noted,
  async run(house, { role, scope, group, user, from, until, justification: why }, { principal: by }) {
    const person = user === undefined ? undefined : await house.people.find(user);
    if (user !== undefined && person === undefined)
      return refuse('operation_not_found', { kind: 'person', name: user });
    const id = correlationId();
    const content = {
      principal:
        person === undefined ? { kind: 'group' as const, id: group! } : { kind: 'user' as const, id: person.id },
      role,
      scope,
      ...(from !== undefined && { startsAtMs: Date.parse(from) }),
      ...(until !== undefined && { endsAtMs: Date.parse(until) }),
      createdBy: by.id,
      createdAtMs: house.clock.now(),
    };
    house.elevation.checkEligibility({ id, content });
    const plan = () => [{ kind: 'eligibility', id, after: content }];
    const outcome = await house.access.policy.changes.put(plan, { by, why });
    return {
      eligibility: {
        id,
        principal: content.principal,
        role,
        scope,
        ...(from !== undefined && { from: new Date(from).toISOString() }),
        ...(until !== undefined && { until: new Date(until).toISOString() }),
      },
      change: viewOf(outcome, house),
    };
  },
  print: ({ eligibility, change }) => `${fields(eligibility)}\n${printChange(change)}`,
});

const remove = defineOperation({
  id: 'eligibility.remove',
  summary: 'Take back that somebody may request a role; what they hold by it ends',
  about: 'Only what was added while running; the rest stands in genkan.yaml.',
  action: 'genkan/eligibility/remove',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    id: z.string().min(1).max(100).describe('Id of the eligibility, from `eligibility list`.'),
    justification,
  }),
  positional: ['id'],
  output: z.object({ change: changeView }),
  resource: ({ id }) => `/eligibilities/${id}`,
  noted,
  async run(house, { id, justification: why }, { principal: by }) {
    const outcome = await house.access.policy.changes.put(
      (items) => {
        const item = items.get(keyOf({ kind: 'eligibility', id }));
        if (item === undefined) throw new GenkanError('operation_not_found', { kind: 'eligibility', name: id });
        return [{ kind: 'eligibility', id, before: item.content }];
      },
      { by, why },
    );
    await house.elevation.look();
    return { change: viewOf(outcome, house) };
  },
  print: ({ change }) => printChange(change),
});

export const eligibilityOperations = [list, add, remove];
