// The command line as a process of its own, and ports for what it starts.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const cli = path.join(import.meta.dirname, '../../src/cli.ts');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** The environment of a person who has set nothing: `GENKAN_…` of the surrounding process does not reach it. */
const plainEnv = (more: Record<string, string>): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(GENKAN_|LC_|LANG)/.test(name))),
  ...more,
});

export function spawnGenkan(args: readonly string[], env: Record<string, string> = {}, cwd?: string): ChildProcess {
  return spawn(process.execPath, [cli, ...args], { env: plainEnv(env), cwd, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs one command to its end. */
export async function genkan(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd?: string,
  input?: string,
): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...args], { env: plainEnv(env), cwd });
  child.stdin.end(input);
  const text = { out: '', error: '' };
  child.stdout!.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (text.error += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...text };
}

/** Resolves once the output of a process matches; rejects when the process ends before. */
export function outputOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const look = (chunk: Buffer): void => {
      text += chunk.toString();
      if (pattern.test(text)) resolve(text);
    };
    child.stdout!.on('data', look);
    child.stderr!.on('data', look);
    child.once('close', (code) => reject(new Error(`ended with ${code}:\n${text}`)));
  });
}
