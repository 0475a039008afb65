// Files of records: whole lines only, new ones in time, and nothing that somebody else may read.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { dataDirectory } from '../../../test/support/audit-directory.ts';
import { exportedRecord } from '../../../test/support/exported-record.ts';
import { createLog } from '../../base/log.ts';
import { createFileSink } from './file-sink.ts';
import { exportSettings } from './settings.ts';
import type { FileSettings } from './settings.ts';
import type { Sink } from './sink.ts';

const dayMs = 86_400_000;
const signal = new AbortController().signal;

interface Ground {
  readonly folder: string;
  readonly open: () => Sink;
  nowMs: number;
}

function ground(t: TestContext, settings: Record<string, unknown> = {}): Ground {
  const folder = path.join(dataDirectory(t), 'out');
  const parsed = exportSettings.parse({ sinks: { siem: { type: 'file', folder, ...settings } } }).sinks['siem'];
  const own: Ground = {
    folder,
    nowMs: Date.UTC(2026, 10, 21, 23),
    open: () =>
      createFileSink('siem', parsed as FileSettings, {
        folder,
        clock: { now: () => own.nowMs },
        log: createLog('silent'),
      }),
  };
  return own;
}

const records = (from: number, count: number) =>
  Array.from({ length: count }, (_, offset) => exportedRecord({ index: from + offset }));

const indexesIn = (text: string): number[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { index: number }).index);

function everything(folder: string): number[] {
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const content = readFileSync(path.join(folder, file));
      return indexesIn((file.endsWith('.gz') ? gunzipSync(content) : content).toString());
    });
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('one record a line, in a file of the day that its owner alone can read', async (t) => {
  const { folder, open } = ground(t);
  const sink = open();
  await sink.send(records(0, 3), signal);
  await sink.send(records(3, 2), signal);
  await sink.close();
  assert.deepEqual(readdirSync(folder), ['siem-2026-11-21-000001.ndjson']);
  assert.deepEqual(everything(folder), range(5));
  assert.equal(statSync(path.join(folder, 'siem-2026-11-21-000001.ndjson')).mode & 0o777, 0o600);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
});

test('a line that a crash cut off goes, and what follows begins on a line of its own', async (t) => {
  const { folder, open } = ground(t);
  const before = open();
  await before.send(records(0, 4), signal);
  await before.close();
  const file = path.join(folder, 'siem-2026-11-21-000001.ndjson');
  appendFileSync(file, `{"index":4,"text":"${'x'.repeat(100_000)}`); // longer than what is looked at in one piece
  const again = open();
  await again.send(records(4, 2), signal);
  await again.close();
  assert.deepEqual(everything(folder), range(6));
});

test('a new file begins with the day and when one is full; complete ones are compressed', async (t) => {
  const own = ground(t, { maxFileBytes: 65_536, gzip: true });
  const sink = own.open();
  for (let from = 0; from < 200; from += 20) await sink.send(records(from, 20), signal);
  own.nowMs += dayMs;
  await sink.send(records(200, 5), signal);
  await sink.close();
  const files = readdirSync(own.folder).sort();
  assert.ok(files.length >= 3, String(files));
  assert.deepEqual(
    files.map((file) => file.endsWith('.gz')),
    files.map((_, place) => place < files.length - 1),
  );
  assert.equal(files.at(-1), 'siem-2026-11-22-000001.ndjson');
  assert.deepEqual(everything(own.folder), range(205));
  for (const file of files) assert.equal(statSync(path.join(own.folder, file)).mode & 0o777, 0o600);
});

test('a compression that a crash broke off is done again, and nothing is lost by it', async (t) => {
  const own = ground(t, { gzip: true });
  const sink = own.open();
  await sink.send(records(0, 5), signal);
  await sink.close();
  writeFileSync(path.join(own.folder, 'siem-2026-11-21-000001.ndjson.gz.part'), 'half');
  own.nowMs += dayMs;
  const again = own.open();
  await again.send(records(5, 5), signal);
  await again.close();
  assert.deepEqual(readdirSync(own.folder).sort(), [
    'siem-2026-11-21-000001.ndjson.gz',
    'siem-2026-11-22-000001.ndjson',
  ]);
  assert.deepEqual(everything(own.folder), range(10));
});

test('complete files go after their days, and nobody else’s ever', async (t) => {
  const own = ground(t, { keepDays: 2 });
  mkdirSync(own.folder, { recursive: true });
  const others = ['siem-other-2026-01-01-000001.ndjson', 'notes.txt', 'siem-2026-01-01.ndjson'];
  for (const file of others) writeFileSync(path.join(own.folder, file), '');
  const sink = own.open();
  for (let day = 0; day < 6; day++) {
    await sink.send(records(day, 1), signal);
    own.nowMs += dayMs;
  }
  await sink.close();
  const left = readdirSync(own.folder).filter((file) => !others.includes(file));
  assert.deepEqual(
    left.sort(),
    [24, 25, 26].map((day) => `siem-2026-11-${day}-000001.ndjson`),
  );
  assert.equal(readdirSync(own.folder).length, 6);
});

test('a clock that was set back does not bring the names out of order', async (t) => {
  const own = ground(t, { maxFileBytes: 65_536 });
  const sink = own.open();
  await sink.send(records(0, 50), signal);
  own.nowMs -= 3 * dayMs;
  await sink.send(records(50, 100), signal);
  await sink.close();
  assert.deepEqual(everything(own.folder), range(150));
});

test('a link in the place of its file is not followed', async (t) => {
  const { folder, open } = ground(t);
  mkdirSync(folder, { recursive: true });
  const victim = path.join(folder, '..', 'victim');
  writeFileSync(victim, 'untouched');
  symlinkSync(victim, path.join(folder, 'siem-2026-11-21-000001.ndjson'));
  await assert.rejects(open().send(records(0, 1), signal), /cannot be used \(ELOOP\)/);
  assert.equal(readFileSync(victim, 'utf8'), 'untouched');
});
