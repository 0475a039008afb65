// A process that delivers the record of a data directory to a webhook until it is killed: `node export-child.ts DIRECTORY URL NAME`. Says NAME once it leads.
import path from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { noNotifier } from '../../src/base/notice.ts';
import { createExporter } from '../../src/record/export/exporter.ts';
import { exportSettings } from '../../src/record/export/settings.ts';
import type { WebhookSettings } from '../../src/record/export/settings.ts';
import { createMeters } from '../../src/record/export/watch.ts';
import { createWebhookSink } from '../../src/record/export/webhook-sink.ts';
import { createMetrics } from '../../src/record/metrics.ts';
import { openReader } from '../../src/record/reader.ts';
import { openDatabase } from '../../src/state/database.ts';
import { createLeases } from '../../src/state/leases.ts';

const [, , directory = '', url = '', name = ''] = process.argv;
const { hook } = exportSettings.parse({
  sinks: { hook: { type: 'webhook', url, secret: { source: 'env', name: 'KEY' }, batch: { records: 50 } } },
}).sinks as { hook: WebhookSettings };

const reader = openReader(directory);
const database = await openDatabase(path.join(directory, 'genkan.db'));
const leases = createLeases({ database, clock: systemClock });
const sink = createWebhookSink('hook', hook, {
  fetch: (address, options) => fetch(address, { ...options, headers: { ...options?.headers, 'x-process': name } }),
  clock: systemClock,
  secret: () => Promise.resolve('a-key-of-more-than-24-characters'),
});
createExporter(sink, hook, {
  record: { ...reader, insist: () => Promise.reject(new Error('another process writes')) },
  logId: 'log',
  database,
  // Who dies is soon followed, or the proof would take long.
  leases: { hold: (lease, work, options) => leases.hold(lease, work, { ...options, ttlMs: 1500 }) },
  pause: (ms, signal) => passed(Math.min(ms, 250), undefined, { signal }).catch(() => undefined),
  clock: systemClock,
  log: createLog('silent'),
  notices: noNotifier,
  meters: createMeters(createMetrics()),
}).attend();
setInterval(() => undefined, 60_000);
process.stdout.write('attending\n');
