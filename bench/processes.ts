// Starts the systems to be measured, each on its own core, and reads their CPU time.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Running {
  readonly pid: number;
  /** First line that matched, usually the port. */
  readonly said: string;
  stop(): Promise<void>;
}

/**
 * Starts a process and waits for the line that says it is ready.
 * @param core CPU core to pin it to, so that the system under test and the load do not share one
 * @param ready matches the line of standard output that means ready
 */
export async function start(
  command: readonly string[],
  { core, ready = /^\d+$/, env = {} }: { core: number; ready?: RegExp; env?: Record<string, string> },
): Promise<Running> {
  const pinned = process.platform === 'linux' ? ['taskset', '-c', String(core), ...command] : command;
  const child = spawn(pinned[0]!, pinned.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let complaints = '';
  child.stderr!.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-4000)));
  const said = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (ready.test(line)) resolve(line);
    });
    child.once('exit', (code) => reject(new Error(`${command.join(' ')} ended with ${code}: ${complaints}`)));
  });
  return { pid: child.pid!, said, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

/** CPU time of a process with all its threads, in microseconds. Linux only: /proc/PID/task/TID/schedstat counts nanoseconds. */
export function cpuMicros(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1000)
    .reduce((sum, micros) => sum + micros, 0);
}
