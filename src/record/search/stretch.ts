// Which records a query can be about: whose, and of what time. It decides by which index they are read, and in which steps.
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { Bound } from '../../kql/bound.ts';
import { asSql, columnList, columnRange, comparedColumn } from './conditions.ts';
import type { Sql, SqlColumn } from './conditions.ts';

export interface Stretch {
  /** First and last millisecond. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Undefined for everybody. */
  readonly users?: readonly string[];
  /** What can be said in SQL, time and people included. */
  readonly where: Sql;
  /** Whether first and last millisecond say all there was to say. */
  readonly isRange: boolean;
  /** Whether that is all there was to say. */
  readonly exact: boolean;
}

/** Named one by one up to here: each is a way through the index of its own. */
const mostUsers = 64;

export function stretchOf(conditions: readonly Bound[], columnOf: SqlColumn, always?: string): Stretch {
  let [fromMs, toMs] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  let users: readonly string[] | undefined;
  let ranges = 0;
  const between = (low: number, high: number): void => {
    [fromMs, toMs] = [Math.max(fromMs, low), Math.min(toMs, high)];
    ranges += 1;
  };
  const narrow = (names: readonly string[]): void => {
    if (names.length <= mostUsers)
      users = users === undefined ? [...new Set(names)] : users.filter((one) => names.includes(one));
  };
  const texts = always === undefined ? [] : [{ text: always, values: [] }];
  const said: Sql[] = [...texts];
  for (const condition of conditions) {
    const sql = asSql(condition, columnOf);
    if (sql === undefined) continue;
    said.push(sql);
    if (condition.kind !== 'call') continue;
    if (condition.name === 'between') {
      const range = columnRange(condition, columnOf);
      if (range?.column === 'timestamp') between(Math.ceil(range.low), Math.floor(range.high));
    } else if (condition.name === 'in') {
      const list = columnList(condition, columnOf);
      if (list?.column === 'user') narrow(list.texts);
    } else if (condition.name in moments || condition.name === '==') {
      const compared = comparedColumn(condition, columnOf);
      if (compared?.column === 'user' && compared.operator === '==') narrow([String(compared.value)]);
      if (compared?.column !== 'timestamp') continue;
      between(...moments[compared.operator]!(compared.value as number));
    }
  }
  const exact = said.length - texts.length === conditions.length;
  const where = {
    text: said.length === 0 ? '1' : said.map(({ text }) => text).join(' AND '),
    values: said.flatMap(({ values }) => values),
  };
  return { fromMs, toMs, ...(users && { users }), where, isRange: ranges === conditions.length, exact };
}

/** First and last millisecond that compare so with a moment, which may lie between two. */
const moments: Readonly<Record<string, (atMs: number) => readonly [number, number]>> = {
  '==': (atMs) => [Math.ceil(atMs), Math.floor(atMs)],
  '>=': (atMs) => [Math.ceil(atMs), Number.MAX_SAFE_INTEGER],
  '>': (atMs) => [Math.floor(atMs) + 1, Number.MAX_SAFE_INTEGER],
  '<=': (atMs) => [Number.MIN_SAFE_INTEGER, Math.floor(atMs)],
  '<': (atMs) => [Number.MIN_SAFE_INTEGER, Math.ceil(atMs) - 1],
};

export interface Question {
  readonly select: string;
  /** What stands in the place of question marks there. */
  readonly values?: readonly SQLInputValue[];
  /** Comes after the condition. */
  readonly group?: string;
}

/** Rows looked through in one step: some milliseconds, some ten where they are read. */
const stepRows = 4096;

/**
 * Answers a question about the records of a stretch, step by step, since a question to the database cannot be broken off.
 */
export function* inSteps(
  database: DatabaseSync,
  { fromMs, toMs, users, where }: Stretch,
  { select, group = '', values = [] }: Question,
): Generator<readonly Row[]> {
  if (fromMs > toMs) return;
  const prepare = (text: string): StatementSync => {
    const statement = database.prepare(text);
    statement.setReturnArrays(true);
    return statement;
  };
  const range = '(timestamp, idx) > (?, ?) AND (timestamp, idx) <= (?, ?)';
  function* along(list: string, rows: (listed: string) => string, own: readonly SQLInputValue[]): Generator<Row[]> {
    const from = `FROM ${list} (timestamp, idx) > (?, ?)`;
    const end = prepare(
      `SELECT timestamp, idx ${from} AND timestamp <= ? ORDER BY timestamp, idx LIMIT 1 OFFSET ${stepRows - 1}`,
    );
    // What leads to a record may have been put there by somebody: it counts where the record itself says so, and so once.
    const step = prepare(`SELECT ${select} FROM ${rows(`${list} ${range}`)} AND ${range} AND ${where.text} ${group}`);
    for (let at: readonly [number, number] | undefined = [fromMs, -1]; at !== undefined;) {
      const next = end.get(...own, ...at, toMs) as unknown as [number, number] | undefined;
      const last = next ?? [toMs, Number.MAX_SAFE_INTEGER];
      yield step.all(...values, ...own, ...at, ...last, ...at, ...last, ...where.values) as unknown as Row[];
      at = next;
    }
  }
  if (users === undefined) return yield* along('record INDEXED BY record_timestamp WHERE', (listed) => listed, []);

  // What is listed later is among those that were not when this began.
  const [listedTo, size] = prepare(
    'SELECT coalesce((SELECT min(idx) FROM unlisted), max(idx) + 1, 0), coalesce(max(idx) + 1, 0) FROM record',
  ).get() as unknown as [number, number];
  for (const user of users)
    yield* along(
      'by_user WHERE user = ? AND idx < ? AND',
      (listed) => `record NOT INDEXED WHERE idx IN (SELECT idx FROM ${listed})`,
      [user, listedTo],
    );
  const whose = users.map(() => '?').join();
  const step = prepare(
    `SELECT ${select} FROM record WHERE idx >= ? AND idx < ? AND user IN (${whose}) AND +timestamp BETWEEN ? AND ?
     AND ${where.text} ${group}`,
  );
  for (let at = listedTo; at < size; at += stepRows)
    yield step.all(...values, at, at + stepRows, ...users, fromMs, toMs, ...where.values) as unknown as Row[];
}

type Row = readonly SQLOutputValue[];
