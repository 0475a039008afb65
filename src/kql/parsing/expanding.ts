// mv-expand and mv-apply: a row for each element of an array, or what a pipeline makes of them.
import { KqlError } from '../problem.ts';
import type { MvApply, MvExpand, Name } from '../syntax.ts';
import { readList, unsupported, type Cursor } from './cursor.ts';
import { readAssignment, readLiteral } from './expressions.ts';
import type { Token } from './lexer.ts';
import { readOperator, type OperatorReader } from './operators.ts';
import { oneOf, readParameters } from './parameters.ts';
import { readPipes } from './queries.ts';

const kinds = new Map([
  ['bag', false],
  ['array', true],
]);
const known = ['kind', 'bagexpansion', 'with_itemindex'];

export const readMvExpand: OperatorReader<MvExpand> = (cursor) => {
  const parameters = readParameters(cursor, 'mv-expand', known);
  const array = oneOf(parameters.get('kind') ?? parameters.get('bagexpansion'), 'kind of mv-expand', kinds, false);
  return { kind: 'mv-expand', ...readExpanded(cursor, parameters.get('with_itemindex')), array };
};

export const readMvApply: OperatorReader<MvApply> = (cursor) => {
  const parameters = readParameters(cursor, 'mv-apply', known);
  const expanded = readExpanded(cursor, parameters.get('with_itemindex'));
  if (cursor.is('id')) unsupported("'id' of mv-apply", cursor.peek());
  cursor.expect('on', "and operators in parentheses, as in 'mv-apply x on (where x > 1)'");
  cursor.expect('(', "after 'on'");
  const body = cursor.nested(() => [readOperator(cursor, "after 'on ('"), ...readPipes(cursor)]);
  cursor.expect(')', "to end 'on ('");
  return { kind: 'mv-apply', ...expanded, body };
};

function readExpanded(cursor: Cursor, index: Token | undefined): Pick<MvExpand, 'columns' | 'indexName' | 'limit'> {
  const columns = readList(cursor, () => readElement(cursor));
  const limit = cursor.accept('limit') ? readLiteral(cursor, "a number after 'limit'") : undefined;
  return { columns, ...(index && { indexName: nameOf(index) }), ...(limit && { limit }) };
}

function readElement(cursor: Cursor): MvExpand['columns'][number] {
  const element = readAssignment(cursor);
  if (!cursor.accept('to')) return element;
  const { kind, type } = cursor.peek();
  if (kind !== 'type') return cursor.fail("typeof(…) after 'to'");
  cursor.next();
  return { ...element, toType: type!, to: cursor.endedAt };
}

function nameOf({ kind, text, from, to }: Token): Name {
  if (kind === 'word') return { text, from, to };
  throw new KqlError('type', "'with_itemindex' takes the name of a column", { from, to });
}
