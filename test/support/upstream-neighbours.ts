// What an upstream needs from its neighbours, as plain as a test can have it.
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import type { UpstreamNeighbours } from '../../src/upstream/transport.ts';
import { quickNode } from './quick-node.ts';

export const plainNeighbours: UpstreamNeighbours = {
  secret: (reference) => Promise.resolve(`secret of ${'name' in reference ? reference.name : reference.source}`),
  environment: process.env,
  clock: systemClock,
  log: createLog('silent'),
};

/** Command line of the hostile stdio server. */
export const hostileServer = (...flags: string[]): string[] => [
  ...quickNode,
  path.join(import.meta.dirname, 'hostile-stdio-server.ts'),
  ...flags,
];

let isolation: string[] | undefined;

/** Puts a command into a network namespace of its own where the system permits that: real servers look things up by themselves. */
export function withoutNetwork(command: readonly string[]): string[] {
  isolation ??=
    [
      ['unshare', '-n', '--'],
      ['unshare', '-rn', '--'],
    ].find(([program = '', ...args]) => {
      try {
        execFileSync(program, [...args, 'true'], { stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    }) ?? [];
  return [...isolation, ...command];
}

/** Whether a process runs (a zombie does not). */
export function runs(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
