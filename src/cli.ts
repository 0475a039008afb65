#!/usr/bin/env node
// The command line: checks Node, finds out which configuration and data a command is about, and loads only what it needs.
import { Console } from 'node:console';
import { existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { constants, enableCompileCache } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Language } from './base/text.ts';
import type { Config } from './config/load.ts';
import type { CommandSurroundings } from './connect/commands.ts';
import type { EntraSetup } from './identity/entra/setup/order.ts';
import type { AccountCommand, LocalSurroundings } from './local/command.ts';
import type { Machine } from './local/places.ts';
import type { CommandLine } from './operations/cli-arguments.ts';
import type { CliNeighbours, Place } from './operations/cli-door.ts';
import type { ShieldCommand } from './operations/cli-shield.ts';
import type { StartOptions } from './operations/cli-start.ts';
import type { RunningServer } from './operations/running.ts';
import type { RemoteCommand } from './remote/commands.ts';

const oldestNode = 24;
const trialConfig = fileURLToPath(new URL('../examples/trial/genkan.yaml', import.meta.url));

const processes = [
  { command: 'start', summary: 'Start Genkan with a configuration: --config FILE, --port N, --data DIR' },
  { command: 'connect', summary: 'Write the address of Genkan into the settings of MCP clients' },
  { command: 'import', summary: 'Put the servers that MCP clients have today behind Genkan, not yet approved' },
  { command: 'local', summary: 'Stand between a client over stdio and its server: --as-server NAME -- COMMAND…' },
  {
    command: 'login',
    summary: 'Sign in at a Genkan elsewhere in your own name, for commands with --at: genkan login URL',
  },
  { command: 'logout', summary: 'End the sign-in at a Genkan elsewhere, there and here: genkan logout [URL]' },
  {
    command: 'whoami',
    summary: 'Show where you are signed in, and as whom; with --at URL, what that Genkan says of you',
  },
  { command: 'shield scan', summary: 'Tell how much a text reads like orders to an assistant: TEXT, FILE or -' },
  { command: 'shield score', summary: 'Score many texts for an evaluation of the prompt shield: --data FILE.jsonl' },
  { command: 'trial start', summary: 'Try Genkan without any configuration: --port N, --data DIR' },
];

const ownConfig = ({ config = process.env['GENKAN_CONFIG'] }: Place): string | undefined =>
  config ?? (existsSync('genkan.yaml') ? 'genkan.yaml' : undefined);

// Without a configuration of one's own, commands are about the trial.
const configOf = (place: Place): string => ownConfig(place) ?? (existsSync(trialConfig) ? trialConfig : 'genkan.yaml');

const isTrial = (place: Place): boolean => path.resolve(configOf(place)) === trialConfig;

async function load(file: string, { data, port }: StartOptions): Promise<Config> {
  const { loadConfig } = await import('./config/load.ts');
  return loadConfig(file, { dataDirectory: data, port });
}

async function main(given: readonly string[]): Promise<number> {
  const args = commandFirst(given);
  const { languageOf } = await import('./base/text.ts');
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  const language = languageOf([LC_ALL, LC_MESSAGES, LANG].find((locale) => locale !== undefined && locale !== ''));
  const neighbours = neighboursOf(language);
  if (args[0] === 'connect' || args[0] === 'import') return runOnClients(args[0], args.slice(1), neighbours);
  if (args[0] === 'local') return runOnMachine(args.slice(1), neighbours, language);
  if (args[0] === 'login' || args[0] === 'logout' || args[0] === 'whoami')
    return runInOwnName(args[0], args.slice(1), neighbours, language);
  if (args[0] === 'shield' && (args[1] === 'scan' || args[1] === 'score'))
    return runShield(args[1], args.slice(2), neighbours);
  const { runProcess } = await import('./operations/cli-own.ts');
  const isHelp = args.includes('--help') || args.includes('-h');
  if (!isHelp && args[0] === 'start')
    return runProcess('start', [...portFromEnv(), ...args.slice(1)], neighbours, start);
  if (!isHelp && args[0] === 'trial' && args[1] === 'start') {
    const open = (options: StartOptions): Promise<void> => startTrial(options, language);
    return runProcess('trial start', [...portFromEnv(), ...args.slice(2)], neighbours, open);
  }
  const { runCli } = await import('./operations/cli-door.ts');
  return runCli(args, neighbours);
}

async function start(options: StartOptions): Promise<void> {
  const config = await load(ownConfig(options) ?? 'genkan.yaml', options);
  const { openHouse } = await import('./wire.ts');
  const house = await openHouse(config, { env: process.env });
  await untilStopped(house, async () => {
    await house.listen();
    process.stdout.write(`Genkan is open at ${config.publicUrl}\n`);
  });
}

async function startTrial(options: StartOptions, language: Language): Promise<void> {
  const config = await load(options.config ?? trialConfig, options);
  const { startTrial: open } = await import('./trial/trial.ts');
  const write = (text: string): void => void process.stdout.write(text);
  await untilStopped(await open({ config, env: process.env, language, write }));
}

/** `genkan --at URL noun verb` is `genkan noun verb --at URL`. */
function commandFirst(args: readonly string[]): readonly string[] {
  const at = args[0]?.startsWith('--at=') ? 1 : args[0] === '--at' ? 2 : 0;
  return at === 0 || args[at] === undefined
    ? args
    : [...args.slice(at, at + 2), ...args.slice(0, at), ...args.slice(at + 2)];
}

async function runInOwnName(
  command: RemoteCommand,
  args: readonly string[],
  neighbours: CliNeighbours,
  language: Language,
): Promise<number> {
  if (command === 'whoami' && args.some((word) => /^--at(=|$)/.test(word))) {
    const { runCli } = await import('./operations/cli-door.ts');
    return runCli(['me', 'show', ...args], neighbours);
  }
  const [{ runOwn }, { remoteCommands, runRemoteCommand }] = await Promise.all([
    import('./operations/cli-own.ts'),
    import('./remote/commands.ts'),
  ]);
  return runOwn(remoteCommands[command], args, neighbours, (input, { data, json }, out) =>
    runRemoteCommand(command, input, { machine: machine(), data, language, tell: neighbours.error }, (answer, text) =>
      out(json ? JSON.stringify(answer, undefined, 2) : text),
    ),
  );
}

async function runShield(command: ShieldCommand, args: readonly string[], neighbours: CliNeighbours): Promise<number> {
  const [{ runOwn }, { scanText, scoreTexts, shieldCommands }] = await Promise.all([
    import('./operations/cli-own.ts'),
    import('./operations/cli-shield.ts'),
  ]);
  if (command === 'scan') return runOwn(shieldCommands.scan, args, neighbours, scanText);
  return runOwn(shieldCommands.score, args, neighbours, (_input, line, out) => scoreTexts(line, out));
}

async function runOnClients(
  command: 'connect' | 'import',
  args: readonly string[],
  neighbours: CliNeighbours,
): Promise<number> {
  const [{ runOwn }, { bringIn, connect, connectCommand, importCommand }] = await Promise.all([
    import('./operations/cli-own.ts'),
    import('./connect/commands.ts'),
  ]);
  const around = ({ json, config, data }: CommandLine, out: (text: string) => void): CommandSurroundings => ({
    machine: { platform: process.platform, home: os.homedir(), env: process.env, workspace: process.cwd() },
    now: Date.now,
    json,
    out,
    ...(process.stdin.isTTY && process.stdout.isTTY && { ask }),
    address: () => addressOf({ config, data }),
    configuration: () => ownConfig({ config }) ?? 'genkan.yaml',
  });
  if (command === 'import')
    return runOwn(importCommand, args, neighbours, (input, line, out) => bringIn(input, around(line, out)));
  return runOwn(connectCommand, args, neighbours, (input, line, out) => connect(input, around(line, out)));
}

/** `genkan local audit …` is `genkan audit …` on all that this person's Genkans have recorded. */
async function runLocalAudit(args: readonly string[], neighbours: CliNeighbours): Promise<number> {
  const [{ runCli }, { openLocalAudit, openLocalSearch }, { localRoot }] = await Promise.all([
    import('./operations/cli-door.ts'),
    import('./local/local-audit.ts'),
    import('./local/places.ts'),
  ]);
  return runCli(['audit', ...args], {
    ...neighbours,
    ownRecords: true,
    openDesk: async (place) => ({
      ...(await neighbours.openDesk(place)),
      audit: openLocalAudit(path.resolve(place.data ?? localRoot(machine()))),
      search: openLocalSearch(path.resolve(place.data ?? localRoot(machine()))),
    }),
  });
}

const machine = (): Machine => ({ platform: process.platform, home: os.homedir(), env: process.env });

async function runOnMachine(args: readonly string[], neighbours: CliNeighbours, language: Language): Promise<number> {
  if (args[0] === 'audit') return runLocalAudit(args.slice(1), neighbours);
  const [{ runOwn }, { accountCommands, localCommand, runAccountCommand, runLocal }] = await Promise.all([
    import('./operations/cli-own.ts'),
    import('./local/command.ts'),
  ]);
  // Standard output belongs to the protocol: what a library prints must not break a line of it.
  globalThis.console = new Console(process.stderr);
  // Never the genkan.yaml of the current folder: clients start us in folders that others have filled.
  const around = ({ config = process.env['GENKAN_CONFIG'], data }: Place): LocalSurroundings => ({
    machine: machine(),
    workingDirectory: process.cwd(),
    account: accountName(),
    language,
    config,
    data,
    tell: neighbours.error,
  });
  if (args[0] === 'pin') {
    const { pinCommand, runPinCommand } = await import('./local/pin-command.ts');
    const operation = pinCommand(args[1]);
    if (operation !== undefined)
      return runOwn({ ...operation, id: `local.${operation.id}` }, args.slice(2), neighbours, (input, line, out) =>
        runPinCommand(operation, input, line.json, around(line), out),
      );
  }
  const account = Object.keys(accountCommands).find((name) => name === args[0]) as AccountCommand | undefined;
  if (account !== undefined)
    return runOwn(accountCommands[account], args.slice(1), neighbours, (_input, line, out) =>
      runAccountCommand(account, around(line), out),
    );
  const end = args.indexOf('--');
  const [own, command] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end + 1)];
  return runOwn(localCommand, own, neighbours, (input, line) => {
    const client = { input: process.stdin, output: process.stdout, command, stopped: untilTold() };
    Object.defineProperty(process, 'stdout', { value: process.stderr }); // for whoever does not ask the console
    return runLocal(input, around(line), client);
  });
}

// A trial may listen elsewhere than its configuration says; a public address is what clients are to use wherever we listen.
async function addressOf(place: Place): Promise<string> {
  const { runningUrl } = await import('./operations/running.ts');
  const { settings, publicUrl, dataDirectory } = await load(configOf(place), place);
  return settings.publicUrl === undefined ? (runningUrl(dataDirectory) ?? publicUrl) : publicUrl;
}

async function ask(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const dialog = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(?:es)?$/i.test((await dialog.question(`${question} [y/N] `)).trim());
  } finally {
    dialog.close();
  }
}

function neighboursOf(language: Language): CliNeighbours {
  const neighbours: CliNeighbours = {
    out: (text) => void process.stdout.write(`${text}\n`),
    error: (text) => void process.stderr.write(`${text}\n`),
    language,
    width: process.stdout.columns,
    processes,
    findRunning,
    async openDesk(place) {
      const [
        { openFileDesk, openTrialData },
        { openOfflineAudit },
        { openPolicyTests },
        { createConfigurationDesk },
        { loadConfig },
        { openSecrets },
        { createLog },
      ] = await Promise.all([
        import('./operations/offline-desk.ts'),
        import('./wire/offline-audit.ts'),
        import('./operations/offline-policy.ts'),
        import('./config/configuration-desk.ts'),
        import('./config/load.ts'),
        import('./config/secrets-open.ts'),
        import('./base/log.ts'),
      ]);
      const secretOf = (config: Config) =>
        openSecrets(config, { env: process.env, clock: { now: Date.now }, log: createLog('silent') }).secret;
      const dataDirectory = (): string => path.resolve(place.data ?? loadConfig(configOf(place)).dataDirectory);
      const configured = async () => (existsSync(configOf(place)) ? load(configOf(place), place) : undefined);
      return {
        ...openOfflineAudit(dataDirectory, configured, process.env),
        files: openFileDesk(),
        policyTests: openPolicyTests(async () => {
          const { settings, file } = await load(configOf(place), place);
          return {
            settings: settings.access,
            variables: settings.variables,
            readFile: (name) => readFileSync(path.resolve(path.dirname(file), name), 'utf8'),
          };
        }),
        configuration: createConfigurationDesk(configOf(place), language, undefined, secretOf),
        entraSetup: async (input) => (await entraSetupFor(place, neighbours))(input),
        ...(isTrial(place) && { trialData: openTrialData(dataDirectory, () => findRunning(place)) }),
      };
    },
    async openElsewhere(at, { data }) {
      const [{ isRefusal }, { remoteAddress }, { openRemotes }] = await Promise.all([
        import('./base/errors.ts'),
        import('./remote/address.ts'),
        import('./remote/commands.ts'),
      ]);
      const url = remoteAddress(at);
      if (isRefusal(url)) return url;
      const remotes = await openRemotes({ machine: machine(), data, language, tell: neighbours.error });
      return { perform: remotes.at(url).perform, [Symbol.asyncDispose]: () => remotes[Symbol.asyncDispose]() };
    },
    async openHouse(place, logIsAskedFor) {
      const config = await load(configOf(place), place);
      // An empty log begun in the wrong place would say that nothing happened.
      if (logIsAskedFor) (await import('./operations/offline-desk.ts')).assertLogIn(config.dataDirectory);
      const { openHouse } = await import('./wire.ts');
      if (!isTrial(place)) return openHouse(config, { env: process.env });
      const { asTrial, trialPeopleOf } = await import('./trial/as-trial.ts');
      return openHouse(asTrial(config), { env: process.env, trial: trialPeopleOf(config) });
    },
  };
  return neighbours;
}

/** What there is of a genkan.yaml is used, but none is needed: the registration comes before it. */
async function entraSetupFor(place: Place, { error: tell }: Pick<CliNeighbours, 'error'>): Promise<EntraSetup> {
  const [{ createEntraSetup, configuredFor }, { openSecrets }, { createLog }] = await Promise.all([
    import('./identity/entra/setup/order.ts'),
    import('./config/secrets-open.ts'),
    import('./base/log.ts'),
  ]);
  return createEntraSetup({
    async configured() {
      const file = ownConfig(place);
      if (file === undefined) return undefined;
      const config = await load(file, place);
      const neighbours = { env: process.env, clock: { now: Date.now }, log: createLog('silent') };
      const { secret } = openSecrets(config, neighbours);
      return configuredFor(config.settings, config.publicUrl, { secret, clock: neighbours.clock, fetch });
    },
    variable: (name) => process.env[name],
    tell,
    fetch,
  });
}

async function findRunning(place: Place): Promise<RunningServer | undefined> {
  const { findRunning: find } = await import('./operations/running.ts');
  return find(await load(configOf(place), place));
}

/** Resolves with the first SIGTERM or SIGINT; a second one ends the process at once. */
const untilTold = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve();
      });
    }
  });

/** Waits until it is told to stop, then closes in order. */
async function untilStopped(running: { close(): Promise<void> }, begin?: () => Promise<void>): Promise<void> {
  const stopped = untilTold();
  try {
    await begin?.();
    await stopped;
  } finally {
    await running.close();
  }
}

/**
 * Halves the time to the first word. Kept where the code itself lies, so that it deserves the same trust; where that cannot be
 * written, in the home of the account, whatever HOME says: what lies there is run.
 */
function compileOnce(): void {
  const besideCode = enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/genkan', import.meta.url)));
  if (besideCode.status !== constants.compileCacheStatus.FAILED) return;
  try {
    const own = path.join(os.userInfo().homedir, '.cache', 'genkan', 'compiled');
    mkdirSync(own, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(own);
    const isOwn = process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o022) === 0);
    if (isOwn) enableCompileCache(own);
  } catch {
    // then it is compiled each time
  }
}

/** Who the operating system says we are; containers run accounts that have no name. */
function accountName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return `uid-${process.geteuid?.() ?? 'unknown'}`;
  }
}

// Read like an option, and before those that were given, so that they win.
const portFromEnv = ({ GENKAN_PORT: port } = process.env): string[] => (port ? ['--port', port] : []);

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error; // whoever read us has seen enough
});

if (Number(process.versions.node.split('.', 1)[0]) < oldestNode) {
  process.stderr.write(
    `Genkan needs Node ${oldestNode} or later; this is ${process.version}.\nIn a checkout, npm ci brings one along: npm run -s genkan -- …\n`,
  );
  process.exitCode = 1;
} else {
  compileOnce();
  process.exitCode = await main(process.argv.slice(2));
}
