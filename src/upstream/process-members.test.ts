// Tests of finding what a child has started, also what has left it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { processMembers, startedAt } from './process-members.ts';

const none: ReadonlyMap<number, string> = new Map();
const mark = 'GENKAN_CHILD=of-this-test';

async function marked(context: TestContext): Promise<number> {
  const env = { GENKAN_CHILD: 'of-this-test' };
  const child = spawn('/bin/sh', ['-c', 'echo here; read _'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  context.after(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  });
  await once(child.stdout, 'data');
  return child.pid!;
}

test(
  'finds by its mark what descends from nobody whom it knows',
  { skip: process.platform !== 'linux' },
  async (context) => {
    const pid = await marked(context);
    assert.deepEqual([...(await processMembers(undefined, mark, startedAt(pid), none)).keys()], [pid]);
    assert.deepEqual([...(await processMembers(undefined, `${mark}-not`, startedAt(pid), none)).keys()], []);
  },
);

test(
  'takes nothing for the child of one that started later',
  { skip: process.platform !== 'linux' },
  async (context) => {
    const pid = await marked(context);
    assert.deepEqual([...(await processMembers(undefined, mark, startedAt(pid) + 1, none)).keys()], []);
    const known = new Map([[pid, String(startedAt(pid))]]);
    assert.deepEqual([...(await processMembers(undefined, mark, startedAt(pid) + 1, known)).keys()], [pid]);
  },
);

test(
  'knows when a process started, and nothing of one that is not there',
  { skip: process.platform !== 'linux' },
  () => {
    assert.ok(startedAt(process.pid) >= startedAt(process.ppid));
    assert.ok(startedAt(process.pid) > 0);
    assert.equal(startedAt(2 ** 30), 0);
  },
);
