// The command `genkan local`: reads what stands before and behind `--`, then speaks with the client until it leaves.
import { z } from 'zod';
import { isRefusal } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Language } from '../base/text.ts';
import { serverName } from '../upstream/settings.ts';
import { openLocal } from './local.ts';
import { planLocal } from './local-settings.ts';
import { localRoot } from './places.ts';
import type { Machine } from './places.ts';

export const localCommand = {
  id: 'local',
  summary: 'Stand between a client over stdio and its server: genkan local --as-server NAME -- COMMAND…',
  input: z.strictObject({
    asServer: serverName.optional().describe('Name of the server in roles and records; without it, all of --config.'),
  }),
} as const;

export interface LocalSurroundings {
  readonly machine: Machine;
  readonly workingDirectory: string;
  readonly account: string;
  readonly language: Language;
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  /** What stood behind `--`. */
  readonly command: readonly string[];
  readonly config?: string;
  readonly data?: string;
  /** Resolves when the process is told to stop. */
  readonly stopped: Promise<void>;
}

/** @returns once the client has left */
export async function runLocal(
  { asServer }: z.output<typeof localCommand.input>,
  around: LocalSurroundings,
): Promise<Refusal | undefined> {
  const { machine, command, config, data, account, language, workingDirectory } = around;
  const { env } = machine;
  const plan = planLocal({ config, asServer, command, env, workingDirectory, account });
  if (isRefusal(plan)) return plan;
  await using house = await openLocal(plan, { root: data ?? localRoot(machine), account, env, language });
  void around.stopped.then(() => house.end());
  await house.converse(around.input, around.output);
  return undefined;
}
