// The attacker can write to the data directory and wants the log to tell another story.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openAuditLog } from '../../src/record/audit-log.ts';
import { decodeLeaf, prepareEntry } from '../../src/record/leaf.ts';
import type { PreparedEntry } from '../../src/record/leaf.ts';
import { logFile } from '../../src/record/log-file.ts';
import { leafHash } from '../../src/record/merkle.ts';
import { createSigner, generateSigningKey } from '../../src/record/note.ts';
import { openReader } from '../../src/record/reader.ts';
import { createSearch } from '../../src/record/search/search.ts';
import { searchSettings } from '../../src/record/search/settings.ts';
import { verifyLog } from '../../src/record/verify.ts';
import type { Verification } from '../../src/record/verify.ts';
import { auditEntry, dataDirectory, keysOf, openRecord } from '../support/audit-directory.ts';

interface Victim {
  readonly directory: string;
  readonly verifierKey: string;
  /** Checkpoints as they were pushed elsewhere, by their size. */
  readonly kept: ReadonlyMap<number, string>;
  verify(options?: { keptCheckpoint?: string }): Verification;
  edit(sql: string, ...values: (string | number | Uint8Array)[]): void;
}

const size = 60;

/** A log of sixty records over some minutes; one call is still open. */
async function victim(t: TestContext): Promise<Victim> {
  const directory = dataDirectory(t);
  let nowMs = 0;
  const record = await openRecord(directory, { clock: { now: () => nowMs } });
  const kept = new Map<number, string>();
  for (let index = 0; index < size; index += 1) {
    nowMs = index * 10_000;
    const result = index % 10 === 0 ? 'intent' : index % 7 === 0 ? 'denied' : 'allowed';
    await record.append(
      auditEntry({ timestamp: nowMs, result, correlationId: `c${index - (index % 10 === 1 ? 1 : 0)}` }),
    );
    kept.set(index + 1, record.checkpoint());
  }
  await record.append(auditEntry({ timestamp: nowMs, result: 'intent', correlationId: 'open' }));
  await record.close();
  const verifierKey = record.publicKey();
  return {
    directory,
    verifierKey,
    kept,
    verify: (options = {}) => verifyLog(directory, { verifierKey, ...options }),
    edit(sql, ...values) {
      const database = new DatabaseSync(logFile(directory), { timeout: 5000 });
      database.prepare(sql).run(...values);
      database.close();
    },
  };
}

const reasons = (verification: Verification): string => verification.problems.map(({ reason }) => reason).join('; ');

/** Writes the whole story anew with the given key, `edit` changing it on the way. */
function rewrite({ directory }: Victim, signingKey: string, edit: (entries: PreparedEntry[]) => PreparedEntry[]): void {
  const database = new DatabaseSync(logFile(directory), { timeout: 5000 });
  const rows = database.prepare('SELECT leaf FROM record ORDER BY idx').all();
  database.close();
  const story = rows.map((row) => prepareEntry(decodeLeaf(row['leaf'] as Uint8Array), 16_384));
  rmSync(logFile(directory));
  const log = openAuditLog(directory, createSigner(signingKey), { mayBegin: true, nowMs: 0 });
  log.append(edit(story), 0);
  log.close();
}

test('the control: an untouched log verifies, also against every checkpoint that was kept', async (t) => {
  const { verify, kept } = await victim(t);
  assert.deepEqual(verify().problems, []);
  assert.equal(verify().size, size + 1);
  for (const keptCheckpoint of kept.values()) assert.ok(verify({ keptCheckpoint }).ok);
});

test('flipping a byte of a record, wherever in its row, is found and the record named', async (t) => {
  const { directory, verify } = await victim(t);
  const bytes = readFileSync(logFile(directory));
  const start = bytes.indexOf('dana', bytes.indexOf('{"index":41,') - 140);
  const end = bytes.indexOf('"userAgent":"test/1.0"}', bytes.indexOf('{"index":41,')) + 23;
  assert.ok(start > 0 && end - start > 300);
  for (let offset = start; offset < end; offset += 5) {
    const flipped = Buffer.from(bytes);
    flipped[offset]! ^= 1 << (offset % 8);
    writeFileSync(logFile(directory), flipped);
    const { ok, problems } = verify();
    assert.ok(!ok, `the byte at ${offset - start} of the record`);
    assert.ok(
      problems.some(({ index }) => index === 41),
      `names the record: ${JSON.stringify(problems)}`,
    );
  }
});

test('flipping bytes anywhere in the file never passes for a sound log with other records, and never crashes', async (t) => {
  const { directory, verify } = await victim(t);
  const bytes = readFileSync(logFile(directory));
  const content = (): string => {
    try {
      const database = new DatabaseSync(logFile(directory), { readOnly: true });
      try {
        const rows = database.prepare('SELECT idx, user, result, CAST(leaf AS TEXT) AS leaf FROM record').all();
        return JSON.stringify(rows);
      } finally {
        database.close();
      }
    } catch (error) {
      return String(error);
    }
  };
  const original = content();
  let found = 0;
  for (let offset = 0; offset < bytes.length; offset += 61) {
    const flipped = Buffer.from(bytes);
    flipped[offset]! ^= 1 << (offset % 8);
    writeFileSync(logFile(directory), flipped);
    const { ok } = verify();
    if (content() !== original) assert.ok(!ok, `the byte at ${offset}`);
    found += ok ? 0 : 1;
  }
  t.diagnostic(`${found} of ${Math.ceil(bytes.length / 61)} flips found; the others hit unused space`);
  assert.ok(found > 100);
});

test('changing, removing, exchanging or adding rows is found', async (t) => {
  const edits: [string, RegExp][] = [
    ["UPDATE record SET user = 'omar' WHERE idx = 7", /columns by which the record is found/],
    ['UPDATE record SET timestamp = timestamp + 1 WHERE idx = 7', /columns by which the record is found/],
    ['DELETE FROM by_user WHERE idx = 7', /not found by its person/],
    ["UPDATE by_user SET user = 'omar' WHERE idx = 7", /not found by its person.*found by who it is not of/],
    ["INSERT INTO by_user VALUES ('omar', 70000, 7)", /found by who it is not of/],
    ["INSERT INTO by_user VALUES ('dana', 70001, 7)", /found by who it is not of/],
    ["INSERT INTO by_user VALUES ('nobody', 5, 1000000)", /led to no record/],
    ['UPDATE by_user_cursor SET next = 7', /found by who it is not of/],
    ['DELETE FROM by_user_cursor', /found by who it is not of/],
    ['DELETE FROM record WHERE idx = 7', /missing/],
    ['DELETE FROM record WHERE idx >= 50', /missing/],
    ['DELETE FROM record', /missing/],
    ['UPDATE record SET idx = CASE idx WHEN 7 THEN -1 ELSE idx END', /missing/],
    [
      'INSERT INTO record SELECT 61, timestamp, user, action, resource, result, correlation_id, hashes, leaf FROM record WHERE idx = 3',
      /not covered/,
    ],
    [
      'UPDATE record SET hashes = (SELECT hashes FROM record WHERE idx = 3), leaf = (SELECT leaf FROM record WHERE idx = 3) WHERE idx = 5',
      /columns|root/,
    ],
    ['UPDATE record SET hashes = zeroblob(length(hashes)) WHERE idx = 7', /hash/],
    ["UPDATE checkpoint SET note = replace(note, '61', '60') WHERE size = 61", /not signed/],
    ['DELETE FROM checkpoint WHERE size = 61', /not covered/],
    ['DELETE FROM checkpoint', /no checkpoint/],
    ['UPDATE checkpoint SET size = 9007199254740000 WHERE size = 61', /missing/],
    ['DELETE FROM open_intent', /open intents/],
  ];
  const { directory, verify, edit } = await victim(t);
  const untouched = path.join(directory, 'untouched');
  cpSync(logFile(directory), untouched);
  for (const [sql, reason] of edits) {
    cpSync(untouched, logFile(directory));
    assert.ok(verify().ok);
    edit(sql);
    const verification = verify();
    assert.ok(!verification.ok, sql);
    assert.match(reasons(verification), reason, sql);
  }
});

test('recomputing the hashes after an edit is found, because the root was signed', async (t) => {
  const { verify, edit, directory } = await victim(t);
  const database = new DatabaseSync(logFile(directory), { timeout: 5000 });
  const row = database.prepare('SELECT leaf FROM record WHERE idx = 14').get()!; // even: completes no other subtree
  database.close();
  const forged = Buffer.from(
    Buffer.from(row['leaf'] as Uint8Array)
      .toString()
      .replace('"denied"', '"failed"'),
  );
  edit("UPDATE record SET leaf = ?, hashes = ?, result = 'failed' WHERE idx = 14", forged, leafHash(forged));
  assert.match(reasons(verify()), /hashes of the tree|root that was signed/);
});

test('rewriting the whole log with a key of their own convinces only those who do not ask for ours', async (t) => {
  const target = await victim(t);
  const key = generateSigningKey('genkan.test/audit');
  rewrite(target, key, (entries) => entries.filter(({ result }) => result !== 'denied'));
  const control = verifyLog(target.directory, { verifierKey: createSigner(key).verifierKey });
  assert.ok(control.ok, 'the control: everything fits together, were it not for the key');
  assert.match(reasons(target.verify()), /not signed by this key/);
});

test('rewriting the log with our stolen key is found by any checkpoint kept elsewhere', async (t) => {
  const target = await victim(t);
  const stolen = readFileSync(path.join(keysOf(target.directory), 'audit.key'), 'utf8');
  rewrite(target, stolen, (entries) =>
    entries.with(40, { ...entries[40]!, user: 'omar', rest: entries[40]!.rest.replace('"dana"', '"omar"') }),
  );
  assert.ok(target.verify().ok, 'the control: nothing inside the data directory can tell');
  for (const [at, keptCheckpoint] of target.kept) {
    const { ok, problems } = target.verify({ keptCheckpoint });
    assert.equal(ok, at <= 40, `a checkpoint over ${at} records`);
    if (!ok) assert.match(problems[0]!.reason, /rewritten/);
  }
});

test('deleting the log, or emptying it, does not make Genkan begin another', async (t) => {
  const { directory, verify } = await victim(t);
  writeFileSync(logFile(directory), '');
  await assert.rejects(openRecord(directory), /the audit log is gone/);
  rmSync(logFile(directory));
  await assert.rejects(openRecord(directory), /the audit log is gone/);
  assert.ok(!verify().ok);
  rmSync(path.join(keysOf(directory), 'audit.vkey'));
  const control = await openRecord(directory);
  assert.ok((await control.verify()).ok, 'the control: without a published key, it is a beginning like any other');
  await control.close();
});

test('cutting the log back to an earlier checkpoint is found by any later one kept elsewhere', async (t) => {
  const { verify, edit, kept } = await victim(t);
  edit('DELETE FROM record WHERE idx >= 30');
  edit('DELETE FROM checkpoint WHERE size > 30');
  edit('DELETE FROM open_intent');
  assert.ok(verify().ok, 'the control: nothing inside the data directory can tell');
  assert.match(reasons(verify({ keptCheckpoint: kept.get(31)! })), /the log was cut/);
  assert.match(reasons(verify({ keptCheckpoint: kept.get(30)!.replace('30', '29') })), /not signed/);
});

test('rows that lead to records of others, or to none, hide nothing, and bring up nobody who is not on record', async (t) => {
  const { directory, edit, verify } = await victim(t);
  const rows = "SELECT 'dana', 0, value FROM json_each(?)";
  const away = JSON.stringify(Array.from({ length: 1000 }, (_, at) => 1_000_000 + at));
  edit(`INSERT OR IGNORE INTO by_user ${rows}`, away);
  edit("INSERT INTO by_user VALUES ('dana', 1, 60), ('omar', 5, 3)");
  edit("INSERT INTO by_user SELECT 'a', timestamp, idx FROM by_user WHERE user = 'dana' LIMIT 9");
  const forged = new DatabaseSync(logFile(directory), { readOnly: true });
  const { count } = forged.prepare("SELECT count(*) AS count FROM by_user WHERE user = 'omar'").get()!;
  forged.close();
  assert.equal(count, 1, 'the control: the list alone says that there is something of omar');
  const reader = openReader(directory);
  t.after(() => reader.close());
  assert.equal(reader.first({ user: 'omar' }), undefined);
  assert.equal(reader.first({ user: 'a' }), undefined);
  assert.equal(reader.first({ user: 'dana', fromMs: 1, toMs: 5000 }), undefined);
  assert.equal(reader.first({ user: 'dana' }), 0);
  assert.equal(reader.nextUser(''), 'dana');
  assert.equal(reader.nextUser('dana'), undefined);
  const seen: number[] = [];
  for await (const { index } of reader.scan({ fromMs: 0, toMs: Infinity, user: 'dana' })) seen.push(index);
  assert.deepEqual(
    seen,
    Array.from({ length: size + 1 }, (_, index) => index),
  );
  const search = createSearch(searchSettings.parse({}), { dataDirectory: directory, clock: { now: () => 0 } });
  assert.deepEqual((await search({ query: 'MCPAuditLog | where user == "dana" | count' })).rows, [[size + 1]]);
  // Where a question is answered in several steps, one record could be led to in two of them.
  const many = JSON.stringify(Array.from({ length: 9000 }, (_, at) => at));
  edit("INSERT OR IGNORE INTO by_user SELECT 'dana', value, 60 FROM json_each(?)", many);
  assert.deepEqual((await search({ query: 'MCPAuditLog | where user == "dana" | count' })).rows, [[size + 1]]);
  const { problems } = verify();
  assert.equal(problems.length, 100);
});
