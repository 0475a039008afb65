// The tables that a query may name, and how their rows are asked for.
import type { Bound, BoundAggregate } from './bound.ts';
import type { Column, Row } from './values.ts';

export interface TableSource {
  readonly name: string;
  readonly columns: readonly Column[];
  /**
   * Opens the rows, in batches of some hundred, in any order unless the table has one. The engine checks all conditions itself
   * again: a source uses what it can to read less, and may not leave out a row that meets them.
   */
  open(request: ScanRequest): AsyncIterable<readonly Row[]>;
  /**
   * Groups in the source, where it can do so exactly as the engine would; `undefined` when it cannot.
   * Rows: the keys, then the aggregates.
   */
  summarize?(request: SummarizeRequest): AsyncIterable<readonly Row[]> | undefined;
}

export interface ScanRequest {
  /** Conditions that all must hold (their conjunction), on the columns of this table; `timeRange` says what they leave of time. */
  readonly where: readonly Bound[];
  /** Places of the columns that are looked at; others may be null (strings: empty) in the rows. */
  readonly columns: ReadonlySet<number>;
  /** Where the engine wants no more rows than this after `where`; a source that cannot apply all of `where` ignores it. */
  readonly limit?: number;
  readonly signal: AbortSignal;
}

export interface SummarizeRequest extends Omit<ScanRequest, 'limit' | 'columns'> {
  readonly by: readonly Bound[];
  readonly aggregates: readonly BoundAggregate[];
}

export interface Catalog {
  /** By exact name. */
  table(name: string): TableSource | undefined;
  /** For `union T*` and for hints in messages. */
  readonly names: readonly string[];
}

/** What one query may take. */
export interface Budget {
  /** Rows read from tables, all together. */
  readonly maxRowsRead: number;
  /** Rows of the answer. */
  readonly maxRows: number;
  /** Wall-clock time. */
  readonly maxMs: number;
  /** Rough bytes that operators hold (groups, sorted rows, the right side of joins). */
  readonly maxBytes: number;
}
