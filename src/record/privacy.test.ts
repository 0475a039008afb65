// Tests of what the record tells of people: sealed for each of them, found by them, and gone with their key while every proof holds.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { auditEntry, dataDirectory, openRecord, subjectKeysInMemory } from '../../test/support/audit-directory.ts';
import { verifyProof } from './checkpoint.ts';
import type { AuditEntry } from './entry.ts';
import { logFile } from './log-file.ts';
import type { AuditRecord } from './record.ts';

const personal = {
  actor: { name: 'dana@example.com', kind: 'user' },
  client: 'editor-of-dana',
  sourceIP: '203.0.113.77',
  userAgent: 'danas-agent/1.0',
  groups: ['danas-group'],
  approval: { id: 'a1', by: 'omar-the-approver' },
  details: { word: 'danas-detail' },
} satisfies Partial<AuditEntry>;
const open = {
  server: 'files',
  tool: 'read',
  effect: 'read',
  actionRequired: [{ action: 'mcp/servers/files/tools/read/call', data: false, scope: '/servers/files/tools/read' }],
  durationMs: 12,
  bytesIn: 100,
} satisfies Partial<AuditEntry>;
const dana = (changes: Partial<AuditEntry> = {}): AuditEntry => auditEntry({ ...open, ...personal, ...changes });
const leavesOf = (directory: string): string => {
  const database = new DatabaseSync(logFile(directory), { readOnly: true });
  const rows = database.prepare('SELECT CAST(leaf AS TEXT) AS leaf FROM record').all();
  database.close();
  return rows.map((row) => String(row['leaf'])).join('\n');
};

async function opened(
  t: TestContext,
  more: Parameters<typeof openRecord>[1] = {},
): Promise<{ directory: string; record: AuditRecord }> {
  const directory = dataDirectory(t);
  const record = await openRecord(directory, { subjectKeys: subjectKeysInMemory(), ...more });
  t.after(record.close);
  return { directory, record };
}

test('what tells a person stands in no leaf as it is, and is read again as it was written', async (t) => {
  const { directory, record } = await opened(t);
  await record.append(dana());
  const leaf = leavesOf(directory);
  for (const word of ['dana', '203.0.113.77', 'omar']) assert.ok(!leaf.includes(word), word);
  for (const word of ['"tool":"read"', 'tools/call', '"durationMs":12']) assert.ok(leaf.includes(word), word);
  const [read] = await record.list({ user: 'dana' });
  const { index, subject, ...entry } = read!;
  assert.equal(index, 0);
  assert.match(subject!, /^subject:[\w-]{22}$/);
  assert.deepEqual(entry, dana());
  for await (const scanned of record.scan({ fromMs: 0, toMs: 2 ** 52, user: 'dana' })) assert.deepEqual(scanned, read);
});

test('erasing a person takes what tells of them, leaves the root and every proof as they were, and nobody else is touched', async (t) => {
  const { directory, record } = await opened(t);
  for (let round = 0; round < 20; round += 1) {
    await record.append(dana({ correlationId: `d${round}` }));
    await record.append(dana({ user: 'omar', correlationId: `o${round}` }));
  }
  const before = await record.verify();
  const [proof, checkpoint] = [record.proof(6)!, record.checkpoint()];
  const erased = await record.erase('dana');
  assert.deepEqual([erased?.records, erased?.left], [20, 0]);
  const after = await record.verify();
  assert.deepEqual([after.problems, after.root, record.checkpoint()], [[], before.root, checkpoint]);
  assert.equal(record.proof(6), proof);
  assert.ok(verifyProof(proof, record.publicKey()));

  assert.deepEqual(await record.list({ user: 'dana' }), []);
  const gone = await record.list({ user: erased!.pseudonym });
  assert.equal(gone.length, 20);
  const { tool, withheld, details, actor, sourceIP } = gone[0]!;
  assert.deepEqual([tool, withheld, details, actor, sourceIP], ['read', 'erased', {}, undefined, '']);
  assert.deepEqual((await record.list({ user: 'omar' }))[0]!.details, personal.details);

  await record.append(dana({ correlationId: 'again' }));
  const [again] = await record.list({ user: 'dana' });
  assert.notEqual(again!.subject, erased!.pseudonym, 'whoever comes back is somebody else');
  assert.equal(await record.erase('nobody'), undefined);
  await record.close();
  const files = readFileSync(logFile(directory)).toString('latin1');
  assert.equal(files.split('dana').length - 1, 2, 'by this name the new record is found, in its row and in the index');
});

test('the control: with the key that was destroyed, a copy of the log would tell everything', async (t) => {
  const keys = subjectKeysInMemory();
  const { record } = await opened(t, { subjectKeys: keys });
  await record.append(dana());
  const key = await keys.obtain('dana');
  await record.erase('dana');
  assert.equal((await record.list())[0]!.withheld, 'erased');
  const { createSubject } = await import('./subject.ts');
  const { decodeLeaf } = await import('./leaf.ts');
  const leaf = Buffer.from(/extra (\S+)/.exec(record.proof(0)!)![1]!, 'base64');
  assert.equal(decodeLeaf(leaf, createSubject(key)).actor?.name, 'dana@example.com');
});

test('putting a record to somebody else, or hiding somebody behind a pseudonym, is found', async (t) => {
  const { directory, record } = await opened(t);
  await record.append(dana());
  await record.append(dana({ user: 'omar', correlationId: 'c1' }));
  const intruder = new DatabaseSync(logFile(directory), { timeout: 5000 }); // the writer settles at any time
  for (const user of ['omar', 'subject:0123456789012345678901', '']) {
    intruder.prepare('UPDATE record SET user = ? WHERE idx = 0').run(user);
    assert.match((await record.verify()).problems[0]?.reason ?? '', /the person by whom the record is found/, user);
  }
  intruder.prepare("UPDATE record SET user = 'dana' WHERE idx = 0").run();
  intruder.close();
  assert.deepEqual((await record.verify()).problems, []);
});

test('contents of calls are kept as far as the settings say, and shown with the key of the person alone', async (t) => {
  const { directory, record } = await opened(t, {
    payloads: {
      results: 'none',
      servers: { files: { tools: { read: { arguments: 'full', results: 'redacted' } } } },
    } as never,
  });
  record.redactWith((value) => JSON.parse(JSON.stringify(value).replaceAll('hunter2', '*******')));
  const contents = { arguments: { password: 'hunter2' }, answer: { text: 'it is hunter2' } };
  await record.append(dana(), contents);
  await record.append(dana({ server: 'other', correlationId: 'c1' }), contents);
  const [digestOnly, kept] = await record.list();
  assert.deepEqual([digestOnly!.arguments?.kept, digestOnly!.answer], [undefined, undefined]);
  assert.equal(digestOnly!.arguments!.digest, kept!.arguments!.digest, 'alike for the same person');
  assert.deepEqual([kept!.arguments?.kept, kept!.answer?.kept], ['full', 'redacted']);
  assert.deepEqual((await record.show(0))!.contents, {
    arguments: { kept: 'full', json: '{"password":"hunter2"}' },
    answer: { kept: 'redacted', json: '{"text":"it is *******"}' },
  });
  assert.equal((await record.show(1))!.contents, undefined);
  assert.ok(!readFileSync(logFile(directory)).includes('hunter2'));

  const intruder = new DatabaseSync(logFile(directory), { timeout: 5000 }); // the writer settles at any time
  const { sealed } = intruder.prepare('SELECT sealed FROM contents').get() as { sealed: string };
  intruder.prepare('UPDATE contents SET sealed = ?').run(`${sealed.slice(0, -8)}AAAAAAA=`);
  await assert.rejects(record.show(0), { code: 'record_unavailable' });
  assert.match((await record.verify()).problems[0]!.reason, /what was kept of the call/);
  intruder.exec('DELETE FROM contents');
  assert.match((await record.verify()).problems[0]!.reason, /what was kept of the call/);
  intruder.close();
});

test('contents that are too long are cut, with the digest and length of the whole', async (t) => {
  const { record } = await opened(t, { payloads: { arguments: 'full', maxBytes: 1024 } });
  await record.append(dana(), { arguments: { text: '玄'.repeat(5000) } });
  const { entry, contents } = (await record.show(0))!;
  assert.equal(entry.arguments?.bytes, 15_011);
  assert.equal(contents?.arguments?.cut, true);
  assert.ok(Buffer.byteLength(contents!.arguments!.json) <= 1024 + 2);
});

test('an intent that a crash left open is told of as unknown under the same pseudonym', async (t) => {
  const directory = dataDirectory(t);
  const subjectKeys = subjectKeysInMemory();
  const first = await openRecord(directory, { subjectKeys });
  await first.append(dana({ result: 'intent' }));
  await first.close();
  const record = await openRecord(directory, { subjectKeys });
  t.after(record.close);
  const [unknown, intent] = await record.list({ user: 'dana' });
  assert.deepEqual([unknown!.result, unknown!.subject, unknown!.actor], ['unknown', intent!.subject, personal.actor]);
  assert.deepEqual(unknown!.details, { reason: 'Genkan stopped before the outcome was known', intent: 0 });
  assert.deepEqual((await record.verify()).problems, []);
});

test('where the key of a person cannot be had, nothing of them is recorded and so nothing is done', async (t) => {
  const keys = { ...subjectKeysInMemory(), obtain: () => Promise.reject(new Error('the vault is away')) };
  const { record } = await opened(t, { subjectKeys: keys });
  await assert.rejects(record.append(dana()), { code: 'record_unavailable' });
});

test('somebody whose id is too long for a record, or no text, is found, verified and erased like everybody else', async (t) => {
  const { record } = await opened(t);
  const ids = ['L'.repeat(1500), 'a\ud800b'];
  for (const user of ids) await record.append(dana({ user, correlationId: user.slice(0, 3) }));
  // One that has to be cut to the bone.
  await record.append(
    dana({ user: ids[0]!, correlationId: 'full', findings: Array(60).fill({ rule: '\u0001'.repeat(1000) }) as never }),
  );
  assert.deepEqual((await record.verify()).problems, []);
  assert.equal((await record.erase(ids[0]!))?.records, 2);
  assert.equal((await record.erase(ids[1]!))?.records, 1);
  assert.deepEqual((await record.verify()).problems, []);
  assert.ok((await record.list()).every(({ withheld }) => withheld === 'erased'));
});

test('once it is said that a person is erased, no file of the log has their id in it', async (t) => {
  const { directory, record } = await opened(t);
  for (let round = 0; round < 20; round += 1)
    await record.append(dana({ user: 'dana-residue@tid', correlationId: `d${round}` }));
  await record.erase('dana-residue@tid');
  for (const file of readdirSync(directory).filter((name) => name.startsWith('audit.db')))
    assert.ok(!readFileSync(path.join(directory, file)).includes('dana-residue'), file);
});
