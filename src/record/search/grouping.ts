// `summarize` in the database: records are counted where they lie, step by step, and the steps are added up.
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Bound, BoundAggregate } from '../../kql/bound.ts';
import type { SummarizeRequest } from '../../kql/catalog.ts';
import { Groups } from '../../kql/groups.ts';
import { KqlError } from '../../kql/problem.ts';
import type { Row, Value } from '../../kql/values.ts';
import { asSql } from './conditions.ts';
import type { Sql, SqlColumn } from './conditions.ts';
import { inSteps } from './stretch.ts';
import type { Stretch } from './stretch.ts';

const mostGroups = 1_000_000;
/** Where Kusto begins to count time (0001-01-01), which decides where its bins begin. */
const firstMs = -62_135_596_800_000;

/** Undefined where the database would not say exactly what the engine says. */
export function groupedBySql(
  database: DatabaseSync,
  stretch: Stretch,
  { by, aggregates, signal }: SummarizeRequest,
  columnOf: SqlColumn,
): AsyncIterable<readonly Row[]> | undefined {
  const keys = by.map((key) => keySql(key, columnOf));
  const parts = aggregates.map((aggregate) => partOf(aggregate, columnOf));
  if (!keys.every((key) => key !== undefined) || !parts.every((part) => part !== undefined)) return undefined;
  const distinct = new Set(parts.flatMap(({ distinct: column }) => column ?? []));
  if (distinct.size > 1) return undefined;
  const values = [...keys, ...distinct];
  const select = [...values, ...parts.map(({ sql }) => sql.text)].join(', ') || '1';
  const group = values.length === 0 ? '' : `GROUP BY ${values.join(', ')}`;
  const given = parts.flatMap(({ sql }) => sql.values);
  return added(
    { keys: keys.length, parts, hasDistinct: distinct.size > 0 },
    by,
    () => inSteps(database, stretch, { select, group, values: given }),
    signal,
  );
}

function keySql(key: Bound, columnOf: SqlColumn): string | undefined {
  if (key.kind === 'column') return columnOf(key.index);
  if (key.kind !== 'call' || (key.name !== 'bin' && key.name !== 'floor') || key.arguments.length !== 2)
    return undefined;
  const [value, size] = key.arguments as [Bound, Bound];
  if (value.kind !== 'column' || value.type !== 'datetime' || size.kind !== 'constant') return undefined;
  const column = columnOf(value.index);
  const ms = size.value;
  if (column === undefined || typeof ms !== 'number' || !Number.isSafeInteger(ms) || ms <= 0) return undefined;
  return `((${column} - ${firstMs}) / ${ms} * ${ms} + ${firstMs})`;
}

interface Part {
  readonly sql: Sql;
  /** The column of which different values are counted. */
  readonly distinct?: string;
  /** One step added to those before. */
  readonly add: (before: number, more: number) => number;
  /** What it is of no records. */
  readonly empty: Value;
}

const sum = { add: (before: number, more: number): number => before + more, empty: 0 };

function partOf({ name, arguments: given }: BoundAggregate, columnOf: SqlColumn): Part | undefined {
  const [first] = given;
  const column = first?.kind === 'column' ? columnOf(first.index) : undefined;
  switch (name) {
    case 'count':
      return first === undefined ? { sql: { text: 'count(*)', values: [] }, ...sum } : undefined;
    case 'countif': {
      const condition = first && asSql(first, columnOf);
      return condition && { sql: { text: `total(${condition.text})`, values: condition.values }, ...sum };
    }
    case 'dcount':
    case 'count_distinct':
      // The value stands among the keys, so each row of a step is one value.
      return column === undefined ? undefined : { sql: { text: '1', values: [] }, distinct: column, ...sum };
    case 'min':
    case 'max':
      if (column === undefined || (first!.type !== 'datetime' && first!.type !== 'long')) return undefined;
      return { sql: { text: `${name}(${column})`, values: [] }, add: Math[name], empty: null };
    default:
      return undefined;
  }
}

interface Shape {
  readonly keys: number;
  readonly parts: readonly Part[];
  readonly hasDistinct: boolean;
}

interface Group {
  readonly keys: readonly Value[];
  readonly totals: Value[];
  readonly seen: Set<Value>;
}

async function* added(
  { keys, parts, hasDistinct }: Shape,
  by: readonly Bound[],
  steps: () => Iterable<readonly (readonly SQLOutputValue[])[]>,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  const groups = new Groups<Group>(keys);
  const from = keys + Number(hasDistinct);
  let held = 0;
  for (const step of steps()) {
    for (const row of step) {
      const values = row as readonly Value[];
      // Without keys, the database says of no records as well how many they are.
      if (keys === 0 && !hasDistinct && values[from] === null) continue;
      const own = values.slice(0, keys);
      let group = groups.get(own);
      if (group === undefined) {
        group = { keys: own, totals: parts.map(({ empty }) => empty), seen: new Set() };
        groups.set(own, group);
        held += 1;
      }
      if (hasDistinct && !group.seen.has(values[keys]!)) {
        group.seen.add(values[keys]!);
        held += 1;
      }
      for (const [place, { add, distinct }] of parts.entries()) {
        if (distinct !== undefined) continue;
        const [before, more] = [group.totals[place]!, values[from + place]!];
        if (more !== null) group.totals[place] = before === null ? more : add(before as number, more as number);
      }
    }
    if (held > mostGroups) throw tooMany(by);
    await nextTurn();
    signal.throwIfAborted();
  }
  if (keys === 0 && groups.all.length === 0)
    groups.set([], { keys: [], totals: parts.map(({ empty }) => empty), seen: new Set() });
  const rows = groups.all.map(({ keys: own, totals, seen }) => [
    ...own,
    ...totals.map((total, place) => (parts[place]!.distinct === undefined ? total : seen.size)),
  ]);
  for (let at = 0; at < rows.length; at += 256) yield rows.slice(at, at + 256);
}

function tooMany(by: readonly Bound[]): KqlError {
  const [first, last] = [by[0], by.at(-1)];
  return new KqlError(
    'budget',
    `There are more than ${mostGroups} groups. Group by fewer values, or of a shorter time.`,
    {
      from: first?.from ?? 0,
      to: last?.to ?? 0,
    },
  );
}
