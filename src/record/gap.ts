// What happens while records cannot be written: an alarm at once, and where calls may go on, a record of how many were not written.
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { AuditEntry } from './entry.ts';

/** Records that were not written. */
export interface Gap {
  readonly notRecorded: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: string;
}

export interface GapNeighbours {
  readonly clock: Clock;
  readonly log: Log;
  /** Tells people outside; of one trouble it is told once. */
  readonly alarm: (gap: Gap) => void;
  /** Writes what Genkan itself has to say. */
  readonly note: (entry: Pick<AuditEntry, 'action' | 'resource' | 'result' | 'details'>) => Promise<unknown>;
}

export interface GapKeeper {
  /**
   * Waits for a record; a trouble is told.
   * @returns its index; -1 where it may be missing and is
   */
  guard(written: Promise<number>): Promise<number>;
  /** What is missing and not yet on record. */
  gap(): Gap | undefined;
  /** Tells what is missing, once more, while that can still be written. */
  close(): Promise<void>;
}

const retryMs = 5_000;

/** What the log says of records that it lacks. */
export const gapRecord = ({ notRecorded, fromMs, toMs, reason }: Gap): Parameters<GapNeighbours['note']>[0] => ({
  action: 'record.gap',
  resource: '/',
  result: 'failed',
  details: { notRecorded, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), reason },
});

/** @param mayMiss whether calls go on without their records */
export function createGapKeeper(mayMiss: boolean, { clock, log, alarm, note }: GapNeighbours): GapKeeper {
  let trouble = false;
  let gap: Gap | undefined;
  let noting: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function missed(reason: string): void {
    const nowMs = clock.now();
    const told = { notRecorded: mayMiss ? 1 : 0, fromMs: nowMs, toMs: nowMs, reason };
    if (mayMiss) {
      gap = gap === undefined ? told : { ...gap, notRecorded: gap.notRecorded + 1, toMs: nowMs };
      timer ??= setInterval(tell, retryMs).unref();
    }
    if (trouble) return;
    trouble = true;
    log.fatal({ reason, mayMiss }, mayMiss ? 'calls go on without their records' : 'calls are refused: no records');
    alarm(told);
  }

  /** The gap is told in the log as soon as that can be written again. */
  function tell(): void {
    if (gap === undefined || noting !== undefined) return;
    const told = gap;
    gap = undefined;
    noting = note(gapRecord(told))
      .then(
        () => over(),
        () => {
          gap = { ...told, notRecorded: told.notRecorded + (gap?.notRecorded ?? 0), toMs: gap?.toMs ?? told.toMs };
        },
      )
      .finally(() => (noting = undefined));
  }

  function over(): void {
    if (gap !== undefined) return;
    trouble = false;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    async guard(written) {
      try {
        const index = await written;
        if (gap !== undefined) tell();
        else if (noting === undefined) trouble = false;
        return index;
      } catch (error) {
        if (!(error instanceof GenkanError) || error.code !== 'record_unavailable') throw error;
        missed(error.message);
        if (!mayMiss) throw error;
        return -1;
      }
    },
    gap: () => gap,
    async close() {
      clearInterval(timer);
      await noting;
      tell();
      await noting;
    },
  };
}
