// The commands `genkan local …`: standing between a client and its server, and the sign-in that all of them share.
import path from 'node:path';
import { z } from 'zod';
import { systemClock } from '../base/clock.ts';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { createLog } from '../base/log.ts';
import type { Language } from '../base/text.ts';
import type { LocalSignIn } from '../identity/local/local-sign-in.ts';
import type { Shown } from '../identity/local/remembered.ts';
import { recordSettings } from '../record/settings.ts';
import { serverName } from '../upstream/settings.ts';
import { startEarly } from './early-child.ts';
import { openGround } from './ground.ts';
import { planLocal, providerOf } from './local-settings.ts';
import { localRoot, placesOf } from './places.ts';
import type { Machine } from './places.ts';

const meanings = {
  config: 'Configuration file; by default what GENKAN_CONFIG names, else none. A ./genkan.yaml is not read.',
  data: 'Data directory; by default that of this account.',
} as const;

export const localCommand = {
  id: 'local',
  summary: 'Stand between a client over stdio and its server: genkan local --as-server NAME -- COMMAND…',
  about: 'Beside it: genkan local sign-in, sign-out, status, audit list, audit verify. All of it: docs/local.md',
  meanings,
  input: z.strictObject({
    asServer: serverName.optional().describe('Name of the server in roles and records; without it, all of --config.'),
  }),
} as const;

const nothing = z.strictObject({});
export const accountCommands = {
  'sign-in': {
    id: 'local.sign-in',
    summary: 'Sign in once, for all clients of yours on this machine',
    input: nothing,
    meanings,
  },
  'sign-out': { id: 'local.sign-out', summary: 'Forget the sign-in on this machine', input: nothing, meanings },
  status: { id: 'local.status', summary: 'Show who is signed in, and where the records are', input: nothing, meanings },
} as const;
export type AccountCommand = keyof typeof accountCommands;

export interface LocalSurroundings {
  readonly machine: Machine;
  readonly workingDirectory: string;
  readonly account: string;
  readonly language: Language;
  readonly config?: string | undefined;
  readonly data?: string | undefined;
  /** Tells the person at the terminal; not on standard output, which belongs to the protocol. */
  readonly tell: (text: string) => void;
}

export interface Client {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  /** What stood behind `--`. */
  readonly command: readonly string[];
  /** Resolves when the process is told to stop. */
  readonly stopped: Promise<void>;
}

const rootOf = ({ data, machine }: LocalSurroundings): string =>
  data === undefined ? localRoot(machine) : path.resolve(data);

const showing =
  ({ tell }: LocalSurroundings) =>
  ({ url, code }: Shown): void =>
    tell(code === undefined ? `Sign in at ${url}` : `Sign in at ${url} with the code ${code}`);

/** @returns once the client has left */
export async function runLocal(
  { asServer }: z.output<typeof localCommand.input>,
  around: LocalSurroundings,
  { input, output, command, stopped }: Client,
): Promise<Refusal | undefined> {
  const { machine, config, account, workingDirectory } = around;
  const plan = await planLocal({ config, asServer, command, env: machine.env, workingDirectory, account });
  if (isRefusal(plan)) return plan;
  const root = rootOf(around);
  const log = createLog(plan.settings.log.level);
  await using early = plan.early === undefined ? undefined : startEarly(plan.early, machine.env);
  const loading = import('./local.ts'); // while the command and the record begin
  await using ground = await openGround(root, plan.server ?? 'everything', plan.settings.record, log);
  const { openLocal } = await loading;
  const { startProcess } = early ?? {};
  await using house = await openLocal(plan, { ...around, root, ground, log, startProcess, tell: showing(around) });
  void stopped.then(() => house.end());
  await house.converse(input, output);
  return undefined;
}

export async function runAccountCommand(
  command: AccountCommand,
  around: LocalSurroundings,
  out: (text: string) => void,
): Promise<Refusal | undefined> {
  const root = rootOf(around);
  const provider = around.config === undefined ? undefined : await providerOf(around.config);
  if (command === 'status') for (const { server, folder } of placesOf(root)) out(`records of ${server}: ${folder}`);
  if (provider === undefined) {
    if (command !== 'status')
      return refuse('operation_input_invalid', {
        operation: `local ${command}`,
        reason: 'name the configuration with the identity provider: --config FILE',
      });
    out(`nobody signs in: you are ${around.account}, as the operating system says`);
    return undefined;
  }
  await using opened = new AsyncDisposableStack();
  const log = createLog('warn');
  const { record } = opened.use(await openGround(root, 'account', recordSettings.parse({}), log));
  const clock = systemClock;
  const { openLocalIdentity } = await import('./local-identity.ts');
  const identity = await openLocalIdentity(provider, { ...around, root, record, clock, log, tell: showing(around) });
  opened.defer(() => identity.close());
  await acts[command](identity.signIn, out);
  return undefined;
}

type Act = (signIn: LocalSignIn, out: (text: string) => void) => Promise<void>;

const acts: Readonly<Record<AccountCommand, Act>> = {
  async 'sign-in'(signIn, out) {
    out(`signed in as ${(await signIn.signIn()).name}`);
  },
  async 'sign-out'(signIn, out) {
    const was = await signIn.signOut();
    out(was === undefined ? 'nobody was signed in' : `signed out ${was}`);
  },
  async status(signIn, out) {
    const who = await signIn.verify(true);
    out(isRefusal(who) ? 'nobody is signed in' : `signed in as ${who.principal.name} (${who.principal.id})`);
  },
};
