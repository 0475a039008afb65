// What one run of a query has taken so far, and where it lets others have their turn.
import type { Budget } from './catalog.ts';
import { KqlError } from './problem.ts';
import type { Place } from './nodes.ts';
import { sizeOf } from './value-size.ts';
import type { Row } from './values.ts';

/** Bytes that an operator holds; let go of when it is done. */
export interface Held {
  add(bytes: number): void;
  release(): void;
}

export interface Run {
  readonly signal: AbortSignal;
  /** Rows that came from tables, or were made by `range`. */
  read(rows: number): void;
  hold(): Held;
  /** As many rows as may be worked on before `due` is asked again: fewer where they take long. */
  readonly batchRows: number;
  /** Whether the thread has been held long enough for `breathe` to be called; cheap, for every batch. */
  due(): boolean;
  /** Lets others run. Here, too, time and the signal are looked at. */
  breathe(): Promise<void>;
  /** @throws when the time is over, or the signal says so */
  look(): void;
  /** What `materialize` keeps for the length of the run, by its place in the query. */
  readonly kept: Map<string, Promise<readonly (readonly Row[])[]>> | undefined;
}

/** Below the 10 ms that anybody else may have to wait, by the longest batch. */
const turnMs = 6;
const mostRows = 128;

export interface RunClock {
  readonly nowMs: () => number;
  /** What this thread has worked: on a busy machine less than the time that has gone by. */
  readonly workedMs: () => number;
}

export const runClock: RunClock = {
  nowMs: () => performance.now(),
  workedMs: () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  },
};

/** @param keeps whether `materialize` keeps its rows; else each use computes them */
export function createRun(budget: Budget, signal: AbortSignal, query: Place, clock: RunClock, keeps = true): Run {
  const startedMs = clock.nowMs();
  let turnStartedMs = startedMs;
  let workStartedMs = clock.workedMs();
  let batchRows = mostRows;
  let rowsRead = 0;
  let bytes = 0;
  const over = (what: string, how: string): KqlError => new KqlError('budget', `The query ${what}. ${how}`, query);

  const look = (): void => {
    signal.throwIfAborted();
    if (clock.nowMs() - startedMs > budget.maxMs) {
      throw over(
        `ran for more than ${budget.maxMs} ms`,
        'Ask for a shorter time (where TimeGenerated > ago(1h)) or filter earlier.',
      );
    }
  };

  return {
    signal,
    look,
    kept: keeps ? new Map() : undefined,
    read: (rows) => {
      rowsRead += rows;
      if (rowsRead <= budget.maxRowsRead) return;
      throw over(
        `read more than ${budget.maxRowsRead} rows`,
        'Ask for a shorter time (where TimeGenerated > ago(1h)) or name more conditions right after the table.',
      );
    },
    hold: () => {
      let mine = 0;
      return {
        add: (more) => {
          mine += more;
          bytes += more;
          if (bytes <= budget.maxBytes) return;
          throw over(
            `holds more than ${Math.round(budget.maxBytes / 1_048_576)} MiB`,
            'Filter before join, sort and summarize, project only the columns needed, or group by fewer values.',
          );
        },
        release: () => {
          bytes -= mine;
          mine = 0;
        },
      };
    },
    due: () => clock.nowMs() - turnStartedMs > turnMs,
    get batchRows() {
      return batchRows;
    },
    breathe: async () => {
      const heldMs = clock.workedMs() - workStartedMs;
      batchRows = heldMs > 1.5 * turnMs ? Math.max(1, batchRows >> 1) : Math.min(mostRows, batchRows << 1);
      look();
      await new Promise((resolve) => setImmediate(resolve));
      look();
      turnStartedMs = clock.nowMs();
      workStartedMs = clock.workedMs();
    },
  };
}

/** Rough bytes of a row: right enough to stop before the process runs out. */
export function rowSize(row: Row): number {
  let size = 32;
  for (const value of row) size += sizeOf(value);
  return size;
}
