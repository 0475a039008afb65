// Operators that call something or say how rows are shown: evaluate, invoke, render, as.
import type { As, Evaluate, Invoke, Render } from '../syntax.ts';
import { readName, startsName, type Cursor } from './cursor.ts';
import { readStrings } from './dynamic.ts';
import { readCall } from './expressions.ts';
import type { OperatorReader } from './operators.ts';
import { readParameters } from './parameters.ts';
import { readColumn } from './queries.ts';

export const readEvaluate: OperatorReader<Evaluate> = (cursor) => {
  readParameters(cursor, 'evaluate');
  const plugin = readCall(cursor);
  if (!cursor.accept(':')) return { kind: 'evaluate', plugin };
  cursor.expect('(', 'before the columns');
  const all = cursor.accept('*') !== undefined;
  const columns = [];
  if (!all || cursor.accept(',')) do columns.push(readColumn(cursor)); while (cursor.accept(',')); // prettier-ignore
  cursor.expect(')', 'after the columns');
  return { kind: 'evaluate', plugin, schema: { all, columns } };
};

export const readInvoke: OperatorReader<Invoke> = (cursor) => ({ kind: 'invoke', call: readCall(cursor) });

export const readAs: OperatorReader<As> = (cursor) => {
  readParameters(cursor, 'as');
  return { kind: 'as', name: readName(cursor, "a name after 'as'") };
};

export const readRender: OperatorReader<Render> = (cursor) => {
  const { kind, text } = cursor.peek();
  if (kind !== 'word')
    return cursor.fail("the kind of chart after 'render'", "; 'table', 'timechart' or 'barchart', for example");
  cursor.next();
  const properties = new Map<string, string>();
  const readProperty = (): void => {
    const name = readName(cursor, 'a property of the chart', true);
    cursor.expect('=', `after '${name.text}'`);
    properties.set(name.text, readPropertyValue(cursor, name.text));
  };
  if (cursor.accept('with')) {
    cursor.expect('(', "after 'with'");
    if (!cursor.is(')')) do readProperty(); while (cursor.accept(',')); // prettier-ignore
    cursor.expect(')', "to end 'with ('");
  } else while (startsName(cursor, true)) readProperty();
  return { kind: 'render', chart: text, properties };
};

/** A text, a number, a word, or names of columns with commas between them. */
function readPropertyValue(cursor: Cursor, property: string): string {
  if (cursor.peek().kind === 'string') return readStrings(cursor);
  const sign = cursor.accept('-')?.text ?? '';
  if (cursor.peek().kind === 'literal') return sign + cursor.next().text;
  const names = [readName(cursor, `a value of '${property}'`, true).text];
  while (cursor.is(',') && startsName(cursor, true, 1) && !cursor.is('=', 2)) {
    cursor.next();
    names.push(readName(cursor, 'the name of a column', true).text);
  }
  return names.join(',');
}
