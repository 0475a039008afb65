// Tests of a log that cannot be written: calls are refused or go on with an alarm, and the gap stands in the log afterwards.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as passed } from 'node:timers/promises';
import { auditEntry, dataDirectory, openRecord } from '../../test/support/audit-directory.ts';
import type { Gap } from './gap.ts';
import { logFile } from './log-file.ts';
import type { AuditRecord } from './record.ts';

/** A log that nobody can write to while `blocked`. */
async function blockable(t: TestContext, fail: 'open' | 'closed') {
  const directory = dataDirectory(t);
  const alarms: Gap[] = [];
  let nowMs = 1_000;
  const clock = { now: () => nowMs };
  const record = await openRecord(directory, { fail, clock, alarm: (gap) => alarms.push(gap) });
  t.after(record.close);
  await record.append(auditEntry());
  const intruder = new DatabaseSync(logFile(directory), { timeout: 5000 });
  t.after(() => intruder.close());
  return {
    record,
    directory,
    alarms,
    tick: () => (nowMs += 1_000),
    block: () => intruder.exec("INSERT INTO checkpoint VALUES (999, 0, 'forged')"),
    unblock: () => intruder.exec('DELETE FROM checkpoint WHERE size = 999'),
  };
}

async function listedGap(record: AuditRecord) {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const [gap] = await record.list({ action: 'record.gap' });
    if (gap !== undefined) return gap;
    await passed(10);
  }
  throw new Error('the gap was not recorded');
}

test('closed: every call is refused, people hear of it once, and nothing has to be repaired', async (t) => {
  const { record, alarms, block, unblock } = await blockable(t, 'closed');
  block();
  for (let call = 0; call < 3; call += 1)
    await assert.rejects(record.append(auditEntry()), { code: 'record_unavailable' });
  assert.deepEqual(
    alarms.map(({ notRecorded }) => notRecorded),
    [0],
  );
  unblock();
  assert.equal(await record.append(auditEntry()), 1);
  block();
  await assert.rejects(record.append(auditEntry()));
  assert.equal(alarms.length, 2, 'the next trouble is told again');
});

test('open: calls go on, people hear of it once, and how many are missing stands in the log as soon as it can', async (t) => {
  const { record, alarms, block, unblock, tick } = await blockable(t, 'open');
  block();
  for (let call = 0; call < 3; call += 1) {
    tick();
    assert.equal(await record.append(auditEntry()), -1);
  }
  assert.deepEqual([alarms.length, alarms[0]!.notRecorded, record.status().gap?.notRecorded], [1, 1, 3]);
  await assert.rejects(
    record.insist(auditEntry()),
    { code: 'record_unavailable' },
    'what administrators do is not let pass',
  );
  unblock();
  tick();
  assert.equal(await record.append(auditEntry()), 1);
  const gap = await listedGap(record);
  assert.deepEqual([gap.user, gap.result], ['genkan', 'failed']);
  const { reason, ...told } = gap.details;
  assert.match(String(reason), /another process wrote/);
  assert.deepEqual(told, { notRecorded: 3, from: '1970-01-01T00:00:02.000Z', to: '1970-01-01T00:00:04.000Z' });
  assert.equal(record.status().gap, undefined);
  assert.deepEqual((await record.verify()).problems, []);
});

test('open: a gap stands in the log although Genkan stops before the log was tried again', async (t) => {
  const { record, directory, block, unblock } = await blockable(t, 'open');
  block();
  await record.append(auditEntry());
  unblock();
  await record.close();
  const again = await openRecord(directory);
  t.after(again.close);
  assert.equal((await listedGap(again)).details['notRecorded'], 1);
});

test('open: a gap that cannot be written before the end is told by the next start, once', async (t) => {
  const { record, directory, block, unblock } = await blockable(t, 'open');
  block();
  for (let call = 0; call < 2; call += 1) await record.append(auditEntry());
  await record.close();
  assert.ok(existsSync(path.join(directory, 'audit.gap.json')));
  unblock();
  const again = await openRecord(directory);
  assert.equal((await listedGap(again)).details['notRecorded'], 2);
  await again.close();
  const third = await openRecord(directory);
  t.after(third.close);
  assert.equal((await third.list({ action: 'record.gap' })).length, 1);
  assert.deepEqual((await third.verify()).problems, []);
});
