// A bound query as a chain of operators that pull batches of rows from each other.
import type { Bound, BoundAggregate } from './bound.ts';
import type { Run } from './run.ts';
import type { Column, KqlType, Row, Value } from './values.ts';

export type Batches = AsyncIterable<readonly Row[]>;

/** What whoever pulls the rows will look at. */
export interface Wanted {
  /** Places of columns; others may hold anything. */
  readonly columns: ReadonlySet<number>;
  /** Rows that fail one of these are not needed; they may still come. */
  readonly where?: readonly Bound[];
  /** Of the rows that meet `where`, no more than this will be taken. */
  readonly limit?: number;
}

export interface Plan {
  readonly columns: readonly Column[];
  /** The rows stand in an order that `prev`, `next` and `row_number` may rely on. */
  readonly ordered: boolean;
  /** The name that `union withsource` and `search` give to rows from here. */
  readonly label?: string;
  open(run: Run, wanted: Wanted): Batches;
  /** Groups where the rows lie, if that is possible exactly. Rows: keys, then aggregates. */
  grouped?(run: Run, grouping: Grouping): Batches | undefined;
}

export interface Grouping {
  readonly where: readonly Bound[];
  readonly by: readonly Bound[];
  readonly aggregates: readonly BoundAggregate[];
}

export const everything = (columns: readonly Column[]): Wanted => ({ columns: new Set(columns.keys()) });

/** Places of the columns that expressions look at. */
export function columnsOf(bounds: readonly Bound[], into = new Set<number>()): Set<number> {
  for (const bound of bounds) {
    if (bound.kind === 'column') into.add(bound.index);
    else if (bound.kind === 'call') columnsOf(bound.arguments, into);
  }
  return into;
}

/** What a column holds where there is no value. */
export const missing = (type: KqlType): Value => (type === 'string' ? '' : null);
export const emptyRow = (columns: readonly Column[]): Row => columns.map(({ type }) => missing(type));

/** Rows through a function, batch by batch. */
export async function* eachBatch(
  input: Batches,
  run: Run,
  work: (rows: readonly Row[]) => readonly Row[],
): AsyncGenerator<readonly Row[]> {
  for await (const rows of input) {
    const made = work(rows);
    if (made.length > 0) yield made;
    if (run.due()) await run.breathe();
  }
}

/** Rows that are there already, in batches. */
export async function* inBatches(rows: readonly Row[], run: Run): AsyncGenerator<readonly Row[]> {
  for (let at = 0; at < rows.length;) {
    const end = at + run.batchRows;
    yield rows.slice(at, end);
    at = end;
    if (run.due()) await run.breathe();
  }
}

/** The name itself, or with the first free number behind it. */
export function freeName(name: string, taken: { has(name: string): boolean }): string {
  if (!taken.has(name)) return name;
  let number = 1;
  while (taken.has(name + number)) number++;
  return name + number;
}
