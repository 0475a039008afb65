// Operations on conditional access: what the policies are and who sees to each part, what they make of somebody, and Entra ID's side.
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { table } from './table.ts';

const leaf = z.object({
  path: z.string(),
  value: z.union([z.string(), z.number(), z.boolean()]),
  keeper: z
    .enum(['genkan', 'context', 'elsewhere', 'description'])
    .describe(
      '`genkan`: enforced here. `context`: Genkan has it proven, Entra ID decides what proves it. `elsewhere`: not enforced here. `description`: nothing to enforce.',
    ),
  says: z.string(),
});

const list = defineOperation({
  id: 'conditional-access.list',
  summary: 'List the conditional access policies, and for each part of them who enforces it',
  action: 'genkan/conditional-access/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({
    policies: z.array(z.object({ name: z.string(), state: z.string(), source: z.string(), parts: z.array(leaf) })),
    names: z
      .array(
        z.object({
          kind: z.string(),
          name: z.string(),
          ids: z.array(z.string()).optional().describe('Object ids; absent where it was never found out.'),
        }),
      )
      .describe('Names in the policies and whom the directory says they mean.'),
  }),
  async run({ conditionalAccess }) {
    if (conditionalAccess === undefined) return refuse('conditional_access_off');
    return {
      policies: conditionalAccess.policies().map((policy) => ({ ...policy, parts: [...policy.parts] })),
      names: conditionalAccess.names().map(({ ids, ...named }) => ({ ...named, ...(ids && { ids: [...ids] }) })),
    };
  },
  print: ({ policies, names }) =>
    [
      ...policies.map(({ name, state, source, parts }) =>
        [
          `${name} (${state}, from ${source})`,
          table(parts, {
            part: ({ path }) => path,
            value: ({ value }) => String(value),
            'seen to by': ({ keeper }) => keepers[keeper],
            how: ({ says }) => says,
          }),
        ].join('\n'),
      ),
      ...(names.length === 0
        ? []
        : [
            table(names, {
              name: ({ name }) => name,
              kind: ({ kind }) => kind,
              means: ({ ids }) => ids?.join(', ') || 'NOT KNOWN: an inclusion concerns everybody, an exclusion nobody',
            }),
          ]),
    ].join('\n\n'),
});

const keepers = { genkan: 'Genkan', context: 'Genkan + Entra ID', elsewhere: 'NOT HERE', description: '-' } as const;

const explain = defineOperation({
  id: 'conditional-access.explain',
  summary: 'Explain what conditional access asks of a person for a server, from an address',
  action: 'genkan/conditional-access/explain',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    as: z.string().min(1).describe('The person, by sign-in name or principal id.'),
    server: z.string().min(1).optional().describe('Name of the server; all of them when absent.'),
    from: z.union([z.ipv4(), z.ipv6()]).describe('Address that the person comes from.'),
    proven: z.array(z.string()).default([]).describe('Authentication contexts that the sign-in has proven, e.g. c1.'),
  }),
  output: z.object({
    outcome: z.enum(['allow', 'require', 'block']),
    contexts: z.array(z.string()).describe('Authentication contexts that are missing.'),
    scope: z.string().optional().describe('The scope that a client is told to ask for.'),
    policies: z.array(z.object({ policy: z.string(), state: z.string(), verdict: z.string() })),
  }),
  resource: ({ server }) => `/servers/${server ?? '*'}`,
  async run({ conditionalAccess, people, publicUrl, clock }, { as, server, from, proven }) {
    if (conditionalAccess === undefined) return refuse('conditional_access_off');
    const person = await people.find(as);
    if (person === undefined) return refuse('operation_not_found', { kind: 'person', name: as });
    const { judgement, policies } = conditionalAccess.explain({
      principal: { ...person, contexts: proven },
      resource: `${publicUrl}/mcp${server === undefined ? '' : `/${server}`}`,
      sourceIP: from,
      signedInAtMs: clock.now(),
    });
    const { outcome, contexts } = judgement;
    const scope = ['mcp', ...[...proven, ...contexts].map((context) => `auth:${context}`)].join(' ');
    return {
      outcome,
      contexts: [...contexts],
      ...(outcome === 'require' && { scope }),
      policies: policies.map((each) => ({ ...each })),
    };
  },
  print: ({ outcome, contexts, scope, policies }) =>
    [
      outcome === 'allow'
        ? 'Nothing more is asked for.'
        : outcome === 'block'
          ? 'The access is BLOCKED.'
          : `A stronger sign-in is asked for: ${contexts.join(', ') || 'a newer one'}${scope === undefined ? '' : ` (scope="${scope}")`}.`,
      table(policies, {
        policy: ({ policy }) => policy,
        state: ({ state }) => state,
        verdict: ({ verdict }) => verdict,
      }),
    ].join('\n'),
});

const steps = z.object({
  reached: z.boolean().describe('Whether Microsoft Graph could be asked.'),
  steps: z.array(
    z.object({
      act: z.enum(['create', 'change', 'none']),
      kind: z.enum(['context', 'policy']),
      name: z.string(),
      differences: z.array(z.object({ path: z.string(), here: z.unknown(), there: z.unknown() })),
      unresolved: z.array(z.string()).describe('Names that mean nobody; the step cannot be taken.'),
      notices: z.array(z.string()),
      command: z.string().describe('The same by hand.'),
      done: z.boolean(),
    }),
  ),
});

const how = {
  enforce: z
    .boolean()
    .default(false)
    .describe(
      'Write the states as they are here. Otherwise new policies only report, and those there keep their state.',
    ),
};

const plan = defineOperation({
  id: 'conditional-access.plan',
  summary: 'Show what has to change at Entra ID for its conditional access to say the same',
  action: 'genkan/conditional-access/plan',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject(how),
  output: steps,
  async run({ conditionalAccess }, { enforce }) {
    if (conditionalAccess === undefined) return refuse('conditional_access_off');
    return viewOf(await conditionalAccess.plan({ apply: false, enforce }));
  },
  print: printSteps,
});

const apply = defineOperation({
  id: 'conditional-access.apply',
  summary: 'Change the conditional access of Entra ID as planned; new policies only report at first',
  action: 'genkan/conditional-access/apply',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject(how),
  output: steps,
  async run({ conditionalAccess }, { enforce }) {
    if (conditionalAccess === undefined) return refuse('conditional_access_off');
    return viewOf(await conditionalAccess.plan({ apply: true, enforce }));
  },
  problems: ({ reached, steps: taken }) => !reached || taken.some(({ act, done }) => act !== 'none' && !done),
  print: printSteps,
});

type Steps = z.output<typeof steps>;
type Planned = Awaited<ReturnType<NonNullable<House['conditionalAccess']>['plan']>>;

const viewOf = ({ reached, steps: planned }: Planned): Steps => ({
  reached,
  steps: planned.map(({ act, kind, name, differences, unresolved, notices, command, done }) => ({
    act,
    kind,
    name,
    differences: [...differences],
    unresolved: [...unresolved],
    notices: [...notices],
    command,
    done,
  })),
});

function printSteps({ reached, steps: planned }: Steps): string {
  const head = reached
    ? []
    : [
        'Microsoft Graph is out of reach from here. By hand, as if nothing were there yet (names stand where ids belong):',
      ];
  return [...head, ...planned.map((step) => printStep(step, reached))].join('\n');
}

function printStep(
  { act, kind, name, differences, unresolved, notices, command, done }: Steps['steps'][number],
  reached: boolean,
): string {
  if (act === 'none') return `= ${kind} ${name}: the same`;
  return [
    `${done ? 'done: ' : ''}${act === 'create' ? '+' : '~'} ${kind} ${name}`,
    ...differences.map(
      ({ path, here, there }) => `    ${path}: ${JSON.stringify(there)} becomes ${JSON.stringify(here)}`,
    ),
    ...unresolved.map((each) => `    "${each}" means nobody there: replace it by an object id`),
    ...notices.map((notice) => `    ${notice}`),
    ...(done || (reached && act === 'change') ? [] : [`    ${command}`]),
  ].join('\n');
}

export const conditionalAccessOperations = [list, explain, plan, apply];
