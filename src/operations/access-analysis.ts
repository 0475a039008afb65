// The operation that holds rights against their use: who has more than they use, and what would do.
import { z } from 'zod';
import { judgeLearning } from '../access/analysis/judgement.ts';
import { listedOperations } from '../access/analysis/known-actions.ts';
import { learn } from '../access/analysis/learning.ts';
import type { Learned } from '../access/analysis/learning.ts';
import { collectUse } from '../access/analysis/usage.ts';
import type { Usage } from '../access/analysis/usage.ts';
import type { Assignment } from '../access/assignment.ts';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { planView, printPlan } from './access-plan.ts';
import type { PlanView } from './access-plan.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { table } from './table.ts';

export const dayMs = 86_400_000;
export const days = z.int().min(1).max(3650).default(90).describe('How far back recorded calls are looked at.');

const assignee = z.object({ kind: z.enum(['user', 'group', 'application']), id: z.string() });
const risk = z.enum(['low', 'medium', 'high', 'critical']);
const listedUnused = 20;

const heldView = z.object({
  id: z.string(),
  role: z.string(),
  scope: z.string(),
  source: z.string(),
  uses: z.int().describe('How often something was done that it grants.'),
  lastUse: z.iso.datetime().optional(),
  grantedActions: z.int().describe('How many of the actions that tools here can need it grants.'),
  unusedActions: z.int().describe('How many of them nobody used.'),
  unused: z.array(z.object({ action: z.string(), data: z.boolean(), risk })).describe('The most dangerous of those.'),
  spared: z
    .enum(['young', 'bound'])
    .optional()
    .describe('Why it is not judged: too young, or bound to a time or a condition.'),
});

const principalView = z.object({
  principal: assignee,
  risk: risk.describe('The worst of what is held for good and not used.'),
  active: z.array(z.string()).describe('Who used something of it; the first hundred.'),
  assignments: z.array(heldView),
  suggestion: z
    .array(
      z.object({
        replaces: z.string().describe('Id of the assignment.'),
        level: z.string(),
        kind: z.enum(['existing', 'custom']),
        roles: z.array(z.string()),
        scopes: z.array(z.string()),
        actions: z.int().describe('How many different actions were used.'),
      }),
    )
    .optional()
    .describe('What would have done; absent where what is held fits, or is not judged. Empty: nothing was used.'),
});

const coverageView = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  recordedDays: z.number().describe('For how many of these days there are records at all.'),
  daysWithCalls: z.int(),
  calls: z.int(),
  refused: z.int(),
  enough: z.boolean().describe('Whether that is as much as `minDays` asks for; without it nothing is planned.'),
  coarse: z.boolean().describe('Whether there were so many different uses that some count at a wider scope.'),
});

const judgementView = z.object({
  learnedDays: z.number(),
  learnedCalls: z.int(),
  judgedDays: z.number(),
  judgedCalls: z.int(),
  refused: z.int().describe('Calls of the judged days that the learned rights would have refused.'),
  refusedPercent: z.number(),
  lacking: z.array(z.object({ action: z.string(), count: z.int() })),
  unusedHighRisk: z
    .object({ before: z.int(), after: z.int() })
    .describe('Dangerous rights that nobody used in the judged days.'),
});

const analyze = defineOperation({
  id: 'access.analyze',
  summary: 'Find who has more rights than they use, and the least that would have done',
  about:
    'Looks at recorded calls through Genkan alone: what somebody does elsewhere is not seen, and a task that comes once a year ' +
    'looks unused. With --json the answer holds a plan for access simulate and access apply.',
  action: 'genkan/access/analyze',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    days,
    principals: z
      .array(z.string().min(1))
      .optional()
      .describe('Only these groups, people and agents: ids, or sign-in names of people.'),
    minDays: z
      .int()
      .min(0)
      .max(3650)
      .default(30)
      .describe('With fewer days on record nothing is planned, and younger assignments are left alone.'),
    removeUnused: z.boolean().default(false).describe('Plan only to remove assignments of which nothing was used.'),
    generalise: z
      .boolean()
      .default(false)
      .describe('One line for a whole type of resource where several of its operations were used: wider than the use.'),
    judge: z
      .boolean()
      .default(false)
      .describe('Learn from the first two thirds of the days, and judge what was learned by the last third.'),
  }),
  output: z.object({
    coverage: coverageView,
    principals: z.array(principalView).describe('The most dangerous excess first.'),
    plan: planView.describe('What access apply would do.'),
    judgement: judgementView.optional(),
  }),
  async run(house, { days: back, principals, minDays, removeUnused, generalise, judge }) {
    const toMs = house.clock.now();
    const window = { fromMs: toMs - back * dayMs, toMs };
    const { grants, roles } = house.access.inForce();
    const policy = { grants, roles: [...roles.values()] };
    const wanted = await namedHolders(
      house,
      principals,
      policy.grants.map(({ assignment }) => assignment),
    );
    if (isRefusal(wanted)) return wanted;
    const usage = await collectUse(house.recorded.scan(window), window);
    const options = {
      nowMs: toMs,
      minAgeMs: minDays * dayMs,
      ...(generalise && { generalise: await listedOperations() }),
    };
    const learned = (await learn(policy, usage, options)).filter(({ holding: { holder } }) => wanted(holder));
    const coverage = coverageOf(usage, minDays);
    const judgement = judge
      ? await judgeLearning(policy, (part) => house.recorded.scan(part), window, { ...options, minAgeMs: 0 })
      : undefined;
    return {
      coverage,
      principals: learned.map(viewOfLearned),
      plan: coverage.enough ? planOf(learned, removeUnused) : { roles: [], assign: [], remove: [], byHand: [] },
      ...(judgement && { judgement: viewOfJudgement(judgement) }),
    };
  },
  print: ({ coverage, principals, plan, judgement }) =>
    [
      printCoverage(coverage),
      '',
      table(
        principals.flatMap(({ principal, risk: worst, assignments, active }) =>
          assignments.map((held) => ({ principal, worst, held, active })),
        ),
        {
          who: ({ principal }) => `${principal.kind} ${principal.id}`,
          risk: ({ worst }) => worst,
          role: ({ held }) => held.role,
          scope: ({ held }) => held.scope,
          uses: ({ held }) => String(held.uses),
          'last use': ({ held }) => held.lastUse?.slice(0, 10) ?? 'never',
          unused: ({ held }) => `${held.unusedActions} of ${held.grantedActions}`,
          'worst unused': ({ held }) => held.unused[0]?.action ?? '',
          note: ({ held }) => (held.spared === undefined ? '' : `not judged: ${held.spared}`),
        },
      ),
      ...printPlan(plan),
      ...(judgement === undefined ? [] : [printJudgement(judgement)]),
    ].join('\n'),
});

type Coverage = z.output<typeof coverageView>;

function coverageOf(usage: Usage, minDays: number): Coverage {
  const recordedDays = usage.firstMs === undefined ? 0 : Math.round(((usage.toMs - usage.firstMs) / dayMs) * 10) / 10;
  return {
    from: new Date(usage.fromMs).toISOString(),
    to: new Date(usage.toMs).toISOString(),
    recordedDays,
    daysWithCalls: usage.daysWithCalls,
    calls: usage.calls,
    refused: usage.refused,
    enough: usage.calls > 0 && recordedDays >= minDays,
    coarse: usage.coarse,
  };
}

const printCoverage = ({ recordedDays, daysWithCalls, calls, refused, enough, coarse, from }: Coverage): string =>
  [
    `Recorded since ${from.slice(0, 10)}: ${recordedDays} days on record, calls on ${daysWithCalls} of them: ${calls} allowed, ${refused} refused.`,
    ...(enough ? [] : ['Not enough history to plan anything; --min-days says how much that is.']),
    ...(coarse ? ['There were too many different uses to keep: some count at the scope of the assignment.'] : []),
  ].join('\n');

/** Tells holders that were asked for. @returns refusal `operation_not_found` for a name that nobody has */
async function namedHolders(
  { people }: House,
  names: readonly string[] | undefined,
  assignments: readonly Assignment[],
): Promise<((holder: Assignment['principal']) => boolean) | Refusal> {
  if (names === undefined) return () => true;
  const ids = new Set<string>();
  for (const name of names.flatMap((each) => each.split(',')).filter((each) => each !== '')) {
    const isHolder = assignments.some(({ principal }) => principal.id === name);
    const id = isHolder ? name : (await people.find(name))?.id;
    if (id === undefined) return refuse('operation_not_found', { kind: 'group, person or agent', name });
    ids.add(id);
  }
  return ({ id }) => ids.has(id);
}

function viewOfLearned({ holding, suggestion }: Learned): z.input<typeof principalView> {
  const fits =
    suggestion === undefined
      ? {}
      : { suggestion: suggestion.parts.map((part) => ({ ...part, roles: [...part.roles], scopes: [...part.scopes] })) };
  return {
    principal: holding.holder,
    risk: holding.risk,
    active: holding.active.slice(0, 100).map(({ id }) => id),
    assignments: holding.assignments.map(({ grant: { assignment, role, scope }, use, unused, granted, spared }) => ({
      id: assignment.id,
      role: role.name,
      scope: scope.text,
      source: assignment.source,
      uses: use?.count ?? 0,
      ...(use && { lastUse: new Date(use.lastMs).toISOString() }),
      grantedActions: granted,
      unusedActions: unused.length,
      unused: unused.slice(0, listedUnused),
      ...(spared !== undefined && { spared }),
    })),
    ...fits,
  };
}

function planOf(learned: readonly Learned[], removeUnused: boolean): PlanView {
  const held = new Map(
    learned.flatMap(({ holding }) => holding.assignments.map((each) => [each.grant.assignment.id, each] as const)),
  );
  const suggestions = learned.flatMap(({ suggestion }) => suggestion ?? []);
  const remove = removeUnused
    ? [...held.values()].flatMap(({ use, spared, grant }) =>
        use === undefined && spared === undefined ? [grant.assignment.id] : [],
      )
    : suggestions.flatMap((each) => each.remove);
  const isConfigured = (id: string): boolean => held.get(id)?.grant.assignment.source === 'configuration';
  return {
    roles: removeUnused ? [] : suggestions.flatMap(({ roles }) => roles.map((role) => ({ ...role }))),
    assign: removeUnused
      ? []
      : suggestions.flatMap(({ assign }) =>
          assign.map(({ principal, role, scope }) => ({ principal: { ...principal }, role, scope })),
        ),
    remove: remove.filter((id) => !isConfigured(id)),
    byHand: remove.filter(isConfigured).map((id) => {
      const { assignment } = held.get(id)!.grant;
      return { id, principal: assignment.principal, role: assignment.role, scope: assignment.scope };
    }),
  };
}

type JudgementView = z.output<typeof judgementView>;

const viewOfJudgement = ({
  learned,
  judged,
  refused,
  refusedShare,
  lacking,
  unusedHighRisk,
}: Awaited<ReturnType<typeof judgeLearning>>): JudgementView => ({
  learnedDays: Math.round((learned.toMs - learned.fromMs) / dayMs),
  learnedCalls: learned.calls,
  judgedDays: Math.round((judged.toMs - judged.fromMs) / dayMs),
  judgedCalls: judged.calls,
  refused,
  refusedPercent: Math.round(refusedShare * 10_000) / 100,
  lacking: [...lacking],
  unusedHighRisk,
});

const printJudgement = ({
  learnedDays,
  judgedDays,
  judgedCalls,
  refused,
  refusedPercent,
  lacking,
  unusedHighRisk,
}: JudgementView): string =>
  [
    '',
    `Learned from ${learnedDays} days and judged by the ${judgedDays} after them: ${refused} of ${judgedCalls} calls would have been refused (${refusedPercent} %).`,
    `Dangerous rights that nobody used in those days: ${unusedHighRisk.before} now, ${unusedHighRisk.after} with what was learned.`,
    ...lacking.map(({ action, count }) => `  ${count} × ${action}`),
  ].join('\n');

export const accessAnalysisOperations = [analyze];
