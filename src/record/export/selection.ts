// Chooses what goes to a sink next: records after the last one acknowledged, those that its filter lets through, no more than a batch.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReadEntry } from '../reader.ts';
import type { AuditRecord } from '../record.ts';
import type { Delivery } from './settings.ts';
import type { ExportedRecord } from './sink.ts';

export interface Chosen {
  readonly records: readonly ExportedRecord[];
  /** Bytes of each of them as JSON. */
  readonly bytes: readonly number[];
  /** Index of the last record that was looked at. */
  readonly last: number;
  /** Number of records ever written. */
  readonly size: number;
  /** Time of the oldest record that waits. */
  readonly waitingMs?: number | undefined;
  /** Whether more would go but for the bytes that are left. */
  readonly isCapped: boolean;
  /** Records that were removed before they were read, the first and the last. */
  readonly missed?: { readonly from: number; readonly to: number };
}

export interface Select {
  /** @param bytesLeft how many bytes may go at all */
  (after: number, bytesLeft: number): Promise<Chosen>;
  /** One record, whatever the filter says; undefined if it is no more. */
  one(index: number): Promise<ExportedRecord | undefined>;
}

/** Records read at a time: they are unsealed and parsed in some milliseconds. */
const atOnce = 100;

export function createSelection(
  { only, batch }: Pick<Delivery, 'only' | 'batch'>,
  { record, logId }: { readonly record: Pick<AuditRecord, 'after'>; readonly logId: string },
): Select {
  const exact = new Set(only.actions?.filter((action) => !action.endsWith('*')));
  const beginnings = (only.actions ?? []).filter((action) => action.endsWith('*')).map((action) => action.slice(0, -1));
  const results = only.results && new Set(only.results);
  const passes = ({ action, result }: ExportedRecord): boolean =>
    (results?.has(result) ?? true) &&
    (only.actions === undefined || exact.has(action) || beginnings.some((beginning) => action.startsWith(beginning)));
  // Its hash besides the index, since a log that was put back from a copy gives indexes again.
  const named = ({ digest, ...entry }: ReadEntry): ExportedRecord => ({
    ...entry,
    eventId: `${logId}/${entry.index}-${digest}`,
  });

  async function select(after: number, bytesLeft: number): Promise<Chosen> {
    const records: ExportedRecord[] = [];
    const bytes: number[] = [];
    let [last, total] = [after, 0];
    let waitingMs: number | undefined;
    for (;;) {
      const stretch = await record.after(last, Math.min(atOnce, batch.records));
      const { oldest, size } = stretch;
      // One that was removed stands before all that are left.
      if (last === after && oldest > after + 1)
        return { records, bytes, last, size, isCapped: false, missed: { from: after + 1, to: oldest - 1 } };
      for (const entry of stretch.records) {
        const exported = named(entry);
        waitingMs ??= exported.timestamp;
        if (passes(exported)) {
          const length = Buffer.byteLength(JSON.stringify(exported));
          const isCapped = total + length > bytesLeft;
          const isFull = records.length >= batch.records || (records.length > 0 && total + length > batch.bytes);
          if (isCapped || isFull) return { records, bytes, last, size, waitingMs, isCapped };
          records.push(exported);
          bytes.push(length);
          total += length;
        }
        last = entry.index;
      }
      if (stretch.records.length === 0 || last - after >= mostLookedAt)
        return { records, bytes, last, size, waitingMs, isCapped: false };
      await nextTurn();
    }
  }

  return Object.assign(select, {
    async one(index: number) {
      const [entry] = (await record.after(index - 1, 1)).records;
      return entry?.index === index ? named(entry) : undefined;
    },
  });
}

/** With a filter that lets little through, the cursor moves on all the same. */
const mostLookedAt = 10_000;
