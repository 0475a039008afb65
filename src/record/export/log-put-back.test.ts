// A log that was put back from a copy, after which other records have come to stand where a sink has had some.
import assert from 'node:assert/strict';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { auditEntry, dataDirectory } from '../../../test/support/audit-directory.ts';
import { exportGround } from '../../../test/support/export-ground.ts';
import type { ExportGround } from '../../../test/support/export-ground.ts';
import type { ExportedRecord } from './sink.ts';

const delivery = { batch: { records: 10, bytes: 65_536 } };

/** Runs a Genkan that records so many calls before its exporter begins, until all is delivered. */
async function run(
  t: TestContext,
  directory: string,
  calls: readonly string[],
  more?: (ground: ExportGround) => Promise<void>,
): Promise<ExportGround> {
  const ground = await exportGround(t, delivery, {}, directory);
  for (const correlationId of calls) await ground.record.append(auditEntry({ action: 'tools/call', correlationId }));
  await more?.(ground);
  ground.exporter.attend();
  await ground.until(async () => ground.record.extent().size - 1 === (await ground.exporter.state()).acknowledged);
  await ground.close();
  return ground;
}

const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${prefix}${at}`);
const isLog = (name: string): boolean => name.startsWith('audit.db');
const namesOf = (taken: readonly ExportedRecord[]): string[] =>
  taken.filter(({ action }) => action === 'tools/call').map(({ correlationId }) => correlationId);

/** What a sink gets of 40 calls, 30 more that the log then loses, and others after it was put back. */
async function putBack(t: TestContext, after: number): Promise<{ before: ExportedRecord[]; back: ExportGround }> {
  const directory = dataDirectory(t);
  const first = await run(t, directory, names('kept', 40));
  const copy = dataDirectory(t);
  for (const name of readdirSync(directory).filter(isLog)) cpSync(path.join(directory, name), path.join(copy, name));
  const second = await run(t, directory, names('lost', 30));
  assert.deepEqual(namesOf([...first.taken, ...second.taken]), [...names('kept', 40), ...names('lost', 30)]);
  for (const name of readdirSync(directory).filter(isLog)) rmSync(path.join(directory, name));
  for (const name of readdirSync(copy).filter(isLog)) cpSync(path.join(copy, name), path.join(directory, name));
  const back = await run(t, directory, names('new', after));
  return { before: [...first.taken, ...second.taken], back };
}

for (const [after, state] of [
  [5, 'is still shorter'],
  [200, 'has long been longer'],
] as const)
  test(`a log that ${state} than what the sink has had is known to be another, and nothing new is passed over`, async (t) => {
    const { before, back } = await putBack(t, after);
    const got = namesOf(back.taken);
    assert.deepEqual(
      got.filter((name) => name.startsWith('new')),
      names('new', after),
    );
    assert.ok(got.length - after <= 40, `no more than necessary comes again: ${got.length - after}`);
    const ahead = back.taken.find(({ action }) => action === 'export.ahead')!;
    assert.equal(ahead.details['acknowledged'], 69);
    assert.equal(ahead.details['common'], 39 - (got.length - after));
    assert.deepEqual(
      back.notices.map(({ kind, severity, text }) => [kind, severity, /record 69/.test(text('en').lines.join(' '))]),
      [['export.behind', 'critical', true]],
    );
    assert.match(back.metrics.render().toString(), /genkan_export_log_put_back_total\{sink="sink"\} 1/);
    const whole = new Map<string, string>();
    for (const { eventId, correlationId } of [...before, ...back.taken]) {
      assert.equal(whole.get(eventId) ?? correlationId, correlationId, 'one id, one record');
      whole.set(eventId, correlationId);
    }
    assert.equal(new Set([...before, ...back.taken].map(({ eventId }) => eventId)).size, 70 + after + 1);
  });

test('what came before a sink that begins now does not reach it either when the log is put back to before its time', async (t) => {
  const directory = dataDirectory(t);
  const fromNow = { ...delivery, from: 'now' } as const;
  const early = await exportGround(t, fromNow, {}, directory);
  for (const correlationId of names('old', 20)) await early.record.append(auditEntry({ correlationId }));
  await early.close();
  const copy = dataDirectory(t);
  for (const name of readdirSync(directory).filter(isLog)) cpSync(path.join(directory, name), path.join(copy, name));
  const ground = await exportGround(t, fromNow, {}, directory);
  ground.exporter.attend();
  await ground.until(async () => (await ground.exporter.state()).acknowledged === 19);
  for (const correlationId of names('seen', 10))
    await ground.record.append(auditEntry({ action: 'tools/call', correlationId }));
  await ground.until(async () => (await ground.exporter.state()).acknowledged === 29);
  await ground.close();
  assert.deepEqual(namesOf(ground.taken), names('seen', 10));
  for (const name of readdirSync(directory).filter(isLog)) rmSync(path.join(directory, name));
  for (const name of readdirSync(copy).filter(isLog)) cpSync(path.join(copy, name), path.join(directory, name));
  const back = await exportGround(t, fromNow, {}, directory);
  back.exporter.attend();
  await back.until(() => back.notices.length > 0);
  await back.until(async () => back.record.extent().size - 1 === (await back.exporter.state()).acknowledged);
  await back.close();
  assert.deepEqual(
    back.taken.filter(({ correlationId }) => correlationId.startsWith('old')),
    [],
  );
});

test('a log that was not put back is known again, and nothing is said', async (t) => {
  const directory = dataDirectory(t);
  await run(t, directory, names('c', 40));
  const again = await run(t, directory, names('d', 5));
  assert.deepEqual([namesOf(again.taken), again.notices], [names('d', 5), []]);
});
