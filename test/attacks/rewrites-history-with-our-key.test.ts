// The attacker holds the machine and the key that signs the log, and writes another history, or cuts the log.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openAuditLog } from '../../src/record/audit-log.ts';
import { decodeLeaf, prepareEntry } from '../../src/record/leaf.ts';
import type { PreparedEntry } from '../../src/record/leaf.ts';
import { logFile } from '../../src/record/log-file.ts';
import { createSigner } from '../../src/record/note.ts';
import { openTree } from '../../src/record/tiles/tree.ts';
import { verifyLog } from '../../src/record/verify.ts';
import { createFilePlace } from '../../src/record/witness/places/file-place.ts';
import { verifyAll } from '../../src/record/witness/proving.ts';
import { auditEntry, dataDirectory, keysOf, openRecord } from '../support/audit-directory.ts';
import { openPublishing, openWitnessListener } from '../support/witness-listener.ts';

const size = 40;

/** A log that was published once; then ten more records were written. */
async function victim(t: TestContext) {
  const directory = dataDirectory(t);
  const record = await openRecord(directory);
  const verifierKey = record.publicKey();
  for (let index = 0; index < size; index += 1) await record.append(auditEntry({ correlationId: `c${index}` }));
  const witness = await openWitnessListener(t, [verifierKey]);
  const kept = path.join(dataDirectory(t), 'kept.txt');
  const publishing = await openPublishing(t, directory, verifierKey, {
    other: witness.place,
    worm: createFilePlace(kept),
  });
  const states = await publishing.publish();
  assert.deepEqual(
    states.map(({ failure }) => failure),
    [undefined, undefined],
  );
  for (let index = 0; index < 10; index += 1) await record.append(auditEntry({ correlationId: `later${index}` }));
  await record.close();
  const keptCheckpoint = readFileSync(kept, 'utf8');
  return {
    directory,
    verifierKey,
    witness,
    kept: keptCheckpoint,
    /** Genkan goes on with what the attacker has left; they have emptied what it remembered, too. */
    goesOn: () => openPublishing(t, directory, verifierKey, { other: witness.place }),
    verify: (against: boolean) => verifyLog(directory, { verifierKey, ...(against && { keptCheckpoint }) }),
    /** With the key, the whole log is written anew. */
    rewrite(edit: (entries: PreparedEntry[]) => PreparedEntry[]) {
      const database = new DatabaseSync(logFile(directory), { timeout: 5000 });
      const rows = database.prepare('SELECT leaf FROM record ORDER BY idx').all();
      database.close();
      const story = rows.map((row) => prepareEntry(decodeLeaf(row['leaf'] as Uint8Array), 16_384));
      rmSync(logFile(directory));
      const key = readFileSync(path.join(keysOf(directory), 'audit.key'), 'utf8').trim();
      const log = openAuditLog(directory, createSigner(key), { mayBegin: true, nowMs: 0 });
      log.append(edit(story), 0);
      log.close();
    },
  };
}

const innocent = (at: number) => (entries: PreparedEntry[]) =>
  entries.with(at, { ...entries[at]!, user: 'omar', rest: entries[at]!.rest.replace('"dana"', '"omar"') });

test('a record that was published is not changed without every witness knowing', async (t) => {
  const { rewrite, verify, goesOn, witness } = await victim(t);
  rewrite(innocent(20));
  assert.ok(verify(false).ok, 'the control: nothing on the machine itself can tell');
  assert.match(verify(true).problems[0]!.reason, /the log was rewritten/);
  const publishing = await goesOn();
  const [state] = await publishing.publish();
  assert.match(state!.failure!, /another history \(422\)/);
  assert.deepEqual(
    publishing.told.map(({ contradicts }) => contradicts),
    [true],
    'people are told at once',
  );
  assert.equal(witness.refused.length, 1, 'and the witness tells its own people');
});

test('a kept checkpoint that cannot be read is no proof, although the attacker has one of their own in our database', async (t) => {
  const { rewrite, directory, verifierKey, kept } = await victim(t);
  rewrite(innocent(20));
  const tree = openTree(directory);
  const { note } = tree.head();
  tree.close();
  const forged = {
    origin: 'genkan.test/audit',
    verifierKey,
    dataDirectory: directory,
    published: { note, size, atMs: 0 },
  };
  const own = { verifierKey, verify: (options: object) => verifyLog(directory, { ...options, verifierKey }) };
  const verify = (text?: string) => verifyAll(own, text, [forged], () => assert.fail('there is no other log'));
  const control = await verify();
  assert.deepEqual(
    [control.ok, control.against],
    [true, 0],
    'the control: our own database says what it is told to say',
  );
  for (const edited of [
    kept,
    kept.replaceAll('\n', '\r\n'),
    `\ufeff${kept}`,
    kept.trimEnd(),
    kept.replaceAll('\n', ' \n'),
    kept.replace('\n', '\t\n'),
    kept.slice(0, -30),
    '<html>\n\n<body>403</body>\n',
    '\n',
    '',
  ])
    assert.equal((await verify(edited)).ok, false, JSON.stringify(edited));
  assert.match((await verify(kept.replaceAll('\n', '\r\n'))).problems[0]!.reason, /the log was rewritten/);
});

test('the machine itself tells, as long as it remembers what it has published', async (t) => {
  const directory = dataDirectory(t);
  const record = await openRecord(directory);
  await record.append(auditEntry());
  await record.append(auditEntry());
  const taken: string[] = [];
  const place = { keep: ({ note }: { note: string }) => Promise.resolve((taken.push(note), {})) };
  const publishing = await openPublishing(t, directory, record.publicKey(), { any: place });
  await publishing.publish();
  await record.close();
  const database = new DatabaseSync(logFile(directory), { timeout: 5000 });
  database.exec('DELETE FROM record WHERE idx = 1; DELETE FROM checkpoint WHERE size = 2');
  const { key } = { key: readFileSync(path.join(keysOf(directory), 'audit.key'), 'utf8').trim() };
  const { leaf } = database.prepare('SELECT leaf FROM record WHERE idx = 0').get() as { leaf: Uint8Array };
  database.close();
  rmSync(logFile(directory));
  const log = openAuditLog(directory, createSigner(key), { mayBegin: true, nowMs: 0 });
  log.append([prepareEntry(decodeLeaf(leaf), 16_384)], 0);
  log.close();
  const again = await openPublishing(t, directory, record.publicKey(), { any: place });
  await again.book.published('genkan.test/audit', { note: taken[0]!, size: 2 }, false, 1);
  const [state] = await again.publish();
  assert.match(state!.failure!, /does not continue what was published with 2 records/);
  assert.equal(taken.length, 1, 'and nothing of it goes out');
});

test('a log that was cut is found by whoever has a later checkpoint, and the witness cosigns nothing shorter', async (t) => {
  const { rewrite, verify, goesOn } = await victim(t);
  rewrite((entries) => entries.slice(0, 30));
  assert.ok(verify(false).ok, 'the control: nothing on the machine itself can tell');
  assert.match(verify(true).problems[0]!.reason, /the log was cut/);
  const publishing = await goesOn();
  const [state] = await publishing.publish();
  assert.match(state!.failure!, /it has cosigned 40 records, and we have 30/);
  assert.deepEqual(
    publishing.told.map(({ contradicts }) => contradicts),
    [true],
  );
});

test('what was written after the last checkpoint outside is in the hands of whoever holds the machine (why it is a minute)', async (t) => {
  const { rewrite, verify, goesOn } = await victim(t);
  rewrite(innocent(45));
  assert.ok(verify(true).ok, 'this is what no signature can help against');
  const [state] = await (await goesOn()).publish();
  assert.equal(state!.failure, undefined);
});
