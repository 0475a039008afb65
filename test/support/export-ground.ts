// An exporter over a real audit log and database, with a sink that does what the test says and time that passes only when somebody waits.
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { Clock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import type { Notice } from '../../src/base/notice.ts';
import { createExporter } from '../../src/record/export/exporter.ts';
import type { Exporter } from '../../src/record/export/exporter.ts';
import { exportSettings } from '../../src/record/export/settings.ts';
import type { ExportedRecord, Sink } from '../../src/record/export/sink.ts';
import { createMeters } from '../../src/record/export/watch.ts';
import { createMetrics } from '../../src/record/metrics.ts';
import type { Metrics } from '../../src/record/metrics.ts';
import type { AuditRecord } from '../../src/record/record.ts';
import { openDatabase } from '../../src/state/database.ts';
import { createLeases } from '../../src/state/leases.ts';
import { dataDirectory, openRecord } from './audit-directory.ts';

export interface ExportGround {
  readonly record: AuditRecord;
  readonly exporter: Exporter;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** What the sink was given and has acknowledged. */
  readonly taken: ExportedRecord[];
  readonly batches: (readonly ExportedRecord[])[];
  /** When it was given something. */
  readonly attempts: number[];
  readonly notices: Notice[];
  /** What the sink does with a batch; it acknowledges it unless this throws. */
  answer: (batch: readonly ExportedRecord[], attempt: number) => void | Promise<void>;
  /** How Genkan records what it has to say of the sink. */
  insist: AuditRecord['insist'];
  /** Moves time on. */
  pass(ms: number): void;
  /** Ends it before the test does. */
  close(): Promise<void>;
  /** Waits for what comes about by itself. */
  until(condition: () => boolean | Promise<boolean>): Promise<void>;
}

const patienceMs = 50_000;

export async function exportGround(
  t: TestContext,
  delivery: Readonly<Record<string, unknown>> = {},
  recording: Parameters<typeof openRecord>[1] = {},
  directory = dataDirectory(t),
): Promise<ExportGround> {
  let nowMs = Date.UTC(2026, 10, 21, 6);
  const clock: Clock = { now: () => nowMs };
  const record = await openRecord(directory, { clock, ...recording });
  const database = await openDatabase(path.join(directory, 'genkan.db'));
  const settings = exportSettings.parse({ sinks: { sink: { type: 'file', folder: 'none', ...delivery } } }).sinks[
    'sink'
  ]!;
  const metrics = createMetrics();
  const sink: Sink = {
    name: 'sink',
    kind: 'stand-in',
    async send(batch) {
      ground.attempts.push(nowMs);
      await ground.answer(batch, ground.attempts.length - 1);
      ground.batches.push(batch);
      ground.taken.push(...batch);
    },
    close: () => Promise.resolve(),
  };
  const exporter = createExporter(sink, settings, {
    record: { ...record, insist: (entry) => ground.insist(entry) },
    logId: 'log',
    database,
    leases: createLeases({ database, clock: systemClock }),
    clock,
    log: createLog('silent'),
    notices: {
      async notify(notice) {
        ground.notices.push(notice);
      },
    },
    meters: createMeters(metrics),
    random: () => 1, // no jitter
    async pause(ms) {
      await nextTurn();
      nowMs += ms;
    },
  });
  let closing: Promise<void> | undefined;
  const ground: ExportGround = {
    record,
    exporter,
    metrics,
    clock,
    taken: [],
    batches: [],
    attempts: [],
    notices: [],
    answer: () => undefined,
    insist: record.insist,
    pass: (ms) => void (nowMs += ms),
    close: () =>
      (closing ??= (async () => {
        await exporter.close();
        await record.close();
        await database.destroy();
      })()),
    async until(condition) {
      for (const endMs = Date.now() + patienceMs; !(await condition()); await nextTurn())
        if (Date.now() > endMs) throw new Error('it did not come about');
    },
  };
  t.after(() => ground.close());
  return ground;
}
