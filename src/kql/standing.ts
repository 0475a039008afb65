// A query that stands: rows of one table come one by one, and at any moment it says what it would give over the last while.
import type { Bound } from './bound.ts';
import type { Budget, Catalog, TableSource } from './catalog.ts';
import { bindScript, compileScript } from './compile.ts';
import { createMemoryTable } from './memory-table.ts';
import { parse } from './parser.ts';
import { columnsOf, everything, missing } from './plan.ts';
import { KqlError } from './problem.ts';
import type { CompiledQuery } from './query.ts';
import { createRun, rowSize, runClock } from './run.ts';
import { isStable } from './stability.ts';
import type { Script } from './syntax.ts';
import type { Column, Row } from './values.ts';

export interface StandingSettings {
  /** The table whose rows are pushed; all others are read from the catalogue at each evaluation. */
  readonly table: string;
  /** How long a row counts, by its own time. */
  readonly lookbackMs: number;
  /** Rows and rough bytes that are kept at most; beyond them the oldest go, and the answer says so. */
  readonly maxRows: number;
  readonly maxBytes: number;
  /** The column of the rows' time. */
  readonly timeColumn?: string;
  /** For the first look at the query. */
  readonly nowMs: number;
}

export interface StandingAnswer {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** False where rows of the window were dropped for want of room. */
  readonly complete: boolean;
}

export interface Standing {
  readonly columns: readonly Column[];
  readonly tables: readonly string[];
  /** @returns whether the row is kept: one that no evaluation would look at is not */
  push(row: Row): boolean;
  /** What the query gives over the rows of the last `lookbackMs`. */
  evaluate(options: {
    readonly nowMs: number;
    readonly budget: Budget;
    readonly signal?: AbortSignal;
  }): Promise<StandingAnswer>;
  readonly kept: { readonly rows: number; readonly bytes: number };
}

/** @throws KqlError for a query that cannot stand, or does not read the table */
export async function createStanding(query: string, catalog: Catalog, settings: StandingSettings): Promise<Standing> {
  const script = parse(query);
  const source = catalog.table(settings.table);
  if (source === undefined) throw new KqlError('unknown', `There is no table ${settings.table}.`, script);
  const { columns } = source;
  const timePlace = columns.findIndex(({ name }) => name === (settings.timeColumn ?? 'TimeGenerated'));
  if (timePlace === -1) throw new KqlError('unknown', `${settings.table} has no column of time.`, script);

  const window = createWindow(settings, timePlace);
  const memory = createMemoryTable(source.name, columns, () => window.rows());
  const withMemory: Catalog = {
    names: catalog.names,
    table: (name) => (name === settings.table ? memory : catalog.table(name)),
  };
  const compiled: CompiledQuery = await compileScript(script, withMemory, { nowMs: settings.nowMs });
  if (!compiled.tables.includes(source.name)) {
    throw new KqlError('type', `The query does not read ${settings.table}.`, script);
  }
  const needs = await needsOf(script, catalog, source, settings.nowMs);
  const keep = keeper(columns, needs, timePlace);

  return {
    columns: compiled.columns,
    tables: compiled.tables,
    push(row) {
      const kept = keep(row);
      if (kept !== undefined) window.add(kept);
      return kept !== undefined;
    },
    async evaluate({ nowMs, budget, signal }) {
      window.moveTo(nowMs);
      const complete = window.complete();
      // `now()` and `ago()` are read when a query is bound, so it is bound at each moment anew; it was read once.
      const now = await compileScript(script, withMemory, { nowMs, budget, signal });
      const rows: Row[] = [];
      for await (const batch of now.run({ budget, signal })) for (const row of batch) rows.push(row);
      return { columns: now.columns, rows, complete };
    },
    kept: window.kept,
  };
}

// --- what a query needs of a row ---

/** One place of the query that reads the table. */
interface Need {
  /** Conditions that hold or fail once and for all when a row comes. */
  readonly where: readonly Bound[];
  readonly columns: ReadonlySet<number>;
}

/** The places that read the table, found by opening the query over a table without rows; `undefined`: any row may be needed whole. */
async function needsOf(
  script: Script,
  catalog: Catalog,
  source: TableSource,
  nowMs: number,
): Promise<readonly Need[] | undefined> {
  const needs: Need[] = [];
  const nothing: Catalog = {
    names: catalog.names,
    table: (name) => {
      const table = catalog.table(name);
      return table && emptied(table, table.name === source.name ? needs : undefined);
    },
  };
  const { plan, questions, scans } = bindScript(script, nothing, { nowMs }, new Map());
  if (plan === undefined) return undefined;
  const budget: Budget = { maxRowsRead: 1e5, maxRows: 1e5, maxMs: 5000, maxBytes: 64 * 1_048_576 };
  const run = createRun(budget, new AbortController().signal, script, runClock, false);
  for (const question of questions) await question.answer(run);
  for await (const rows of plan.open(run, everything(plan.columns))) void rows;
  // A place that was bound and not opened, for example behind `take 0`, might want any row.
  return needs.length === (scans.get(source.name) ?? 0) ? needs : undefined;
}

function emptied(table: TableSource, needs: Need[] | undefined): TableSource {
  return {
    name: table.name,
    columns: table.columns,
    async *open({ where, columns }) {
      const stable = where.filter(isStable);
      needs?.push({ where: stable, columns: columnsOf(where, new Set(columns)) });
    },
  };
}

/** A row as it is kept, without the columns that nobody looks at; undefined where nobody looks at the row. */
function keeper(
  columns: readonly Column[],
  needs: readonly Need[] | undefined,
  timePlace: number,
): (row: Row) => Row | undefined {
  if (needs === undefined) return (row) => row;
  const used = new Set([timePlace, ...needs.flatMap((need) => [...need.columns])]);
  const blank = columns.map(({ type }) => missing(type));
  return (row) => {
    if (!needs.some(({ where }) => where.every(({ evaluate }) => evaluate(row) === true))) return undefined;
    return row.map((value, place) => (used.has(place) ? value : blank[place]!));
  };
}

// --- the rows of the window ---

function createWindow({ lookbackMs, maxRows, maxBytes }: StandingSettings, timePlace: number) {
  let rows: Row[] = [];
  let sizes: number[] = [];
  let bytes = 0;
  /** Rows before this place are gone; the arrays are cut now and then. */
  let head = 0;
  /** The latest time of a row that had to go although it may have counted. */
  let droppedMs = -Infinity;
  let fromMs = -Infinity;

  const timeOf = (row: Row): number => row[timePlace] as number;
  const dropFirst = (): void => {
    bytes -= sizes[head]!;
    head += 1;
    if (head < 1024 || head * 2 < rows.length) return;
    rows = rows.slice(head);
    sizes = sizes.slice(head);
    head = 0;
  };

  return {
    add(row: Row): void {
      const size = rowSize(row);
      rows.push(row);
      sizes.push(size);
      bytes += size;
      while (head < rows.length && (rows.length - head > maxRows || bytes > maxBytes)) {
        droppedMs = Math.max(droppedMs, timeOf(rows[head]!));
        dropFirst();
      }
    },
    moveTo(nowMs: number): void {
      fromMs = nowMs - lookbackMs;
      while (head < rows.length && timeOf(rows[head]!) < fromMs) dropFirst();
    },
    complete: () => droppedMs < fromMs,
    /** Rows may come late, so not only the first ones may be too old. */
    rows: (): readonly Row[] => rows.slice(head).filter((row) => timeOf(row) >= fromMs),
    kept: {
      get rows() {
        return rows.length - head;
      },
      get bytes() {
        return bytes;
      },
    },
  };
}
