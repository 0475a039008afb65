// A trial of its own for the demo: `npm start` on free ports with a data directory of its own, and its command line.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const startSeconds = 15;

export interface TrialProcess {
  readonly publicUrl: string;
  /** Asks it to stop, and waits until it and all it started are gone. */
  stop(): Promise<void>;
}

/** Starts the trial and waits until it is ready. */
export async function startTrialProcess(dataDirectory: string): Promise<TrialProcess> {
  const port = await freePortPair();
  const publicUrl = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [cli, 'trial', 'start', '--port', String(port), '--data', dataDirectory], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(late);
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
  return { publicUrl, stop };
}

/** Runs a command of Genkan and waits for its end. */
export async function genkan(...args: string[]): Promise<{ exitCode: number; output: string }> {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
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

/** A free port whose successor, which the stand-in identity provider takes, is free too. */
async function freePortPair(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = await hold(0);
    const { port } = first.address() as AddressInfo;
    const second = await hold(port + 1).catch(() => undefined);
    first.close();
    second?.close();
    if (second !== undefined) return port;
  }
  throw new Error('no two free ports side by side');
}

async function hold(port: number): Promise<ReturnType<typeof createServer>> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
