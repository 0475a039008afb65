// Figures by the hour: what a crash took is counted again, what an older Genkan left is counted at all, and names that callers make up are bounded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditEntry, dataDirectory } from '../../test/support/audit-directory.ts';
import { openAuditLog } from './audit-log.ts';
import type { AuditEntry } from './entry.ts';
import { prepareEntry } from './leaf.ts';
import { openForWriting } from './log-file.ts';
import { createSigner, generateSigningKey } from './note.ts';
import { bucketOf, buckets, middleOf, noDuration, others, unpackCells } from './rollup.ts';

const signer = createSigner(generateSigningKey('rollup.test/audit'));
const atMs = Date.UTC(2026, 5, 15, 12, 59);
const prepared = (changes: Partial<AuditEntry>) => prepareEntry(auditEntry({ timestamp: atMs, ...changes }), 16_384);
const opened = (directory: string) => openAuditLog(directory, signer, { mayBegin: true, nowMs: atMs });

function counted(directory: string): { readonly total: number; readonly next: number; readonly tools: string[] } {
  const database = openForWriting(directory);
  const rows = database.prepare('SELECT tool, totals, cells FROM rollup').all();
  const next = Number(database.prepare('SELECT next FROM rollup_cursor').get()?.['next'] ?? 0);
  database.close();
  const sum = (blob: unknown): number =>
    unpackCells(blob).reduce((all, value, at) => (at % 2 === 1 ? all + value : all), 0);
  const total = rows.reduce((all, { cells }) => all + sum(cells), 0);
  assert.equal(
    rows.reduce((all, { totals }) => all + sum(totals), 0),
    total,
    'a day is the sum of its hours',
  );
  return { total, next, tools: rows.map(({ tool }) => String(tool)) };
}

test('what was recorded and not counted when the process ended is counted by the next one, and nothing twice', (t) => {
  const directory = dataDirectory(t);
  let log = opened(directory);
  log.append([prepared({ tool: 'a', durationMs: 12 }), prepared({ tool: 'b' })], atMs);
  assert.equal(log.settle(), false);
  log.append([prepared({ tool: 'a', durationMs: 13 })], atMs);
  log.close(); // as after a crash, nobody settles
  assert.deepEqual(counted(directory), { total: 2, next: 2, tools: ['a', 'b'] });
  log = opened(directory);
  log.append([prepared({ tool: 'a' })], atMs);
  assert.equal(log.settle(), false);
  log.append([prepared({ tool: 'c' })], atMs);
  log.settle();
  log.settle();
  log.close();
  assert.deepEqual(counted(directory), { total: 5, next: 5, tools: ['a', 'b', 'c'] });
});

test('a log without figures gets them bit by bit, and can have them anew', (t) => {
  const directory = dataDirectory(t);
  let log = opened(directory);
  for (let at = 0; at < 5; at++)
    log.append(
      Array.from({ length: 1000 }, () => prepared({ tool: 'a' })),
      atMs,
    );
  log.settle();
  log.close();
  const database = openForWriting(directory);
  database.exec('DELETE FROM rollup; DELETE FROM rollup_cursor');
  database.close();
  log = opened(directory);
  let steps = 1;
  while (log.settle()) steps += 1;
  log.close();
  assert.equal(steps, 3);
  assert.deepEqual(counted(directory), { total: 5000, next: 5000, tools: ['a'] });
});

test('names that callers make up are counted together once there are many on a day', (t) => {
  const directory = dataDirectory(t);
  const log = opened(directory);
  log.append(
    Array.from({ length: 5003 }, (_, at) => prepared({ tool: `made-up-${at}` })),
    atMs,
  );
  log.append([prepared({ tool: 'made-up-1' })], atMs);
  log.settle();
  log.close();
  const { total, tools } = counted(directory);
  assert.equal(total, 5004);
  assert.equal(tools.length, 5001);
  assert.ok(tools.includes(others));
});

test('the middle of a range is at most an eighth off, from half a millisecond to a quarter of an hour', () => {
  for (let durationMs = 0.5; durationMs < 900_000; durationMs *= 1.013) {
    const off = middleOf(bucketOf(durationMs)) / durationMs;
    assert.ok(off > 0.875 && off < 1.125, `${durationMs}: ${off}`);
  }
  assert.deepEqual([bucketOf(0), bucketOf(-1), bucketOf(Number.MAX_VALUE)], [0, 0, buckets - 1]);
  assert.equal(noDuration, buckets);
});
