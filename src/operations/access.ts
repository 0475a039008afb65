// Operations on decisions: why a person may or may not use a tool.
import { z } from 'zod';
import type { EligibleRole } from '../access/eligibility.ts';
import type { ExplainedRequirement } from '../access/explanation.ts';
import { describe, isRefusal, refuse } from '../base/errors.ts';
import { defineOperation } from './operation.ts';

const condition = z
  .object({ text: z.string(), holds: z.union([z.boolean(), z.literal('cannot be told')]) })
  .optional()
  .describe('The condition on which it counts, and whether that holds for this call.');

const requirement = z.object({
  action: z.string(),
  data: z.boolean().describe('Whether it is checked against DataActions instead of Actions.'),
  scope: z.string(),
  outcome: z.enum([
    'granted',
    'access_denied_by_assignment',
    'access_action_missing',
    'access_action_excluded',
    'access_out_of_scope',
    'access_condition_unmet',
  ]),
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
        time: z.enum(['not yet', 'ended']).optional().describe('Why it does not grant at this time.'),
        condition,
      }),
    )
    .describe('Every assignment of the person, held against this requirement.'),
  denials: z
    .array(
      z.object({
        denyAssignment: z.string(),
        name: z.string(),
        scope: z.string(),
        isForPrincipal: z.boolean().describe('Whether it names the person, and does not exclude them.'),
        covers: z.enum(['all', 'part']).describe('Whether it holds at the whole scope that is needed, or in it.'),
        verdict: z.enum(['grants', 'excludes', 'silent']).describe('`grants` says that it lists the action.'),
        action: z.string().optional().describe('The line that denies.'),
        notAction: z.string().optional().describe('The line that spares the action.'),
        condition,
        denies: z.boolean(),
      }),
    )
    .optional()
    .describe('Every deny assignment at that scope; one of them is enough to refuse.'),
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
    from: z
      .union([z.ipv4(), z.ipv6()])
      .optional()
      .describe('Address that the call comes from, for conditions on the place.'),
  }),
  output: z.object({
    outcome: z.enum(['allow', 'deny']),
    effect: z.enum(['read', 'write', 'destroy']).describe('What the call would do to the world.'),
    person: z.object({ id: z.string(), name: z.string(), groups: z.array(z.string()) }),
    server: z.string(),
    tool: z.string(),
    requirements: z.array(requirement).describe('Everything that the call needs; all of it is required.'),
    because: z
      .array(z.object({ assignment: z.string(), role: z.string(), scope: z.string(), action: z.string().optional() }))
      .optional()
      .describe(
        'When allowed: the assignment that grants each requirement and the line of its role, in the same order.',
      ),
    missing: z.array(z.string()).optional().describe('When refused: the actions that are not granted there.'),
    approval: z
      .object({ rule: z.string(), mfa: z.boolean(), withinSeconds: z.number() })
      .optional()
      .describe('When allowed only once somebody approves the very call: the rule that wants it.'),
    rules: z.array(z.string()).optional().describe('Rules that note the call.'),
    elevation: z
      .array(z.object({ role: z.string(), scope: z.string(), eligibility: z.string() }))
      .optional()
      .describe('When refused: roles that the person could request, and that would grant all that is missing.'),
    policyVersion: z.int().describe('Version of the policy that was made while running; 0 before the first.'),
    refusal: z
      .object({ code: z.string(), message: z.string(), hint: z.string() })
      .optional()
      .describe('When refused: what the caller reads.'),
  }),
  resource: ({ server, tool }) => `/servers/${server}/tools/${tool}`,
  async run({ access, catalogue, people }, { as, server, tool, args, from }) {
    const person = await people.find(as);
    if (person === undefined) return refuse('operation_not_found', { kind: 'person', name: as });
    if (!catalogue.list().some(({ name }) => name === server))
      return refuse('operation_not_found', { kind: 'server', name: server });
    const { decision, requirements } = access.explain(person, {
      server,
      primitive: 'tools',
      name: tool,
      arguments: args,
      ...(from !== undefined && { sourceIP: from }),
    });
    const [newest] = await access.policy.history.list({ limit: 1 });
    const asked = {
      policyVersion: newest?.number ?? 0,
      outcome: decision.outcome === 'allow' ? ('allow' as const) : ('deny' as const),
      effect: decision.effect,
      person: { id: person.id, name: person.name, groups: [...person.groups] },
      server,
      tool,
      requirements: requirements.map(({ denials, ...each }) => ({
        ...each,
        considered: [...each.considered],
        ...(denials && { denials: [...denials] }),
      })),
    };
    if (!isRefusal(decision)) {
      const { because, approval, audited } = decision;
      const { rule = '', mfa = false, withinSeconds = 0 } = approval ?? {};
      return {
        ...asked,
        because: [...because],
        ...(approval && { approval: { rule, mfa, withinSeconds } }),
        ...(audited && { rules: [...audited] }),
      };
    }
    const elevation = decision.data?.['elevation'] as EligibleRole[] | undefined;
    const missing = requirements.filter(({ outcome }) => outcome !== 'granted').map(({ action }) => action);
    return {
      ...asked,
      missing,
      ...(elevation && { elevation }),
      refusal: { code: decision.code, ...describe(decision) },
    };
  },
  print: ({
    outcome,
    person,
    server,
    tool,
    effect,
    requirements,
    refusal,
    approval,
    rules,
    elevation,
    policyVersion,
  }) =>
    [
      `${person.name} (${person.groups.join(', ') || 'no groups'}) ${outcome === 'allow' ? 'may' : 'may NOT'} use ${tool} of ${server} with these arguments.`,
      ...(refusal === undefined ? [] : [`${refusal.message} [${refusal.code}]`, refusal.hint]),
      `The call would ${verbs[effect]}. It needs:`,
      ...requirements.flatMap(printRequirement),
      ...(approval === undefined
        ? []
        : [`Somebody has to approve each such call: the rule "${approval.rule}" wants it.`]),
      ...(rules ?? []).map((rule) => `The rule "${rule}" notes it.`),
      ...(elevation ?? []).map(
        ({ role, scope }) => `They could request "${role}" at ${scope}: genkan elevation request.`,
      ),
      `By version ${policyVersion} of the policy and genkan.yaml.`,
    ].join('\n'),
});

const verbs = { read: 'only read', write: 'change something', destroy: 'destroy something' } as const;

const marks = {
  granted: 'granted',
  access_denied_by_assignment: 'DENIED',
  access_action_missing: 'MISSING',
  access_action_excluded: 'EXCLUDED',
  access_out_of_scope: 'OUT OF SCOPE',
  access_condition_unmet: 'CONDITION NOT MET',
} as const;

function printRequirement(explained: ExplainedRequirement): string[] {
  const { action, data, scope, outcome, considered, denials = [] } = explained;
  return [
    `  ${data ? 'data action' : 'action'} ${action} at ${scope}: ${marks[outcome]}`,
    ...denials
      .filter(({ denies }) => denies)
      .map(({ name, denyAssignment, scope: held, action: line }) => {
        return `    the deny assignment "${name}" (${denyAssignment}) at ${held} denies ${line}`;
      }),
    ...considered
      .filter(({ verdict }) => verdict !== 'silent')
      .map(({ through, role, scope: held, covers, verdict, action: granting, notAction, time, condition: on }) => {
        const line = verdict === 'excludes' ? `NotActions ${notAction}` : `Actions ${granting}`;
        const but = [
          ...(covers ? [] : ['that scope does not cover it']),
          ...(time === undefined ? [] : [time === 'ended' ? 'it has ended' : 'it has not begun yet']),
          ...(on === undefined || on.holds === true ? [] : [`its condition is not met: ${on.text}`]),
        ];
        return `    ${through} holds "${role}" at ${held}: ${line}${but.map((each) => `, but ${each}`).join('')}`;
      }),
  ];
}

export const accessOperations = [explain];
