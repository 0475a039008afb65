// `MCPMetrics`: how often and how long, by hour. Years of it are read in the time that minutes of records take.
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { nearestRank } from '../../kql/aggregates/weighted.ts';
import type { Bound, BoundAggregate } from '../../kql/bound.ts';
import type { SummarizeRequest, TableSource } from '../../kql/catalog.ts';
import { Groups } from '../../kql/groups.ts';
import { columnsOf } from '../../kql/plan.ts';
import type { Column, Row, Value } from '../../kql/values.ts';
import { buckets, cellsOfHour, dayMs, hourMs, measuredIn, measuredRow, middleOf, noDuration } from '../rollup.ts';
import { packCells, Tally, unpackCells } from '../rollup.ts';
import type { Series } from '../rollup.ts';
import { asSql } from './conditions.ts';
import type { Sql } from './conditions.ts';
import { stretchOf } from './stretch.ts';

export const metricsColumns: readonly (Column & { readonly about: string })[] = [
  { name: 'TimeGenerated', type: 'datetime', about: 'Beginning of the hour.' },
  { name: 'server', type: 'string', about: 'MCP server; empty for what concerns none.' },
  { name: 'tool', type: 'string', about: 'Tool; empty for what concerns none.' },
  { name: 'action', type: 'string', about: '`tools/call`, `identity.signIn` …' },
  { name: 'result', type: 'string', about: 'As in `MCPAuditLog`.' },
  {
    name: 'durationMs',
    type: 'real',
    about:
      'About how long these took: the middle of one of 64 ranges, at most an eighth off; null where none is known.',
  },
  { name: 'count', type: 'long', about: 'How many records.' },
];

const [hourAt, durationAt, countAt] = [0, 5, 6];
const seriesColumn = (place: number): string | undefined =>
  place > hourAt && place < durationAt ? metricsColumns[place]!.name : undefined;
const middles = Array.from({ length: buckets }, (_, bucket) => middleOf(bucket));
const batchRows = 512;
const rowsAtOnce = 2048;

export function metricsTable(database: DatabaseSync, sinceMs = -Infinity): TableSource {
  return {
    name: 'MCPMetrics',
    columns: metricsColumns.map(({ name, type }) => ({ name, type })),
    async *open({ where, signal }) {
      let rows: Row[] = [];
      for await (const several of seriesOf(database, where, sinceMs, false, signal))
        for (const { series, cells } of several) {
          for (let at = 0; at < cells.length; at += 2) {
            const [cell, count] = [cells[at]!, cells[at + 1]!];
            const [hour, bucket] = [hourOf(series, cell), cell % cellsOfHour];
            const { server, tool, action, result } = series;
            if (hour < sinceMs) continue;
            rows.push([hour, server, tool, action, result, bucket === noDuration ? null : middles[bucket]!, count]);
          }
          if (rows.length < batchRows) continue;
          yield rows;
          rows = [];
        }
      yield rows;
    },
    summarize(request) {
      const sums = request.aggregates.map(sumOf);
      if (![...request.where, ...request.by].every(isOfHours) || !sums.every((sum) => sum !== undefined))
        return undefined;
      return grouped(database, request, sums, sinceMs);
    },
  };
}

const hourOf = ({ day }: Series, cell: number): number => day + Math.floor(cell / cellsOfHour) * hourMs;

interface Stored {
  readonly series: Series;
  /** Cells and their counts by turns. */
  readonly cells: Uint32Array;
}

/**
 * What is written, and what was recorded since, counted now: together it is always all of it.
 * @param wholeDays whether days of which every hour counts may come as one
 */
async function* seriesOf(
  database: DatabaseSync,
  where: readonly Bound[],
  sinceMs: number,
  wholeDays: boolean,
  signal: AbortSignal,
): AsyncGenerator<readonly Stored[]> {
  const range = stretchOf(where.filter(looksAtHours), (place) => (place === hourAt ? 'timestamp' : undefined));
  const [fromMs, toMs] = [Math.max(range.fromMs, sinceMs), range.toMs];
  const conditions: readonly Sql[] = [
    { text: 'day > ? AND day <= ?', values: [fromMs - dayMs, toMs] },
    ...where.flatMap((condition) => asSql(condition, seriesColumn) ?? []),
  ];
  const isWhole = wholeDays && range.isRange ? 'day >= ? AND day <= ?' : '? > ?';
  const select = database.prepare(
    `SELECT rowid, day, server, tool, action, result, CASE WHEN ${isWhole} THEN totals ELSE cells END AS cells FROM rollup
     WHERE rowid > ? AND ${conditions.map(({ text }) => text).join(' AND ')} ORDER BY rowid LIMIT ${rowsAtOnce}`,
  );
  const whole = wholeDays && range.isRange ? [fromMs, toMs - dayMs + hourMs] : [0, 0];
  const values = conditions.flatMap(({ values: own }) => own);
  for (let last = -1; ;) {
    const rows = select.all(...whole, last, ...values);
    yield rows.map((row) => ({ series: row as unknown as Series, cells: unpackCells(row['cells']) }));
    if (rows.length < rowsAtOnce) break;
    last = Number(rows.at(-1)!['rowid']);
    await nextTurn();
    signal.throwIfAborted();
  }
  const tail = new Tally();
  const records = database.prepare(`SELECT ${measuredRow} FROM record WHERE idx >= ? ORDER BY idx LIMIT 2048`);
  for (let next = Number(database.prepare('SELECT next FROM rollup_cursor').get()?.['next'] ?? 0); ;) {
    const rows = records.all(next);
    for (const row of rows) tail.add(measuredIn(row));
    if (rows.length === 0) break;
    next = Number(rows.at(-1)!['idx']) + 1;
    await nextTurn();
    signal.throwIfAborted();
  }
  yield [...tail.all()].map((series) => ({ series, cells: unpackCells(packCells(series.cells)) }));
}

interface Sum {
  /** Undefined for a plain sum. */
  readonly rank?: number;
}

/** Sums of `count`, and percentiles of how long it took, each as heavy as there were calls. */
function sumOf({ name, arguments: given }: BoundAggregate): Sum | undefined {
  const isColumn = (place: number, at: number): boolean => {
    const part = given[place];
    return part?.kind === 'column' && part.index === at;
  };
  if (name === 'sum' && isColumn(0, countAt)) return {};
  if (name !== 'percentilew' || !isColumn(0, durationAt) || !isColumn(1, countAt)) return undefined;
  const rank = given[2]?.kind === 'constant' ? given[2].value : undefined;
  return typeof rank === 'number' ? { rank } : undefined;
}

/** Whether it is the same for all that was counted in one hour of a series. */
const isOfHours = (bound: Bound): boolean => [...columnsOf([bound])].every((place) => place < durationAt);
const looksAtHours = (bound: Bound): boolean => columnsOf([bound]).has(hourAt);

interface Group {
  readonly keys: readonly Value[];
  count: number;
  readonly durations: Float64Array;
}

async function* grouped(
  database: DatabaseSync,
  { where, by, signal }: SummarizeRequest,
  sums: readonly Sum[],
  sinceMs: number,
): AsyncGenerator<readonly Row[]> {
  const groups = new Groups<Group>(by.length);
  const [hourly, daily] = [where.filter(looksAtHours), where.filter((one) => !looksAtHours(one))];
  const byHours = by.some(looksAtHours);
  const groupOf = (row: Row): Group => {
    const keys = by.map(({ evaluate }) => evaluate(row));
    let group = groups.get(keys);
    if (group === undefined) {
      group = { keys, count: 0, durations: new Float64Array(buckets) };
      groups.set(keys, group);
    }
    return group;
  };
  for await (const several of seriesOf(database, where, sinceMs, !byHours, signal))
    for (const { series, cells } of several) {
      const { server, tool, action, result } = series;
      if (!daily.every(({ evaluate }) => evaluate([null, server, tool, action, result]) === true)) continue;
      const ofHours: (Group | null | undefined)[] = Array.from({ length: 24 });
      let whole: Group | undefined;
      const ofHour = (hour: number): Group | undefined => {
        const row = [hour, server, tool, action, result];
        if (hour < sinceMs || !hourly.every(({ evaluate }) => evaluate(row) === true)) return undefined;
        return byHours ? groupOf(row) : (whole ??= groupOf(row));
      };
      for (let at = 0; at < cells.length; at += 2) {
        const [cell, count] = [cells[at]!, cells[at + 1]!];
        const hour = Math.floor(cell / cellsOfHour);
        let group = ofHours[hour];
        if (group === undefined) {
          group = ofHour(series.day + hour * hourMs) ?? null;
          ofHours[hour] = group;
        }
        if (group === null) continue;
        group.count += count;
        const bucket = cell - hour * cellsOfHour;
        if (bucket !== noDuration) group.durations[bucket]! += count;
      }
    }
  if (by.length === 0 && groups.all.length === 0) {
    yield [sums.map(({ rank }) => (rank === undefined ? 0 : null))];
    return;
  }
  yield groups.all.map(({ keys, count, durations }) => {
    const total = durations.reduce((sum, many) => sum + many, 0);
    const values = [...durations.entries()].map(([bucket, many]) => [middles[bucket]!, many] as const);
    return [...keys, ...sums.map(({ rank }) => (rank === undefined ? count : nearestRank(values, total, rank)))];
  });
}
