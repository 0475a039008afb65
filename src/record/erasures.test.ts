// Tests of erasures among several logs: the one that is asked announces them, the others give up the id of the person.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { auditEntry, dataDirectory, openRecord, subjectKeysInMemory } from '../../test/support/audit-directory.ts';
import { openDatabase } from '../state/database.ts';
import { createErasures } from './erasures.ts';
import { logFile } from './log-file.ts';
import { createLogBook } from './witness/log-book.ts';

const usersOf = (directory: string): unknown[] => {
  const database = new DatabaseSync(logFile(directory), { readOnly: true });
  const rows = database.prepare('SELECT DISTINCT user FROM record ORDER BY user').all();
  database.close();
  return rows.map(({ user }) => user);
};

test('who was erased at one log is not found by id in any other, and nobody else is touched', async (t) => {
  const subjectKeys = subjectKeysInMemory();
  const elsewhere = dataDirectory(t);
  const here = await openRecord(dataDirectory(t), { subjectKeys });
  // A key is known for a while: that of the other process has to be another cache.
  const there = await openRecord(elsewhere, { subjectKeys });
  t.after(() => Promise.all([here.close(), there.close()]));
  const database = await openDatabase(':memory:');
  t.after(() => database.destroy());
  const book = createLogBook(database);
  for (const [origin, record] of [
    ['a', here],
    ['b', there],
  ] as const)
    await book.enter({ origin, verifierKey: record.publicKey(), dataDirectory: origin });
  const erasures = createErasures(here.publicKey(), { database, clock: { now: () => 5_000 } });
  assert.equal(await erasures.others(), 1);

  for (const user of ['dana', 'dana', 'omar'])
    await there.append(auditEntry({ user, correlationId: crypto.randomUUID() }));
  const erased = await here.erase('dana', erasures.announce);
  assert.equal(erased?.records, 0, 'nothing of them is in this log');
  assert.deepEqual(usersOf(elsewhere), ['dana', 'omar']);
  assert.equal((await erasures.since(5_001)).size, 0);
  const announced = await erasures.since(0);
  assert.deepEqual([...announced], [erased?.pseudonym]);
  assert.equal(await there.follow(announced), 2);
  assert.deepEqual(usersOf(elsewhere), ['omar', erased?.pseudonym]);
  assert.equal(await there.follow(announced), 0);
  assert.deepEqual((await there.verify()).problems, []);
});
