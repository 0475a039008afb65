// Runs the official conformance suite against one address and reads what it found, check by check.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** What the suite says about one check; the worst verdict where it makes a check several times. */
export interface Check {
  readonly scenario: string;
  readonly id: string;
  readonly status: 'SUCCESS' | 'INFO' | 'SKIPPED' | 'WARNING' | 'FAILURE';
  readonly reason: string;
}

/** Checks by `scenario id`. */
export type Findings = ReadonlyMap<string, Check>;

export type Revision = '2025-06-18' | '2025-11-25' | '2026-07-28';

const program = fileURLToPath(
  new URL('../../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url),
);
const worstLast = ['INFO', 'SUCCESS', 'SKIPPED', 'WARNING', 'FAILURE'];

/** @param scenario only this one, for a closer look */
export function runSuite(url: string, revision: Revision, scenario?: string): Promise<Findings> {
  const selection =
    scenario === undefined && revision === '2025-06-18' // has no frozen list of requirements
      ? ['--suite', 'all', '--spec-version', revision]
      : selectionOf(revision, scenario);
  return run('server', ['--url', url, ...selection, '--timeout', '15000']);
}

/**
 * Runs the client side, where the suite is the server.
 * @param command started for each scenario, with the address of the suite's server as its last argument
 */
export const runClientSuite = (command: string, revision: Revision, scenario?: string): Promise<Findings> =>
  run('client', ['--command', command, ...selectionOf(revision, scenario), '--timeout', '60000']);

const selectionOf = (revision: Revision, scenario: string | undefined): string[] =>
  scenario === undefined ? ['--requirements', revision] : ['--scenario', scenario, '--spec-version', revision];

/** Scenarios that a client of the revision must pass. */
export function requiredOfClients(revision: Revision): readonly string[] {
  const file = path.join(path.dirname(program), '..', 'requirements', `${revision}.yaml`);
  return (parse(readFileSync(file, 'utf8')) as { client: string[] }).client;
}

async function run(side: 'server' | 'client', given: readonly string[]): Promise<Findings> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'genkan-conformance-'));
  try {
    const suite = spawn(process.execPath, [program, side, ...given, '-o', folder], {
      stdio: ['ignore', 'ignore', side === 'server' ? 'inherit' : 'ignore'], // the client side tells its story there
      timeout: 300_000,
    });
    await once(suite, 'exit'); // its exit code counts scenarios; we compare checks
    return await readFindings(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Scenarios with a slash in their name are folders in folders. */
async function readFindings(folder: string): Promise<Findings> {
  const findings = new Map<string, Check>();
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const scenario = /^(?:server-)?(.+)-\d{4}-\d\d-\d\dT[\d-]+Z\/checks\.json$/.exec(
      name.replaceAll(path.sep, '/'),
    )?.[1];
    if (scenario === undefined) continue;
    const checks = JSON.parse(await readFile(path.join(folder, name), 'utf8')) as Finding[];
    for (const { id, status, errorMessage, description } of checks) {
      const key = `${scenario} ${id}`;
      const before = findings.get(key);
      if (before !== undefined && worstLast.indexOf(before.status) >= worstLast.indexOf(status)) continue;
      findings.set(key, { scenario, id, status, reason: errorMessage ?? description });
    }
  }
  return findings;
}

interface Finding {
  readonly id: string;
  readonly status: Check['status'];
  readonly errorMessage?: string;
  readonly description: string;
}
