// The gateway's side of the writer thread: gathers records into groups, hands them over, settles their promises.
import { performance } from 'node:perf_hooks';
import type { EventLoopUtilization } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { PreparedEntry } from './leaf.ts';
import type { FromWriter, ToWriter, Upkeep, UpkeepDone, WriterStart } from './writer-thread.ts';

export interface Writer {
  /** Resolves with the leaf index once the record is durable. Rejects with `record_unavailable`. */
  append(entry: PreparedEntry): Promise<number>;
  /** Has a step of upkeep done between two commits. Rejects with `record_unavailable`. */
  upkeep(step: Upkeep): Promise<UpkeepDone>;
  status(): WriterStatus;
  /** Commits what still waits and ends the thread. Idempotent. */
  close(): Promise<void>;
}

export interface WriterStatus {
  /** Number of durable records. */
  readonly size: number;
  /** Records that wait to become durable. */
  readonly waiting: number;
  /** Why the last commit failed; absent while all is well. */
  readonly failure?: string;
}

interface Step {
  readonly step: Upkeep;
  readonly resolve: (done: UpkeepDone) => void;
  readonly reject: (error: GenkanError) => void;
}

interface Waiter {
  readonly resolve: (index: number) => void;
  readonly reject: (error: GenkanError) => void;
}

/** Records that the thread was given to commit at once. */
interface Group {
  readonly waiters: readonly Waiter[];
  /** In characters. */
  readonly length: number;
}

const groupLimit = 1024;
/** While one group is committed, the next is on its way: preparing records and committing them are work for two cores. */
const mostUnderWay = 2;
/** So many are a group of their own, however busy the writer is. */
const fullGroup = 32;
/**
 * A commit costs as much as some ten records. Shortly after a group of so many the next one waits while the event loop spends
 * so much of its time on others, but no longer than so many milliseconds; who comes alone never waits.
 */
const [crowd, shortlyMs, busy, gatherMs] = [4, 50, 0.8, 8];
/** Of what waits, in characters: contents of calls are long. */
const maxWaitingLength = 64 * 1024 * 1024;

const unavailable = (detail: string): GenkanError => new GenkanError('record_unavailable', {}, { detail });

/**
 * Starts the writer thread; resolves once the log is open and every intent left open by a crash has its `unknown` outcome.
 * @throws GenkanError `record_unavailable` when the log cannot be opened
 */
export async function startWriter(
  start: Omit<WriterStart, 'nowMs'>,
  { maxQueue, clock, log }: { maxQueue: number; clock: Clock; log: Log },
): Promise<Writer> {
  const module = new URL(import.meta.url.replace(/writer(\.[jt]s)$/, 'writer-thread$1'));
  const thread = new Worker(module, { workerData: { ...start, nowMs: clock.now() } satisfies WriterStart });
  let size = 0;
  let failure: string | undefined;
  let ended: string | undefined;
  let gathering: { group: PreparedEntry[]; waiters: Waiter[] } = { group: [], waiters: [] };
  /** Of all that is not durable yet. */
  let waitingLength = 0;
  const steps: Step[] = [];
  /** What the thread has to answer, in this order. */
  let underWay: (Group | Step)[] = [];
  let committing = 0;
  /** When so many came at once last. */
  let crowdAtMs = -Infinity;
  let afterGroup = false;
  let handOverPlanned = false;
  let drained = (): void => {};
  const waiting = (): number => committing + gathering.group.length;
  const isBusy = (): boolean => underWay.length > 0 || gathering.group.length > 0 || steps.length > 0;

  const send = (message: ToWriter): void => thread.postMessage(message);

  /** All that arrives in this turn of the event loop makes one group, at least. */
  function planHandOver(): void {
    if (isFull() || (underWay.length === 0 && steps.length > 0)) return handOver();
    if (handOverPlanned || underWay.length > 0 || gathering.group.length === 0) return;
    handOverPlanned = true;
    if (clock.now() - crowdAtMs > shortlyMs) setImmediate(handOver);
    else gather(performance.now());
  }

  /**
   * While the event loop is busy, it is with calls whose records are soon to come.
   * @param before what the loop had done a millisecond ago
   */
  function gather(sinceMs: number, before?: EventLoopUtilization): void {
    const now = performance.eventLoopUtilization();
    const isIdle = before !== undefined && performance.eventLoopUtilization(now, before).utilization < busy;
    if (isIdle || isFull() || performance.now() - sinceMs >= gatherMs) handOver();
    else setTimeout(gather, 1, sinceMs, now);
  }

  const isFull = (): boolean => gathering.group.length >= fullGroup;

  function handOver(): void {
    handOverPlanned = false;
    while (underWay.length < mostUnderWay) {
      // A group and a step by turns, so that neither keeps the other waiting for long.
      if (steps.length > 0 && (afterGroup || gathering.group.length === 0)) {
        const step = steps.shift()!;
        afterGroup = false;
        underWay.push(step);
        send(step.step);
      } else if (gathering.group.length > 0 && (underWay.length === 0 || isFull())) {
        const { group, waiters } = gathering;
        gathering = { group: group.splice(groupLimit), waiters: waiters.splice(groupLimit) };
        afterGroup = true;
        const nowMs = clock.now();
        if (group.length >= crowd) crowdAtMs = nowMs;
        committing += group.length;
        underWay.push({ waiters, length: group.reduce((sum, entry) => sum + lengthOf(entry), 0) });
        send({ group, nowMs });
      } else return;
    }
  }

  function settleStep({ resolve, reject }: Step, answer: FromWriter): void {
    if ('done' in answer) resolve(answer.done);
    else if ('failure' in answer) reject(unavailable(answer.failure));
  }

  function settleGroup({ waiters, length }: Group, answer: FromWriter): void {
    committing -= waiters.length;
    waitingLength -= length;
    if ('first' in answer) {
      if (failure !== undefined) log.warn('audit records are written again');
      failure = undefined;
      size = answer.first + waiters.length;
      waiters.forEach((waiter, offset) => waiter.resolve(answer.first + offset));
    } else if ('failure' in answer) {
      if (failure !== answer.failure) log.fatal({ reason: answer.failure }, 'audit records cannot be written');
      failure = answer.failure;
      const error = unavailable(answer.failure);
      for (const waiter of waiters) waiter.reject(error);
    }
  }

  function settle(answer: FromWriter): void {
    const order = underWay.shift()!;
    if ('step' in order) settleStep(order, answer);
    else settleGroup(order, answer);
    planHandOver();
    if (!isBusy()) drained();
  }

  const exit = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  function end(reason: string): void {
    ended ??= reason;
    const error = unavailable(reason);
    const asked = underWay.flatMap((order): (Waiter | Step)[] => ('step' in order ? [order] : [...order.waiters]));
    for (const waiter of [...asked, ...gathering.waiters, ...steps.splice(0)]) waiter.reject(error);
    underWay = [];
    gathering = { group: [], waiters: [] };
    [committing, waitingLength] = [0, 0];
    drained();
  }

  const started = Promise.withResolvers<void>();
  let obstacle = 'the writer of audit records did not start';
  thread.once('error', (error) => (obstacle = String(error)));
  thread.once('exit', () => started.reject(unavailable(obstacle))); // only then are its files free for another attempt
  thread.once('message', (answer: FromWriter) => {
    if ('failure' in answer) obstacle = answer.failure;
    if (!('opened' in answer)) return;
    const { unknownOutcomes } = answer.opened;
    size = answer.opened.size;
    if (unknownOutcomes > 0) log.warn({ unknownOutcomes }, 'calls were under way when the last run ended');
    thread.on('message', settle);
    started.resolve();
  });
  await started.promise;
  thread.on('error', (error) => log.fatal({ err: error }, 'the writer of audit records died'));
  thread.on('exit', () => end('the writer of audit records has ended'));

  return {
    append(entry) {
      if (ended !== undefined) return Promise.reject(unavailable(ended));
      if (waiting() >= maxQueue || waitingLength >= maxWaitingLength)
        return Promise.reject(unavailable('too many records wait to be written'));
      return new Promise((resolve, reject) => {
        gathering.group.push(entry);
        waitingLength += lengthOf(entry);
        gathering.waiters.push({ resolve, reject });
        planHandOver();
      });
    },
    upkeep(step) {
      if (ended !== undefined) return Promise.reject(unavailable(ended));
      return new Promise((resolve, reject) => {
        steps.push({ step, resolve, reject });
        planHandOver();
      });
    },
    status: () => ({ size, waiting: waiting(), failure: ended ?? failure }),
    async close() {
      if (ended === undefined) {
        ended = 'the audit log is closed';
        if (isBusy()) await new Promise<void>((resolve) => (drained = resolve));
        send('close');
      }
      await exit;
    },
  };
}

const lengthOf = ({ rest, contents = '' }: PreparedEntry): number => rest.length + contents.length;
