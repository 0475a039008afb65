// Operators that choose and order rows: where, sort, top, take, sample, count.
import type { Count, Order, Sort, Take, Top, Where } from '../syntax.ts';
import { readList, unsupported, type Cursor } from './cursor.ts';
import { readExpression } from './expressions.ts';
import type { OperatorReader } from './operators.ts';
import { readParameters } from './parameters.ts';

export const readWhere: OperatorReader<Where> = (cursor) => {
  readParameters(cursor, 'where');
  const condition = readExpression(cursor);
  return { kind: 'where', condition };
};

export const readSort: OperatorReader<Sort> = (cursor) => {
  readParameters(cursor, 'sort', [], true);
  cursor.expect('by', 'and what to sort by');
  return { kind: 'sort', by: readList(cursor, () => readOrder(cursor)) };
};

function readOrder(cursor: Cursor): Order {
  const { from } = cursor.peek();
  const expression = readExpression(cursor);
  const isAscending = cursor.accept('asc') !== undefined;
  if (!isAscending) cursor.accept('desc');
  const order = { expression, descending: !isAscending, from, to: cursor.endedAt };
  if (!cursor.accept('nulls')) return order;
  const nulls = cursor.accept('first') ?? cursor.accept('last') ?? cursor.fail("'first' or 'last' after 'nulls'");
  return { ...order, nulls: nulls.text as 'first' | 'last', to: cursor.endedAt };
}

export const readTop: OperatorReader<Top> = (cursor) => {
  readParameters(cursor, 'top');
  const count = readExpression(cursor);
  cursor.expect('by', 'and what to order by');
  return { kind: 'top', count, by: [readOrder(cursor)] };
};

export function readTake(cursor: Cursor, kind: Take['kind']): Omit<Take, 'from' | 'to'> {
  readParameters(cursor, kind);
  return { kind, count: readExpression(cursor) };
}

export const readCount: OperatorReader<Count> = (cursor) => {
  readParameters(cursor, 'count');
  if (cursor.is('as')) unsupported("'count as'", cursor.peek(), "use 'summarize Name = count()'");
  return { kind: 'count' };
};
