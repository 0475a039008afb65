// `npm run demo`, word for word, on a machine without any network but loopback.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { unless } from '../support/skipping.ts';

const demo = path.join(import.meta.dirname, '../../examples/demo/demo.ts');
const script = 'ip link set lo up && exec "$@"';

/** A new network namespace whose loopback works, as root or by a user namespace; undefined where the machine cannot. */
const alone = [
  ['unshare', '-n'],
  ['unshare', '-rn'],
].find(([program = '', flag = '']) => spawnSync(program, [flag, 'sh', '-c', script, 'sh', 'true']).status === 0);

test(
  'every step of the demo holds, in both revisions of the protocol',
  { skip: unless(alone !== undefined, 'network namespaces (unshare, ip) are not available here'), timeout: 240_000 },
  () => {
    const args = [...alone!.slice(1), 'sh', '-c', script, 'sh', process.execPath, demo];
    const env = { ...process.env, LC_ALL: 'C.UTF-8', GENKAN_PORT: undefined, GENKAN_CONFIG: undefined };
    const { status, stdout, stderr } = spawnSync(alone![0]!, args, { env, encoding: 'utf8', timeout: 230_000 });
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /\b0 failed\./);
    for (const revision of ['2025-11-25', '2026-07-28']) assert.ok(stdout.includes(`MCP ${revision}`));
    assert.doesNotMatch(stdout, /✗/);
  },
);
