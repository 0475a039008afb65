// Operations on MCP servers: which are behind the door, adding and removing them, and whether they may be used.
import { z } from 'zod';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import { serverName, serverSettings } from '../upstream/settings.ts';
import type { ServerSettings } from '../upstream/settings.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { changeView, printChange, viewOf } from './policy-change.ts';
import { splitCommand } from './split-command.ts';
import { table } from './table.ts';

const serverView = z.object({
  name: z.string(),
  title: z.string().optional(),
  kind: z.enum(['stdio', 'http', 'builtin']).describe('How Genkan reaches the server.'),
  actsAs: z
    .enum(['caller', 'person', 'shared'])
    .describe(
      'In whose name it is called: of who calls, with the account that each connected there, or everybody as one shared identity (standing privilege).',
    ),
  addedBy: z.string().describe('`configuration`, or the id of the person who added it.'),
  approved: z.boolean().describe('Whether it may be used.'),
  isolated: z.boolean().describe('Whether it runs in a sandbox.'),
  eras: z
    .array(z.enum(['legacy', 'modern']))
    .optional()
    .describe('Families of revisions in which it has been used, or is known to speak.'),
  open: z.int().describe('Conversations open now.'),
  lastError: z.string().optional(),
});

const changed = z.object({ name: z.string() });
const named = z.strictObject({ name: serverName });
const resource = ({ name }: { name: string }): string => `/servers/${name}`;

const list = defineOperation({
  id: 'server.list',
  summary: 'List the MCP servers behind the door',
  action: 'genkan/server/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({ servers: z.array(serverView) }),
  run: async ({ catalogue }) => ({
    servers: catalogue.list().map(({ eras, ...row }) => ({ ...row, eras: eras && [...eras] })),
  }),
  print: ({ servers }) =>
    table(servers, {
      name: ({ name }) => name,
      kind: ({ kind }) => kind,
      state: ({ approved }) => (approved ? 'on' : 'off until approved'),
      open: ({ open }) => String(open),
      isolation: ({ isolated, kind }) =>
        kind === 'http' ? 'elsewhere' : kind === 'builtin' ? 'part of Genkan' : isolated ? 'isolated' : 'not isolated',
      'acts as': ({ actsAs }) => (actsAs === 'shared' ? 'shared (standing privilege)' : actsAs),
      'added by': ({ addedBy }) => addedBy,
      'last error': ({ lastError = '' }) => lastError,
    }),
});

const add = defineOperation({
  id: 'server.add',
  summary: 'Add an MCP server, reached over HTTP or started as a child process',
  action: 'genkan/server/add',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z
    .strictObject({
      name: serverName,
      url: z.string().optional().describe('Address of its MCP endpoint.'),
      command: z.string().optional().describe('Command that starts it, with arguments; no shell is involved.'),
      builtin: z.enum(['graph']).optional().describe('A server that is part of Genkan.'),
      authorization: z
        .record(z.string(), z.unknown())
        .optional()
        .describe(
          'In whose name it is called, as in the configuration, such as {"as":"person"}; otherwise all come as one.',
        ),
      allow: z.array(z.string().min(1)).default([]).describe('Groups that may use all of it (role "MCP User").'),
    })
    .refine(
      ({ url, command, builtin }) => [url, command, builtin].filter((way) => way !== undefined).length === 1,
      'give one of url, command and builtin',
    ),
  output: changed.extend({
    address: z.string().describe('Where MCP clients reach it.'),
    assignments: z.array(z.string()).describe('Ids of the assignments made, or asked for.'),
    change: changeView.optional().describe('What became of the assignments.'),
  }),
  resource,
  async run({ access, catalogue, publicUrl }, { name, allow, ...input }, { principal }) {
    const settings = readSettings(input);
    if (isRefusal(settings)) return settings;
    const refusal = await catalogue.add(name, settings, principal.id);
    if (refusal !== undefined) return refusal;
    const address = `${publicUrl}/mcp/${name}`;
    if (allow.length === 0) return { name, address, assignments: [] };
    const scope = `/servers/${name}`;
    const wishes = allow.map((id) => ({ principal: { kind: 'group', id }, role: 'MCP User', scope }) as const);
    const { thing, outcome } = await access.policy.changes.assign(wishes, { by: principal, why: `added ${name}` });
    return { name, address, assignments: thing.map(({ id }) => id), change: viewOf(outcome, { publicUrl }) };
  },
  print: ({ name, address, assignments, change }) =>
    assignments.length > 0
      ? `${name} added at ${address}${change?.state === 'pending' ? `\n${printChange(change)}` : ''}`
      : `${name} added at ${address}; nobody may use it yet: genkan role assign --role "MCP User" --scope /servers/${name} --group …`,
});

const remove = defineOperation({
  id: 'server.remove',
  summary: 'Remove an MCP server that was added while running, with the assignments and connections at it',
  about:
    'What is held there for a while ends, nobody is eligible there any more, and requests that name it are withdrawn, calls that wait for an approval included.',
  action: 'genkan/server/remove',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: named,
  positional: ['name'],
  output: changed.extend({ unassigned: z.array(z.string()).describe('Ids of the assignments ended.') }),
  resource,
  async run(house, { name }, { principal: by }) {
    const { access, catalogue, connections, elevation } = house;
    const refusal = await catalogue.remove(name);
    if (refusal !== undefined) return refusal;
    await connections.removeServer(name);
    await house.pins.forget(name);
    await withdrawAt(house, name, by);
    const ended = await access.policy.changes.clearServer(name, { by, why: `removed ${name}` });
    await elevation.endAt(`/servers/${name}`, by);
    return { name, unassigned: ended.map(({ id }) => id) };
  },
  print: ({ name }) => `${name} removed`,
});

/** Approved later, it would hold at the next server of that name. What is approved just now is cleared away afterwards. */
async function withdrawAt({ approvals }: House, server: string, by: Principal): Promise<void> {
  const scope = `/servers/${server}`;
  for (const kind of ['elevation', 'extension', 'policy-change', 'call'] as const)
    for (const { id, details } of await approvals.list({ state: 'pending', kind, limit: 1000 }))
      if (kind === 'call' ? details['server'] === server : names(details, scope)) await approvals.withdraw(id, by);
}

function names(details: unknown, scope: string): boolean {
  if (typeof details === 'string') return details === scope || details.startsWith(`${scope}/`);
  return typeof details === 'object' && details !== null && Object.values(details).some((each) => names(each, scope));
}

const approve = defineOperation({
  id: 'server.approve',
  summary: 'Let an MCP server be used',
  action: 'genkan/server/approve',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: named,
  positional: ['name'],
  output: changed,
  resource,
  run: async ({ catalogue }, { name }, { principal }) => (await catalogue.approve(name, principal.id)) ?? { name },
  print: ({ name }) => `${name} is on`,
});

const disable = defineOperation({
  id: 'server.disable',
  summary: 'Take an MCP server out of use until it is approved again, at once and on every process',
  about:
    'Calls under way and streams at its address end within two seconds, and the processes and connections that Genkan has open to it are closed. The server itself goes on running where it is not started by Genkan.',
  action: 'genkan/server/disable',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: named.extend({ reason: z.string().max(500).default('').describe('Why, for the audit log.') }),
  positional: ['name'],
  output: changed,
  resource,
  run: async ({ catalogue }, { name }, { principal }) => (await catalogue.disable(name, principal.id)) ?? { name },
  print: ({ name }) => `${name} is off`,
});

function readSettings({ url, command, builtin, authorization }: AddedServer): ServerSettings | Refusal {
  const program = command === undefined ? undefined : splitCommand(command);
  const way = command === undefined ? { url, builtin } : { command: program ?? [] };
  const given = Object.entries({ ...way, authorization }).filter(([, value]) => value !== undefined);
  const parsed = serverSettings.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const reason =
    program === undefined && command !== undefined ? 'command: a quote is left open' : firstReason(parsed.error);
  return refuse('operation_input_invalid', { operation: 'server add', reason });
}

interface AddedServer {
  readonly url?: string;
  readonly command?: string;
  readonly builtin?: 'graph';
  readonly authorization?: Readonly<Record<string, unknown>>;
}

// A union reports the troubles of every alternative; those of a misfit say only that it is one.
function firstReason({ issues }: z.ZodError): string {
  const all = issues.flatMap((issue) => (issue.code === 'invalid_union' ? issue.errors.flat() : [issue]));
  const telling = all.find(({ code, message }) => code === 'custom' || !message.includes('undefined')) ?? all[0];
  return telling === undefined ? 'it is not valid' : `${telling.path.join('.')}: ${telling.message}`;
}

export const serverOperations = [list, add, remove, approve, disable];
