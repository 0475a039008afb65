// A million generated messages, from clients and from servers: nothing crashes, hangs, grows or is answered with a fault of ours.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { FuzzReport } from '../support/fuzz-worker.ts';

/** With this and the number of a process, each failure can be repeated: `node test/support/fuzz-worker.ts SEED MESSAGES`. */
const seed = Number(process.env['FUZZ_SEED'] ?? 20_260_728);
/** What is missing to a million passes through sockets and a child process, in the proof beside this one. */
const messages = Number(process.env['FUZZ_MESSAGES'] ?? 978_000);
const processes = 2;

async function run(own: number): Promise<FuzzReport> {
  const worker = path.join(import.meta.dirname, '..', 'support', 'fuzz-worker.ts');
  const args = ['--max-old-space-size=1024', worker, String(own), String(messages / processes)];
  const child = spawn(process.execPath, [...process.execArgv.filter((each) => !each.startsWith('--test')), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], out, complaints] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  assert.equal(code, 0, `seed ${own}: ${complaints.slice(-2000)}`);
  return JSON.parse(out) as FuzzReport;
}

test(
  `${messages} messages through the gateway, both ways and between both families`,
  { timeout: 600_000 },
  async (context) => {
    const seeds = Array.from({ length: processes }, (_, at) => seed + at);
    const reports = await Promise.all(seeds.map(run));
    for (const [at, report] of reports.entries()) {
      const { sent, said, answers, seconds, longestTurnMs, grownBytes, offences, rejections, faults } = report;
      context.diagnostic(
        `seed ${seeds[at]}: ${JSON.stringify(report)}, ${Math.round((sent + said) / seconds)} a second`,
      );
      assert.deepEqual({ offences, rejections, faults }, { offences: [], rejections: [], faults: [] });
      assert.ok(sent + said >= messages / processes);
      assert.ok(answers > sent / 4, 'it is not all refused without an answer');
      assert.ok(longestTurnMs < 1000, `${longestTurnMs} ms without a break`);
      assert.ok(grownBytes < 32 * 1_048_576, `${grownBytes} bytes are kept`);
    }
  },
);
