// Judges Genkan by the official conformance suite: sign-in, policy, inspection and record on, compared with the server asked directly.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openTestHouse } from '../support/house.ts';
import { judgeClientSide } from './client-side/judge.ts';
import { losses, passed, readExceptions } from './compare.ts';
import type { Findings, Revision } from './suite.ts';
import { runSuite } from './suite.ts';
import { startTokenProxy } from './token-proxy.ts';
import { startHttpFixture } from './upstream/http.ts';

const { values: only } = parseArgs({
  options: {
    client: { type: 'boolean' },
    server: { type: 'string' },
    revision: { type: 'string' },
    scenario: { type: 'string' },
  },
});

/** Every server and the revisions in which it is judged. A server of one era is also judged in the other, by translation. */
const legs: readonly { server: string; revisions: readonly Revision[] }[] = [
  { server: 'dual', revisions: ['2025-06-18', '2025-11-25', '2026-07-28'] },
  { server: 'stdio', revisions: ['2025-06-18', '2025-11-25', '2026-07-28'] },
  { server: 'legacy', revisions: ['2025-11-25', '2026-07-28'] },
  { server: 'modern', revisions: ['2025-11-25', '2026-07-28'] },
];

await using dual = await startHttpFixture('dual');
await using legacy = await startHttpFixture('legacy');
await using modern = await startHttpFixture('modern');
const stdio = path.join(import.meta.dirname, 'upstream', 'stdio.ts');

await using house = await openTestHouse({
  servers: {
    dual: { url: dual.url },
    legacy: { url: legacy.url },
    modern: { url: modern.url },
    stdio: { command: [process.execPath, stdio] },
  },
  access: {
    assignments: legs.map(({ server }) => ({
      principal: { group: 'makers' },
      role: 'MCP User',
      scope: `/servers/${server}`,
    })),
  },
});

/** The server that speaks both eras is the measure of what the fixture can do. */
const directly = new Map<Revision, Findings>();
const directUrl = dual.url.replace('127.0.0.1', 'localhost');
const isExcepted = readExceptions();
let lostInAll = 0;

const judged = only.client === true ? [] : legs;
if (judged.length > 0) console.log('server   revision     direct   through   lost   excepted');
for (const { server, revisions } of judged) {
  if (only.server !== undefined && only.server !== server) continue;
  await using proxy = await startTokenProxy(`${house.url}/mcp/${server}`, await house.token('dana', server));
  for (const revision of revisions) {
    if (only.revision !== undefined && only.revision !== revision) continue;
    const direct = directly.get(revision) ?? (await runSuite(directUrl, revision, only.scenario));
    directly.set(revision, direct);
    const through = await runSuite(proxy.url, revision, only.scenario);

    const leg = `${server} ${revision}`;
    const all = losses(direct, through);
    const lost = all.filter((loss) => !isExcepted(leg, loss));
    lostInAll += lost.length;
    const counts = [passed(direct), passed(through), lost.length, all.length - lost.length];
    console.log(`${server.padEnd(8)} ${revision}   ${counts.map((count) => String(count).padStart(6)).join('   ')}`);
    for (const { scenario, id, instead } of lost) console.log(`  lost ${scenario} ${id}: ${instead}`);
  }
}

const records = await house.house.audit.list({ limit: 1 });
if (judged.length > 0) console.log(`${records[0]?.index ?? 0} records in the audit log`);
const both = only.server === undefined && only.scenario === undefined;
const failed = only.client === true || both ? await judgeClientSide(only) : 0;
process.exitCode = lostInAll + failed === 0 ? 0 : 1;
