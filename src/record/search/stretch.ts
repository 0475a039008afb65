// Which records a query can be about: whose, and of what time. It decides by which index they are read, and in which steps.
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
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
): Generator<readonly (readonly SQLOutputValue[])[]> {
  if (fromMs > toMs) return;
  const index = users === undefined ? 'record_timestamp' : 'record_user';
  const whose = users === undefined ? '' : 'user = ? AND ';
  const from = `FROM record INDEXED BY ${index} WHERE ${whose}(timestamp, idx) > (?, ?)`;
  const end = database.prepare(
    `SELECT timestamp, idx ${from} AND timestamp <= ? ORDER BY timestamp, idx LIMIT 1 OFFSET ${stepRows - 1}`,
  );
  const step = database.prepare(`SELECT ${select} ${from} AND (timestamp, idx) <= (?, ?) AND ${where.text} ${group}`);
  end.setReturnArrays(true);
  step.setReturnArrays(true);
  for (const user of users ?? [undefined]) {
    const own: SQLInputValue[] = user === undefined ? [] : [user];
    for (let at: readonly [number, number] | undefined = [fromMs, -1]; at !== undefined;) {
      const next = end.get(...own, ...at, toMs) as unknown as [number, number] | undefined;
      const last = next ?? [toMs, Number.MAX_SAFE_INTEGER];
      yield step.all(...values, ...own, ...at, ...last, ...where.values) as unknown as SQLOutputValue[][];
      at = next;
    }
  }
}
