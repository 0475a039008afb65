// A trial as `npm start` starts it, on ports and with a data directory of its own, and Genkan's command line.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePortPair } from './free-port.ts';

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const startSeconds = 15;
const stopSeconds = 20;
/** English output, and nothing of whoever runs the test. */
const env = { ...process.env, LC_ALL: 'C.UTF-8', GENKAN_PORT: undefined, GENKAN_CONFIG: undefined };

export interface TrialProcess {
  readonly port: number;
  readonly publicUrl: string;
  /** The end of what it has printed so far. */
  output(): string;
  /** Asks it to stop, and resolves with its exit code once it is gone; `null` when it had to be killed. */
  stop(): Promise<number | null>;
}

/**
 * Starts the trial and waits until it is ready.
 * @param port by default a free one; the stand-in identity provider takes the next
 */
export async function startTrialProcess(dataDirectory: string, port?: number): Promise<TrialProcess> {
  port ??= await freePortPair();
  const publicUrl = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [cli, 'trial', 'start', '--port', String(port), '--data', dataDirectory], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const ended = once(child, 'close') as Promise<[number | null]>;
  const abandon = (): boolean => child.kill('SIGKILL'); // nothing is left behind when the test process is cut short
  process.once('exit', abandon);
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), stopSeconds * 1000);
    const [exitCode] = await ended;
    clearTimeout(late);
    process.off('exit', abandon);
    return exitCode;
  };
  const deadline = Date.now() + startSeconds * 1000;
  while (!(await isReady(publicUrl))) {
    if (child.exitCode !== null) throw new Error(`the trial ended at once:\n${output()}`);
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`the trial was not ready within ${startSeconds} s:\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { port, publicUrl, output, stop };
}

/** Runs a command of Genkan and waits for its end. */
export async function genkan(...args: string[]): Promise<{ exitCode: number; output: string }> {
  const child = spawn(process.execPath, [cli, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
  const output = collect(child);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode: exitCode ?? 1, output: output() };
}

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => (text = `${text}${chunk}`.slice(-65_536)));
  }
  return () => text;
}

async function isReady(publicUrl: string): Promise<boolean> {
  try {
    return (await fetch(`${publicUrl}/readyz`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}
