// What local mode costs: the time to the first answer, and each call, against the bare server, interleaved in one run.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const starts = 11;
const rounds = 7;
const calls = 1000;
const node = process.execPath;
const server = [node, path.join(import.meta.dirname, 'raw-stdio-upstream.ts')];
const cli = path.join(import.meta.dirname, '../src/cli.ts');

export interface LocalFigures {
  /** From the start of the process to the answer of `initialize`. */
  readonly startMs: { readonly bare: number; readonly genkan: number };
  readonly addedStartMs: number;
  /** One call after the other. */
  readonly callMicros: { readonly bare: number; readonly genkan: number };
  readonly addedCallMicros: number;
}

/** Measures whole processes, as a client starts them. */
export async function measureLocal(): Promise<LocalFigures> {
  const data = mkdtempSync(path.join(os.tmpdir(), 'genkan-bench-local-'));
  const ways = {
    bare: server,
    genkan: [node, cli, 'local', '--data', data, '--as-server', 'raw', '--', ...server],
  };
  const startMs = { bare: [] as number[], genkan: [] as number[] };
  const callMicros = { bare: [] as number[], genkan: [] as number[] };
  try {
    // The first start of a machine also compiles, and makes the folders.
    for (const command of Object.values(ways)) await (await begin(command)).end();
    for (let round = 0; round < starts; round++)
      for (const way of ['bare', 'genkan'] as const) {
        const { client, startedMs } = await timed(ways[way]);
        startMs[way].push(startedMs);
        if (round < rounds) callMicros[way].push(await perCall(client));
        await client.end();
      }
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
  const start = { bare: Math.round(median(startMs.bare)), genkan: Math.round(median(startMs.genkan)) };
  const call = { bare: Math.round(median(callMicros.bare)), genkan: Math.round(median(callMicros.genkan)) };
  return {
    startMs: start,
    addedStartMs: start.genkan - start.bare,
    callMicros: call,
    addedCallMicros: call.genkan - call.bare,
  };
}

interface Client {
  request(method: string, params: object): Promise<unknown>;
  end(): Promise<void>;
}

async function timed(command: readonly string[]): Promise<{ client: Client; startedMs: number }> {
  const began = performance.now();
  const client = await begin(command);
  return { client, startedMs: performance.now() - began };
}

/** Starts a server and waits for its answer to `initialize`. */
async function begin([program, ...args]: readonly string[]): Promise<Client> {
  const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const waiting = new Map<number, (answer: unknown) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as { id?: number; error?: unknown };
    if (answer.error !== undefined) throw new Error(line);
    waiting.get(answer.id!)?.(answer);
    waiting.delete(answer.id!);
  });
  let id = 0;
  const write = (message: object): void =>
    void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const client: Client = {
    request(method, params) {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      waiting.set(++id, resolve);
      write({ id, method, params });
      return promise;
    },
    async end() {
      child.stdin.end();
      await gone;
    },
  };
  const clientInfo = { name: 'bench', version: '1' };
  await client.request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
  write({ method: 'notifications/initialized' });
  return client;
}

async function perCall({ request }: Client): Promise<number> {
  await request('tools/list', {});
  const call = (): Promise<unknown> => request('tools/call', { name: 'echo', arguments: { text: 'hello' } });
  for (let warm = 0; warm < calls / 5; warm++) await call();
  const began = performance.now();
  for (let made = 0; made < calls; made++) await call();
  return ((performance.now() - began) * 1000) / calls;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

if (import.meta.main) console.log(JSON.stringify(await measureLocal()));
