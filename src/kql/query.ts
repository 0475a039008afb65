// The door of the engine: a text is compiled against a catalogue once, and run as often as wanted.
import type { Budget, Catalog } from './catalog.ts';
import type { Column, Row } from './values.ts';

export interface CompiledQuery {
  readonly columns: readonly Column[];
  /** What `render` asked for, if anything. */
  readonly render?: { readonly chart: string; readonly properties: ReadonlyMap<string, string> };
  /** Tables that it reads. */
  readonly tables: readonly string[];
  /** @throws KqlError `budget` when it takes more than it may; what the signal aborts rejects with its reason */
  run(options: { readonly budget: Budget; readonly signal?: AbortSignal }): AsyncIterable<readonly Row[]>;
}

/** @throws KqlError with the first problem */
export type Compile = (query: string, catalog: Catalog, options: { readonly nowMs: number }) => Promise<CompiledQuery>;
