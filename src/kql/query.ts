// The door of the engine: a text is compiled against a catalogue once, and run as often as wanted.
import type { Budget, Catalog } from './catalog.ts';
import type { Column, Row } from './values.ts';

export interface CompiledQuery {
  readonly columns: readonly Column[];
  /** What `render` asked for, if anything. */
  readonly render?: { readonly chart: string; readonly properties: ReadonlyMap<string, string> };
  /** Tables that it reads. */
  readonly tables: readonly string[];
  /** @throws KqlError `budget` when it takes more than it may, the time of a signal included; what else aborts rejects with its reason */
  run(options: { readonly budget: Budget; readonly signal?: AbortSignal }): AsyncIterable<readonly Row[]>;
}

export interface CompileOptions {
  /** What `now()` says. */
  readonly nowMs: number;
  /** For `sample`; by default Math.random. */
  readonly random?: () => number;
  /**
   * What finding out the columns of `evaluate pivot(…)` and `bag_unpack(…)` may take where the query does not say them: only these
   * read rows when they are compiled.
   */
  readonly budget?: Budget;
  readonly signal?: AbortSignal;
}

/** @throws KqlError with the first problem */
export type Compile = (query: string, catalog: Catalog, options: CompileOptions) => Promise<CompiledQuery>;
