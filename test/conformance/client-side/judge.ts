// The client side of the official suite through Genkan: the suite plays MCP server and authorization server, and judges what reaches it.
import { fileURLToPath } from 'node:url';
import { requiredOfClients, runClientSuite } from '../suite.ts';
import type { Check, Revision } from '../suite.ts';
import { openDesk } from './desk.ts';

const revisions: readonly Revision[] = ['2025-11-25', '2026-07-28'];

/**
 * Plays every scenario that the revision requires of a client, and those that are only watched.
 * @returns how many required ones did not pass
 */
export async function judgeClientSide(only: { revision?: string; scenario?: string }): Promise<number> {
  let failedInAll = 0;
  console.log('client side   revision     passed   required   failed');
  for (const revision of revisions) {
    if (only.revision !== undefined && only.revision !== revision) continue;
    await using desk = await openDesk(only.scenario === undefined ? () => {} : console.log);
    const wrapper = fileURLToPath(new URL('wrapper.ts', import.meta.url));
    const findings = await runClientSuite(`${process.execPath} ${wrapper} ${desk.url}`, revision, only.scenario);

    const all = Map.groupBy(findings.values(), ({ scenario }) => scenario);
    const required = only.scenario === undefined ? requiredOfClients(revision) : [only.scenario];
    const failed = required.filter((scenario) => !passed(all.get(scenario)));
    failedInAll += failed.length;
    const counts = [required.length - failed.length, required.length, failed.length];
    console.log(`genkan        ${revision}   ${counts.map((count) => String(count).padStart(6)).join('     ')}`);
    for (const scenario of failed) {
      if (!all.has(scenario)) console.log(`  failed ${scenario}: not played`);
      for (const { id, status, reason } of all.get(scenario) ?? [])
        if (status === 'FAILURE') console.log(`  failed ${scenario} ${id}: ${reason}`);
    }
    const advice = [...findings.values()].filter(({ status }) => status === 'WARNING');
    for (const { scenario, id, reason } of advice) console.log(`  advised ${scenario} ${id}: ${reason}`);
    const beyond = [...all].filter(([scenario, checks]) => !required.includes(scenario) && passed(checks));
    if (beyond.length > 0) console.log(`  not required, passed: ${beyond.map(([scenario]) => scenario).join(', ')}`);
  }
  return failedInAll;
}

/** As the suite itself scores requirements: no check of the scenario fails. */
const passed = (checks: readonly Check[] = []): boolean =>
  checks.length > 0 && checks.every(({ status }) => status !== 'FAILURE');
