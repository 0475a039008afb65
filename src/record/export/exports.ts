// Everywhere that records go besides: opens the sinks that the settings name, and says and changes how far they are.
import os from 'node:os';
import path from 'node:path';
import { refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import { genkan } from '../../base/genkan.ts';
import { unguessableId } from '../../base/ids.ts';
import type { ResolveSecret } from '../../base/secret.ts';
import type { AuditEntry } from '../entry.ts';
import type { Metrics } from '../metrics.ts';
import type { AuditRecord } from '../record.ts';
import { createAzureMonitorSink } from './azure-monitor-sink.ts';
import { createExporter, reasonOf } from './exporter.ts';
import type { Exporter, ExporterNeighbours, ExportState } from './exporter.ts';
import { createFileSink } from './file-sink.ts';
import { formats } from './formats/formats.ts';
import { createOtlpSink } from './otlp-sink.ts';
import type { ExportSettings, SinkSettings } from './settings.ts';
import type { ExportedRecord, FormatContext, Sink } from './sink.ts';
import { createSyslogSink } from './syslog-sink.ts';
import { createMeters } from './watch.ts';
import { createWebhookSink } from './webhook-sink.ts';

export interface ExportView extends ExportState {
  readonly sink: string;
  readonly type: SinkSettings['type'];
  /** Number of records ever written. */
  readonly size: number;
}

export interface Exports {
  /** Begins to deliver. */
  attend(): void;
  list(): Promise<readonly ExportView[]>;
  /**
   * Delivers a record that stands in no log and says so. @returns how long it took
   * or refusal `export_sink_unknown`, `export_not_delivered`
   */
  test(sink: string, by: Pick<AuditEntry, 'user' | 'sourceIP' | 'userAgent'>): Promise<number | Refusal>;
  /** The next record to be delivered is this one. @returns refusal `export_sink_unknown`, `export_index_unknown` */
  reset(sink: string, index: number): Promise<ExportView | Refusal>;
  /** @returns refusal `export_sink_unknown`, `export_not_delivered` */
  retry(sink: string): Promise<{ readonly delivered: number; readonly refused: number } | Refusal>;
  /** Index of the first record that has to be kept for a sink; undefined when there is none. */
  keptFrom(): Promise<number | undefined>;
  close(): Promise<void>;
}

export interface ExportsNeighbours extends Omit<ExporterNeighbours, 'logId' | 'meters'> {
  readonly record: Pick<AuditRecord, 'insist' | 'after' | 'extent' | 'publicKey'>;
  readonly metrics: Metrics;
  readonly secret: ResolveSecret;
  readonly fetch: typeof globalThis.fetch;
  /** To which relative paths refer. */
  readonly folder: string;
}

export function createExports({ sinks }: ExportSettings, neighbours: ExportsNeighbours): Exports {
  const { record, clock } = neighbours;
  // Its name alone would not do: a new log of the same name has the same indexes.
  const logId = record.publicKey().split('+', 2).join('+');
  const context = { version: genkan.version, origin: logId.slice(0, logId.lastIndexOf('+')), host: os.hostname() };
  const own = { ...neighbours, logId, meters: createMeters(neighbours.metrics) };
  const all = new Map(
    Object.entries(sinks).map(([name, settings]) => [
      name,
      { settings, exporter: createExporter(openSink(name, settings, context, neighbours), settings, own) },
    ]),
  );
  const unknown = (sink: string): Refusal => refuse('export_sink_unknown', { sink });
  const view = async (sink: string, type: SinkSettings['type'], exporter: Exporter): Promise<ExportView> => ({
    sink,
    type,
    size: record.extent().size,
    ...(await exporter.state()),
  });

  return {
    attend() {
      for (const { exporter } of all.values()) exporter.attend();
    },
    list: () => Promise.all([...all].map(([name, { settings, exporter }]) => view(name, settings.type, exporter))),
    async test(sink, by) {
      const exporter = all.get(sink)?.exporter;
      if (exporter === undefined) return unknown(sink);
      const beganMs = clock.now();
      const id = unguessableId();
      try {
        await exporter.deliver({
          ...by,
          index: -1,
          eventId: `${logId}/test-${id}`,
          timestamp: beganMs,
          action: 'export.test',
          resource: `/exports/${sink}`,
          result: 'allowed',
          details: { test: true, message: 'A test of Genkan. This record stands in no audit log.' },
          correlationId: id,
        });
        return clock.now() - beganMs;
      } catch (error) {
        return refuse('export_not_delivered', { sink, reason: reasonOf(error) });
      }
    },
    async reset(sink, index) {
      const known = all.get(sink);
      if (known === undefined) return unknown(sink);
      const { oldest, size } = record.extent();
      if (index < oldest || index > size) return refuse('export_index_unknown', { index, oldest, size });
      await known.exporter.reset(index);
      return view(sink, known.settings.type, known.exporter);
    },
    async retry(sink) {
      const exporter = all.get(sink)?.exporter;
      if (exporter === undefined) return unknown(sink);
      try {
        return await exporter.retry();
      } catch (error) {
        return refuse('export_not_delivered', { sink, reason: reasonOf(error) });
      }
    },
    async keptFrom() {
      const waiting = [...all.values()].filter(({ settings }) => settings.keepUntilDelivered);
      const states = await Promise.all(waiting.map(({ exporter }) => exporter.state()));
      const { size } = record.extent();
      return states.length === 0 ? undefined : Math.min(...states.map((state) => size - state.waiting));
    },
    async close() {
      await Promise.all([...all.values()].map(({ exporter }) => exporter.close()));
    },
  };
}

function openSink(name: string, settings: SinkSettings, context: FormatContext, neighbours: ExportsNeighbours): Sink {
  const write = (format: keyof typeof formats) => (record: ExportedRecord) => formats[format](record, context);
  switch (settings.type) {
    case 'azure-monitor':
      return createAzureMonitorSink(name, settings, neighbours);
    case 'webhook':
      return createWebhookSink(name, settings, neighbours, write(settings.format));
    case 'syslog':
      return createSyslogSink(name, settings, { ...neighbours, context });
    case 'otlp':
      return createOtlpSink(name, settings, { ...neighbours, context });
    case 'file': {
      const folder = path.resolve(neighbours.folder, settings.folder);
      return createFileSink(name, settings, { ...neighbours, folder }, write(settings.format));
    }
  }
}
