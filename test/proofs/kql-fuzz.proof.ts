// A hundred thousand made and damaged queries through the whole engine: each is answered or refused with a place, none hangs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { KqlFuzzReport } from '../support/kql-fuzz-worker.ts';

/** With this and the number of a process, each failure can be repeated: `node test/support/kql-fuzz-worker.ts SEED QUERIES`. */
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_121);
const queries = Number(process.env['FUZZ_QUERIES'] ?? 100_000);
const processes = 2;

async function run(own: number): Promise<KqlFuzzReport> {
  const worker = path.join(import.meta.dirname, '..', 'support', 'kql-fuzz-worker.ts');
  const args = ['--max-old-space-size=512', worker, String(own), String(queries / processes)];
  const child = spawn(process.execPath, [...process.execArgv.filter((each) => !each.startsWith('--test')), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], out, complaints] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  assert.equal(code, 0, `seed ${own}: ${complaints.slice(-2000)}`);
  return JSON.parse(out) as KqlFuzzReport;
}

test(`${queries} queries are answered, or refused with a place`, { timeout: 600_000 }, async (context) => {
  const seeds = Array.from({ length: processes }, (_, at) => seed + at);
  for (const [at, report] of (await Promise.all(seeds.map(run))).entries()) {
    const { crashes, answered, rows, longestMs, longest } = report;
    context.diagnostic(`seed ${seeds[at]}: ${JSON.stringify(report)}`);
    assert.deepEqual(crashes, []);
    assert.ok(longestMs < 1000, `${longestMs} ms for ${longest}`);
    assert.ok(answered > report.queries / 5 && rows > answered, 'it is not all refused');
  }
});
