// Watches how far a sink is behind: for metrics, and for people, who hear of it once when it lasts and once when it is over.
import type { Clock } from '../../base/clock.ts';
import type { Notifier } from '../../base/notice.ts';
import type { Metrics } from '../metrics.ts';
import type { Cursor, Standing } from './cursors.ts';
import { behindNotice, wellNotice } from './texts.ts';

export interface Meters {
  delivered(sink: string, records: number, bytes: number): void;
  failed(sink: string): void;
  setAside(sink: string, records: number): void;
  putBack(sink: string): void;
  behind(sink: string, records: number, seconds: number): void;
}

export function createMeters(metrics: Metrics): Meters {
  const records = metrics.counter('genkan_export_records_total', 'Records that sinks have acknowledged.', ['sink']);
  const bytes = metrics.counter('genkan_export_bytes_total', 'Their bytes as JSON, before compression.', ['sink']);
  const failures = metrics.counter('genkan_export_failures_total', 'Deliveries that were not acknowledged.', ['sink']);
  const setAside = metrics.counter('genkan_export_set_aside_total', 'Records that sinks refuse.', ['sink']);
  const putBack = metrics.counter(
    'genkan_export_log_put_back_total',
    'How often the audit log turned out to have been put back from a copy: a sink had records that it has lost.',
    ['sink'],
  );
  const waiting = metrics.gauge('genkan_export_records_behind', 'Records that wait for a sink.', ['sink']);
  const seconds = metrics.gauge('genkan_export_seconds_behind', 'Age of the oldest record that waits for a sink.', [
    'sink',
  ]);
  return {
    delivered(sink, count, size) {
      records.with(sink).add(count);
      bytes.with(sink).add(size);
    },
    failed: (sink) => failures.with(sink).add(),
    setAside: (sink, count) => setAside.with(sink).add(count),
    putBack: (sink) => putBack.with(sink).add(),
    behind(sink, count, age) {
      waiting.with(sink).set(count);
      seconds.with(sink).set(age);
    },
  };
}

export interface Watch {
  /** @param waitingMs time of the oldest record that waits; undefined when none does */
  observe(standing: Standing, waitingMs: number | undefined, records: number): Promise<void>;
}

/** A record that has waited for less is on its way. */
const underWayMs = 60_000;

export function createWatch(
  sink: string,
  behindMs: number,
  neighbours: {
    readonly cursor: Pick<Cursor, 'behind'>;
    readonly clock: Clock;
    readonly notices: Notifier;
    readonly meters: Meters;
    readonly note: (action: string, result: 'allowed' | 'failed', details: Record<string, unknown>) => Promise<unknown>;
  },
): Watch {
  const { cursor, clock, notices, meters, note } = neighbours;
  return {
    async observe({ behindSinceMs, told, lastError, acknowledged }, waitingMs, records) {
      const nowMs = clock.now();
      const ageMs = waitingMs === undefined ? 0 : Math.max(0, nowMs - waitingMs);
      meters.behind(sink, records, Math.round(ageMs / 1000));
      if (ageMs <= underWayMs) {
        if (behindSinceMs === undefined) return;
        if (told) {
          await note('export.recovered', 'allowed', {
            behindSince: new Date(behindSinceMs).toISOString(),
            acknowledged,
          });
          await notices.notify(wellNotice(sink, behindSinceMs));
        }
        return cursor.behind(undefined, false);
      }
      if (behindSinceMs === undefined) return cursor.behind(nowMs, false);
      if (told || nowMs - behindSinceMs < behindMs) return;
      const details = { behindSince: new Date(behindSinceMs).toISOString(), acknowledged, records, reason: lastError };
      await note('export.behind', 'failed', details);
      await notices.notify(behindNotice(sink, behindSinceMs, records, lastError));
      await cursor.behind(behindSinceMs, true);
    },
  };
}
