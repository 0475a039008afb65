// Delivers the record to one sink: in order, at least once, and never past what the sink has not acknowledged. The log itself is the outbox.
import { setTimeout as passed } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import { correlationId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { Notifier } from '../../base/notice.ts';
import { oneLine } from '../../base/one-line.ts';
import type { Database } from '../../state/database.ts';
import type { Lease, Leases } from '../../state/leases.ts';
import type { Result } from '../entry.ts';
import type { AuditRecord } from '../record.ts';
import { createCursor, dayMs, dayOf } from './cursors.ts';
import type { SetAside, Standing } from './cursors.ts';
import type { Mark } from './marks.ts';
import { createSelection } from './selection.ts';
import type { Delivery } from './settings.ts';
import { sift } from './sift.ts';
import type { Refused, Sifted } from './sift.ts';
import { SinkError } from './sink.ts';
import type { ExportedRecord, Sink } from './sink.ts';
import { aheadNotice, missedNotice, setAsideNotice } from './texts.ts';
import type { Meters } from './watch.ts';
import { createWatch } from './watch.ts';

export interface ExporterNeighbours {
  readonly record: Pick<AuditRecord, 'insist' | 'after' | 'extent'>;
  /** Name of the log and hash of its key. */
  readonly logId: string;
  readonly database: Database;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Log;
  readonly notices: Notifier;
  readonly meters: Meters;
  /** Resolves after so long, or when the signal says so. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
}

export interface Exporter {
  /** Begins to deliver, as soon as no other process does so. */
  attend(): void;
  /** Delivers one record out of turn. */
  deliver(record: ExportedRecord): Promise<void>;
  /** Delivers once more what the sink has refused, and does not wait any longer for the next attempt. */
  retry(): Promise<{ readonly delivered: number; readonly refused: number }>;
  /** The next record to be delivered is this one. */
  reset(index: number): Promise<void>;
  state(): Promise<ExportState>;
  close(): Promise<void>;
}

export interface ExportState extends Partial<Standing> {
  readonly waiting: number;
  readonly setAside: number;
}

const idleMs = 1000;
const electionMs = 5000;
const firstPauseMs = 1000;
const longestPauseMs = 300_000;
/** However long a receiver wants to be left alone. */
const mostRetryAfterMs = 3_600_000;
/** How often it is looked at meanwhile how far behind the sink is. */
const lookMs = 30_000;
const leaseMs = 15_000;
/** More than these would be a receiver that refuses everything in the end; delivery stops instead. */
const mostSetAside = 1000;

export function createExporter(sink: Sink, settings: Delivery, neighbours: ExporterNeighbours): Exporter {
  const { record, logId, leases, clock, log, notices, meters, random = Math.random, pause = pass } = neighbours;
  const { name } = sink;
  const cursor = createCursor(name, logId, neighbours);
  const closing = new AbortController();
  const select = createSelection(settings, { record, logId });
  const watch = createWatch(name, settings.behindMinutes * 60_000, { cursor, clock, notices, meters, note });
  let woken = new AbortController();
  let running: Promise<void> | undefined;
  let sending: Promise<unknown> = Promise.resolve();

  function note(action: string, result: Result, details: Record<string, unknown>): Promise<number> {
    const about = { action, resource: `/exports/${name}`, result, details };
    const by = { user: 'genkan', correlationId: correlationId(), sourceIP: '', userAgent: '' };
    return record.insist({ timestamp: clock.now(), ...by, ...about });
  }

  const untold = (error: unknown): void => log.warn({ err: error, sink: name }, 'the state of an export was not told');

  /** What cannot be told, since the record cannot be written, keeps nothing of what is there from being delivered. */
  const observe = (standing: Standing, waitingMs: number | undefined, size: number): Promise<void> =>
    watch.observe(standing, waitingMs, size - 1 - standing.acknowledged).catch(untold);

  /** One delivery at a time. */
  function send(batch: readonly ExportedRecord[], signal: AbortSignal): Promise<void> {
    const mine = sending.then(() =>
      sink.send(batch, AbortSignal.any([signal, closing.signal, AbortSignal.timeout(settings.timeoutSeconds * 1000)])),
    );
    sending = mine.catch(() => undefined);
    return mine;
  }

  async function attend(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await leases.hold(`export:${name}:${logId}`, lead, { ttlMs: leaseMs, waitMs: 0 });
      } catch (error) {
        const isBusy = error instanceof GenkanError && error.code === 'state_lease_busy';
        if (!isBusy) log.error({ err: error, sink: name }, 'audit records cannot be exported');
      }
      await pause(electionMs, closing.signal);
    }
  }

  async function lead({ signal }: Lease): Promise<void> {
    const stop = AbortSignal.any([signal, closing.signal]);
    await cursor.open(begin);
    let isRecognised = false;
    const next = async (): Promise<void> => {
      if (isRecognised) return step(stop);
      await recognise();
      isRecognised = true;
    };
    while (!stop.aborted) await next().catch((error: unknown) => fail(error, undefined, stop));
  }

  /** A log is put back while nothing runs, so it is looked at once: is this the one of which the sink has had so much? */
  async function recognise(): Promise<void> {
    const standing = (await cursor.find()) ?? (await cursor.open(begin));
    const newest = standing.marks.at(-1);
    if (newest !== undefined && !(await isThere(newest))) await rewind(standing);
  }

  /** What retention has removed cannot be looked at; it was there when it was removed. */
  const isThere = async ({ index, eventId }: Mark): Promise<boolean> =>
    index < record.extent().oldest || (await select.one(index))?.eventId === eventId;

  /** Moves on, and marks the record that it moves to. */
  async function advance(standing: Standing, to: number, bytes = 0, kept: readonly SetAside[] = []): Promise<boolean> {
    const last = await select.one(to);
    const mark = last && { index: to, eventId: last.eventId };
    return cursor.advance(standing, to, bytes, mark, kept);
  }

  const begin = (): number => {
    const { oldest, size } = record.extent();
    return (settings.from === 'now' ? size : oldest) - 1;
  };

  /** Delivers what comes next, or waits until there is something or until it may be tried again. */
  async function step(stop: AbortSignal): Promise<void> {
    const standing = (await cursor.find()) ?? (await cursor.open(begin));
    const nowMs = clock.now();
    const spent = standing.day === dayOf(nowMs) ? standing.dayBytes : 0;
    const chosen = await select(standing.acknowledged, (settings.dailyCapBytes ?? Infinity) - spent);
    if (standing.acknowledged >= chosen.size) return rewind(standing);
    if (chosen.missed !== undefined) return miss(standing, chosen.missed);
    const { records, last, bytes, isCapped } = chosen;
    await observe(standing, chosen.waitingMs, chosen.size);
    if (records.length > 0) return deliver(standing, records, last, bytes, stop);
    if (last > standing.acknowledged) return void (await advance(standing, last));
    if (!isCapped) return wait(idleMs, stop);
    await cursor.failed('its daily cap is reached', (dayOf(nowMs) + 1) * dayMs);
    return waitUntil((dayOf(nowMs) + 1) * dayMs, chosen.waitingMs, stop);
  }

  async function deliver(
    standing: Standing,
    records: readonly ExportedRecord[],
    last: number,
    bytes: readonly number[],
    stop: AbortSignal,
  ): Promise<void> {
    const sifted = await sift(records, send, stop);
    const { settled, refused, trouble, takesNone } =
      sifted.refused.length === 0 ? sifted : await bounded(sifted, records);
    if (stop.aborted && settled === 0) return;
    const kept = refused.length > 0 ? await setAside(refused) : [];
    const to = settled === records.length ? last : (records[settled - 1]?.index ?? standing.acknowledged);
    if (settled > 0) {
      const size = bytes.slice(0, settled).reduce((sum, one) => sum + one, 0);
      // Where somebody else has moved it, they have the say from here.
      if (!(await advance(standing, to, size, kept))) return;
      meters.delivered(name, settled - refused.length, size);
    }
    if (trouble === undefined || stop.aborted) return;
    // So that the next batch has a record in it that can hardly be what is refused.
    if (takesNone && standing.failures === 0)
      await note('export.refused', 'failed', { reason: reasonOf(trouble) }).catch(untold);
    await fail(trouble, records[settled]?.timestamp, stop);
  }

  /** Of more refusals than can be kept, delivery stops before the first. */
  async function bounded(sifted: Sifted, records: readonly ExportedRecord[]): Promise<Sifted> {
    const room = Math.max(0, mostSetAside - (await cursor.countSetAside()));
    const first = sifted.refused[room];
    if (first === undefined) return sifted;
    return {
      settled: records.indexOf(first.record),
      refused: sifted.refused.slice(0, room),
      trouble: new SinkError(`it refuses more than ${mostSetAside} records`, { retryable: true }),
      takesNone: false,
    };
  }

  async function setAside(refused: readonly Refused[]): Promise<SetAside[]> {
    const { length } = refused;
    const nowMs = clock.now();
    const kept = refused.map(({ record: { index }, reason }) => ({ index, reason: oneLine(reason), atMs: nowMs }));
    // On record before it is passed over.
    await note('export.setAside', 'failed', {
      records: length,
      indexes: kept.slice(0, 100).map(({ index }) => index),
      reason: kept[0]!.reason,
    });
    await notices.notify(setAsideNotice(name, dayOf(nowMs), length, kept[0]!.reason));
    meters.setAside(name, length);
    log.warn({ sink: name, records: length, reason: kept[0]!.reason }, 'a sink refuses audit records');
    return kept;
  }

  async function fail(trouble: unknown, waitingMs: number | undefined, stop: AbortSignal): Promise<void> {
    if (stop.aborted) return;
    const reason = reasonOf(trouble);
    const failures = ((await cursor.find())?.failures ?? 0) + 1;
    const nowMs = clock.now();
    const { retryAfterMs = 0, waitUntilMs = 0 } = trouble instanceof SinkError ? trouble : {};
    const backOffMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 20)) * (0.5 + random() / 2);
    const dueAtMs = Math.min(
      Math.max(nowMs + Math.max(backOffMs, Math.min(retryAfterMs, mostRetryAfterMs)), waitUntilMs),
      nowMs + dayMs,
    );
    meters.failed(name);
    log.warn({ sink: name, failures, reason }, 'audit records were not taken');
    await cursor.failed(reason, Math.ceil(dueAtMs));
    await waitUntil(dueAtMs, waitingMs, stop);
  }

  async function miss(standing: Standing, { from, to }: { from: number; to: number }): Promise<void> {
    await note('export.missed', 'failed', { from, to });
    await notices.notify(missedNotice(name, from, to));
    log.error({ sink: name, from, to }, 'audit records were removed before they were exported');
    await advance(standing, to);
  }

  /** The log was put back from a copy. From the newest record that is known in both on, the sink gets all; it knows by the ids what it has. */
  async function rewind({ acknowledged, marks }: Standing): Promise<void> {
    const { oldest, size } = record.extent();
    let known: number | undefined;
    for (const mark of marks) if (await isThere(mark)) known = mark.index;
    // Without any such record, a sink that was to get nothing from before its time gets nothing that may be.
    const common = Math.max(oldest - 1, known ?? (settings.from === 'now' ? size - 1 : -1));
    const told = { acknowledged, common, records: size };
    log.error({ sink: name, ...told }, 'a sink has records that the audit log has lost');
    // On record before the marks that show it are gone.
    await note('export.ahead', 'failed', told);
    meters.putBack(name);
    await notices.notify(aheadNotice(name, acknowledged, common));
    await cursor.goBack(acknowledged, common);
  }

  async function waitUntil(dueAtMs: number, waitingMs: number | undefined, stop: AbortSignal): Promise<void> {
    const early = woken.signal;
    while (!stop.aborted && !early.aborted && clock.now() < dueAtMs) {
      const standing = await cursor.find();
      if (standing !== undefined) await observe(standing, waitingMs, record.extent().size);
      await pause(Math.min(dueAtMs - clock.now(), lookMs), AbortSignal.any([stop, early]));
    }
  }

  const wait = (ms: number, stop: AbortSignal): Promise<void> => pause(ms, AbortSignal.any([stop, woken.signal]));

  function wake(): void {
    woken.abort();
    woken = new AbortController();
  }

  return {
    attend: () => void (running ??= attend()),
    deliver: (one) => send([one], closing.signal),
    async retry() {
      let [delivered, refused] = [0, 0];
      const settled: number[] = [];
      try {
        for (const { index } of await cursor.setAside(mostSetAside)) {
          const again = await select.one(index);
          const isTaken = again === undefined || (await send([again], closing.signal).then(() => true, asRefusal));
          if (isTaken) settled.push(index);
          if (isTaken && again !== undefined) delivered += 1;
          if (!isTaken) refused += 1;
        }
      } finally {
        await cursor.settle(settled);
      }
      wake();
      return { delivered, refused };
    },
    async reset(index) {
      await cursor.open(begin);
      await cursor.reset(index - 1);
      wake();
    },
    async state() {
      const standing = await cursor.find();
      const { size } = record.extent();
      return {
        ...standing,
        waiting: Math.max(0, size - 1 - (standing?.acknowledged ?? begin())),
        setAside: await cursor.countSetAside(),
      };
    },
    async close() {
      closing.abort();
      await running;
      await sending;
      await sink.close();
    },
  };
}

/** @throws whatever does not lie in the record */
function asRefusal(error: unknown): false {
  if (error instanceof SinkError && !error.retryable) return false;
  throw error;
}

const pass = (ms: number, signal: AbortSignal): Promise<void> =>
  passed(ms, undefined, { signal, ref: false }).catch(() => undefined);

/** What operators read. Errors of libraries may quote addresses and headers. */
export function reasonOf(error: unknown): string {
  if (error instanceof SinkError) return oneLine(error.message);
  if (error instanceof GenkanError) return error.code;
  const { name, code } = error as { name?: string; code?: string };
  return name === 'TimeoutError' ? 'it took too long' : (code ?? 'it failed');
}
