// Tests of a policy, written by whoever owns it: who calls what with which arguments, and what has to come of it.
import { parse } from 'yaml';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import { createAccess } from '../access.ts';
import { resolveApprovers } from '../approvals/approvers.ts';
import type { Access, Decision } from '../decision.ts';
import { createRules } from '../rules/rules.ts';
import { accessSettings } from '../settings.ts';
import type { AccessSettings } from '../settings.ts';
import type { Variables } from '../variables.ts';

const principal = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe('Principal id; by default the name by which the file speaks of it.'),
  groups: z.array(z.string().min(1).max(256)).default([]).describe('Groups as the identity provider states them.'),
  kind: z.enum(['user', 'application']).default('user').describe('A person, or an agent that acts for itself.'),
});

const call = z.strictObject({
  name: z.string().max(200).optional().describe('What the call is about, for the table of results.'),
  server: z.string().min(1).describe('Name of the server.'),
  tool: z.string().min(1).optional().describe('Name of the tool.'),
  prompt: z.string().min(1).optional().describe('Name of the prompt, instead of a tool.'),
  resource: z.string().min(1).optional().describe('URI of the resource, instead of a tool.'),
  arguments: z.record(z.string(), z.unknown()).default({}).describe('Arguments of the call.'),
  annotations: z
    .strictObject({ readOnlyHint: z.boolean().optional(), destructiveHint: z.boolean().optional() })
    .default({})
    .describe('What the server says of the tool.'),
  from: z.union([z.ipv4(), z.ipv6()]).optional().describe('Address that the call comes from.'),
  at: z.iso.datetime({ offset: true }).optional().describe('When it is made; now by default.'),
  expect: z
    .record(z.string(), z.string().min(1))
    .describe('By principal: allow, approval (allowed once somebody approves it), deny, or the code of the refusal.'),
});

export const expectationsFile = z.strictObject({
  name: z.string().max(200).optional().describe('What the file is about.'),
  policy: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('The policy to be tested, as under `access` in genkan.yaml; by default that of genkan.yaml itself.'),
  variables: z.record(z.string(), z.string()).default({}).describe('Values for {name} in the policy and in calls.'),
  principals: z.record(z.string(), principal).describe('Who calls.'),
  calls: z.array(call).min(1).max(10_000).describe('What they call.'),
});

export interface Expected {
  readonly file: string;
  readonly call: string;
  readonly principal: string;
  readonly expected: string;
  /** `allow`, `approval`, or the code of the refusal. */
  readonly found: string;
  readonly ok: boolean;
  /** The roles that allow it, or what is missing. */
  readonly why: string;
}

/** The policy that files without one of their own are about. */
export interface TestedPolicy {
  readonly settings: AccessSettings;
  readonly variables: Variables;
  /** Reads a role file that it names. */
  readonly readFile: (file: string) => string;
}

/**
 * Runs one file of expectations.
 * @param configured asked only if the file has no policy of its own
 * @throws GenkanError `access_expectations_invalid`, and for a policy that is not valid
 */
export async function runExpectations(
  text: string,
  file: string,
  configured: () => Promise<TestedPolicy>,
): Promise<Expected[]> {
  const invalid = (reason: string): GenkanError => new GenkanError('access_expectations_invalid', { file, reason });
  const written = readFile(text, invalid);
  const tested = written.policy === undefined ? await configured() : undefined;
  const settings = tested?.settings ?? readPolicy(written.policy, invalid);
  const variables = { ...tested?.variables, ...written.variables };
  const clock = { nowMs: Date.now(), now: (): number => clock.nowMs };
  // Who somebody is by name makes no difference here: it is asked whether an approval is demanded, not given.
  const rules = createRules(settings.rules, {
    resolveApprovers: (approvers) => resolveApprovers(approvers, (name) => Promise.resolve(name)),
    log: { warn: () => undefined },
  });
  await rules.lookUpApprovers();
  const access = await createAccess(settings, {
    rules,
    variables,
    readFile: tested?.readFile ?? noFile(invalid),
    clock: clock satisfies Clock,
  });
  try {
    return written.calls.flatMap((each) => {
      clock.nowMs = each.at === undefined ? Date.now() : Date.parse(each.at);
      return Object.entries(each.expect).map(([who, expected]) => {
        const given = written.principals[who];
        if (given === undefined) throw invalid(`nobody is called "${who}" under principals`);
        const decision = decide(access, asPrincipal(who, given), filled(each, variables));
        const found = outcomeOf(decision);
        return {
          file,
          call: each.name ?? `${each.tool ?? each.prompt ?? each.resource ?? ''} of ${each.server}`,
          principal: who,
          expected,
          found,
          ok: expected === found || (expected === 'deny' && decision.outcome === 'deny'),
          why: whyOf(decision),
        };
      });
    });
  } finally {
    access.close();
  }
}

type Call = z.output<typeof call>;

function readFile(text: string, invalid: (reason: string) => GenkanError): z.output<typeof expectationsFile> {
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw invalid(`it is not YAML: ${(error as Error).message.split('\n')[0]!}`);
  }
  const parsed = expectationsFile.safeParse(document);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  for (const { tool, prompt, resource } of parsed.data.calls)
    if ([tool, prompt, resource].filter((each) => each !== undefined).length !== 1)
      throw invalid('each call names one of tool, prompt and resource');
  return parsed.data;
}

function readPolicy(policy: unknown, invalid: (reason: string) => GenkanError): AccessSettings {
  const parsed = accessSettings.safeParse(policy);
  if (!parsed.success) throw invalid(`policy: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

const noFile =
  (invalid: (reason: string) => GenkanError) =>
  (file: string): never => {
    throw invalid(`the role of ${file} has to be written out in a policy of its own`);
  };

function asPrincipal(name: string, { id = name, groups, kind }: z.output<typeof principal>): Principal {
  if (kind === 'user') return { id, kind, name, groups, clientId: 'access-test' };
  return { id: `application:${id}`, kind, name, groups, clientId: id };
}

/** Calls name subscriptions as the policy does. */
function filled(each: Call, variables: Variables): Call {
  const fill = (value: unknown): unknown =>
    typeof value === 'string'
      ? value.replace(/\{([A-Za-z][A-Za-z0-9_-]*)\}/g, (whole, name: string) => variables[name] ?? whole)
      : value;
  const entries = Object.entries(each.arguments).map(([name, value]) => [name, fill(value)]);
  return { ...each, arguments: Object.fromEntries(entries) as Call['arguments'] };
}

function decide(access: Pick<Access, 'decide'>, who: Principal, given: Call): Decision {
  const { server, tool, prompt, resource, annotations, from } = given;
  const { readOnlyHint: readOnly, destructiveHint: destructive } = annotations;
  return access.decide(who, {
    server,
    primitive: tool !== undefined ? 'tools' : prompt !== undefined ? 'prompts' : 'resources',
    name: tool ?? prompt ?? resource ?? '',
    arguments: given.arguments,
    hints: { ...(readOnly !== undefined && { readOnly }), ...(destructive !== undefined && { destructive }) },
    ...(from !== undefined && { sourceIP: from }),
  });
}

function outcomeOf(decision: Decision): string {
  if (decision.outcome === 'deny') return decision.code;
  return decision.approval === undefined ? 'allow' : 'approval';
}

function whyOf(decision: Decision): string {
  if (decision.outcome === 'allow')
    return [...new Set(decision.because.map(({ role, scope }) => `${role} at ${scope}`))].join(', ');
  const { missing, scopes } = decision.data ?? {};
  return Array.isArray(missing)
    ? `${missing.join(', ')}${Array.isArray(scopes) ? ` at ${scopes.join(', ')}` : ''}`
    : '';
}
