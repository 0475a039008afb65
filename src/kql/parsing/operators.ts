// The operators behind pipes, by their names and synonyms.
import type { Operator } from '../syntax.ts';
import * as columns from './columns.ts';
import { touches, unsupported, type Cursor } from './cursor.ts';
import * as expanding from './expanding.ts';
import { hintForOperator } from './hints.ts';
import * as parsing from './parse-operators.ts';
import { readMakeSeries } from './make-series.ts';
import * as rows from './rows.ts';
import { readSearch } from './search.ts';
import * as showing from './showing.ts';
import * as tables from './tables.ts';

type Unplaced<T> = T extends unknown ? Omit<T, 'from' | 'to'> : never;
/** Reads on behind the name of an operator. */
export type OperatorReader<T extends Operator = Operator> = (cursor: Cursor) => Unplaced<T>;

const readers: ReadonlyMap<string, OperatorReader> = new Map<string, OperatorReader>([
  ['where', rows.readWhere],
  ['filter', rows.readWhere],
  ['extend', columns.readExtend],
  ['project', columns.readProject],
  ['project-away', (cursor) => columns.readProjectAway(cursor, 'project-away')],
  ['project-keep', (cursor) => columns.readProjectAway(cursor, 'project-keep')],
  ['project-reorder', (cursor) => columns.readProjectAway(cursor, 'project-reorder')],
  ['project-rename', columns.readProjectRename],
  ['summarize', columns.readSummarize],
  ['distinct', columns.readDistinct],
  ['serialize', columns.readSerialize],
  ['sort', rows.readSort],
  ['order', rows.readSort],
  ['top', rows.readTop],
  ['take', (cursor) => rows.readTake(cursor, 'take')],
  ['limit', (cursor) => rows.readTake(cursor, 'take')],
  ['sample', (cursor) => rows.readTake(cursor, 'sample')],
  ['count', rows.readCount],
  ['join', tables.readJoin],
  ['lookup', tables.readLookup],
  ['union', tables.readUnion],
  ['mv-expand', expanding.readMvExpand],
  ['mvexpand', expanding.readMvExpand],
  ['mv-apply', expanding.readMvApply],
  ['mvapply', expanding.readMvApply],
  ['parse', (cursor) => parsing.readParse(cursor, 'parse')],
  ['parse-where', (cursor) => parsing.readParse(cursor, 'parse-where')],
  ['parse-kv', parsing.readParseKv],
  ['make-series', readMakeSeries],
  ['evaluate', showing.readEvaluate],
  ['invoke', showing.readInvoke],
  ['getschema', () => ({ kind: 'getschema' })],
  ['render', showing.readRender],
  ['as', showing.readAs],
  ['search', readSearch],
]);

/** KQL has them, this engine does not: what to write instead, where there is something. */
const missing: ReadonlyMap<string, string> = new Map([
  ['consume', ''],
  ['facet', "use 'summarize' for each column"],
  ['find', "use 'search', or 'union' and 'where'"],
  ['fork', 'ask one query after the other'],
  ['partition', "use 'summarize … by', or 'top' in 'mv-apply'"],
  ['reduce', ''],
  ['sample-distinct', "use 'distinct' and 'take'"],
  ['scan', "use 'serialize' with prev() and next()"],
  ['top-hitters', "use 'summarize count() by' and 'top'"],
  ['top-nested', "use 'summarize' and 'top'"],
  ['assert-schema', ''],
  ['macro-expand', ''],
  ['make-graph', ''],
  ['graph-match', ''],
  ['graph-shortest-paths', ''],
  ['graph-to-table', ''],
  ['graph-mark-components', ''],
  ['project-smart', "use 'project'"],
]);

/** `as` stands elsewhere in other languages, too. */
export function isOperator(name: string): boolean {
  return readers.has(name) && name !== 'as';
}

export function readOperator(cursor: Cursor, where: string): Operator {
  const first = cursor.peek();
  if (first.kind !== 'word') {
    const isOr = cursor.is('|') && cursor.peek(-1).to === first.from;
    return cursor.fail(
      `an operator ${where}`,
      isOr ? "; 'or' is a word here" : "; 'where', 'summarize' or 'project', for example",
    );
  }
  const { name, length } = operatorName(cursor);
  const place = { from: first.from, to: first.from + name.length };
  const hint = missing.get(name);
  if (hint !== undefined) return unsupported(`the operator '${name}'`, place, hint);
  const reader = readers.get(name);
  if (reader === undefined)
    return cursor.fail(`an operator ${where}`, hintForOperator(name, [...readers.keys(), ...missing.keys()]));
  for (let taken = 0; taken < length; taken++) cursor.next();
  const operator = reader(cursor);
  return { ...operator, from: first.from, to: cursor.endedAt } as Operator;
}

/** The longest name that there is: `project` goes on in `project-away`. One that there is not: all of it, for the message. */
function operatorName(cursor: Cursor): { readonly name: string; readonly length: number } {
  let name = cursor.peek().text;
  let known = { name, length: 1 };
  for (let length = 1; length < 5 && cursor.is('-', length); length += 2) {
    const [before, dash, after] = [cursor.peek(length - 1), cursor.peek(length), cursor.peek(length + 1)];
    if (after.kind !== 'word' || !touches(before, dash) || !touches(dash, after)) break;
    name += `-${after.text}`;
    if (readers.has(name) || missing.has(name)) known = { name, length: length + 2 };
  }
  return readers.has(known.name) || missing.has(known.name) ? known : { name, length: 1 };
}
