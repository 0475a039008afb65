// Records that a format cannot write: they are found, and the others go on.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { dataDirectory } from '../../../test/support/audit-directory.ts';
import { exportContext, exportRecord } from '../../../test/support/export-records.ts';
import { createLog } from '../../base/log.ts';
import { createFileSink } from './file-sink.ts';
import { createOtlpSink } from './otlp-sink.ts';
import { exportSettings } from './settings.ts';
import type { SinkSettings } from './settings.ts';
import { sift } from './sift.ts';
import { SinkError } from './sink.ts';
import type { ExportedRecord, Sink } from './sink.ts';
import { createSyslogSink } from './syslog-sink.ts';
import { createWebhookSink } from './webhook-sink.ts';

const signal = new AbortController().signal;

/** No format writes it, whatever else they make of records. */
const unwritable = (index: number): ExportedRecord =>
  Object.defineProperty(exportRecord({ action: 'tools/call', index }), 'timestamp', {
    enumerable: true,
    get: () => {
      throw new RangeError('Invalid time value');
    },
  });

function settingsOf<Type extends SinkSettings['type']>(given: { type: Type } & Record<string, unknown>) {
  return exportSettings.parse({ sinks: { sink: given } }).sinks['sink'] as Extract<SinkSettings, { type: Type }>;
}

const neighbours = {
  fetch: () => assert.fail('nothing of it goes out'),
  clock: { now: () => 0 },
  secret: () => Promise.resolve('a-key-of-more-than-24-characters'),
  context: exportContext,
  log: createLog('silent'),
  folder: '.',
};
const url = 'http://127.0.0.1:1/';
const secret = { source: 'env', name: 'KEY' };

const sinks: Readonly<Record<string, () => Sink>> = {
  webhook: () => createWebhookSink('sink', settingsOf({ type: 'webhook', url, secret }), neighbours),
  otlp: () => createOtlpSink('sink', settingsOf({ type: 'otlp', url }), neighbours),
  syslog: () => createSyslogSink('sink', settingsOf({ type: 'syslog', host: '127.0.0.1', port: 1 }), neighbours),
};

for (const [type, open] of Object.entries(sinks))
  test(`${type}: what cannot be written is held against the record, and is not tried for ever`, async () => {
    await assert.rejects(
      open().send([unwritable(0)], signal),
      (error: unknown) => error instanceof SinkError && !error.retryable,
    );
  });

test('one record that cannot be written is found, and all others are delivered', async (t) => {
  const folder = path.join(dataDirectory(t), 'out');
  const sink = createFileSink('sink', settingsOf({ type: 'file', folder }), { ...neighbours, folder });
  const batch = [0, 1, 2, 3, 4].map((index) =>
    index === 2 ? unwritable(index) : exportRecord({ action: 'tools/call', index }),
  );
  const { settled, refused, trouble } = await sift(batch, (part) => sink.send(part, signal), signal);
  await sink.close();
  assert.deepEqual([settled, trouble], [5, undefined]);
  assert.deepEqual(
    refused.map(({ record, reason }) => [record.index, reason]),
    [[2, 'it cannot be written in this format']],
  );
  const [file] = readdirSync(folder);
  assert.equal(readFileSync(path.join(folder, file!), 'utf8').trimEnd().split('\n').length, 4);
});
