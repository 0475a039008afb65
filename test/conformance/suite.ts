// Runs the official conformance suite against one address and reads what it found, check by check.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

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
export async function runSuite(url: string, revision: Revision, scenario?: string): Promise<Findings> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'genkan-conformance-'));
  try {
    const selection =
      scenario !== undefined
        ? ['--scenario', scenario, '--spec-version', revision]
        : revision === '2025-06-18' // has no frozen list of requirements
          ? ['--suite', 'all', '--spec-version', revision]
          : ['--requirements', revision];
    const given = ['server', '--url', url, ...selection, '--timeout', '15000', '-o', folder];
    const suite = spawn(process.execPath, [program, ...given], {
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 300_000,
    });
    await once(suite, 'exit'); // its exit code counts scenarios; we compare checks
    return await readFindings(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readFindings(folder: string): Promise<Findings> {
  const findings = new Map<string, Check>();
  for (const name of (await readdir(folder)).sort()) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.[1];
    if (scenario === undefined) continue;
    const text = await readFile(path.join(folder, name, 'checks.json'), 'utf8');
    const checks = JSON.parse(text) as { id: string; status: Check['status']; errorMessage?: string }[];
    for (const { id, status, errorMessage = '' } of checks) {
      const key = `${scenario} ${id}`;
      const before = findings.get(key);
      if (before !== undefined && worstLast.indexOf(before.status) >= worstLast.indexOf(status)) continue;
      findings.set(key, { scenario, id, status, reason: errorMessage });
    }
  }
  return findings;
}
