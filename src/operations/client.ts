// Operations on agents: confidential clients that act for themselves or, where policy allows, for people.
import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { applicationId } from '../base/principal.ts';
import { agentName, newSecret } from '../identity/agents/agents.ts';
import type { Agent, AgentCredential } from '../identity/agents/agents.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { fields, table } from './table.ts';

const name = z
  .string()
  .regex(agentName, 'must consist of small letters, digits and single hyphens, and begin with a letter')
  .max(40);

const clientView = z.object({
  clientId: z.string(),
  principal: z.string().describe('Principal id in records.'),
  signsInBy: z.enum(['secret', 'keys', 'keys-at', 'federated']).describe('How it proves who it is.'),
  detail: z.string().describe('Where its keys are, or whose token it shows.'),
  resources: z.array(z.string()),
  introspects: z.boolean(),
  dpop: z.boolean(),
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
});

const list = defineOperation({
  id: 'client.list',
  summary: 'List the agents that are registered as clients',
  action: 'genkan/client/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({ clients: z.array(clientView) }),
  run: async ({ clients }) => ({ clients: (await clients.list()).map(viewOf) }),
  print: ({ clients }) =>
    table(clients, {
      client: ({ clientId }) => clientId,
      'signs in by': ({ signsInBy, detail }) => (detail === '' ? signsInBy : `${signsInBy} ${detail}`),
      resources: ({ resources }) => resources.join(' '),
      may: ({ introspects, dpop }) =>
        [introspects && 'introspect', dpop && 'only with DPoP'].filter(Boolean).join(', '),
    }),
});

const add = defineOperation({
  id: 'client.add',
  summary: 'Register an agent as a confidential client; a secret is shown this once',
  action: 'genkan/client/add',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z
    .strictObject({
      name: name.describe('Client id of the agent, e.g. nightly-report.'),
      resource: z
        .array(z.string().min(1).max(200))
        .min(1)
        .max(50)
        .describe('What it may have tokens for: /mcp, /mcp/SERVER or /api, also as a whole address.'),
      jwksUrl: z
        .url({ protocol: /^https$/, hostname: z.regexes.domain })
        .optional()
        .describe('Address of its public keys (private_key_jwt).'),
      jwks: z.record(z.string(), z.unknown()).optional().describe('Its public keys, as a JWK set (private_key_jwt).'),
      federatedIssuer: z
        .url()
        .optional()
        .describe('Issuer whose tokens it signs in with; one of identity.workloadIssuers.'),
      federatedSubject: z.string().min(1).max(512).optional().describe('Subject of those tokens, exactly.'),
      secret: z.boolean().default(false).describe('Sign in with a secret. Prefer one of the others.'),
      introspect: z.boolean().default(false).describe('May ask what tokens for its resources are worth.'),
      dpop: z.boolean().default(false).describe('Its tokens must be bound to a key (DPoP).'),
    })
    .refine(
      ({ secret, jwks, jwksUrl, federatedIssuer }) =>
        [secret || undefined, jwks, jwksUrl, federatedIssuer].filter((given) => given !== undefined).length === 1,
      'give one of secret, jwks, jwksUrl and federatedIssuer',
    )
    .refine(
      ({ federatedIssuer, federatedSubject }) => (federatedIssuer === undefined) === (federatedSubject === undefined),
      'federatedIssuer and federatedSubject belong together',
    ),
  positional: ['name'],
  output: z.object({ client: clientView, secret: z.string().optional().describe('Kept nowhere: note it now.') }),
  resource: ({ name: clientId }) => `/clients/${clientId}`,
  async run(house, input, { principal }) {
    const invalid = (reason: string): Refusal => refuse('operation_input_invalid', { operation: 'client add', reason });
    const resources = new Set<string>();
    for (const asked of input.resource) {
      const path = pathOf(house, asked);
      if (path === undefined) return invalid(`there is no resource ${asked}`);
      resources.add(path);
    }
    if (input.federatedIssuer !== undefined && !house.clients.workloadIssuers.includes(input.federatedIssuer))
      return invalid(`${input.federatedIssuer} is not among identity.workloadIssuers`);
    const unfit = input.jwks && whyUnfit(input.jwks);
    if (unfit !== undefined) return invalid(unfit);
    const made = input.secret ? newSecret() : { credential: credentialOf(input), secret: undefined };
    const agent = {
      clientId: input.name,
      credential: made.credential,
      resources: [...resources],
      introspects: input.introspect,
      dpop: input.dpop,
      createdBy: principal.id,
    };
    // It could not sign in, and nobody would say why: its name is kept out, whoever goes by it.
    if (await house.killSwitch.revoked(input.name))
      return invalid(`a client ${input.name} was revoked; client restore lets that name in again`);
    if (!(await house.clients.add(agent))) return invalid(`there is an agent ${input.name} already`);
    return { client: viewOf((await house.clients.find(input.name))!), ...(made.secret && { secret: made.secret }) };
  },
  print: ({ client, secret }) =>
    `${fields({ ...client, resources: client.resources.join(' ') })}${secret === undefined ? '' : `\nsecret (shown this once): ${secret}`}`,
});

const remove = defineOperation({
  id: 'client.remove',
  summary: 'Remove an agent; its tokens end at once',
  action: 'genkan/client/remove',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: z.strictObject({ name: name.describe('Client id of the agent.') }),
  positional: ['name'],
  output: z.object({ clientId: z.string() }),
  resource: ({ name: clientId }) => `/clients/${clientId}`,
  run: async ({ clients }, { name: clientId }, { principal }) =>
    (await clients.remove(clientId, principal.id))
      ? { clientId }
      : refuse('operation_not_found', { kind: 'agent', name: clientId }),
  print: ({ clientId }) => `${clientId} is removed`,
});

export const clientOperations = [list, add, remove];

function viewOf({ clientId, credential, resources, introspects, dpop, createdBy, createdAtMs }: Agent) {
  return {
    clientId,
    principal: applicationId(clientId),
    signsInBy: credential.kind,
    detail: detailOf(credential),
    resources: [...resources],
    introspects,
    dpop,
    createdBy,
    createdAt: new Date(createdAtMs).toISOString(),
  };
}

function detailOf(credential: AgentCredential): string {
  if (credential.kind === 'keys-at') return credential.url;
  return credential.kind === 'federated' ? `${credential.subject} of ${credential.issuer}` : '';
}

/** Path of a resource that exists now. */
function pathOf({ publicUrl, catalogue }: House, asked: string): string | undefined {
  const path = asked.startsWith(`${publicUrl}/`) ? asked.slice(publicUrl.length) : asked;
  const existing = ['/mcp', '/api', ...catalogue.list().map((server) => `/mcp/${server.name}`)];
  return existing.includes(path) ? path : undefined;
}

interface Given {
  readonly jwks?: Record<string, unknown> | undefined;
  readonly jwksUrl?: string | undefined;
  readonly federatedIssuer?: string | undefined;
  readonly federatedSubject?: string | undefined;
}

function credentialOf({ jwks, jwksUrl, federatedIssuer, federatedSubject }: Given): AgentCredential {
  if (jwksUrl !== undefined) return { kind: 'keys-at', url: jwksUrl };
  if (jwks !== undefined) return { kind: 'keys', jwks: jwks as { keys: object[] } };
  return { kind: 'federated', issuer: federatedIssuer!, subject: federatedSubject! };
}

const maxKeys = 10;

function whyUnfit({ keys }: Record<string, unknown>): string | undefined {
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > maxKeys) return `jwks must hold 1 to ${maxKeys} keys`;
  for (const key of keys as Record<string, unknown>[]) {
    if (['d', 'p', 'q', 'k'].some((member) => member in key)) return 'jwks must hold public keys only';
    try {
      const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPublicKey({ key, format: 'jwk' });
      const fit =
        (type === 'ec' && details?.namedCurve === 'prime256v1') ||
        (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048);
      if (!fit) return 'keys must be P-256, or RSA of 2048 bits or more';
    } catch {
      return 'jwks holds a key that cannot be read';
    }
  }
  return undefined;
}
