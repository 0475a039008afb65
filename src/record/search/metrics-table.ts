// `MCPMetrics`: how often and how long, by hour. Years of it are read in the time that minutes of records take.
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Bound, BoundAggregate } from '../../kql/bound.ts';
import type { SummarizeRequest, TableSource } from '../../kql/catalog.ts';
import { Groups } from '../../kql/groups.ts';
import { nearestRank } from '../../kql/aggregates/weighted.ts';
import type { Column, Row, Value } from '../../kql/values.ts';
import { buckets, bucketsIn, measuredIn, measuredRow, middleOf, Tally } from '../rollup.ts';
import type { Figures } from '../rollup.ts';
import { asSql } from './conditions.ts';
import type { Sql } from './conditions.ts';

export const metricsColumns: readonly (Column & { readonly about: string; readonly sql?: string })[] = [
  { name: 'TimeGenerated', type: 'datetime', sql: 'hour', about: 'Beginning of the hour.' },
  { name: 'server', type: 'string', sql: 'server', about: 'MCP server; empty for what concerns none.' },
  { name: 'tool', type: 'string', sql: 'tool', about: 'Tool; empty for what concerns none.' },
  { name: 'action', type: 'string', sql: 'action', about: '`tools/call`, `identity.signIn` …' },
  { name: 'result', type: 'string', sql: 'result', about: 'As in `MCPAuditLog`.' },
  {
    name: 'durationMs',
    type: 'real',
    about:
      'About how long these took: the middle of one of 64 ranges, at most an eighth off; null where none is known.',
  },
  { name: 'count', type: 'long', about: 'How many records.' },
];

const columnOf = (place: number): string | undefined => metricsColumns[place]?.sql;
const [durationAt, countAt] = [5, 6];
const middles = Array.from({ length: buckets }, (_, bucket) => middleOf(bucket));
const batchRows = 512;

export function metricsTable(database: DatabaseSync, sinceMs: number | undefined): TableSource {
  return {
    name: 'MCPMetrics',
    columns: metricsColumns.map(({ name, type }) => ({ name, type })),
    async *open({ where, signal }) {
      let rows: Row[] = [];
      for await (const figures of figuresOf(database, conditionOf(where, sinceMs), signal)) {
        rows.push(...rowsOf(figures));
        if (rows.length < batchRows) continue;
        yield rows;
        rows = [];
      }
      yield rows;
    },
    summarize(request) {
      const exact = request.where.every((condition) => asSql(condition, columnOf) !== undefined);
      const sums = request.aggregates.map(sumOf);
      if (!exact || !request.by.every(isOfHours) || !sums.every((sum) => sum !== undefined)) return undefined;
      return grouped(database, conditionOf(request.where, sinceMs), request, sums);
    },
  };
}

function conditionOf(where: readonly Bound[], sinceMs: number | undefined): readonly Sql[] {
  const since = sinceMs === undefined ? [] : [{ text: 'hour >= ?', values: [sinceMs] }];
  return [...where.flatMap((condition) => asSql(condition, columnOf) ?? []), ...since];
}

/** What is written, and what was recorded since, counted now: together it is always all of it. */
async function* figuresOf(
  database: DatabaseSync,
  conditions: readonly Sql[],
  signal: AbortSignal,
): AsyncGenerator<Figures> {
  const tail = new Tally();
  let next = Number(database.prepare('SELECT next FROM rollup_cursor').get()?.['next'] ?? 0);
  const records = database.prepare(`SELECT ${measuredRow} FROM record WHERE idx >= ? ORDER BY idx LIMIT 2048`);
  for (;;) {
    const rows = records.all(next);
    for (const row of rows) tail.add(measuredIn(row));
    if (rows.length === 0) break;
    next = Number(rows.at(-1)!['idx']) + 1;
    await nextTurn();
    signal.throwIfAborted();
  }
  const where = ['1', ...conditions.map(({ text }) => text)].join(' AND ');
  const select = database.prepare(
    `SELECT hour, server, tool, action, result, count, durations FROM rollup WHERE ${where}`,
  );
  let read = 0;
  for (const row of select.iterate(...conditions.flatMap(({ values }) => values))) {
    const written = { ...(row as unknown as Figures), durations: bucketsIn(row['durations']) };
    const late = tail.take(written);
    if (late !== undefined) {
      written.count += late.count;
      for (const [bucket, count] of late.durations.entries()) written.durations[bucket]! += count;
    }
    yield written;
    if (++read % 4096 !== 0) continue;
    await nextTurn();
    signal.throwIfAborted();
  }
  yield* tail.all();
}

function rowsOf({ hour, server, tool, action, result, count, durations }: Figures): Row[] {
  const same = [hour, server, tool, action, result];
  const rows: Row[] = [];
  let rest = count;
  for (const [bucket, many] of durations.entries()) {
    if (many === 0) continue;
    rows.push([...same, middles[bucket]!, many]);
    rest -= many;
  }
  if (rest > 0) rows.push([...same, null, rest]);
  return rows;
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

/** Whether all rows of an hour's figures are in the same group. */
function isOfHours(key: Bound): boolean {
  if (key.kind === 'constant') return true;
  if (key.kind === 'column') return columnOf(key.index) !== undefined;
  return key.arguments.every(isOfHours);
}

interface Group {
  readonly keys: readonly Value[];
  count: number;
  readonly durations: Float64Array;
}

async function* grouped(
  database: DatabaseSync,
  conditions: readonly Sql[],
  { by, signal }: SummarizeRequest,
  sums: readonly Sum[],
): AsyncGenerator<readonly Row[]> {
  const groups = new Groups<Group>(by.length);
  for await (const figures of figuresOf(database, conditions, signal)) {
    const row = [figures.hour, figures.server, figures.tool, figures.action, figures.result];
    const keys = by.map(({ evaluate }) => evaluate(row));
    let group = groups.get(keys);
    if (group === undefined) {
      group = { keys, count: 0, durations: new Float64Array(buckets) };
      groups.set(keys, group);
    }
    group.count += figures.count;
    for (let bucket = 0; bucket < buckets; bucket++) group.durations[bucket]! += figures.durations[bucket]!;
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
