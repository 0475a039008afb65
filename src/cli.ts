#!/usr/bin/env node
// The command line: checks Node, finds out which configuration and data a command is about, and loads only what it needs.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Refusal } from './base/errors.ts';
import type { Config } from './config/load.ts';
import type { Place } from './operations/cli-door.ts';
import type { RunningServer } from './operations/running.ts';

const oldestNode = 24;
const trialConfig = fileURLToPath(new URL('../examples/trial/genkan.yaml', import.meta.url));

const processes = [
  { command: 'start', summary: 'Start Genkan with a configuration: --config FILE, --port N, --data DIR' },
  { command: 'trial start', summary: 'Try Genkan without any configuration: --port N, --data DIR' },
];

async function main(args: readonly string[]): Promise<number> {
  const { languageOf } = await import('./base/text.ts');
  const { LC_ALL, LC_MESSAGES, LANG, GENKAN_CONFIG } = process.env;
  const language = languageOf([LC_ALL, LC_MESSAGES, LANG].find((locale) => locale !== undefined && locale !== ''));

  const named = ({ config = GENKAN_CONFIG }: Place): string | undefined =>
    config ?? (existsSync('genkan.yaml') ? 'genkan.yaml' : undefined);
  const configOf = (place: Place): string => named(place) ?? (existsSync(trialConfig) ? trialConfig : 'genkan.yaml');
  const isTrial = (place: Place): boolean => path.resolve(configOf(place)) === trialConfig;

  async function load(file: string, { data, port }: Place & { port?: number }): Promise<Config> {
    const { loadConfig } = await import('./config/load.ts');
    return loadConfig(file, { dataDirectory: data, port: port ?? portOf(process.env['GENKAN_PORT']) });
  }

  async function findRunning(place: Place): Promise<RunningServer | undefined> {
    const { findRunning: find } = await import('./operations/running.ts');
    return find(await load(configOf(place), place));
  }

  async function start(given: readonly string[]): Promise<number> {
    const { readStart } = await import('./operations/cli-start.ts');
    const options = readStart('start', given);
    if ('outcome' in options) return say(options);
    const config = await load(named(options) ?? 'genkan.yaml', options);
    const { openHouse } = await import('./wire.ts');
    const house = await openHouse(config, { env: process.env });
    return untilStopped(house, async () => {
      await house.listen();
      process.stdout.write(`Genkan is open at ${config.publicUrl}\n`);
    });
  }

  async function startTrial(given: readonly string[]): Promise<number> {
    const { readStart } = await import('./operations/cli-start.ts');
    const options = readStart('trial start', given);
    if ('outcome' in options) return say(options);
    const { startTrial: open } = await import('./trial/trial.ts');
    const config = await load(options.config ?? trialConfig, options);
    const write = (text: string): void => void process.stdout.write(text);
    return untilStopped(await open({ config, env: process.env, language, write }));
  }

  async function say(refusal: Refusal): Promise<number> {
    const { describe } = await import('./base/errors.ts');
    const { message, hint } = describe(refusal, language);
    process.stderr.write(`${message}\n${hint}\n`);
    return 2;
  }

  const isHelp = args.includes('--help') || args.includes('-h');
  try {
    if (args[0] === 'start' && !isHelp) return await start(args.slice(1));
    if (args[0] === 'trial' && args[1] === 'start' && !isHelp) return await startTrial(args.slice(2));
  } catch (error) {
    const { GenkanError } = await import('./base/errors.ts');
    if (!(error instanceof GenkanError)) throw error;
    if (error.code === 'config_invalid') process.stderr.write(`${error.message}\n\n`);
    await say(error.toRefusal());
    return 1;
  }

  const { runCli } = await import('./operations/cli-door.ts');
  return runCli(args, {
    out: (text) => void process.stdout.write(`${text}\n`),
    error: (text) => void process.stderr.write(`${text}\n`),
    language,
    processes,
    findRunning,
    async openDesk(place) {
      const [{ openAuditDesk, openTrialData }, { createConfigurationDesk }, { loadConfig }] = await Promise.all([
        import('./operations/offline-desk.ts'),
        import('./config/configuration-desk.ts'),
        import('./config/load.ts'),
      ]);
      const dataDirectory = (): string => path.resolve(place.data ?? loadConfig(configOf(place)).dataDirectory);
      return {
        audit: openAuditDesk(dataDirectory),
        configuration: createConfigurationDesk(configOf(place), language),
        ...(isTrial(place) && { trialData: openTrialData(dataDirectory, () => findRunning(place)) }),
      };
    },
    async openHouse(place) {
      const { openHouse } = await import('./wire.ts');
      const config = await load(configOf(place), place);
      if (!isTrial(place)) return openHouse(config, { env: process.env });
      const { asTrial, trialPeopleOf } = await import('./trial/as-trial.ts');
      return openHouse(asTrial(config), { env: process.env, trial: trialPeopleOf(config) });
    },
  });
}

/** Runs until the first SIGTERM or SIGINT, then closes in order; the second one ends the process at once. */
async function untilStopped(running: { close(): Promise<void> }, begin?: () => Promise<void>): Promise<number> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve();
      });
    }
  });
  try {
    await begin?.();
    await stopped;
  } finally {
    await running.close();
  }
  return 0;
}

function portOf(text: string | undefined): number | undefined {
  const port = Number(text);
  return text !== undefined && Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error; // whoever read us has seen enough
});

if (Number(process.versions.node.split('.', 1)[0]) < oldestNode) {
  process.stderr.write(
    `Genkan needs Node ${oldestNode} or later; this is ${process.version}.\nIn a checkout, npm ci brings it along: npm run -s genkan -- …\n`,
  );
  process.exitCode = 1;
} else {
  process.exitCode = await main(process.argv.slice(2));
}
