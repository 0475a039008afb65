// A receiver of syslog that we did not write takes our messages: in order, whole, and closes when it has read them.
import assert from 'node:assert/strict';
import { setTimeout as passed } from 'node:timers/promises';
import { test } from 'node:test';
import { z } from 'zod';
import { SinkError } from '../../src/record/export/sink.ts';
import type { ExportedRecord, Sink } from '../../src/record/export/sink.ts';
import { syslogShape } from '../../src/record/export/syslog-settings.ts';
import { createSyslogSink } from '../../src/record/export/syslog-sink.ts';
import { parseCef } from '../support/cef-parser.ts';
import { exportContext, exportRecord } from '../support/export-records.ts';
import { startRsyslog, withoutRsyslog } from '../support/rsyslog.ts';
import type { Rsyslog } from '../support/rsyslog.ts';

function sinkTo({ port, folder }: Rsyslog, confirm: 'close' | 'quiet'): Sink {
  const given = { type: 'syslog', host: '127.0.0.1', port, tls: { ca: 'ca.pem' }, confirm, quietMs: 500 };
  const neighbours = { secret: () => Promise.resolve(''), context: exportContext, folder };
  return createSyslogSink('rsyslog', z.strictObject(syslogShape).parse(given), neighbours);
}

const batch = (from: number, count: number): ExportedRecord[] =>
  Array.from({ length: count }, (_, at) =>
    exportRecord({ action: 'tools/call', index: from + at, userAgent: `two\nlines ${from + at} 令` }),
  );
const soon = (): AbortSignal => AbortSignal.timeout(20_000);

for (const confirm of ['close', 'quiet'] as const)
  test(`rsyslog takes 2,000 records in order (confirm: ${confirm})`, { skip: withoutRsyslog }, async () => {
    await using rsyslog = await startRsyslog();
    const sink = sinkTo(rsyslog, confirm);
    for (let from = 0; from < 2000; from += 500) await sink.send(batch(from, 500), soon());
    await sink.close();
    for (let tries = 0; rsyslog.lines().length < 2000 && tries < 200; tries++) await passed(50);
    const lines = rsyslog.lines();
    assert.deepEqual(
      lines.map((line) => / index="(\d+)"/.exec(line)?.[1]),
      Array.from({ length: 2000 }, (_, index) => String(index)),
    );
    const text = lines[7]!.slice(lines[7]!.indexOf('CEF:'));
    assert.equal(parseCef(text).extension.get('requestClientApplication'), 'two\nlines 7 令');
  });

test('what a killed rsyslog did not take is not delivered', { skip: withoutRsyslog }, async () => {
  await using rsyslog = await startRsyslog();
  const sink = sinkTo(rsyslog, 'close');
  await sink.send(batch(0, 10), soon());
  await rsyslog.kill();
  await assert.rejects(sink.send(batch(10, 10), soon()), (error) => error instanceof SinkError && error.retryable);
});
