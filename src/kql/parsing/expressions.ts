// Scalar expressions, by the precedence of their operators (Pratt). A query in parentheses is an operand, too.
import { KqlError } from '../problem.ts';
import type { Assignment, Call, Expression, ListOperator, Literal, Name, NamedArgument, Query } from '../syntax.ts';
import { nameLength, readList, readName, startsName, unsupported, type Cursor } from './cursor.ts';
import { readDynamic, readStrings } from './dynamic.ts';
import { piped, readDatatable, readExternaldata, readLeading, sourceOf } from './queries.ts';
import { infixes, levels, listOperators, reserved } from './words.ts';

/** What stands where a value is expected; a query only until somebody asks for a value. */
export type Term = Expression | Query;

/** A single value. @throws KqlError `type` when a query stands there */
export function readExpression(cursor: Cursor): Expression {
  return scalar(readTerm(cursor));
}

/** A value or a query without parentheses, as after `let x =` and in parentheses. */
export function readTermOrQuery(cursor: Cursor): Term {
  const { from } = cursor.peek();
  const leading = readLeading(cursor);
  if (leading !== undefined) return piped(cursor, leading.source, leading.operators, from);
  const term = readTerm(cursor);
  return cursor.is('|') ? piped(cursor, sourceOf(term), [], from) : term;
}

/** An operand, or operators between operands. */
export function readTerm(cursor: Cursor): Term {
  return readBinary(cursor, levels.or);
}

export function scalar(term: Term): Expression {
  if (term.kind !== 'query') return term;
  throw new KqlError('type', 'a query stands where one value is needed; toscalar(…) makes a value of a query', term);
}

function readBinary(cursor: Cursor, minimum: number): Term {
  const { from } = cursor.peek();
  let left = readUnary(cursor);
  /** Comparisons do not chain: after one, only looser operators may follow. */
  let maximum: number = levels.text;
  for (;;) {
    const sign = cursor.peek();
    const level = infixLevel(cursor);
    if (level === undefined || level < minimum) return left;
    if (level > maximum) {
      const hint = "; comparisons do not chain, so put one in parentheses or write 'and' between them";
      return cursor.fail("'and', 'or' or the end of this expression", hint);
    }
    cursor.next();
    if (listOperators.has(sign.text)) left = readInList(cursor, scalar(left), sign.text as ListOperator, from);
    else if (sign.text === 'between' || sign.text === '!between') {
      left = readBetween(cursor, scalar(left), sign.text === '!between', from);
    } else {
      if (sign.text === 'matches') cursor.next();
      const operator = sign.text === 'matches' ? 'matches regex' : infixes.get(sign.text)!.operator;
      if (operator === undefined) unsupported(`the operator '${sign.text}'`, sign, "write 'has', 'contains' or 'matches regex'"); // prettier-ignore
      const right = scalar(readBinary(cursor, level + 1));
      left = { kind: 'binary', operator, left: scalar(left), right, from, to: cursor.endedAt };
    }
    const chains = level !== levels.equality && level !== levels.relation && level !== levels.text;
    maximum = chains ? level : level - 1;
  }
}

function infixLevel(cursor: Cursor): number | undefined {
  const { kind, text } = cursor.peek();
  if (kind !== 'word' && kind !== 'sign') return undefined;
  if (text === 'matches') return cursor.is('regex', 1) ? levels.text : undefined;
  // `make-series … on Time in range(…)`
  if (text === 'in' && cursor.is('range', 1)) return undefined;
  if (listOperators.has(text) || text === 'between' || text === '!between') return levels.equality;
  return infixes.get(text)?.level;
}

function readInList(cursor: Cursor, left: Expression, operator: ListOperator, from: number): Expression {
  cursor.expect('(', `after '${operator}'`);
  const list = cursor.nested(() => {
    const { from } = cursor.peek();
    const first = readTermOrQuery(cursor);
    // A query without parentheses of its own is the whole list.
    const isWhole = first.kind === 'query' && first.from === from;
    return isWhole || !cursor.accept(',') ? [first] : [first, ...readList(cursor, () => readTerm(cursor))];
  });
  cursor.expect(')', `to end the list after '${operator}'`);
  return { kind: 'in', operator, left, list, from, to: cursor.endedAt };
}

function readBetween(cursor: Cursor, left: Expression, negated: boolean, from: number): Expression {
  cursor.expect('(', "after 'between'");
  return cursor.nested(() => {
    const low = scalar(readBinary(cursor, levels.sum));
    cursor.expect('..', "between the two ends of 'between'");
    const high = scalar(readBinary(cursor, levels.sum));
    cursor.expect(')', "to end 'between'");
    return { kind: 'between', negated, left, low, high, from, to: cursor.endedAt };
  });
}

function readUnary(cursor: Cursor): Term {
  const sign = cursor.accept('-') ?? cursor.accept('+');
  if (sign === undefined) return readPath(cursor);
  const operand = scalar(readPath(cursor));
  return { kind: 'unary', operator: sign.text as '-' | '+', operand, from: sign.from, to: cursor.endedAt };
}

/** An operand and what is reached in it: `a.b['c'][0]`. */
function readPath(cursor: Cursor): Term {
  const { from } = cursor.peek();
  let object = readOperand(cursor);
  for (;;) {
    const isIndex = cursor.is('[');
    if (!isIndex && !cursor.is('.')) return object;
    if (!isIndex) cursor.next();
    // `a.['b']` is an older form of `a['b']`.
    if (cursor.accept('[')) {
      const index = cursor.nested(() => readExpression(cursor));
      cursor.expect(']', 'after an index');
      object = { kind: 'index', object: scalar(object), index, from, to: cursor.endedAt };
    } else {
      const name = readName(cursor, "a name after '.'");
      if (cursor.is('(')) unsupported(`calling '${name.text}' of something else`, name);
      object = { kind: 'member', object: scalar(object), name, from, to: cursor.endedAt };
    }
  }
}

function readOperand(cursor: Cursor): Term {
  const token = cursor.peek();
  const { kind, text, from } = token;
  if (kind === 'string') {
    return { kind: 'literal', type: 'string', value: readStrings(cursor), from, to: cursor.endedAt };
  }
  if (kind === 'literal') {
    cursor.next();
    return { kind: 'literal', type: token.type!, value: token.value!, from, to: token.to };
  }
  if (kind === 'type') return readTypeOf(cursor);
  if (cursor.is('(')) return readParentheses(cursor);
  if (cursor.is('*')) return readStar(cursor);
  if (cursor.is('dynamic') && cursor.is('(', 1)) return readDynamic(cursor);
  if (cursor.is('datatable') && !cursor.is('=', 1)) return readDatatable(cursor);
  if (cursor.is('externaldata') && !cursor.is('=', 1)) return readExternaldata(cursor);
  if (kind === 'word' && cursor.is('(', 1) && (startsName(cursor) || takesQuery.has(text))) return readCall(cursor);
  if (startsName(cursor)) {
    const name = readName(cursor, 'a name');
    return { kind: 'name', name: name.text, from: name.from, to: name.to };
  }
  const isWordOfKql = kind === 'word' && reserved.has(text);
  return cursor.fail('an expression', isWordOfKql ? `; if a column is meant, write ['${text}']` : '');
}

/** `typeof(long)` where a value stands, as in `extract(…, typeof(long))`: a call that the functions which take a type know. */
function readTypeOf(cursor: Cursor): Call {
  const { type, from, to } = cursor.next();
  const name = { text: 'typeof', from, to: from + 'typeof'.length };
  return { kind: 'call', name, arguments: [{ kind: 'name', name: type!, from, to }], from, to };
}

function readParentheses(cursor: Cursor): Term {
  cursor.next();
  const term = cursor.nested(() => readTermOrQuery(cursor));
  cursor.expect(')', "to end '('");
  return term;
}

/** All columns, where one is compared: `* has "text"`. */
function readStar(cursor: Cursor): Expression {
  const { from, to } = cursor.next();
  const level = infixLevel(cursor);
  if (level !== levels.text && !cursor.is('==')) {
    return cursor.fail("a comparison after '*'", '; a star alone stands only in arguments, as in count(*)');
  }
  return { kind: 'star', from, to };
}

/** Functions whose argument may be a query without parentheses of its own. */
const takesQuery = new Set(['toscalar', 'totable', 'materialize']);

/** `name(arguments)`. */
export function readCall(cursor: Cursor): Call {
  const name: Name = readCallee(cursor);
  cursor.expect('(', `after '${name.text}'`);
  const args = cursor.is(')') ? [] : cursor.nested(() => readArguments(cursor, name.text));
  cursor.expect(')', `to end the arguments of '${name.text}'`);
  return { kind: 'call', name, arguments: args, from: name.from, to: cursor.endedAt };
}

function readCallee(cursor: Cursor): Name {
  if (!takesQuery.has(cursor.peek().text)) return readName(cursor, 'the name of a function');
  const { text, from, to } = cursor.next();
  return { text, from, to };
}

function readArguments(cursor: Cursor, callee: string): Call['arguments'] {
  if (takesQuery.has(callee)) return [readTermOrQuery(cursor)];
  return readList(cursor, () => readArgument(cursor));
}

function readArgument(cursor: Cursor): Expression | Query | NamedArgument {
  if (cursor.is('*') && (cursor.is(')', 1) || cursor.is(',', 1))) {
    const { from, to } = cursor.next();
    return { kind: 'star', from, to };
  }
  if (!startsAssignment(cursor)) return readTerm(cursor);
  const name = readName(cursor, 'a name', true);
  cursor.expect('=');
  return { kind: 'named', name, value: readExpression(cursor), from: name.from, to: cursor.endedAt };
}

/** `name =` stands here. */
export function startsAssignment(cursor: Cursor): boolean {
  return startsName(cursor, true) && cursor.is('=', nameLength(cursor));
}

/** `name = expression`, `(a, b) = expression`, or just an expression. */
export function readAssignment(cursor: Cursor): Assignment {
  const { from } = cursor.peek();
  const names = readAssigned(cursor);
  const value = readExpression(cursor);
  return { names, value, from, to: cursor.endedAt };
}

function readAssigned(cursor: Cursor): readonly Name[] {
  if (startsAssignment(cursor)) {
    const name = readName(cursor, 'a name', true);
    cursor.next();
    return [name];
  }
  if (!startsNameList(cursor)) return [];
  cursor.next();
  const names = readList(cursor, () => readName(cursor, 'a name', true));
  cursor.next();
  cursor.next();
  return names;
}

function startsNameList(cursor: Cursor): boolean {
  if (!cursor.is('(')) return false;
  for (let ahead = 1; startsName(cursor, true, ahead); ahead++) {
    ahead += nameLength(cursor, ahead);
    if (cursor.is(')', ahead)) return cursor.is('=', ahead + 1);
    if (!cursor.is(',', ahead)) return false;
  }
  return false;
}

/** A value that stands for itself, perhaps with a sign. */
export function readLiteral(cursor: Cursor, what: string): Expression {
  const { from } = cursor.peek();
  const sign = cursor.accept('-') ?? cursor.accept('+');
  const token = cursor.peek();
  const isLiteral = token.kind === 'literal' || cursor.is('dynamic') || (token.kind === 'string' && sign === undefined);
  if (!isLiteral) return cursor.fail(what);
  const literal = readOperand(cursor) as Literal;
  if (sign === undefined) return literal;
  return { kind: 'unary', operator: sign.text as '-' | '+', operand: literal, from, to: cursor.endedAt };
}
