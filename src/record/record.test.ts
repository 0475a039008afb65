// Tests of the audit record as the gateway uses it, on real SQLite and a real writer thread.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { GenkanError } from '../base/errors.ts';
import { auditEntry, dataDirectory, keysOf, openRecord } from '../../test/support/audit-directory.ts';
import { openCheckpoint, verifyProof } from './checkpoint.ts';
import { logFile } from './log-file.ts';
import { verifyConsistency } from './merkle.ts';
import { createVerifier } from './note.ts';
import { openReader } from './reader.ts';
import { storedVerifierKey } from './signing-key.ts';
import { verifyLog } from './verify.ts';

const unavailable = (error: unknown): boolean => error instanceof GenkanError && error.code === 'record_unavailable';

test('records get consecutive indexes in the order of appending, whatever groups they are committed in', async (t) => {
  const record = await openRecord(dataDirectory(t));
  t.after(record.close);
  assert.equal(await record.append(auditEntry()), 0);
  const many = Array.from({ length: 2500 }, (_, index) => record.append(auditEntry({ correlationId: `c${index}` })));
  assert.deepEqual(
    await Promise.all(many),
    Array.from({ length: 2500 }, (_, index) => index + 1),
  );
  const newest = await record.list({ limit: 2 });
  assert.deepEqual(newest, [
    { index: 2500, ...auditEntry({ correlationId: 'c2499' }) },
    { index: 2499, ...auditEntry({ correlationId: 'c2498' }) },
  ]);
  assert.equal(record.status().size, 2501);
  assert.equal(record.status().waiting, 0);
});

test('lists newest first by any column, time and page', async (t) => {
  const record = await openRecord(dataDirectory(t), { maxQueue: 12_000 });
  t.after(record.close);
  const users = ['dana', 'omar', "o'\0\u{1f600}"];
  await Promise.all(
    Array.from({ length: 12_000 }, (_, index) =>
      record.append(
        auditEntry({
          timestamp: index,
          user: users[index % 3]!,
          result: index % 4000 === 0 ? 'denied' : 'allowed',
          correlationId: `c${index}`,
        }),
      ),
    ),
  );
  const indexes = async (query: Parameters<typeof record.list>[0]): Promise<number[]> =>
    (await record.list(query)).map((entry) => entry.index);
  assert.deepEqual(await indexes({ result: 'denied' }), [8000, 4000, 0]);
  assert.deepEqual(await indexes({ user: users[2]!, limit: 2 }), [11_999, 11_996]);
  assert.deepEqual(await indexes({ user: 'dana', limit: 2, before: 11_997 }), [11_994, 11_991]);
  assert.deepEqual(await indexes({ after: 11_997 }), [11_999, 11_998]);
  assert.deepEqual(await indexes({ sinceMs: 5, untilMs: 7 }), [6, 5]);
  assert.deepEqual(await indexes({ correlationId: 'c4321' }), [4321]);
  assert.deepEqual(await indexes({ action: 'tools/list' }), []);
  assert.equal((await record.list()).length, 100);
});

test('goes through a stretch of time from its beginning, whatever the order in which it was written', async (t) => {
  const directory = dataDirectory(t);
  const record = await openRecord(directory);
  t.after(record.close);
  const at = (index: number): number => (index < 600 ? index * 10 : (index - 300) * 10 + 5); // the clock was set back
  await Promise.all(
    Array.from({ length: 900 }, (_, index) =>
      record.append(
        auditEntry({ timestamp: at(index), user: index % 3 === 0 ? 'omar' : 'dana', action: 'tools/call' }),
      ),
    ),
  );
  const found = async (query: Parameters<typeof record.scan>[0]): Promise<number[]> => {
    const times: number[] = [];
    for await (const { timestamp } of record.scan(query)) times.push(timestamp);
    return times;
  };
  const all = Array.from({ length: 900 }, (_, index) => at(index)).sort((one, other) => one - other);
  assert.deepEqual(await found({ fromMs: 0, toMs: 10_000 }), all);
  assert.deepEqual(await found({ fromMs: 2990, toMs: 3010 }), [2990, 3000, 3005]);
  assert.equal((await found({ fromMs: 0, toMs: 10_000, user: 'omar' })).length, 300);
  assert.deepEqual(await found({ fromMs: 0, toMs: 10_000, action: 'tools/list' }), []);
  const shares: number[] = [];
  await found({ fromMs: 0, toMs: 9000, progress: (share) => shares.push(share) });
  assert.deepEqual(
    shares,
    shares.toSorted((one, other) => one - other),
  );
  assert.ok(shares.length >= 3 && shares.at(-1) === 1);
  assert.equal((await record.verify()).ok, true);
});

test('an append that cannot be encoded is refused alone', async (t) => {
  const record = await openRecord(dataDirectory(t));
  t.after(record.close);
  const [before, wrong, after] = await Promise.allSettled([
    record.append(auditEntry()),
    record.append(auditEntry({ details: { big: 1n } })),
    record.append(auditEntry()),
  ]);
  assert.equal(before?.status, 'fulfilled');
  assert.ok(wrong?.status === 'rejected' && unavailable(wrong.reason));
  assert.deepEqual(after, { status: 'fulfilled', value: 1 });
});

test('refuses beyond the length of the queue, and goes on once it has drained', async (t) => {
  const record = await openRecord(dataDirectory(t), { maxQueue: 3 });
  t.after(record.close);
  const settled = await Promise.allSettled(Array.from({ length: 5 }, () => record.append(auditEntry())));
  assert.deepEqual(
    settled.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'],
  );
  assert.equal(await record.append(auditEntry()), 3);
});

test('closing makes durable what waits and refuses what comes after', async (t) => {
  const directory = dataDirectory(t);
  const record = await openRecord(directory);
  const waiting = Array.from({ length: 3000 }, () => record.append(auditEntry()));
  const closed = Promise.all([record.close(), record.close()]);
  await assert.rejects(record.append(auditEntry()), unavailable);
  await closed;
  assert.equal((await Promise.all(waiting)).at(-1), 2999);
  assert.equal(verifyLog(directory, { verifierKey: record.publicKey() }).size, 3000);
});

test('an intent left open gets the outcome unknown at the next start, once', async (t) => {
  const directory = dataDirectory(t);
  const first = await openRecord(directory);
  const intent = auditEntry({ result: 'intent', correlationId: 'left open' });
  await first.append(intent);
  await first.append(auditEntry({ result: 'intent', correlationId: 'answered' }));
  await first.append(auditEntry({ result: 'allowed', correlationId: 'answered' }));
  await first.close();
  const clock = { now: () => intent.timestamp + 60_000 };
  for (const size of [4, 4]) {
    const next = await openRecord(directory, { clock });
    assert.equal(next.status().size, size);
    assert.deepEqual(await next.list({ result: 'unknown' }), [
      {
        ...intent,
        index: 3,
        timestamp: clock.now(),
        result: 'unknown',
        details: { reason: 'Genkan stopped before the outcome was known', intent: 0 },
      },
    ]);
    assert.ok((await next.verify()).ok);
    await next.close();
  }
});

test('a second intent under the id of one that is open is refused: one outcome would close both', async (t) => {
  const record = await openRecord(dataDirectory(t));
  t.after(record.close);
  const intent = auditEntry({ result: 'intent' });
  await record.append(intent);
  await assert.rejects(record.append(intent), unavailable);
  await record.append(auditEntry({ result: 'allowed' }));
  assert.equal(await record.append(intent), 2, 'control: once it is closed, the id is free');
  assert.ok((await record.verify()).ok);
});

test('a second writer is refused while the first goes on', async (t) => {
  const directory = dataDirectory(t);
  const record = await openRecord(directory);
  t.after(record.close);
  await assert.rejects(openRecord(directory), unavailable);
  assert.equal(await record.append(auditEntry()), 0);
});

test('stops recording when somebody else wrote into the log', async (t) => {
  const directory = dataDirectory(t);
  const record = await openRecord(directory);
  t.after(record.close);
  await record.append(auditEntry());
  const intruder = new DatabaseSync(logFile(directory), { timeout: 5000 });
  intruder.exec("INSERT INTO checkpoint VALUES (9, 0, 'forged')");
  await assert.rejects(record.append(auditEntry()), unavailable);
  await assert.rejects(record.append(auditEntry()), unavailable);
  assert.match(record.status().failure!, /another process wrote/);
  intruder.exec('DELETE FROM checkpoint WHERE size = 9');
  intruder.close();
  assert.equal(await record.append(auditEntry()), 1);
  assert.equal(record.status().failure, undefined);
});

test('refuses to continue a log whose key or last records were exchanged', async (t) => {
  const directory = dataDirectory(t);
  const record = await openRecord(directory);
  await record.append(auditEntry());
  await record.append(auditEntry());
  await record.close();
  const database = new DatabaseSync(logFile(directory), { timeout: 5000 });
  database.exec('DELETE FROM record WHERE idx = 1');
  database.close();
  await assert.rejects(openRecord(directory), /does not agree with its last checkpoint|subtree/);
  rmSync(keysOf(directory), { recursive: true });
  await assert.rejects(openRecord(directory), /was not signed with this key/);
});

test('keeps the origin that the log was made with, its key, and files for the owner alone', async (t) => {
  const directory = dataDirectory(t);
  const first = await openRecord(directory);
  await first.append(auditEntry());
  await first.close();
  const renamed = await openRecord(directory, { origin: 'elsewhere.test/audit' });
  t.after(renamed.close);
  assert.equal(renamed.publicKey(), first.publicKey());
  assert.equal(storedVerifierKey(keysOf(directory)), first.publicKey());
  assert.equal(openCheckpoint(createVerifier(first.publicKey()), renamed.checkpoint())?.origin, 'genkan.test/audit');
  for (const file of [logFile(directory), path.join(keysOf(directory), 'audit.key')]) {
    assert.equal(statSync(file).mode & 0o077, 0, file);
  }
});

test('a proof of any record convinces whoever has only the verifier key', async (t) => {
  const record = await openRecord(dataDirectory(t));
  t.after(record.close);
  await Promise.all(
    Array.from({ length: 37 }, (_, index) => record.append(auditEntry({ correlationId: `c${index}` }))),
  );
  for (const index of [0, 17, 31, 32, 36]) {
    const proven = verifyProof(record.proof(index)!, record.publicKey());
    assert.equal(proven?.index, index);
    assert.deepEqual(JSON.parse(proven.leaf.toString()), {
      index,
      v: 2,
      ...auditEntry({ correlationId: `c${index}` }),
    });
  }
  assert.equal(record.proof(37), undefined);
});

test('a damaged record is named when it is listed', async (t) => {
  const directory = dataDirectory(t);
  const record = await openRecord(directory);
  t.after(record.close);
  await record.append(auditEntry());
  await record.append(auditEntry());
  const intruder = new DatabaseSync(logFile(directory), { timeout: 5000 });
  intruder.exec("UPDATE record SET leaf = x'00' WHERE idx = 0");
  intruder.close();
  await assert.rejects(record.list(), { code: 'record_unavailable', message: /^record 0 is damaged/ });
  assert.equal((await record.list({ limit: 1 })).length, 1);
});

test('proves that the newest checkpoint extends an earlier one', async (t) => {
  const record = await openRecord(dataDirectory(t));
  t.after(record.close);
  const verifier = createVerifier(record.publicKey());
  await Promise.all(Array.from({ length: 13 }, () => record.append(auditEntry())));
  const earlier = openCheckpoint(verifier, record.checkpoint())!;
  await Promise.all(Array.from({ length: 20 }, () => record.append(auditEntry())));
  const { proof, checkpoint } = record.consistency(earlier.size)!;
  const later = openCheckpoint(verifier, checkpoint)!;
  const hashes = proof.map((hash) => Buffer.from(hash, 'base64'));
  assert.ok(verifyConsistency(earlier, later, hashes));
  assert.ok(!verifyConsistency({ ...earlier, root: later.root }, later, hashes));
  assert.equal(record.consistency(34), undefined);
});

test('verifies while it is being written, and another process may read meanwhile', async (t) => {
  const directory = dataDirectory(t);
  const record = await openRecord(directory);
  t.after(record.close);
  let go = true;
  const load = (async () => {
    while (go) await Promise.all(Array.from({ length: 50 }, () => record.append(auditEntry())));
  })();
  for (let round = 0; round < 5; round += 1) assert.deepEqual((await record.verify()).problems, []);
  const reader = openReader(directory);
  assert.ok((await reader.list({ limit: 5 })).length === 5);
  reader.close();
  go = false;
  await load;
});

test('keeps one checkpoint a minute, and the newest', async (t) => {
  const directory = dataDirectory(t);
  let nowMs = 0;
  const record = await openRecord(directory, { clock: { now: () => nowMs } });
  for (let index = 0; index < 10; index += 1) {
    nowMs = index * 25_000;
    await record.append(auditEntry());
  }
  await record.close();
  const database = new DatabaseSync(logFile(directory), { readOnly: true });
  const kept = database.prepare('SELECT size FROM checkpoint ORDER BY size').all();
  database.close();
  assert.deepEqual(
    kept.map((row) => row['size']),
    [3, 5, 8, 10],
  );
});

test('when the log is at rest, its file alone holds everything', async (t) => {
  const directory = dataDirectory(t);
  const record = await openRecord(directory);
  await record.append(auditEntry({ user: 'findable-in-the-file' }));
  await record.close();
  assert.ok(readFileSync(logFile(directory)).includes('findable-in-the-file'));
  assert.throws(() => statSync(`${logFile(directory)}-wal`), { code: 'ENOENT' });
});
