// What reaches a sink, in which order, and what becomes of what it does not take.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { auditEntry } from '../../../test/support/audit-directory.ts';
import { exportGround } from '../../../test/support/export-ground.ts';
import type { ExportGround } from '../../../test/support/export-ground.ts';
import { SinkError } from './sink.ts';

const minuteMs = 60_000;

/** Records `count` calls and resolves once the exporter has caught up. */
async function record(ground: ExportGround, count: number, from = 0): Promise<void> {
  for (let call = from; call < from + count; call++)
    await ground.record.append(
      auditEntry({ timestamp: ground.clock.now(), action: 'tools/call', correlationId: `c${call}` }),
    );
}

const calls = (ground: ExportGround): string[] =>
  ground.taken.filter(({ action }) => action === 'tools/call').map(({ correlationId }) => correlationId);

const names = (count: number): string[] => Array.from({ length: count }, (_, call) => `c${call}`);

test('delivers what was recorded before and after it began, in order, under ids that stay', async (t) => {
  const ground = await exportGround(t);
  await record(ground, 30);
  ground.exporter.attend();
  await ground.until(() => calls(ground).length === 30);
  await record(ground, 30, 30);
  await ground.until(() => calls(ground).length === 60);
  assert.deepEqual(calls(ground), names(60));
  assert.deepEqual(
    ground.taken.map(({ eventId }) => eventId),
    ground.taken.map(({ eventId }, index) => `log/${index}-${eventId.slice(-16)}`),
  );
  assert.ok(ground.taken.every(({ eventId }) => /-[0-9a-f]{16}$/.test(eventId)));
});

test('keeps to its batches, by number and by bytes', async (t) => {
  const ground = await exportGround(t, { batch: { records: 10, bytes: 65_536 } });
  await record(ground, 25);
  for (let large = 0; large < 10; large++)
    await ground.record.append(auditEntry({ action: 'large', details: { text: 'x'.repeat(16_000) } }));
  ground.exporter.attend();
  await ground.until(() => ground.taken.length === 35);
  const sizes = ground.batches.map(({ length }) => length);
  assert.deepEqual(sizes.slice(0, 2), [10, 10]);
  assert.ok(
    sizes.slice(2).every((size) => size <= 8),
    String(sizes),
  );
});

test('after a failure it tries again with longer and longer pauses, and goes on where it was', async (t) => {
  const ground = await exportGround(t);
  await record(ground, 5);
  ground.answer = (_, attempt) => {
    if (attempt < 6) throw new Error('down');
  };
  ground.exporter.attend();
  await ground.until(() => calls(ground).length === 5);
  const pauses = ground.attempts.slice(1).map((at, index) => at - ground.attempts[index]!);
  assert.equal(ground.attempts.length, 7);
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 32_000], 'without jitter');
  assert.equal((await ground.exporter.state()).failures, 0);
});

test('leaves a receiver alone for as long as it asks, and until its day is over', async (t) => {
  const ground = await exportGround(t);
  await record(ground, 1);
  const nextDay = ground.clock.now() + 20 * 60 * minuteMs;
  ground.answer = (_, attempt) => {
    if (attempt === 0) throw new SinkError('busy', { retryable: true, retryAfterMs: 90_000 });
    if (attempt === 1) throw new SinkError('cap', { retryable: true, waitUntilMs: nextDay });
  };
  ground.exporter.attend();
  await ground.until(() => calls(ground).length === 1);
  assert.equal(ground.attempts[1]! - ground.attempts[0]!, 90_000);
  assert.ok(ground.attempts[2]! >= nextDay);
});

test('finds the record that a receiver refuses, sets it aside on record and delivers all others', async (t) => {
  const ground = await exportGround(t);
  await record(ground, 100);
  ground.answer = (batch) => {
    if (batch.some(({ correlationId }) => correlationId === 'c37' || correlationId === 'c80'))
      throw new SinkError('it answered 400', { retryable: false });
  };
  ground.exporter.attend();
  await ground.until(
    () => calls(ground).length >= 98 && ground.taken.some(({ action }) => action === 'export.setAside'),
  );
  assert.deepEqual(
    calls(ground),
    names(100).filter((name) => name !== 'c37' && name !== 'c80'),
  );
  const told = ground.taken.find(({ action }) => action === 'export.setAside')!;
  assert.deepEqual(told.details, { records: 2, indexes: [37, 80], reason: 'it answered 400' });
  assert.deepEqual(
    ground.notices.map(({ kind }) => kind),
    ['export.set-aside'],
  );
  assert.equal((await ground.exporter.state()).setAside, 2);
  ground.answer = () => undefined;
  assert.deepEqual(await ground.exporter.retry(), { delivered: 2, refused: 0 });
  assert.deepEqual(calls(ground).slice(-2), ['c37', 'c80']);
  assert.equal((await ground.exporter.state()).setAside, 0);
});

test('a receiver that refuses everything is not believed: nothing is set aside, and all waits', async (t) => {
  const ground = await exportGround(t);
  await record(ground, 200);
  const refuse = (): never => {
    throw new SinkError('it answered 400', { retryable: false });
  };
  ground.answer = refuse;
  ground.exporter.attend();
  await ground.until(() => ground.attempts.length > 60);
  const state = await ground.exporter.state();
  assert.equal(state.setAside, 0);
  assert.equal(state.acknowledged, -1);
  assert.match(state.lastError!, /refuses every record/);
  ground.answer = () => undefined;
  await ground.until(() => calls(ground).length === 200);
  assert.deepEqual(calls(ground), names(200));
});

test('one record alone that is refused waits for another one that is not', async (t) => {
  const ground = await exportGround(t);
  await record(ground, 1);
  ground.answer = (batch) => {
    if (batch.some(({ correlationId }) => correlationId === 'c0')) throw new SinkError('bad', { retryable: false });
  };
  ground.exporter.attend();
  // Genkan's own record of the refusal is the one that passes.
  await ground.until(() => ground.taken.some(({ action }) => action === 'export.setAside'));
  assert.deepEqual(calls(ground), []);
  assert.equal((await ground.exporter.state()).setAside, 1);
});

test('what was accepted before a failure in the middle is not sent again', async (t) => {
  const ground = await exportGround(t);
  await record(ground, 64);
  let isDown = true;
  ground.answer = (batch) => {
    if (batch.some(({ correlationId }) => correlationId === 'c40')) throw new SinkError('bad', { retryable: false });
    if (isDown && batch.some(({ index }) => index === 50)) {
      isDown = false;
      throw new SinkError('busy', { retryable: true });
    }
  };
  ground.exporter.attend();
  await ground.until(() => calls(ground).length === 63);
  assert.deepEqual(
    calls(ground),
    names(64).filter((name) => name !== 'c40'),
  );
});

test('past its daily cap records wait for the next day of UTC', async (t) => {
  const ground = await exportGround(t, { dailyCapBytes: 1_048_576, batch: { records: 20, bytes: 65_536 } });
  for (let call = 0; call < 100; call++)
    await ground.record.append(
      auditEntry({ action: 'tools/call', correlationId: `c${call}`, details: { text: 'x'.repeat(15_000) } }),
    );
  const began = ground.clock.now();
  ground.exporter.attend();
  await ground.until(() => ground.clock.now() - began > 10 * minuteMs);
  const first = calls(ground).length;
  assert.ok(first > 50 && first < 75, `${first} on the first day`);
  assert.match((await ground.exporter.state()).lastError!, /daily cap/);
  await ground.until(() => calls(ground).length === 100);
  assert.ok(Math.floor(ground.clock.now() / 86_400_000) > Math.floor(began / 86_400_000));
  assert.deepEqual(calls(ground), names(100));
});

test('people hear once that records wait, and once that they do not any more', async (t) => {
  const ground = await exportGround(t, { behindMinutes: 15 });
  await record(ground, 3);
  const began = ground.clock.now();
  ground.answer = () => {
    if (ground.clock.now() - began < 60 * minuteMs) throw new SinkError('it answered 503', { retryable: true });
  };
  ground.exporter.attend();
  await ground.until(() => ground.notices.length === 2);
  const [behind, well] = ground.notices;
  assert.match(behind!.text('en').title, /do not reach sink/);
  assert.match(behind!.text('en').lines.join(' '), /503/);
  assert.match(well!.text('en').title, /again/);
  await ground.until(() => ground.taken.some(({ action }) => action === 'export.recovered'));
  assert.equal(ground.taken.filter(({ action }) => action === 'export.behind').length, 1);
  assert.match(ground.metrics.render(), /genkan_export_records_behind\{sink="sink"\} 0/);
  assert.match(ground.metrics.render(), /genkan_export_failures_total\{sink="sink"\} [1-9]/);
});

test('only what its filter lets through goes there, and the cursor moves on all the same', async (t) => {
  const ground = await exportGround(t, { only: { actions: ['identity.*', 'tools/call'], results: ['denied'] } });
  for (const [action, result] of [
    ['tools/call', 'allowed'],
    ['tools/call', 'denied'],
    ['identity.signIn', 'denied'],
    ['tools/list', 'denied'],
  ] as const)
    await ground.record.append(auditEntry({ action, result }));
  ground.exporter.attend();
  await ground.until(async () => (await ground.exporter.state()).acknowledged === 3);
  assert.deepEqual(
    ground.taken.map(({ action }) => action),
    ['tools/call', 'identity.signIn'],
  );
});

test('a new sink that begins now gets nothing of what was before', async (t) => {
  const ground = await exportGround(t, { from: 'now' });
  await record(ground, 5);
  ground.exporter.attend();
  await ground.until(async () => (await ground.exporter.state()).acknowledged === 4);
  await record(ground, 2, 5);
  await ground.until(() => calls(ground).length === 2);
  assert.deepEqual(calls(ground), ['c5', 'c6']);
});

test('a reset while it delivers counts: from there on everything comes once more', async (t) => {
  const ground = await exportGround(t, { batch: { records: 5, bytes: 65_536 } });
  await record(ground, 20);
  let isReset = false;
  ground.answer = async (batch) => {
    if (isReset || batch[0]!.index < 10) return;
    isReset = true;
    await ground.exporter.reset(3);
  };
  ground.exporter.attend();
  await ground.until(() => calls(ground).at(-1) === 'c19');
  assert.deepEqual(calls(ground), [...names(15), ...names(20).slice(3)]);
});

test('records that were removed before they were delivered are told of, not passed over in silence', async (t) => {
  const ground = await exportGround(t, {}, { retention: { days: 1 } });
  await record(ground, 600);
  await ground.exporter.reset(10);
  ground.pass(3 * 86_400_000);
  await record(ground, 1, 600);
  await ground.record.prune([]);
  ground.exporter.attend();
  await ground.until(() => ground.taken.some(({ action }) => action === 'export.missed'));
  assert.deepEqual(ground.taken.find(({ action }) => action === 'export.missed')!.details, { from: 10, to: 511 });
  assert.equal(ground.notices[0]!.severity, 'critical');
  assert.equal(ground.taken[0]!.correlationId, 'c512');
});

test('a sink that is ahead of the log, and nobody knows since when, gets all of it', async (t) => {
  const ground = await exportGround(t);
  await record(ground, 5);
  await ground.exporter.reset(500);
  assert.equal((await ground.exporter.state()).waiting, 0);
  ground.exporter.attend();
  await ground.until(() => ground.taken.some(({ action }) => action === 'export.ahead'));
  assert.deepEqual(ground.taken.at(-1)!.details, { acknowledged: 499, common: -1, records: 5 });
  assert.deepEqual(
    ground.notices.map(({ severity }) => severity),
    ['critical'],
  );
  await record(ground, 3, 5);
  await ground.until(() => calls(ground).length === 8);
  assert.deepEqual(calls(ground), names(8));
  assert.equal(ground.notices.length, 1);
});

test('retention keeps what a sink is yet to get', async (t) => {
  const ground = await exportGround(t, {}, { retention: { days: 1 } });
  await record(ground, 600);
  ground.pass(3 * 86_400_000);
  await record(ground, 1, 600);
  assert.equal((await ground.record.prune([], 300)).before, 256);
  assert.equal((await ground.record.prune([], 600)).before, 512);
});

test('of more refusals than can be kept in mind, delivery stops before the first', async (t) => {
  const ground = await exportGround(t);
  await record(ground, 1300);
  ground.answer = (batch) => {
    if (batch.some(({ index }) => index % 10 !== 0 && index < 1200)) throw new SinkError('bad', { retryable: false });
  };
  ground.exporter.attend();
  await ground.until(async () => /more than 1000/.test((await ground.exporter.state()).lastError ?? ''));
  const { acknowledged, setAside } = await ground.exporter.state();
  assert.deepEqual({ acknowledged, setAside }, { acknowledged: 1111, setAside: 1000 });
  ground.answer = () => undefined;
  await ground.exporter.retry();
  await ground.until(() => new Set(calls(ground)).size === 1300);
  assert.equal((await ground.exporter.state()).setAside, 0);
});

test('while the record cannot be written, what is in it goes out all the same', async (t) => {
  const ground = await exportGround(t);
  await record(ground, 3);
  ground.pass(3600_000);
  await ground.exporter.reset(0);
  ground.insist = () => Promise.reject(new Error('the disk is full'));
  let isDown = true;
  ground.answer = () => {
    if (isDown) throw new SinkError('down', { retryable: true });
  };
  ground.exporter.attend();
  const began = ground.clock.now();
  await ground.until(() => ground.clock.now() - began > 3600_000);
  isDown = false;
  await ground.until(() => calls(ground).length === 3);
});
