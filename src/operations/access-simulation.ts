// The operation that replays recorded calls against a proposed policy and tells what would be different.
import { z } from 'zod';
import { recordedCalls } from '../access/analysis/recorded-call.ts';
import { withPlan, withRoleFor, withSettings } from '../access/analysis/proposal.ts';
import type { InForce } from '../access/analysis/proposal.ts';
import { simulate as replay } from '../access/analysis/simulation.ts';
import type { Change } from '../access/analysis/simulation.ts';
import type { Assignee } from '../access/assignment.ts';
import { accessSettings } from '../access/settings.ts';
import { GenkanError, isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { dayMs, days } from './access-analysis.ts';
import { readPlan, wholePlan } from './access-plan.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { table } from './table.ts';

const listed = 500;
const json = z.record(z.string(), z.unknown()).optional();

const changeView = z.object({
  principal: z.string(),
  name: z.string(),
  resource: z.string(),
  code: z.string().describe('Of the refusal that there would be, or that there was.'),
  missing: z.array(z.string()),
  scopes: z.array(z.string()),
  count: z.int(),
  last: z.iso.datetime(),
  kind: z
    .enum(['changed', 'today-already', 'unsure'])
    .describe(
      '`today-already`: the policy in force says so, too (an elevation has ended, or something has changed since). `unsure`: a condition looks at arguments, which are not on record.',
    ),
});

const simulate = defineOperation({
  id: 'access.simulate',
  summary: 'Replay recorded calls against a proposed role, policy or plan, and tell what would be different',
  about:
    'Decides by what each call needed and by the groups that its caller had then; nothing is changed. Ends with exit code 4 ' +
    'when something that was allowed would be refused.',
  action: 'genkan/access/simulate',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z
    .strictObject({
      role: json.describe(
        "A role in Azure's custom role JSON: it takes the place of the role of its name, or of all that the principals have; @FILE reads it from a file.",
      ),
      principals: z
        .array(z.string().min(1))
        .optional()
        .describe('With a role: who has it, at its AssignableScopes, instead of all they have for good now.'),
      policy: json.describe(
        'Roles and assignments as under access in genkan.yaml, in JSON: whoever it names has those and no others; @FILE reads it from a file.',
      ),
      plan: json.describe('The answer of access analyze --json; @FILE reads it from a file.'),
      days,
    })
    .refine(
      ({ role, policy, plan }) => [role, policy, plan].filter((each) => each !== undefined).length === 1,
      'give one of role, policy and plan',
    )
    .refine(({ role, principals }) => principals === undefined || role !== undefined, 'principals go with a role'),
  output: z.object({
    from: z.iso.datetime(),
    calls: z.int().describe('How many were replayed.'),
    same: z.int().describe('How many would go as they went.'),
    refused: z.array(changeView).describe('What was allowed and would be refused, the most frequent first.'),
    allowed: z.array(changeView).describe('What was refused and would be allowed.'),
    cut: z.boolean().describe('Whether there is more than is listed.'),
  }),
  async run(house, { role, principals, policy, plan, days: back }) {
    const before = house.access.inForce();
    const after = await propose(house, before, { role, principals, policy, plan });
    if (isRefusal(after)) return after;
    const nowMs = house.clock.now();
    const fromMs = nowMs - back * dayMs;
    const found = await replay(recordedCalls(house.recorded.scan({ fromMs, toMs: nowMs })), { before, after, nowMs });
    return {
      from: new Date(fromMs).toISOString(),
      calls: found.calls,
      same: found.same,
      refused: found.refused.slice(0, listed).map(viewOf),
      allowed: found.allowed.slice(0, listed).map(viewOf),
      cut: found.cut || found.refused.length > listed || found.allowed.length > listed,
    };
  },
  problems: ({ refused }) => refused.some(({ kind }) => kind === 'changed'),
  print: ({ from, calls, same, refused, allowed, cut }) =>
    [
      `${calls} calls since ${from.slice(0, 10)}: ${same} would go as they went.`,
      ...(refused.length === 0 ? [] : ['', 'Allowed then, refused by the proposal:', list(refused)]),
      ...(allowed.length === 0 ? [] : ['', 'Refused then, allowed by the proposal:', list(allowed)]),
      ...(cut ? ['', 'There is more than is listed.'] : []),
    ].join('\n'),
});

type ChangeView = z.output<typeof changeView>;

const viewOf = ({ lastMs, missing, scopes, ...change }: Change): ChangeView => ({
  ...change,
  missing: [...missing],
  scopes: [...scopes],
  last: new Date(lastMs).toISOString(),
});

const list = (changes: readonly ChangeView[]): string =>
  table(changes, {
    calls: ({ count }) => String(count),
    last: ({ last }) => last.slice(0, 10),
    who: ({ name }) => name,
    what: ({ resource }) => resource,
    missing: ({ missing }) => missing.join(', '),
    code: ({ code }) => code,
    note: ({ kind }) => (kind === 'changed' ? '' : kind),
  });

type Proposal = Readonly<Partial<Record<'role' | 'policy' | 'plan', Readonly<Record<string, unknown>> | undefined>>> & {
  readonly principals?: readonly string[] | undefined;
};

async function propose(
  house: House,
  now: InForce,
  { role, principals, policy, plan }: Proposal,
): Promise<InForce | Refusal> {
  if (plan !== undefined) return withPlan(now, wholePlan(readPlan(plan)));
  if (policy !== undefined) {
    // As `config show --json` prints it, as a whole or in part.
    const { settings = policy } = policy as { settings?: object };
    const parsed = accessSettings.safeParse('access' in settings ? settings.access : settings);
    if (!parsed.success)
      throw new GenkanError('access_plan_invalid', {
        reason: parsed.error.issues.map(({ message }) => message).join('; '),
      });
    return withSettings(now, parsed.data, {});
  }
  if (principals === undefined) return withPlan(now, { roles: [role], assign: [], remove: [] });
  const holders: Assignee[] = [];
  for (const name of principals.flatMap((each) => each.split(','))) {
    const holder = now.grants.find(({ assignment }) => assignment.principal.id === name)?.assignment.principal;
    const person = holder === undefined ? await house.people.find(name) : undefined;
    if (holder === undefined && person === undefined)
      return refuse('operation_not_found', { kind: 'group, person or agent', name });
    holders.push(holder ?? { kind: 'user', id: person!.id });
  }
  return withRoleFor(now, role, holders);
}

export const accessSimulationOperations = [simulate];
