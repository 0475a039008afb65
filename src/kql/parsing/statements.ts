// Statements: let, functions with their parameters, set, and the query that they lead to.
import type { Lambda, Let, Parameter, Query } from '../syntax.ts';
import { readList, readName, readType, startsName, unsupported, nameLength, type Cursor } from './cursor.ts';
import { readLiteral, readTermOrQuery } from './expressions.ts';
import { isOperator } from './operators.ts';
import { queryOf, readColumn } from './queries.ts';

export function readStatements(cursor: Cursor): { readonly lets: readonly Let[]; readonly query: Query } {
  const lets: Let[] = [];
  for (;;) {
    if (cursor.peek().kind === 'end') {
      cursor.fail('a query', lets.length > 0 ? "; after 'let', name the table to ask, or use 'print'" : '');
    }
    if (startsLet(cursor)) lets.push(readLet(cursor));
    else if (!readSet(cursor)) {
      refuseStatement(cursor);
      const term = readTermOrQuery(cursor);
      if (!cursor.accept(';') && cursor.peek().kind !== 'end') cursor.fail("'|', ';' or the end of the query", missingPipe(cursor)); // prettier-ignore
      if (cursor.is(';')) cursor.fail('the end of the query');
      if (cursor.peek().kind !== 'end') unsupported('a second query', cursor.peek(), 'ask one after the other');
      return { lets, query: queryOf(term) };
    }
    if (!cursor.accept(';') && cursor.peek().kind !== 'end') {
      cursor.fail("';' after 'let'", missingPipe(cursor));
    }
  }
}

function missingPipe(cursor: Cursor): string {
  return cursor.peek().kind === 'word' && isOperator(cursor.peek().text) ? "; a '|' is missing before it" : '';
}

function startsLet(cursor: Cursor): boolean {
  return cursor.is('let') && (startsName(cursor, true, 1) || cursor.peek(1).kind === 'word');
}

function readLet(cursor: Cursor): Let {
  const { from } = cursor.next();
  const name = readName(cursor, "a name after 'let'", true);
  cursor.expect('=', `after 'let ${name.text}'`);
  const value = startsLambda(cursor) ? readLambda(cursor) : readTermOrQuery(cursor);
  return { kind: 'let', name, value, from, to: cursor.endedAt };
}

/** `(` and `)`, or `(` and `name :`, perhaps after `view`. */
function startsLambda(cursor: Cursor): boolean {
  const open = cursor.is('view') ? 1 : 0;
  if (!cursor.is('(', open)) return false;
  if (cursor.is(')', open + 1)) return true;
  return startsName(cursor, true, open + 1) && cursor.is(':', open + 1 + nameLength(cursor, open + 1));
}

function readLambda(cursor: Cursor): Lambda {
  const { from } = cursor.peek();
  const view = cursor.accept('view') !== undefined;
  cursor.expect('(');
  const parameters = cursor.is(')') ? [] : readList(cursor, () => readParameter(cursor));
  cursor.expect(')', 'after the parameters');
  cursor.expect('{', 'before the body of the function');
  const lets: Let[] = [];
  const body = cursor.nested(() => {
    while (startsLet(cursor)) {
      lets.push(readLet(cursor));
      cursor.expect(';', "after 'let'");
    }
    const value = readTermOrQuery(cursor);
    cursor.accept(';');
    return value;
  });
  cursor.expect('}', 'after the body of the function');
  return { kind: 'lambda', parameters, lets, body, ...(view && { view }), from, to: cursor.endedAt };
}

function readParameter(cursor: Cursor): Parameter {
  const name = readName(cursor, 'the name of a parameter', true);
  cursor.expect(':', `and a type after '${name.text}'`);
  if (cursor.accept('(')) {
    const columns = cursor.accept('*') ? ('*' as const) : readList(cursor, () => readColumn(cursor));
    cursor.expect(')', 'after the columns');
    return { name, type: { columns }, from: name.from, to: cursor.endedAt };
  }
  const type = readType(cursor);
  const fallback = cursor.accept('=') && readLiteral(cursor, `a literal value for '${name.text}'`);
  return { name, type, ...(fallback && { default: fallback }), from: name.from, to: cursor.endedAt };
}

/** Options of a cluster that change no row of an answer. Budgets of this engine are its own. */
const harmlessOptions = new Set([
  ...['best_effort', 'maxmemoryconsumptionperiterator', 'norequesttimeout', 'notruncation', 'servertimeout'],
  ...['query_results_cache_max_age', 'query_results_progressive_enabled', 'truncationmaxrecords', 'truncationmaxsize'],
]);

function readSet(cursor: Cursor): boolean {
  if (!cursor.is('set') || cursor.peek(1).kind !== 'word') return false;
  cursor.next();
  const name = readName(cursor, "an option after 'set'");
  if (cursor.accept('=')) {
    if (startsName(cursor)) readName(cursor, 'a value');
    else readLiteral(cursor, `a value of '${name.text}'`);
  }
  if (!cursor.is(';') && cursor.peek().kind !== 'end') return cursor.fail("';' after 'set'", missingPipe(cursor));
  if (!harmlessOptions.has(name.text)) unsupported(`the option '${name.text}'`, name);
  return true;
}

function refuseStatement(cursor: Cursor): void {
  const statements = [
    ['declare', 'query_parameters', "use 'let'"],
    ['declare', 'pattern', ''],
    ['alias', 'database', ''],
    ['restrict', 'access', ''],
  ] as const;
  for (const [first, second, hint] of statements) {
    if (cursor.is(first) && cursor.is(second, 1)) unsupported(`'${first} ${second}'`, cursor.peek(), hint);
  }
}
