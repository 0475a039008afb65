// Operations on decisions: why a person may or may not use a tool.
import { z } from 'zod';
import { describe, refuse } from '../base/errors.ts';
import { defineOperation } from './operation.ts';

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
    person: z.string(),
    groups: z.array(z.string()),
    server: z.string(),
    tool: z.string(),
    effect: z.enum(['read', 'write', 'destroy']),
    requirements: z
      .array(z.object({ action: z.string(), data: z.boolean(), scope: z.string() }))
      .describe('Everything that the call needs; all of it is required.'),
    because: z
      .array(z.object({ assignment: z.string(), role: z.string(), scope: z.string() }))
      .optional()
      .describe('When allowed: the assignment that grants each requirement, in the same order.'),
    code: z.string().optional().describe('When refused: the error code.'),
    message: z.string().optional().describe('When refused: what the caller reads.'),
    data: z.record(z.string(), z.unknown()).optional().describe('When refused: facts such as the missing actions.'),
  }),
  resource: ({ server, tool }) => `/servers/${server}/tools/${tool}`,
  async run({ access, catalogue, people }, { as, server, tool, args }) {
    const person = await people.find(as);
    if (person === undefined) return refuse('operation_not_found', { kind: 'person', name: as });
    if (!catalogue.list().some(({ name }) => name === server))
      return refuse('operation_not_found', { kind: 'server', name: server });
    const decision = access.decide(person, { server, primitive: 'tools', name: tool, arguments: args });
    const asked = {
      person: person.name,
      groups: [...person.groups],
      server,
      tool,
      effect: decision.effect,
      requirements: [...decision.requirements],
    };
    if (decision.outcome === 'allow') return { outcome: 'allow', ...asked, because: [...decision.because] };
    const { code, data } = decision;
    return { outcome: 'deny', ...asked, code, message: describe(decision).message, ...(data && { data: { ...data } }) };
  },
  print({ outcome, person, groups, server, tool, effect, requirements, because, code, message }) {
    const verdict = outcome === 'allow' ? 'may use' : 'may not use';
    return [
      `${person} (${groups.length === 0 ? 'no groups' : groups.join(', ')}) ${verdict} ${tool} of ${server} with these arguments.`,
      `Effect: ${effect}`,
      'Needs:',
      ...requirements.flatMap(({ action, data, scope }, index) => {
        const grant = because?.[index];
        return [
          `  ${data ? 'data action' : 'action'} ${action}`,
          `    at ${scope}`,
          ...(grant === undefined
            ? []
            : [`    granted by role "${grant.role}" at ${grant.scope} (${grant.assignment})`]),
        ];
      }),
      ...(message === undefined ? [] : [`Refused: ${message}`, `Code: ${code}`]),
    ].join('\n');
  },
});

export const accessOperations = [explain];
