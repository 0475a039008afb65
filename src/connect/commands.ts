// The commands `genkan connect` and `genkan import`: what they take, and how they go from plan to question to deed.
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { serverName } from '../upstream/settings.ts';
import { ChangeBook } from './change-book.ts';
import type { ActKind, FileChange } from './change-book.ts';
import { changesDirectory, clientIds, scopes } from './clients.ts';
import type { Machine } from './clients.ts';
import { planConnect, readAddress } from './plan-connect.ts';
import { planImport } from './plan-import.ts';
import { connectText, importText, undoText } from './plan-text.ts';

const clients = z
  .array(z.enum(clientIds, `it is none of ${clientIds.join(', ')}`))
  .max(20)
  .default([])
  .describe(`Only these: ${clientIds.join(', ')}. Without it, those that are used on this machine.`);
const scope = z
  .enum(scopes)
  .default('user')
  .describe('`user`: all that you open with the client; `workspace`: this folder alone.');
const yes = z.boolean().default(false).describe('Do it without asking.');

export const connectCommand = {
  id: 'connect',
  summary: 'Write the address of Genkan into the settings of MCP clients',
  input: z.strictObject({
    client: clients,
    server: serverName.optional().describe('Only this server, at /mcp/NAME; without it, all of them at /mcp.'),
    url: z.string().optional().describe('Address of Genkan; without it, from the configuration or the running trial.'),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/, 'use letters, digits, - and _')
      .optional()
      .describe('Name in the client; without it, genkan or genkan-SERVER.'),
    scope,
    yes,
    undo: z.boolean().default(false).describe('Put back what the last connect has changed.'),
  }),
} as const;

export const importCommand = {
  id: 'import',
  summary: 'Put the servers that MCP clients have today behind Genkan, not yet approved',
  input: z.strictObject({
    client: clients,
    server: z.array(z.string().min(1)).max(100).default([]).describe('Only these servers.'),
    url: z.string().optional().describe('Address of Genkan; without it, from the configuration.'),
    replace: z.boolean().default(false).describe("Let the clients' entries lead to Genkan from now on."),
    scope,
    yes,
    undo: z.boolean().default(false).describe('Put back what the last import has changed.'),
  }),
} as const;

export interface CommandSurroundings {
  readonly machine: Machine;
  readonly now: () => number;
  readonly json: boolean;
  readonly out: (text: string) => void;
  /** Asks the person; absent where there is nobody to ask. */
  readonly ask?: (question: string) => Promise<boolean>;
  /** The address of Genkan as far as this machine knows it, without a final slash. */
  readonly address: () => Promise<string>;
  /** genkan.yaml. @throws GenkanError `config_missing` when there is none of one's own */
  readonly configuration: () => string;
}

type Input<Command extends { input: z.ZodType }> = z.output<Command['input']>;

export async function connect(
  input: Input<typeof connectCommand>,
  around: CommandSurroundings,
): Promise<Refusal | undefined> {
  if (input.undo) return undo('connect', input, around);
  const publicUrl = await addressFrom('connect', input.url, around);
  if (typeof publicUrl !== 'string') return publicUrl;
  const { client, scope, server, name = server === undefined ? 'genkan' : `genkan-${server}` } = input;
  const url = server === undefined ? `${publicUrl}/mcp` : `${publicUrl}/mcp/${server}`;
  const { entries, changes } = planConnect({ clients: client, scope, name, url }, around.machine);
  const written = await settle('connect', connectText(entries), changes, { entries }, input, around);
  if (written && !around.json)
    around.out('Restart the client or reload its servers; it then opens a browser to sign in.');
  return undefined;
}

export async function bringIn(
  input: Input<typeof importCommand>,
  around: CommandSurroundings,
): Promise<Refusal | undefined> {
  if (input.undo) return undo('import', input, around);
  const publicUrl = await addressFrom('import', input.url, around);
  if (typeof publicUrl !== 'string') return publicUrl;
  const { client, scope, server, replace } = input;
  const configuration = around.configuration();
  const plan = planImport(
    { clients: client, scope, servers: server, configuration, publicUrl, replace },
    around.machine,
  );
  const { changes, ...shown } = plan;
  const written = await settle('import', importText(plan), changes, shown, input, around);
  if (written && !around.json) {
    const names = plan.servers.map(({ name }) => `  genkan server approve ${name}`);
    around.out(
      ['Genkan reads its configuration when it starts: restart it. Then, once you trust them:', ...names].join('\n'),
    );
  }
  return undefined;
}

/** Shows the plan, asks unless it was said before, and does it. @returns whether something was written */
async function settle(
  kind: ActKind,
  text: string,
  changes: readonly FileChange[],
  shown: Readonly<Record<string, unknown>>,
  { yes }: { readonly yes: boolean },
  { machine, now, json, out, ask }: CommandSurroundings,
): Promise<boolean> {
  const answer = (written: boolean, more: object = {}): boolean => {
    if (json) out(JSON.stringify({ ...shown, written, ...more }, undefined, 2));
    return written;
  };
  if (!json) out(text);
  if (changes.length === 0) return answer(false);
  if (!yes && (json || ask === undefined || !(await ask('Write this?')))) {
    if (!json) out('Nothing was written. To do it: the same command with --yes');
    return answer(false);
  }
  const backups = new ChangeBook(changesDirectory(machine), now).write(kind, changes);
  if (!json)
    out(
      `Written. What was there before is kept in ${backups}, readable by you alone.\nTo put it back: genkan ${kind} --undo`,
    );
  return answer(true, { backups });
}

async function undo(
  kind: ActKind,
  {
    yes,
    client,
    scope: _scope,
    undo: _undo,
    ...others
  }: { readonly yes: boolean; readonly client: readonly string[] } & Record<string, unknown>,
  { machine, now, json, out, ask }: CommandSurroundings,
): Promise<Refusal | undefined> {
  const extra = client.length > 0 ? 'client' : Object.keys(others).find((key) => isGiven(others[key]));
  if (extra !== undefined)
    return refuse('operation_input_invalid', { operation: kind, reason: `--undo goes without --${extra}` });
  const book = new ChangeBook(changesDirectory(machine), now);
  const act = book.last(kind);
  const shown = {
    atMs: act.atMs,
    files: act.files.map(({ file, title, backup }) => ({
      file,
      title,
      action: backup === null ? 'remove' : 'restore',
    })),
  };
  if (!json) out(undoText(act));
  const isWanted = yes || (!json && (await ask?.('Put it back?')) === true);
  if (isWanted) book.undo(act);
  if (json) out(JSON.stringify({ ...shown, written: isWanted }, undefined, 2));
  else out(isWanted ? 'Everything is as it was before.' : 'Nothing was written. To do it: the same command with --yes');
  return undefined;
}

const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);

async function addressFrom(
  operation: string,
  given: string | undefined,
  { address }: CommandSurroundings,
): Promise<string | Refusal> {
  const url = readAddress(given ?? (await address()));
  return 'origin' in url
    ? url.origin
    : refuse('operation_input_invalid', { operation, reason: `--url: ${url.problem}` });
}
