// Where rows come from, and the pipes behind that.
import { KqlError } from '../problem.ts';
import type { ColumnDeclaration, Operator, Query, Source } from '../syntax.ts';
import { readList, readName, readType, startsName, unsupported, type Cursor } from './cursor.ts';
import { readAssignment, readExpression, readLiteral, type Term } from './expressions.ts';
import { readOperator } from './operators.ts';
import { readLeadingSearch } from './search.ts';
import { readUnion } from './tables.ts';

/** A source with what follows it in pipes. */
export function piped(cursor: Cursor, source: Source, first: readonly Operator[], from: number): Query {
  return { kind: 'query', source, operators: [...first, ...readPipes(cursor)], from, to: cursor.endedAt };
}

export function readPipes(cursor: Cursor): Operator[] {
  const operators: Operator[] = [];
  while (cursor.accept('|')) operators.push(readOperator(cursor, "after '|'"));
  return operators;
}

/** @throws KqlError `type` when it is a value and no table */
export function queryOf(term: Term): Query {
  if (term.kind === 'query') return term;
  return { kind: 'query', source: sourceOf(term), operators: [], from: term.from, to: term.to };
}

export function sourceOf(term: Term): Source {
  switch (term.kind) {
    case 'name':
    case 'call':
      return term;
    case 'query':
      return term.operators.length === 0 ? term.source : term;
    case 'member':
      return unsupported('a table of another database or cluster', term, 'name the table alone');
    default:
      throw new KqlError('type', "a table is needed here, and this is a value; 'print' makes a table of a value", term);
  }
}

/** Queries that begin with an operator and not with a table. */
export function readLeading(
  cursor: Cursor,
): { readonly source: Source; readonly operators: readonly Operator[] } | undefined {
  const { from, text, kind } = cursor.peek();
  if (kind !== 'word') return undefined;
  switch (text) {
    case 'print': {
      cursor.next();
      const columns = readList(cursor, () => readAssignment(cursor));
      return { source: { kind: 'print', columns, from, to: cursor.endedAt }, operators: [] };
    }
    case 'range':
      return startsName(cursor, false, 1) && !cursor.is('[', 1)
        ? { source: readRange(cursor), operators: [] }
        : undefined;
    case 'union': {
      cursor.next();
      return { source: { ...readUnion(cursor), leading: true, from, to: cursor.endedAt }, operators: [] };
    }
    case 'search':
      return readLeadingSearch(cursor);
    case 'find':
      return unsupported("'find'", cursor.peek(), "use 'search in (…)', or 'union' and 'where'");
    case 'evaluate':
      return cursor.peek(1).kind === 'word'
        ? unsupported("'evaluate' without a table before it", cursor.peek())
        : undefined;
    case 'macro':
      return cursor.is('-', 1) && cursor.is('expand', 2) ? unsupported("'macro-expand'", cursor.peek()) : undefined;
    default:
      return undefined;
  }
}

function readRange(cursor: Cursor): Source {
  const { from } = cursor.next();
  const name = readName(cursor, 'the name of a column');
  cursor.expect('from', `after 'range ${name.text}'`);
  const start = readExpression(cursor);
  cursor.expect('to', "after where 'range' starts");
  const end = readExpression(cursor);
  cursor.expect('step', "after where 'range' ends");
  const step = readExpression(cursor);
  return { kind: 'range', name, start, end, step, from, to: cursor.endedAt };
}

export function readDatatable(cursor: Cursor): Query {
  const { from } = cursor.next();
  const columns = readSchema(cursor);
  cursor.expect('[', 'before the values of datatable');
  const values = [];
  while (!cursor.is(']')) {
    values.push(readLiteral(cursor, "a literal value or ']'; datatable takes nothing computed"));
    if (!cursor.accept(',')) break;
  }
  cursor.expect(']', 'after the values of datatable');
  return asQuery({ kind: 'datatable', columns, values, from, to: cursor.endedAt });
}

export function readExternaldata(cursor: Cursor): Query {
  const { from } = cursor.next();
  const columns = readSchema(cursor);
  cursor.expect('[', 'before the addresses of externaldata');
  readList(cursor, () => (cursor.peek().kind === 'string' ? cursor.next() : cursor.fail('an address in quotes')));
  cursor.expect(']', 'after the addresses of externaldata');
  if (cursor.accept('with')) {
    cursor.expect('(', "after 'with'");
    while (!cursor.is(')')) {
      readName(cursor, 'the name of a property', true);
      cursor.expect('=', 'after the name of a property');
      if (cursor.peek().kind === 'literal' || cursor.peek().kind === 'string') cursor.next();
      else readName(cursor, 'a value', true);
      if (!cursor.accept(',')) break;
    }
    cursor.expect(')', "to end 'with ('");
  }
  return asQuery({ kind: 'externaldata', columns, from, to: cursor.endedAt });
}

function asQuery(source: Source): Query {
  return { kind: 'query', source, operators: [], from: source.from, to: source.to };
}

/** `(Name: string, Age: long)` */
export function readSchema(cursor: Cursor): ColumnDeclaration[] {
  cursor.expect('(', 'before the columns');
  const columns: ColumnDeclaration[] = [];
  while (!cursor.is(')')) {
    columns.push(readColumn(cursor));
    if (!cursor.accept(',')) break;
  }
  cursor.expect(')', 'after the columns');
  return columns;
}

export function readColumn(cursor: Cursor): ColumnDeclaration {
  const name = readName(cursor, 'the name of a column', true);
  cursor.expect(':', `and a type after '${name.text}'`);
  return { name, type: readType(cursor) };
}
