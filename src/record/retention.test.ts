// Tests of retention: whole prefixes go, their hashes stay, and what is left can be proven as before.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { auditEntry, dataDirectory, openRecord } from '../../test/support/audit-directory.ts';
import { openCheckpoint, verifyProof } from './checkpoint.ts';
import type { Hold } from './holds.ts';
import { logFile } from './log-file.ts';
import { verifyConsistency } from './merkle.ts';
import { createVerifier } from './note.ts';
import type { AuditRecord } from './record.ts';
import { verifyLog } from './verify.ts';

const dayMs = 86_400_000;
const entries = 1500;

/** A record of three days of five hundred entries each; it is the fourth. */
async function threeDays(t: TestContext): Promise<{ directory: string; record: AuditRecord }> {
  const directory = dataDirectory(t);
  const record = await openRecord(directory, { clock: { now: () => 3 * dayMs }, retention: { days: 1 } });
  t.after(record.close);
  await Promise.all(
    Array.from({ length: entries }, (_, index) =>
      record.append(
        auditEntry({
          timestamp: index * (dayMs / 500),
          user: index === 700 ? 'omar' : 'dana',
          correlationId: `c${index}`,
        }),
      ),
    ),
  );
  return { directory, record };
}

const hold = (more: Partial<Hold>): Hold => ({ id: 'h1', reason: 'case', placedBy: 'omar', placedAtMs: 0, ...more });

test('records that are old enough go by whole tiles, and all that is left is proven as before', async (t) => {
  const { directory, record } = await threeDays(t);
  const earlier = openCheckpoint(createVerifier(record.publicKey()), record.checkpoint())!;
  const proof = record.proof(1200)!;
  const { before, oldest } = await record.prune([]);
  assert.deepEqual([before, oldest], [768, 0], 'of the first thousand, three tiles of 256');
  assert.deepEqual(record.extent(), { oldest: 768, size: entries + 2 });
  assert.equal((await record.list({ limit: 10_000 })).length, entries - 768 + 2);
  assert.deepEqual(
    (await record.after(-1, 2)).records.map(({ index }) => index),
    [768, 769],
  );
  assert.equal((await record.after(-1, 2)).oldest, 768);
  assert.equal(record.proof(5), undefined);
  assert.ok(verifyProof(record.proof(1200)!, record.publicKey()));
  assert.ok(verifyProof(proof, record.publicKey()), 'a proof from before holds');

  for (const size of [1, 100, 700, 767, 768, 769, 1100, earlier.size]) {
    const { proof: hashes, checkpoint } = record.consistency(size)!;
    const later = openCheckpoint(createVerifier(record.publicKey()), checkpoint)!;
    if (size !== earlier.size) continue;
    assert.ok(
      verifyConsistency(
        earlier,
        later,
        hashes.map((hash) => Buffer.from(hash, 'base64')),
      ),
    );
  }
  const { problems, pruned, size } = await record.verify();
  assert.deepEqual([problems, pruned, size], [[], 768, entries + 2]);

  const [done, announced] = await record.list({ action: 'record.prune' });
  assert.deepEqual([announced!.result, done!.result], ['intent', 'allowed']);
  assert.deepEqual(done!.details, { before: 768, records: 768, newestMs: 767 * (dayMs / 500) });
  assert.deepEqual((await record.prune([])).before, 768, 'the second time there is nothing to remove');
  await record.close();
  const again = await openRecord(directory);
  assert.equal(await again.append(auditEntry()), entries + 2, 'the log goes on');
  assert.deepEqual((await again.verify()).problems, []);
  await again.close();
});

test('a hold keeps what it covers, and all that came after it', async (t) => {
  const { record } = await threeDays(t);
  assert.deepEqual(await record.prune([hold({ user: 'omar' })]), {
    before: 512,
    oldest: 0,
    newestMs: 511 * (dayMs / 500),
    heldBy: 'h1',
  });
  assert.equal((await record.prune([hold({ fromMs: 0, toMs: dayMs })])).before, 768, 'a hold on what is gone');
});

test('nothing goes while it is young, held by everybody, or kept forever', async (t) => {
  const { record } = await threeDays(t);
  assert.equal((await record.prune([hold({})])).before, 0);
  const young = await openRecord(dataDirectory(t), { retention: { days: 30 } });
  t.after(young.close);
  await young.append(auditEntry({ timestamp: Date.now() }));
  assert.equal((await young.prune([])).before, 0);
  const forever = await openRecord(dataDirectory(t), { retention: { days: 'forever' } });
  t.after(forever.close);
  await forever.append(auditEntry({ timestamp: 0 }));
  assert.equal((await forever.prune([])).before, 0);
});

test('removing records without telling is found, and so is removing more than was told', async (t) => {
  const { directory, record } = await threeDays(t);
  const verify = () => verifyLog(directory, { verifierKey: record.publicKey() }).problems.map(({ reason }) => reason);
  const intruder = new DatabaseSync(logFile(directory), { timeout: 5000 });
  t.after(() => intruder.close());
  const remove = (before: number): void => {
    intruder.prepare('INSERT OR IGNORE INTO pruned SELECT idx, hashes FROM record WHERE idx < ?').run(before);
    intruder.prepare('DELETE FROM record WHERE idx < ?').run(before);
  };
  remove(256);
  assert.match(verify().join(), /256 records were removed from the beginning/);
  await record.prune([]);
  assert.deepEqual(verify(), [], 'the control: told by the log itself, it is right');
  remove(1024);
  assert.match(verify().join(), /1024 records were removed from the beginning/);
});

test('records can be written while old ones are removed', async (t) => {
  const { record } = await threeDays(t);
  let go = true;
  let written = 0;
  const load = (async () => {
    while (go) written += (await Promise.all(Array.from({ length: 20 }, () => record.append(auditEntry())))).length;
  })();
  await record.prune([]);
  go = false;
  await load;
  assert.ok(written > 0);
  assert.deepEqual((await record.verify()).problems, []);
});
