// `genkan local` as a client starts it: official SDK clients of both major versions on its standard input and output.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { Client as NewClient } from '@modelcontextprotocol/client';
import type { ClientOptions as NewClientOptions } from '@modelcontextprotocol/client';
import { StdioClientTransport as NewTransport } from '@modelcontextprotocol/client/stdio';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import type { ClientOptions as OldClientOptions } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { genkan } from './genkan-process.ts';
import type { Ended } from './genkan-process.ts';
import { quickNode } from './quick-node.ts';

const cli = path.join(import.meta.dirname, '../../src/cli.ts');
/** It starts sooner with what others have compiled. */
const { NODE_COMPILE_CACHE } = process.env;
const compiled: Record<string, string> = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };

export const everything = (name: 'everything' | 'filesystem'): string =>
  path.join(import.meta.dirname, `../../node_modules/@modelcontextprotocol/server-${name}/dist/index.js`);

/** The command line of a server of the test's own, which stands in test/support. */
export const ownServer = (file: string): string[] => [...quickNode, path.join(import.meta.dirname, file)];

export interface LocalGenkan extends AsyncDisposable {
  /** Data directory of the person. */
  readonly root: string;
  /** An official client of SDK v1, which speaks the legacy era. */
  legacy(args: readonly string[], options?: OldClientOptions, env?: Record<string, string>): Promise<OldClient>;
  /** An official client of SDK v2, which speaks the modern era unless told otherwise. */
  modern(args: readonly string[], options?: NewClientOptions, env?: Record<string, string>): Promise<NewClient>;
  /** What the Genkans started so far wrote on standard error. */
  readonly log: () => string;
  /** Runs `genkan local …` or another command to its end. */
  command(args: readonly string[], env?: Record<string, string>, input?: string): Promise<Ended>;
}

/** @param env added to what a client passes on by itself */
export function startLocalGenkan(env: Record<string, string> = {}): LocalGenkan {
  const root = mkdtempSync(path.join(os.tmpdir(), 'genkan-local-'));
  const clients: { close(): Promise<void> }[] = [];
  let log = '';
  const hear = (stream: unknown): void =>
    void (stream as Readable | null)?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const parameters = (args: readonly string[], more: Record<string, string>) => ({
    command: quickNode[0]!,
    args: [...quickNode.slice(1), cli, 'local', '--data', root, ...args],
    env: { PATH: process.env['PATH']!, HOME: root, ...compiled, ...env, ...more },
    stderr: 'pipe' as const,
  });
  return {
    root,
    async legacy(args, options = {}, more = {}) {
      const transport = new OldTransport(parameters(args, more));
      hear(transport.stderr);
      const client = new OldClient({ name: 'old', version: '1.2.3' }, options);
      clients.push(client);
      await client.connect(transport);
      return client;
    },
    async modern(args, options = {}, more = {}) {
      const transport = new NewTransport(parameters(args, more));
      hear(transport.stderr);
      const client = new NewClient(
        { name: 'new', version: '2.0.0' },
        { versionNegotiation: { mode: { pin: '2026-07-28' } }, ...options },
      );
      clients.push(client);
      await client.connect(transport);
      return client;
    },
    log: () => log,
    command: (args, more = {}, input) => genkan(args, { HOME: root, ...env, ...more }, undefined, input),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(clients.map((client) => client.close()));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Waits until a condition holds, no longer than ten seconds. */
export async function until<Value>(
  look: () => Value | undefined | false | Promise<Value | undefined | false>,
): Promise<Value> {
  for (let round = 0; round < 500; round++) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it did not come to hold');
}
