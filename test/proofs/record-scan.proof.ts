// A million records are gone through with little more work than reading them takes, in little memory, while other work goes on.
import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import { collectUse } from '../../src/access/analysis/usage.ts';
import type { AuditEntry } from '../../src/record/entry.ts';
import { encodeLeaf, prepareEntry } from '../../src/record/leaf.ts';
import { openForReading, openForWriting } from '../../src/record/log-file.ts';
import { openReader } from '../../src/record/reader.ts';
import { dataDirectory } from '../support/audit-directory.ts';
import { createCompany } from '../support/recorded-company.ts';

const records = 1_000_000;
const beganMs = Date.UTC(2026, 0, 1);
const everyMs = 7776; // ninety days
const window = { fromMs: beganMs, toMs: beganMs + records * everyMs };

/** Rows as the log keeps them, without the tree: what is read here is not proven. */
function fill(directory: string): void {
  const database = openForWriting(directory);
  const insert = database.prepare('INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const asked = ({ actionRequired }: AuditEntry): boolean => actionRequired!.length > 0;
  const some = [...createCompany(3).entries(5)].filter(asked);
  const hashes = Buffer.alloc(64);
  database.exec('PRAGMA synchronous = OFF; BEGIN');
  for (let index = 0; index < records; index += 1) {
    const entry = { ...some[index % some.length]!, timestamp: beganMs + index * everyMs, correlationId: `c${index}` };
    const { timestamp, user, action, resource, result, correlationId } = entry;
    const leaf = encodeLeaf(index, prepareEntry(entry, 16_384));
    insert.run(index, timestamp, user, action, resource, result, correlationId, hashes, leaf);
  }
  database.prepare('INSERT INTO checkpoint VALUES (?, ?, ?)').run(records, 1, 'none');
  database.exec('COMMIT');
  database.close();
}

/** Of the processor, for reading and parsing all records and nothing else: measured on a part of them. */
function bareWorkMs(directory: string): number {
  using database = openForReading(directory);
  const part = records / 10;
  const began = process.cpuUsage();
  const rows = database.prepare('SELECT CAST(leaf AS TEXT) AS leaf FROM record WHERE idx < ?');
  for (const { leaf } of rows.iterate(part)) JSON.parse(String(leaf));
  const { user, system } = process.cpuUsage(began);
  return ((user + system) / 1000) * (records / part);
}

test('the use of a million calls is counted with eight times the work of reading them and 200 MB, and nothing waits long', async (t) => {
  const directory = dataDirectory(t);
  fill(directory);
  const bareMs = bareWorkMs(directory);
  const reader = openReader(directory);
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let peak = before;
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  const progress = (): void => void (peak = Math.max(peak, process.memoryUsage.rss()));
  const usage = await collectUse(reader.scan({ ...window, progress }), window);
  const tookMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(startCpu);
  const workMs = (user + system) / 1000;
  reader.close();
  const [grown, longestMs] = [(peak - before) / 1e6, delay.max / 1e6];
  console.log(
    `${records} records in ${(tookMs / 1000).toFixed(1)} s (${(workMs / 1000).toFixed(1)} s of work, ${(bareMs / 1000).toFixed(1)} s of it bare reading), ${grown.toFixed(0)} MB more, longest wait ${longestMs.toFixed(0)} ms`,
  );
  assert.equal(usage.calls + usage.refused, records);
  assert.ok(workMs < 8 * bareMs, `${(workMs / bareMs).toFixed(2)} times bare reading`);
  assert.ok(grown < 200);
  assert.ok(longestMs < 1000);
});
