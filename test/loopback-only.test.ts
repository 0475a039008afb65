// The guard that keeps tests on this machine, tested itself: in a process of its own, which must fail.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const guard = new URL('./support/loopback-only.ts', import.meta.url).href;

function run(code: string): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, ['--import', guard, '--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
  return { status, stderr };
}

test('a connection to another machine fails the run, even if the code swallows the error', () => {
  for (const attempt of [
    "await fetch('http://192.0.2.1/').catch(() => {})",
    "await fetch('http://example.com/').catch(() => {})",
    "(await import('node:net')).connect(80, '192.0.2.1').on('error', () => {})",
  ]) {
    const { status, stderr } = run(`try { ${attempt} } catch {}`);
    assert.equal(status, 1, attempt);
    assert.match(stderr, /only use loopback/);
  }
});

test('a connection within this machine passes', () => {
  const code = `const s = (await import('node:http')).createServer((q, r) => r.end('x')).listen(0, '127.0.0.1', async () => {
    await fetch('http://localhost:' + s.address().port).catch(() => {}); await fetch('http://127.0.0.1:' + s.address().port); s.close(); });`;
  assert.deepEqual(run(code), { status: 0, stderr: '' });
});
