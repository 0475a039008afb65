// What the command line reads of the audit log: of Genkan's own data directory it is on record, of a copy nothing is written or signed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { outputOf, genkan, spawnGenkan } from './support/genkan-process.ts';
import type { Ended } from './support/genkan-process.ts';
import { freePortPair } from './support/free-port.ts';
import { openTestHouse } from './support/house.ts';

const cli = path.join(import.meta.dirname, '../src/cli.ts');
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

function emptyFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-copy-'));
  t.after(() => {
    for (const below of ['data', 'data/keys'].map((name) => path.join(folder, name)))
      if (existsSync(below)) chmodSync(below, 0o700);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Somebody else's, if we are root, whom no rights stop. */
function makeReadOnly(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).concat('.')) {
    const file = path.join(folder, name);
    if (isRoot) chownSync(file, nobody, nobody);
    chmodSync(file, isFolder(file) ? 0o500 : 0o400);
  }
}

function isFolder(file: string): boolean {
  try {
    readdirSync(file);
    return true;
  } catch {
    return false;
  }
}

/** Runs a command as somebody who cannot write. */
async function asReader(home: string, ...words: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...words], {
    cwd: '/',
    env: { PATH: process.env['PATH'], HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(isRoot && { uid: nobody, gid: nobody }),
  });
  const text = { out: '', error: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.error += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...text };
}

const filesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => !isFolder(path.join(folder, name)))
      .sort()
      .map((name) => [name, readFileSync(path.join(folder, name), 'base64')]),
  );

for (const state of ['runs', 'has ended'] as const)
  test(
    `a copy that cannot be written is listed, searched and proven, with names of people, of a Genkan that ${state}`,
    { skip: process.platform === 'win32' },
    async (t) => {
      const folder = emptyFolder(t);
      const copy = path.join(folder, 'data');
      chmodSync(folder, 0o755);
      const house = await openTestHouse({});
      const authorization = `Bearer ${await house.apiToken('dana')}`;
      const asked = await fetch(`${house.url}/api/audit/list`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: '{}',
      });
      assert.equal(asked.status, 403);
      if (state === 'runs') {
        t.after(() => house[Symbol.asyncDispose]());
        cpSync(house.dataDirectory, copy, { recursive: true });
      } else {
        await house.house.close();
        cpSync(house.dataDirectory, copy, { recursive: true });
        await house[Symbol.asyncDispose]();
      }
      makeReadOnly(copy);
      const before = filesIn(copy);

      if (state === 'has ended') {
        const { code, error } = await asReader(folder, 'role', 'list', '--data', copy);
        assert.equal(code, 1, `the control: what needs a house cannot be had there: ${error}`);
      }

      const listed = await asReader(folder, 'audit', 'list', '--action', 'audit.list', '--data', copy, '--json');
      assert.equal(listed.code, 0, listed.error);
      const { records } = JSON.parse(listed.out) as { records: { user: string; index: number; actor?: object }[] };
      assert.deepEqual(
        records.map(({ actor }) => (actor as { name: string }).name),
        ['dana@example.com'],
        'what is sealed is read with the keys that were copied',
      );
      assert.match(listed.error, /who reads it is on no record/);
      const query = 'MCPAuditLog | where action == "audit.list" | project userName';
      const found = await asReader(folder, 'audit', 'query', query, '--data', copy, '--json');
      assert.equal(found.code, 0, found.error);
      assert.deepEqual((JSON.parse(found.out) as { rows: unknown }).rows, [['dana@example.com']]);
      const proven = await asReader(folder, 'audit', 'prove', String(records[0]!.index), '--data', copy);
      assert.match(proven.out, /^c2sp\.org\/tlog-proof@v1/, proven.error);
      const verified = await asReader(folder, 'audit', 'verify', '--data', copy);
      assert.equal(verified.code, 0, verified.out + verified.error);

      assert.deepEqual(filesIn(copy), before, 'nothing was written');
      if (state === 'runs') {
        const asking = await house.house.audit.list({ action: 'audit.query' });
        assert.equal(asking.length, 0, 'nor was the Genkan asked whose address lies in the copy');
      }
    },
  );

test('a copy that could be written is not signed anew either, and the data directory itself still has it on record', async (t) => {
  const folder = emptyFolder(t);
  const [data, copy] = [path.join(folder, 'data'), path.join(folder, 'copy')];
  const run = async (...words: string[]): Promise<string> => {
    const { code, out, error } = await genkan(words);
    assert.equal(code, 0, error);
    return out;
  };
  await run('role', 'list', '--data', data);
  cpSync(data, copy, { recursive: true });
  const signed = (where: string): Promise<string> => run('audit', 'checkpoint', '--data', where);
  const first = await signed(copy);
  const reads = [['audit', 'list'], ['audit', 'query', 'MCPAuditLog | count'], ['audit', 'prove', '0']]; // prettier-ignore
  for (const words of reads) {
    await run(...words, '--data', copy);
    assert.equal(await signed(copy), first, words.join(' '));
    const before = await signed(data);
    await run(...words, '--data', data);
    assert.notEqual(await signed(data), before, `the control: ${words.join(' ')} is on record`);
  }
  const records = JSON.parse(await run('audit', 'list', '--data', data, '--json')) as {
    records: { action: string; resource: string }[];
  };
  assert.deepEqual(records.records.filter(({ action }) => action.startsWith('audit.')).map(({ action, resource }) => `${action} ${resource}`), ['audit.list /', 'audit.query /', 'audit.prove /audit/0']); // prettier-ignore
});

test('whoever proves a record beside a Genkan that runs is on record, and the file is written where they are', async (t) => {
  const folder = emptyFolder(t);
  const data = path.join(folder, 'data');
  const trial = spawnGenkan(['trial', 'start', '--data', data], { GENKAN_PORT: String(await freePortPair()) });
  t.after(() => void trial.kill('SIGKILL'));
  await outputOf(trial, /Ctrl\+C/);
  const prove = (...words: string[]): Promise<Ended> =>
    genkan(['audit', 'prove', ...words, '--data', data], {}, folder);
  const given = await prove('0');
  assert.match(given.out, /^c2sp\.org\/tlog-proof@v1/, given.error);
  assert.equal((await prove('0', '--out', 'record.tlog-proof')).out, 'written to record.tlog-proof\n');
  assert.match(readFileSync(path.join(folder, 'record.tlog-proof'), 'utf8'), /^c2sp\.org\/tlog-proof@v1/);
  const again = await prove('0', '--out', 'record.tlog-proof');
  assert.equal(again.code, 2);
  assert.match(again.error, /cannot be written \(EEXIST\)/);
  assert.equal((await prove('999999')).code, 2);
  const { out } = await genkan(['audit', 'list', '--action', 'audit.prove', '--data', data, '--json']);
  const { records } = JSON.parse(out) as { records: { resource: string; result: string; details: object }[] };
  assert.deepEqual(
    records.map(({ resource, result }) => [resource, result]),
    [
      ['/audit/0', 'allowed'],
      ['/audit/0', 'allowed'],
      ['/audit/0', 'allowed'],
      ['/audit/999999', 'denied'],
    ],
  );
  assert.ok(records.every(({ details }) => !JSON.stringify(details).includes('tlog-proof')));
});
