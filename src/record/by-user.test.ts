// Whose records are whose: found alike before and after they are listed, also in the log of an older Genkan; what is hidden is found.
import assert from 'node:assert/strict';
import { closeSync, openSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { auditEntry, dataDirectory } from '../../test/support/audit-directory.ts';
import { openAuditLog } from './audit-log.ts';
import { prepareEntry } from './leaf.ts';
import { logFile, openForWriting } from './log-file.ts';
import { createSigner, generateSigningKey } from './note.ts';
import { openReader } from './reader.ts';
import type { Reader, ScanQuery } from './reader.ts';
import { createSearch } from './search/search.ts';
import { searchSettings } from './search/settings.ts';
import { verifyLog } from './verify.ts';

const signer = createSigner(generateSigningKey('by-user.test/audit'));
const startMs = Date.UTC(2026, 5, 15, 12);
const users = ['dana', 'kim', 'omar'];
/** Nearly in the order of time, as several people's records are. */
const timeOf = (index: number): number => startMs + index * 10 - (index % 7) * 25;
const entryOf = (index: number) =>
  prepareEntry(auditEntry({ timestamp: timeOf(index), user: users[index % 3]!, correlationId: `c${index}` }), 16_384);
const opened = (directory: string) => openAuditLog(directory, signer, { mayBegin: true, nowMs: startMs });
type Log = ReturnType<typeof opened>;

function append(log: Log, count: number): void {
  const first = log.size();
  for (let at = 0; at < count; at += 100)
    log.append(
      Array.from({ length: Math.min(100, count - at) }, (_, more) => entryOf(first + at + more)),
      startMs,
    );
}

async function scanned(reader: Reader, query: ScanQuery): Promise<number[]> {
  const indices: number[] = [];
  for await (const { index } of reader.scan(query)) indices.push(index);
  return indices;
}

/** All that can be asked about one person, and what the records say. */
async function asked(directory: string, size: number): Promise<void> {
  const reader = openReader(directory);
  try {
    const indices = Array.from({ length: size }, (_, index) => index);
    for (const [at, user] of users.entries()) {
      const own = indices.filter((index) => index % 3 === at).sort((a, b) => timeOf(a) - timeOf(b) || a - b);
      assert.deepEqual(await scanned(reader, { fromMs: 0, toMs: Infinity, user }), own, `scan of ${user}`);
      const [fromMs, toMs] = [timeOf(size >> 1), timeOf(size - 9)];
      const between = own.filter((index) => timeOf(index) >= fromMs && timeOf(index) < toMs);
      assert.deepEqual(await scanned(reader, { fromMs, toMs, user }), between, `a part of ${user}`);
      assert.equal(reader.first({ user, fromMs, toMs }), between[0]);
      const search = createSearch(searchSettings.parse({}), {
        dataDirectory: directory,
        clock: { now: () => startMs + 86_400_000 },
      });
      const query = `MCPAuditLog | where user == "${user}" and timestamp >= datetime(${new Date(fromMs).toISOString()}) | count`;
      const counted = own.filter((index) => timeOf(index) >= fromMs).length;
      assert.deepEqual((await search({ query })).rows, [[counted]], query);
      const two = `MCPAuditLog | where user in ("${user}", "nobody") | summarize count() by user`;
      assert.deepEqual((await search({ query: two })).rows, [[user, own.length]]);
    }
    assert.deepEqual(
      [reader.nextUser(''), reader.nextUser('dana'), reader.nextUser('omar')],
      ['dana', 'kim', undefined],
    );
  } finally {
    reader.close();
  }
}

const listed = (directory: string): number => {
  const database = new DatabaseSync(logFile(directory), { readOnly: true });
  const { count } = database.prepare('SELECT count(*) AS count FROM by_user').get()!;
  database.close();
  return Number(count);
};

test('the records of a person are found before they are listed, half listed, and all listed', async (t) => {
  const directory = dataDirectory(t);
  const log = opened(directory);
  t.after(log.close);
  append(log, 300);
  assert.equal(listed(directory), 0, 'control: none is listed yet');
  await asked(directory, 300);
  append(log, 1000);
  assert.equal(listed(directory), 1024);
  await asked(directory, 1300);
  assert.equal(log.settle(), false);
  assert.equal(listed(directory), 1300);
  await asked(directory, 1300);
  assert.deepEqual(verifyLog(directory, { verifierKey: signer.verifierKey }).problems, []);
});

test('what is hidden from those who look for a person is found', (t) => {
  const directory = dataDirectory(t);
  const log = opened(directory);
  append(log, 30);
  log.settle();
  log.close();
  const intruder = new DatabaseSync(logFile(directory), { timeout: 5000 });
  intruder.prepare('DELETE FROM by_user WHERE idx = 7').run();
  intruder.prepare("UPDATE by_user SET user = 'omar' WHERE idx = 9").run();
  intruder.close();
  assert.deepEqual(
    verifyLog(directory, { verifierKey: signer.verifierKey }).problems.map(({ index }) => index),
    [7, 9, 9],
  );
});

test('where the list cannot be read, all records are judged even so', (t) => {
  const directory = dataDirectory(t);
  const log = opened(directory);
  append(log, 1500);
  while (log.settle());
  log.close();
  const database = new DatabaseSync(logFile(directory), { timeout: 5000 });
  const { page } = database.prepare("SELECT rootpage AS page FROM sqlite_schema WHERE name = 'by_user'").get()!;
  const { size } = database.prepare('SELECT page_size AS size FROM pragma_page_size').get()!;
  database.close();
  const file = openSync(logFile(directory), 'r+');
  writeSync(file, Buffer.alloc(Number(size), 0xff), 0, Number(size), (Number(page) - 1) * Number(size));
  closeSync(file);
  const found = verifyLog(directory, { verifierKey: signer.verifierKey });
  assert.equal(found.size, 1500);
  assert.match(found.problems[0]!.reason, /whose records are whose cannot be read/);
});

test('an older Genkan that forgets somebody, or removes records, leaves nothing of them in the list', (t) => {
  const directory = dataDirectory(t);
  const log = opened(directory);
  append(log, 300);
  log.settle();
  log.close();
  const older = new DatabaseSync(logFile(directory), { timeout: 5000 });
  older.exec("UPDATE record SET user = 'subject:x' WHERE user = 'dana'; DELETE FROM record WHERE idx < 30");
  older.close();
  const reader = openReader(directory);
  t.after(() => reader.close());
  assert.deepEqual([reader.nextUser(''), reader.nextUser('omar')], ['kim', 'subject:x']);
  assert.equal(reader.first({ user: 'kim' }), 34, 'the first in the order of time');
  assert.equal(listed(directory), 270);
});

test('removed records are listed no more, and later ones still are', async (t) => {
  const directory = dataDirectory(t);
  const log = opened(directory);
  t.after(log.close);
  append(log, 1300);
  assert.equal(log.prune(600, 10_000), 600);
  assert.equal(listed(directory), 1024 - 600);
  assert.equal(log.prune(1100, 10_000), 500);
  assert.equal(listed(directory), 0);
  log.settle();
  assert.equal(listed(directory), 200);
});

test('the log of an older Genkan is read as it is, and its index is taken over when it is written to', async (t) => {
  const directory = dataDirectory(t);
  let log = opened(directory);
  append(log, 300);
  log.close();
  const older = new DatabaseSync(logFile(directory), { timeout: 5000 });
  older.exec('DROP TABLE by_user; DROP TABLE by_user_cursor; CREATE INDEX record_user ON record (user, timestamp)');
  older.close();
  await asked(directory, 300);
  assert.deepEqual(verifyLog(directory, { verifierKey: signer.verifierKey }).problems, []);
  log = opened(directory);
  assert.equal(listed(directory), 300);
  append(log, 100);
  await asked(directory, 400);
  log.close();
  // And once more, should the older one have written again meanwhile.
  const again = openForWriting(directory);
  again.exec('CREATE INDEX record_user ON record (user, timestamp)');
  again.close();
  opened(directory).close();
  await asked(directory, 400);
});
