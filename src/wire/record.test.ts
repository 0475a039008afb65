// Tests of what is recorded of servers that are processes, and of how contents of calls are masked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../base/log.ts';
import type { AuditEntry } from '../record/entry.ts';
import { createMask, createRecordedStart } from './record.ts';

test('the start of a server and its end stand in the record, and whether it was we who ended it', async () => {
  const entries: AuditEntry[] = [];
  const record = { append: (entry: AuditEntry) => Promise.resolve(entries.push(entry)) };
  const ground = { record, clock: { now: () => 1_000 }, log: createLog('silent') };
  const start = createRecordedStart(ground as never);
  const options = { server: 'files', environment: { PATH: process.env['PATH'] ?? '' }, graceMs: 2_000 };
  const failing = start({ ...options, command: [process.execPath, '-e', 'process.exit(3)', '--', 'an argument'] });
  await failing.ended;
  const stopped = start({ ...options, command: [process.execPath, '-e', 'process.stdin.resume()'] });
  await stopped.stop();
  await stopped.ended;
  assert.deepEqual(
    entries.map(({ action, result, server, details }) => [action, result, server, details['reason']]),
    [
      ['server.start', 'allowed', 'files', undefined],
      ['server.stop', 'failed', 'files', 'it exited with code 3'],
      ['server.start', 'allowed', 'files', undefined],
      ['server.stop', 'allowed', 'files', 'it exited with code 0'],
    ],
  );
  assert.equal(entries[0]!.correlationId, entries[1]!.correlationId);
  assert.ok(!JSON.stringify(entries).includes('an argument'), 'arguments may be secret');
});

test('contents are masked wherever a secret stands: in values, in names, and by the name of their member', () => {
  const card = '4111 1111 1111 1111';
  const masked = JSON.stringify(
    createMask()({ text: `pay ${card}`, list: [{ mail: 'dana@example.com' }], [`a ${card}`]: 1, count: 4 }),
  );
  for (const word of [card, 'dana@example.com']) assert.ok(!masked.includes(word), masked);
  assert.match(masked, /"count":4/);
});
