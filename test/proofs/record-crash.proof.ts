// What survives when the process is killed with -9, and when the disk is full or read-only.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import { test } from 'node:test';
import type { StoredEntry } from '../../src/record/entry.ts';
import { openReader } from '../../src/record/reader.ts';
import { storedVerifierKey } from '../../src/record/signing-key.ts';
import { verifyLog } from '../../src/record/verify.ts';
import { dataDirectory, keysOf, openRecord } from '../support/audit-directory.ts';
import { unless } from '../support/skipping.ts';

const child = new URL('../support/record-child.ts', import.meta.url).pathname;
const rounds = Number(process.env['GENKAN_PROOF_KILLS'] ?? 50);

interface Said {
  readonly step: string;
  readonly index: string;
  readonly id: string;
}

/** Lets a child record under load and kills it after some time; returns all that it said. */
async function recordUntilKilled(directory: string, lifeMs: number): Promise<Said[]> {
  const recorder = spawn(process.execPath, [child, 'load', directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(recorder, 'exit');
  const said: Said[] = [];
  const lines = createInterface(recorder.stdout);
  lines.on('line', (line) => {
    const [step = '', index = '', id = ''] = line.split(' ');
    said.push({ step, index, id });
  });
  const read = once(lines, 'close');
  await Promise.race([once(lines, 'line'), exited]);
  await after(lifeMs);
  recorder.kill('SIGKILL');
  assert.deepEqual(await exited, [null, 'SIGKILL'], 'it lived until it was killed');
  await read;
  return said.slice(1);
}

async function everything(directory: string): Promise<StoredEntry[]> {
  const reader = openReader(directory);
  const entries: StoredEntry[] = [];
  for (let page = await reader.list({ limit: 10_000 }); page.length > 0;) {
    entries.push(...page);
    page = await reader.list({ limit: 10_000, before: page.at(-1)!.index });
  }
  reader.close();
  return entries.reverse();
}

test(`killed with -9 ${rounds} times under load, no acknowledged record is missing and no effect lacks its intent`, async (t) => {
  const directory = dataDirectory(t);
  const said: Said[] = [];
  for (let round = 0; round < rounds; round += 1) {
    said.push(...(await recordUntilKilled(directory, 5 + Math.random() * 120)));
    const verifierKey = storedVerifierKey(keysOf(directory));
    assert.deepEqual(verifyLog(directory, { verifierKey }).problems, [], 'the log is sound as the crash left it');
  }
  await (await openRecord(directory)).close(); // recovery after the last crash

  const entries = await everything(directory);
  const intents = new Map<string, StoredEntry>();
  const outcomes = new Map<string, StoredEntry>();
  for (const entry of entries) {
    const of = entry.result === 'intent' ? intents : outcomes;
    assert.ok(!of.has(entry.correlationId), `one ${entry.result} for each call`);
    of.set(entry.correlationId, entry);
  }
  for (const { step, index, id } of said) {
    if (step === 'effect') assert.ok(intents.has(id), 'every effect has its intent');
    else {
      assert.equal(entries[Number(index)]?.correlationId, id, 'every acknowledged record is there');
      assert.equal(entries[Number(index)]?.result, step);
    }
  }
  for (const [id, intent] of intents) assert.ok(outcomes.get(id)!.index > intent.index, 'every intent has an outcome');
  assert.equal(outcomes.size, intents.size);

  const unknown = entries.filter(({ result }) => result === 'unknown');
  const acknowledged = said.filter(({ step }) => step !== 'effect').length;
  t.diagnostic(`${acknowledged} acknowledged, ${entries.length} recorded, ${unknown.length} outcomes unknown`);
  assert.ok(acknowledged > 10 * rounds && unknown.length > 0, 'the load was real');
});

/** A small disk that nobody else sees, for the program that follows. */
const onSmallDisk = ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=2m none "$1" && shift && exec "$@"', 'sh'];
const noSmallDisk = unless(
  spawnSync('unshare', [...onSmallDisk, os.tmpdir(), 'true']).status === 0,
  'private mounts (unshare) are not available here',
);

test('a full disk refuses records, loses none, and takes them again once there is room', { skip: noSmallDisk }, (t) => {
  const directory = dataDirectory(t);
  const args = [...onSmallDisk, directory, process.execPath, child, 'fill', directory];
  const run = spawnSync('unshare', args, { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  const { acknowledged, code, failure, again, index, verification } = JSON.parse(run.stdout);
  assert.equal(code, 'record_unavailable');
  assert.equal(again, 'record_unavailable', 'while the disk is full, everything is refused');
  assert.match(failure, /full/);
  assert.ok(acknowledged > 50);
  assert.equal(index, acknowledged, 'nothing refused was kept, nothing acknowledged was lost');
  assert.deepEqual(verification.problems, []);
  assert.equal(verification.size, acknowledged + 1);
});

test(
  'a read-only disk is refused with the reason, can be read and verified, and is written to again without repair',
  { skip: noSmallDisk },
  (t) => {
    const directory = dataDirectory(t);
    const args = [...onSmallDisk, directory, process.execPath, child, 'readonly', directory];
    const run = spawnSync('unshare', args, { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    const { refused, readable, proof, problems, index, verification } = JSON.parse(run.stdout);
    assert.equal(refused.code, 'record_unavailable');
    assert.match(refused.message, /read-?only/i);
    assert.deepEqual([readable, proof, problems], [1, true, []]);
    assert.equal(index, 1);
    assert.deepEqual(verification.problems, []);
  },
);
