// Attack: a receiver of exports that keeps every delivery open for ever, so that nobody else hears of anything either.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { noNotifier } from '../../src/base/notice.ts';
import { createExports } from '../../src/record/export/exports.ts';
import { exportSettings } from '../../src/record/export/settings.ts';
import { createMetrics } from '../../src/record/metrics.ts';
import { openDatabase } from '../../src/state/database.ts';
import { createLeases } from '../../src/state/leases.ts';
import { auditEntry, dataDirectory, openRecord } from '../support/audit-directory.ts';
import { startExportReceiver } from '../support/export-receiver.ts';

test('a receiver that never answers keeps nobody else waiting and is left after its time; control: with all the time in the world it holds the delivery', async (t) => {
  const directory = dataDirectory(t);
  const record = await openRecord(directory);
  const database = await openDatabase(path.join(directory, 'genkan.db'));
  await using silent = await startExportReceiver();
  await using other = await startExportReceiver();
  silent.answer = () => undefined;
  const hook = (url: string, timeoutSeconds: number) => ({
    type: 'webhook',
    url,
    timeoutSeconds,
    secret: { source: 'env', name: 'KEY' },
  });
  const settings = exportSettings.parse({
    sinks: { silent: hook(silent.url, 1), patient: hook(silent.url, 600), other: hook(other.url, 30) },
  });
  const exports = createExports(settings, {
    record,
    database,
    leases: createLeases({ database, clock: systemClock }),
    clock: systemClock,
    log: createLog('silent'),
    notices: noNotifier,
    metrics: createMetrics(),
    secret: () => Promise.resolve('a-key-of-more-than-24-characters'),
    fetch,
    folder: directory,
  });
  exports.attend();
  await record.append(auditEntry());
  const state = async (sink: string) => (await exports.list()).find((view) => view.sink === sink)!;
  const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
    for (const endMs = Date.now() + 50_000; !(await condition()); await after(20))
      assert.ok(Date.now() < endMs, 'it did not come about');
  };
  await until(async () => ((await state('silent')).failures ?? 0) >= 2);
  assert.match((await state('silent')).lastError!, /not in time/);
  await until(async () => (await state('other')).waiting === 0);
  assert.equal((await state('silent')).waiting, (await state('silent')).size, 'and nothing counts as delivered');
  assert.equal((await state('patient')).failures, 0, 'still held');

  await exports.close(); // also while it is held
  await record.close();
  await database.destroy();
});
