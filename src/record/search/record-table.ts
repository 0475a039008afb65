// A table over the records of the log: its columns, and how its rows are read with as little of each record as the query looks at.
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Bound } from '../../kql/bound.ts';
import type { ScanRequest, TableSource } from '../../kql/catalog.ts';
import { columnsOf, missing } from '../../kql/plan.ts';
import type { Column, Row, Value } from '../../kql/values.ts';
import { depths, foundIn, rowColumns } from './found.ts';
import type { Depth, Found, Opening } from './found.ts';
import { groupedBySql } from './grouping.ts';
import { inSteps, stretchOf } from './stretch.ts';

export interface RecordColumn<Item = undefined> extends Column {
  readonly about: string;
  readonly depth: Depth;
  /** What the database calls it, where it says nothing else. */
  readonly sql?: string;
  readonly value: (found: Found, item: Item) => Value;
}

export interface RecordTable<Item = undefined> {
  readonly name: string;
  readonly about: string;
  readonly columns: readonly RecordColumn<Item>[];
  /** Which records it is made of, in SQL. */
  readonly where?: string;
  /** The rows that one record makes, once its open part is read; without it, one. */
  readonly items?: (found: Found) => readonly Item[];
}

export interface Reading {
  readonly database: DatabaseSync;
  readonly opening: Opening;
  /** Older records are not there. */
  readonly sinceMs?: number | undefined;
}

const batchRows = 256;

export function recordTable<Item>(table: RecordTable<Item>, reading: Reading): TableSource {
  const { database, sinceMs } = reading;
  const columnOf = (index: number): string | undefined => table.columns[index]?.sql;
  const always = [table.where, ...(sinceMs === undefined ? [] : [`timestamp >= ${Math.ceil(sinceMs)}`])]
    .filter((text) => text !== undefined)
    .map((text) => `(${text})`)
    .join(' AND ');
  const stretch = (where: readonly Bound[]) => {
    const found = stretchOf(where, columnOf, always === '' ? undefined : always);
    return sinceMs === undefined ? found : { ...found, fromMs: Math.max(found.fromMs, Math.ceil(sinceMs)) };
  };
  return {
    name: table.name,
    columns: table.columns.map(({ name, type }) => ({ name, type })),
    open: (request) => scan(table, reading, stretch(request.where), request),
    summarize(request) {
      // Rows that are made of one record are not known to the database.
      if (table.items !== undefined) return undefined;
      const found = stretch(request.where);
      return found.exact ? groupedBySql(database, found, request, columnOf) : undefined;
    },
  };
}

async function* scan<Item>(
  table: RecordTable<Item>,
  { database, opening }: Reading,
  stretch: ReturnType<typeof stretchOf>,
  { where, columns, limit = Infinity, signal }: ScanRequest,
): AsyncGenerator<readonly Row[]> {
  const stages = stagesOf(table, where, columns, limit < Infinity);
  const [, opened, sealed] = stages;
  const reads = table.items !== undefined || opened!.needed || sealed!.needed;
  const blank = table.columns.map(({ type }) => missing(type));
  const items = table.items ?? ((): readonly Item[] => [undefined as Item]);
  const select = reads ? `${rowColumns}, CAST(leaf AS TEXT)` : rowColumns;
  let rows: Row[] = [];
  let left = limit;
  for (const step of inSteps(database, stretch, { select })) {
    for (const columnsRead of step) {
      const found = foundIn(columnsRead);
      const first = blank.slice();
      if (!stages[0]!.fill(first, found, undefined as Item)) continue;
      const leaf = reads ? opening.read(found, columnsRead) : undefined;
      for (const item of items(found)) {
        const row = table.items === undefined ? first : first.slice();
        if (!opened!.fill(row, found, item)) continue;
        if (sealed!.needed) {
          const waiting = opening.open(found, leaf!);
          if (waiting !== undefined) await waiting;
          if (!sealed!.fill(row, found, item)) continue;
        }
        rows.push(row);
        if (--left <= 0) break;
      }
      if (left <= 0) break;
      if (rows.length < batchRows) continue;
      yield rows;
      rows = [];
    }
    if (rows.length > 0) yield rows;
    rows = [];
    if (left <= 0) return;
    await nextTurn();
    signal.throwIfAborted();
  }
}

interface Stage<Item> {
  readonly needed: boolean;
  /** Fills in what is read by then; false when a condition fails. */
  fill(row: Value[], found: Found, item: Item): boolean;
}

/** What is filled in and looked at for each depth: conditions on what is at hand spare reading the rest. */
function stagesOf<Item>(
  table: RecordTable<Item>,
  where: readonly Bound[],
  columns: ReadonlySet<number>,
  counts: boolean,
): Stage<Item>[] {
  const wanted = columnsOf(where, new Set(columns));
  const depthOf = (place: number): number => depths.indexOf(table.columns[place]!.depth);
  return depths.map((_, depth) => {
    const filled = [...wanted]
      .filter((place) => depthOf(place) === depth)
      .map((place) => [place, table.columns[place]!] as const);
    const conditions = where.filter((condition) => Math.max(0, ...[...columnsOf([condition])].map(depthOf)) === depth);
    // The engine looks at all of them again; the last stage is only worth it where rows are counted.
    const looked = depth < depths.length - 1 || counts ? conditions : [];
    return {
      needed: filled.length > 0,
      fill(row, found, item) {
        for (const [place, { value }] of filled) row[place] = value(found, item);
        return looked.every(({ evaluate }) => evaluate(row) === true);
      },
    };
  });
}
