// Starts a person's command while the rest of Genkan is still loaded: many take a second. Nobody hears it before the gate stands.
import { childEnvironment } from '../upstream/environment.ts';
import { graceMs } from '../upstream/limits.ts';
import { ProcessTree } from '../upstream/process-tree.ts';
import type { ProcessOptions } from '../upstream/process-tree.ts';

/** What is known of a command before anything is asked. */
export interface EarlyCommand {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
}

export interface EarlyChild extends AsyncDisposable {
  /** Gives the process that has been started, once, to whoever would start the very same; starts another one otherwise. */
  readonly startProcess: (options: ProcessOptions) => ProcessTree;
}

/** @param environment our own, of which children get a few harmless variables */
export function startEarly(
  { command, env, workingDirectory }: EarlyCommand,
  environment: Readonly<Record<string, string | undefined>>,
): EarlyChild {
  const options = { command, environment: childEnvironment(environment, env), workingDirectory, graceMs };
  let child: ProcessTree | undefined = new ProcessTree(options);
  const started = child;
  // What it said before it died is lost: another one says it again, to somebody who listens.
  void started.ended.then(() => (child = undefined));
  return {
    startProcess(wanted) {
      const { server: _, ...own } = wanted; // a name changes nothing about the process
      if (child === undefined || JSON.stringify(own) !== JSON.stringify(options)) return new ProcessTree(wanted);
      child = undefined;
      return started;
    },
    async [Symbol.asyncDispose]() {
      if (child !== undefined) await child.stop();
    },
  };
}
