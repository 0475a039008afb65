// Turns a server as a client has it into one of Genkan's configuration, with every secret replaced by a reference.
import path from 'node:path';
import { z } from 'zod';
import type { SecretReference } from '../base/secret.ts';
import { serverName, serverSettings } from '../upstream/settings.ts';
import { addressHoldsSecret, argumentsHoldSecret, isHarmless } from './secret-values.ts';

/** A secret that somebody has to make available to Genkan. */
export interface SecretWish {
  /** Environment variable in which Genkan looks for it. */
  readonly variable: string;
  /** Where its value comes from today, in words; never the value. */
  readonly from: string;
}

export interface ImportedServer {
  readonly name: string;
  /** As they will stand in genkan.yaml. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: readonly SecretWish[];
  /** Settings of the client that Genkan has no place for. */
  readonly dropped: readonly string[];
}

export interface LeftOut {
  readonly reason: string;
}

/** What an entry may refer to. */
export interface EntrySurroundings {
  readonly home: string;
  readonly workspace: string;
  /** What VS Code asks for when it starts a server: description by id. */
  readonly inputs: ReadonlyMap<string, string>;
}

const texts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const entry = z.looseObject({
  type: z.enum(['stdio', 'http', 'sse', 'streamable-http', 'streamableHttp']).optional(),
  command: z.string().min(1).optional(),
  args: z.array(z.string()).default([]),
  env: texts.default({}),
  cwd: z.string().optional(),
  url: z.string().optional(),
  headers: texts.default({}),
  disabled: z.boolean().optional(),
  envFile: z.string().optional(),
});
type Entry = z.output<typeof entry>;

/**
 * The name under which Genkan may have a server.
 * @returns undefined when nothing is left of it
 */
export function serverNameFrom(written: string): string | undefined {
  const name = written
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return serverName.safeParse(name).success ? name : undefined;
}

/** @param given the entry as it stands in the client's file */
export function importServer(name: string, given: unknown, around: EntrySurroundings): ImportedServer | LeftOut {
  const parsed = entry.safeParse(given);
  if (!parsed.success) return { reason: `"${parsed.error.issues[0]?.path.join('.') ?? ''}" is not as Genkan knows it` };
  if (parsed.data.disabled === true) return { reason: 'it is switched off there' };
  if (parsed.data.envFile !== undefined) return { reason: 'it takes its environment from a file (envFile)' };
  if ('headersHelper' in parsed.data) return { reason: 'a program of its own makes its headers (headersHelper)' };
  const read = remoteBehindCommand(parsed.data);
  const secrets = new Map<string, SecretWish>();
  const settings = read.url !== undefined ? httpSettings(read) : stdioSettings(read);
  if ('reason' in settings) return settings as LeftOut;
  const checked = serverSettings.safeParse(settings);
  if (!checked.success) return { reason: firstReason(checked.error) };
  const known = new Set([...Object.keys(entry.shape), 'version', 'gallery']);
  const dropped = Object.keys(read).filter((key) => !known.has(key));
  return { name, settings, secrets: [...secrets.values()], dropped };

  function httpSettings({ url: written = '', type, headers }: Entry): Record<string, unknown> | LeftOut {
    const url = URL.parse(fillPlaces(written, around));
    if (url === null || hasVariable(written)) return { reason: 'its address is made of variables, or is none' };
    if (addressHoldsSecret(url)) return { reason: 'its address seems to hold a secret' };
    const references = Object.entries(headers).map(([header, value]) => [
      header,
      reference(`headers.${header}`, header, String(value)),
    ]);
    return {
      url: url.href,
      ...(type === 'sse' && { transport: 'sse' }),
      ...(references.length > 0 && { headers: Object.fromEntries(references) as unknown }),
      approved: false,
    };
  }

  function stdioSettings({ command, args, env, cwd }: Entry): Record<string, unknown> | LeftOut {
    if (command === undefined) return { reason: 'it has neither command nor url' };
    const words = [command, ...args].map((word) => fillPlaces(word, around));
    const folder = cwd === undefined ? undefined : fillPlaces(cwd, around);
    if ([...words, folder ?? ''].some(hasVariable)) return { reason: 'its command is made of variables' };
    if (argumentsHoldSecret(words)) return { reason: 'its command seems to hold a secret' };
    const values = Object.entries(env).map(([key, value]): [string, string | SecretReference] => {
      const text = fillPlaces(String(value), around);
      return [key, !hasVariable(text) && isHarmless(key, text) ? text : reference(`env.${key}`, key, text)];
    });
    return {
      command: words,
      ...(values.length > 0 && { env: Object.fromEntries(values) as unknown }),
      ...(folder !== undefined && { workingDirectory: folder }),
      approved: false,
    };
  }

  function reference(place: string, key: string, value: string): SecretReference {
    const [whole] = variables(value);
    const isWhole = whole !== undefined && whole.written === value;
    const fromEnvironment = isWhole && whole.kind === 'env';
    const variable = fromEnvironment ? whole.name : freeName(variableName(name, key), secrets);
    const asked = whole?.kind === 'input' ? around.inputs.get(whole.name) : undefined;
    const from = fromEnvironment
      ? 'the variable that the client takes, too'
      : asked !== undefined || whole?.kind === 'input'
        ? `what VS Code asks for as "${asked ?? whole?.name ?? ''}"${isWhole ? '' : `, within the text of ${place}`}`
        : `the value of ${place}${whole === undefined ? '' : ', with its variables filled in'}`;
    secrets.set(variable, { variable, from });
    return { source: 'env', name: variable };
  }
}

interface Variable {
  readonly kind: 'input' | 'env' | 'other';
  readonly name: string;
  readonly written: string;
}

// VS Code and Cursor write ${env:NAME} and ${input:id}, Claude Code ${NAME} and ${NAME:-default}.
function variables(text: string): Variable[] {
  return [...text.matchAll(/\$\{([^{}]*)\}/g)].map(({ 0: written, 1: inside = '' }) => {
    const [, input] = /^input:(.+)$/.exec(inside) ?? [];
    if (input !== undefined) return { kind: 'input', name: input, written };
    const [, name] = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-.*)?$/.exec(inside) ?? [];
    return name === undefined ? { kind: 'other', name: inside, written } : { kind: 'env', name, written };
  });
}

const hasVariable = (text: string): boolean => text.includes('${');

function fillPlaces(text: string, { home, workspace }: EntrySurroundings): string {
  const places: Readonly<Record<string, string>> = {
    '${userHome}': home,
    '${env:HOME}': home,
    '${HOME}': home,
    '${workspaceFolder}': workspace,
    '${workspaceFolderBasename}': path.basename(workspace),
    '${pathSeparator}': path.sep,
    '${/}': path.sep,
  };
  return text.replace(/\$\{[^{}]*\}/g, (written) => places[written] ?? written);
}

// mcp-remote makes a process of an address; Genkan goes to the address itself.
function remoteBehindCommand(read: Entry): Entry {
  const words = [read.command ?? '', ...read.args].filter((word) => !/^(?:-y|--yes)$/.test(word));
  const [program, remote = '', url, ...rest] =
    /^cmd(?:\.exe)?$/i.test(words[0]!) && words[1] === '/c' ? words.slice(2) : words;
  const isRemote = /^npx(?:\.cmd)?$/.test(program ?? '') && /^mcp-remote(?:@[\w.-]+)?$/.test(remote);
  if (!isRemote || url === undefined || rest.length > 0 || Object.keys(read.env).length > 0) return read;
  return { ...read, command: undefined, args: [], url };
}

function variableName(server: string, key: string): string {
  const [own, written] = [server, key].map((word) => word.toUpperCase().replace(/[^A-Z0-9]+/g, '_'));
  const name = written!.startsWith(`${own!}_`) ? written! : `${own!}_${written!}`;
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

function freeName(name: string, taken: ReadonlyMap<string, unknown>): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}_${count}`;
  return free;
}

// A union reports the troubles of every alternative; those of a misfit say only that it is one. Values stay out of all of them.
function firstReason({ issues }: z.ZodError): string {
  const all = issues.flatMap((issue) => (issue.code === 'invalid_union' ? issue.errors.flat() : [issue]));
  const telling = ['custom', 'invalid_format', 'invalid_key']
    .map((kind) => all.find(({ code }) => code === kind))
    .find(Boolean);
  if (telling === undefined) return 'Genkan cannot have it like this';
  const { message } = telling.code === 'invalid_key' ? (telling.issues[0] ?? telling) : telling;
  return `${telling.path.join('.')}: ${message}`;
}
