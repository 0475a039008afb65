// search: rows in which a text stands anywhere. Before any table it is a union of tables with a search behind it.
import type { Expression, Operator, Search, Source } from '../syntax.ts';
import type { Cursor } from './cursor.ts';
import { readExpression } from './expressions.ts';
import type { OperatorReader } from './operators.ts';
import { oneOf, readParameters } from './parameters.ts';
import { readTables } from './tables.ts';
import { infixes, levels } from './words.ts';

const searchKinds = new Map([
  ['default', false],
  ['case_insensitive', false],
  ['case_sensitive', true],
]);

export const readSearch: OperatorReader<Search> = (cursor) => {
  const { caseSensitive } = readSearchParameters(cursor);
  return { kind: 'search', caseSensitive, condition: readCondition(cursor) };
};

function readSearchParameters(cursor: Cursor): { readonly caseSensitive: boolean } {
  const parameters = readParameters(cursor, 'search', ['kind'], false);
  return { caseSensitive: oneOf(parameters.get('kind'), 'kind of search', searchKinds, false) };
}

/** `*`, `* and condition`, or a condition. */
function readCondition(cursor: Cursor): Expression {
  const next = cursor.peek(1);
  const isCompared = cursor.is('==', 1) || (infixes.get(next.text)?.level === levels.text && next.kind !== 'string');
  if (!cursor.is('*') || isCompared) return readExpression(cursor);
  const { from, to } = cursor.next();
  return cursor.accept('and') ? readExpression(cursor) : { kind: 'star', from, to };
}

export function readLeadingSearch(cursor: Cursor): {
  readonly source: Source;
  readonly operators: readonly Operator[];
} {
  const { from } = cursor.next();
  const { caseSensitive } = readSearchParameters(cursor);
  const place = { from, to: cursor.endedAt };
  let tables: ReturnType<typeof readTables> = [
    { kind: 'query', source: { kind: 'name', name: '*', ...place }, operators: [], ...place },
  ];
  if (cursor.accept('in')) {
    cursor.expect('(', "after 'search in'");
    tables = cursor.nested(() => readTables(cursor));
    cursor.expect(')', "to end 'search in ('");
  }
  const withSource = { text: '$table', ...place };
  const source = { kind: 'union', leading: true, outer: true, isFuzzy: false, withSource, tables, from, to: cursor.endedAt } as const; // prettier-ignore
  const condition = readCondition(cursor);
  return { source, operators: [{ kind: 'search', caseSensitive, condition, from, to: cursor.endedAt }] };
}
