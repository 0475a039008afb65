// The writer thread: owns the audit log, commits what it is sent group by group, and answers after each commit.
import { parentPort, workerData } from 'node:worker_threads';
import { openAuditLog } from './audit-log.ts';
import type { AuditLog, ForgetOrder, Forgotten } from './audit-log.ts';
import type { PreparedEntry } from './leaf.ts';
import { createSigner } from './note.ts';

export interface WriterStart {
  readonly dataDirectory: string;
  readonly signingKey: string;
  /** Whether the directory may hold no log yet. */
  readonly mayBegin: boolean;
  readonly nowMs: number;
}

/** A small step of work on what is written already. */
export type Upkeep =
  { readonly prune: { readonly before: number; readonly atMost: number } } | { readonly forget: ForgetOrder };
export type UpkeepDone = number | Forgotten;

/** A group of records to commit, a step of upkeep, or the request to finish. */
export type ToWriter = { readonly group: readonly PreparedEntry[]; readonly nowMs: number } | Upkeep | 'close';

/** The log is open; or a group is durable from this leaf index on; or a step is done; or it is not, and why. */
export type FromWriter =
  | { readonly opened: { readonly size: number; readonly unknownOutcomes: number } }
  | { readonly first: number }
  | { readonly done: UpkeepDone }
  | { readonly failure: string };

// Settled while idle, so that the file alone holds everything soon after the last record.
const settleAfterMs = 250;

const port = parentPort!;
const answer = (message: FromWriter): void => port.postMessage(message);
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function carryOut(log: AuditLog, message: Exclude<ToWriter, 'close'>): FromWriter {
  if ('group' in message) return { first: log.append(message.group, message.nowMs) };
  if ('prune' in message) return { done: log.prune(message.prune.before, message.prune.atMost) };
  return { done: log.forget(message.forget) };
}

function run({ dataDirectory, signingKey, mayBegin, nowMs }: WriterStart): void {
  const log = openAuditLog(dataDirectory, createSigner(signingKey), { mayBegin, nowMs });
  const settle = (): void => {
    try {
      if (log.settle()) settling.refresh();
    } catch {
      // Nothing is lost: what could not be moved stays in the write-ahead log.
    }
  };
  const settling = setTimeout(settle, settleAfterMs);
  const unknownOutcomes = log.closeIntents(nowMs);
  answer({ opened: { size: log.size(), unknownOutcomes } });
  port.on('message', (message: ToWriter) => {
    if (message === 'close') {
      clearTimeout(settling);
      settle();
      log.close();
      port.close();
      return;
    }
    try {
      answer(carryOut(log, message));
    } catch (error) {
      answer({ failure: reasonOf(error) });
    }
    settling.refresh();
  });
}

try {
  run(workerData as WriterStart);
} catch (error) {
  answer({ failure: reasonOf(error) });
}
