// Leases: one at a time in one process and across two, and the death of a holder stops nobody.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { openDatabase } from './database.ts';
import { createLeases } from './leases.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-leases-'));
after(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, 'genkan.db');
const database = await openDatabase(file);
after(() => database.destroy());
const leases = createLeases({ database, clock: systemClock });
const here = (name: string): string => JSON.stringify(path.join(import.meta.dirname, name));

/** Another process with leases on the same database; `code` sees `leases`, `say` and `appendFileSync`. */
async function process2(code: string): Promise<ChildProcess & { said: () => Promise<string> }> {
  const program = `
    const { openDatabase } = await import(${here('database.ts')});
    const { createLeases } = await import(${here('leases.ts')});
    const { appendFileSync } = await import('node:fs');
    const leases = createLeases({ database: await openDatabase(${JSON.stringify(file)}), clock: { now: Date.now } });
    const say = (text) => process.stdout.write(text + '\\n');
    ${code}
    process.exit(0);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return Object.assign(child, { said: async () => String((await lines.next()).value) });
}

test('eight workers in two processes are never at it together', async () => {
  const log = path.join(folder, 'turns');
  const turns = 25;
  const worker = `
    const work = async () => {
      appendFileSync(${JSON.stringify(log)}, '+' + process.pid + '\\n');
      await new Promise((resolve) => setTimeout(resolve, 1)); // room for the others to break in
      appendFileSync(${JSON.stringify(log)}, '-' + process.pid + '\\n');
    };
    say('ready');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    await Promise.all(Array.from({ length: 4 }, async () => {
      for (let turn = 0; turn < ${turns}; turn++) await leases.hold('token', work);
    }));`;
  const children = await Promise.all([process2(worker), process2(worker)]);
  for (const child of children) assert.equal(await child.said(), 'ready');
  for (const child of children) child.stdin!.write('go\n');
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as number));
  assert.deepEqual(codes, [0, 0]);
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  assert.equal(lines.length, 2 * 8 * turns);
  for (let at = 0; at < lines.length; at += 2)
    assert.equal(lines[at + 1], lines[at]!.replace('+', '-'), `turn ${at / 2}`);
  const changes = lines.filter(
    (line, at) => at > 0 && line.startsWith('+') && lines[at - 1] !== line.replace('+', '-'),
  );
  assert.ok(changes.length > 0, 'both processes had turns while the other one wanted them');
});

test('a holder that is killed keeps the others waiting for no longer than its lease', async () => {
  const child = await process2(`
    await leases.hold('token', async () => {
      say('holding');
      await new Promise(() => setInterval(() => undefined, 1000));
    }, { ttlMs: 600 });`);
  assert.equal(await child.said(), 'holding');
  await assert.rejects(
    leases.hold('token', async () => 'never', { waitMs: 900 }),
    { code: 'state_lease_busy' },
  );
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  const beganAtMs = Date.now();
  assert.equal(await leases.hold('token', async () => 'mine'), 'mine');
  assert.ok(Date.now() - beganAtMs < 10_000, 'before a lease of the usual time would have ended');
});

test('who loses the lease is told', async () => {
  let beginLate: (() => void) | undefined;
  const late = new Promise<void>((resolve) => (beginLate = resolve));
  await leases.hold(
    'lost',
    async ({ signal }) => {
      await database.updateTable('lease').set({ holder: 'somebody else' }).where('name', '=', 'lost').execute();
      if (!signal.aborted) await once(signal, 'abort');
      beginLate!();
    },
    { ttlMs: 300 },
  );
  await late;
  const row = await database.selectFrom('lease').selectAll().where('name', '=', 'lost').executeTakeFirstOrThrow();
  assert.equal(row.holder, 'somebody else', 'the end of the work does not end the lease of another');
});

test('work that fails frees the name, and its error comes out', async () => {
  await assert.rejects(
    leases.hold('failing', () => Promise.reject(new Error('mine'))),
    /mine/,
  );
  assert.equal(await leases.hold('failing', async () => 'next', { waitMs: 0 }), 'next');
});
