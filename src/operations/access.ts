// Operations on decisions: why a person may or may not use a tool.
import { z } from 'zod';
import type { ExplainedRequirement } from '../access/explanation.ts';
import { describe, isRefusal, refuse } from '../base/errors.ts';
import { defineOperation } from './operation.ts';

const requirement = z.object({
  action: z.string(),
  data: z.boolean().describe('Whether it is checked against DataActions instead of Actions.'),
  scope: z.string(),
  outcome: z.enum(['granted', 'access_action_missing', 'access_action_excluded', 'access_out_of_scope']),
  considered: z
    .array(
      z.object({
        assignment: z.string(),
        through: z.string().describe('The user or group that holds it.'),
        role: z.string(),
        scope: z.string(),
        covers: z.boolean().describe('Whether its scope covers the one that is needed.'),
        verdict: z.enum(['grants', 'excludes', 'silent']),
        action: z.string().optional().describe('The line of the role that grants.'),
        notAction: z.string().optional().describe('The line of the role that excludes.'),
      }),
    )
    .describe('Every assignment of the person, held against this requirement.'),
});

const explain = defineOperation({
  id: 'access.explain',
  summary: 'Explain whether a person may use a tool with these arguments, and why',
  action: 'genkan/access/explain',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    as: z.string().min(1).describe('The person, by sign-in name or principal id.'),
    server: z.string().min(1).describe('Name of the server.'),
    tool: z.string().min(1).describe('Name of the tool, as the server knows it.'),
    args: z.record(z.string(), z.unknown()).default({}).describe('Arguments of the call.'),
  }),
  output: z.object({
    outcome: z.enum(['allow', 'deny']),
    effect: z.enum(['read', 'write', 'destroy']).describe('What the call would do to the world.'),
    person: z.object({ id: z.string(), name: z.string(), groups: z.array(z.string()) }),
    server: z.string(),
    tool: z.string(),
    requirements: z.array(requirement).describe('Everything that the call needs; all of it is required.'),
    because: z
      .array(z.object({ assignment: z.string(), role: z.string(), scope: z.string() }))
      .optional()
      .describe('When allowed: the assignment that grants each requirement, in the same order.'),
    missing: z.array(z.string()).optional().describe('When refused: the actions that are not granted there.'),
    refusal: z
      .object({ code: z.string(), message: z.string(), hint: z.string() })
      .optional()
      .describe('When refused: what the caller reads.'),
  }),
  resource: ({ server, tool }) => `/servers/${server}/tools/${tool}`,
  async run({ access, catalogue, people }, { as, server, tool, args }) {
    const person = await people.find(as);
    if (person === undefined) return refuse('operation_not_found', { kind: 'person', name: as });
    if (!catalogue.list().some(({ name }) => name === server))
      return refuse('operation_not_found', { kind: 'server', name: server });
    const { decision, requirements } = access.explain(person, {
      server,
      primitive: 'tools',
      name: tool,
      arguments: args,
    });
    const asked = {
      outcome: decision.outcome === 'allow' ? ('allow' as const) : ('deny' as const),
      effect: decision.effect,
      person: { id: person.id, name: person.name, groups: [...person.groups] },
      server,
      tool,
      requirements: requirements.map((each) => ({ ...each, considered: [...each.considered] })),
    };
    if (!isRefusal(decision)) return { ...asked, because: [...decision.because] };
    const missing = requirements.filter(({ outcome }) => outcome !== 'granted').map(({ action }) => action);
    return { ...asked, missing, refusal: { code: decision.code, ...describe(decision) } };
  },
  print: ({ outcome, person, server, tool, effect, requirements, refusal }) =>
    [
      `${person.name} (${person.groups.join(', ') || 'no groups'}) ${outcome === 'allow' ? 'may' : 'may NOT'} use ${tool} of ${server} with these arguments.`,
      ...(refusal === undefined ? [] : [`${refusal.message} [${refusal.code}]`, refusal.hint]),
      `The call would ${verbs[effect]}. It needs:`,
      ...requirements.flatMap(printRequirement),
    ].join('\n'),
});

const verbs = { read: 'only read', write: 'change something', destroy: 'destroy something' } as const;

const marks = {
  granted: 'granted',
  access_action_missing: 'MISSING',
  access_action_excluded: 'EXCLUDED',
  access_out_of_scope: 'OUT OF SCOPE',
} as const;

function printRequirement({ action, data, scope, outcome, considered }: ExplainedRequirement): string[] {
  return [
    `  ${data ? 'data action' : 'action'} ${action} at ${scope}: ${marks[outcome]}`,
    ...considered
      .filter(({ verdict }) => verdict !== 'silent')
      .map(({ through, role, scope: held, covers, verdict, action: granting, notAction }) => {
        const line = verdict === 'excludes' ? `NotActions ${notAction}` : `Actions ${granting}`;
        return `    ${through} holds "${role}" at ${held}: ${line}${covers ? '' : ', but that scope does not cover it'}`;
      }),
  ];
}

export const accessOperations = [explain];
