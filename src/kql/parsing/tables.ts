// Operators that bring tables together: join, lookup, union.
import { KqlError } from '../problem.ts';
import { readList, type Cursor } from './cursor.ts';
import type { Expression, Join, JoinKey, Lookup, NameExpression, Query, Union } from '../syntax.ts';
import { readWildcardName, startsWildcardName } from './columns.ts';
import { readExpression, readTerm } from './expressions.ts';
import type { OperatorReader } from './operators.ts';
import { isTrue, oneOf, readParameters } from './parameters.ts';
import { queryOf } from './queries.ts';
import { joinKinds } from './words.ts';

export const readJoin: OperatorReader<Join> = (cursor) => {
  const parameters = readParameters(cursor, 'join', ['kind'], true);
  const join = oneOf(parameters.get('kind'), 'kind of join', joinKinds, 'innerunique');
  const right = queryOf(readTerm(cursor));
  return { kind: 'join', join, right, on: readKeys(cursor) };
};

const lookupKinds = new Map([
  ['leftouter', 'leftouter'],
  ['inner', 'inner'],
] as const);

export const readLookup: OperatorReader<Lookup> = (cursor) => {
  const parameters = readParameters(cursor, 'lookup', ['kind'], true);
  const join = oneOf<Lookup['join']>(parameters.get('kind'), 'kind of lookup', lookupKinds, 'leftouter');
  const right = queryOf(readTerm(cursor));
  return { kind: 'lookup', join, right, on: readKeys(cursor) };
};

function readKeys(cursor: Cursor): readonly JoinKey[] {
  cursor.expect('on', "and the columns that are to be alike, as in 'on User' or 'on $left.User == $right.Name'");
  return readList(cursor, () => readExpression(cursor)).flatMap((each) => conjuncts(each).map(keyOf));
}

/** What `and` stands between, without recursion: nobody has looked yet how long the chain is. */
function conjuncts(expression: Expression): readonly Expression[] {
  const found: Expression[] = [];
  let rest = expression;
  for (; rest.kind === 'binary' && rest.operator === 'and'; rest = rest.left) found.push(rest.right);
  return [rest, ...found.reverse()];
}

function keyOf(expression: Expression): JoinKey {
  const { from, to } = expression;
  if (expression.kind === 'name') return { left: expression, right: expression, from, to };
  if (expression.kind === 'binary' && expression.operator === '==') {
    const [one, other] = [sided(expression.left), sided(expression.right)];
    if (one.side === '$left' && other.side === '$right') return { left: one.column, right: other.column, from, to };
    if (one.side === '$right' && other.side === '$left') return { left: other.column, right: one.column, from, to };
  }
  throw new KqlError('type', "rows are joined by columns that are alike: 'on User' or 'on $left.User == $right.Name'", expression); // prettier-ignore
}

/** `$left.A` and `$right.B`. */
function sided(expression: Expression): { readonly side: string; readonly column: NameExpression } {
  const isSided = expression.kind === 'member' && expression.object.kind === 'name';
  if (!isSided) return { side: '', column: { kind: 'name', name: '', from: expression.from, to: expression.to } };
  const { text, from, to } = expression.name;
  return { side: (expression.object as NameExpression).name, column: { kind: 'name', name: text, from, to } };
}

const unionKinds = new Map([
  ['outer', true],
  ['inner', false],
]);

export const readUnion: OperatorReader<Union> = (cursor) => {
  const known = ['kind', 'withsource', 'with_source', 'isfuzzy'];
  const parameters = readParameters(cursor, 'union', known, true);
  const source = parameters.get('withsource') ?? parameters.get('with_source');
  return {
    kind: 'union',
    outer: oneOf(parameters.get('kind'), 'kind of union', unionKinds, true),
    isFuzzy: isTrue(parameters.get('isfuzzy')),
    ...(source && {
      withSource: {
        text: source.kind === 'string' ? String(source.value) : source.text,
        from: source.from,
        to: source.to,
      },
    }),
    tables: readTables(cursor),
  };
};

/** `T, Log*, (U | where …)` */
export function readTables(cursor: Cursor): readonly Query[] {
  return readList(cursor, () => {
    if (!startsWildcardName(cursor)) return queryOf(readTerm(cursor));
    const { text: name, from, to } = readWildcardName(cursor, 'a table');
    return { kind: 'query', source: { kind: 'name', name, from, to }, operators: [], from, to };
  });
}
