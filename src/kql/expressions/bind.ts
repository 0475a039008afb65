// From a syntax tree to an expression that runs: names are looked up, types checked, constants computed once.
import type { Bound, Scope } from '../bound.ts';
import { bindArithmetic, bindSign } from './arithmetic.ts';
import { bindBetween, bindEquality, bindOrder, comparable, incomparable } from './comparison.ts';
import { bindList } from './lists.ts';
import { bindLogic } from './logic.ts';
import { bindIndex, bindMember } from './paths.ts';
import { bindText, isTextOperator } from './texts.ts';
import { bindCall, isBuiltIn } from '../functions/bind-call.ts';
import { asString, column, constant, typeProblem } from '../nodes.ts';
import { KqlError } from '../problem.ts';
import { nearest } from '../parsing/nearest.ts';
import type { Between, Binary, BinaryOperator, Expression, InList, NameExpression, Query } from '../syntax.ts';
import type { KqlType, Value } from '../values.ts';
import { toDynamic } from '../write-value.ts';

/**
 * Binds one expression that gives one value a row.
 * @throws KqlError `unknown`, `type` or `unsupported`, with the place
 */
export function bindExpression(expression: Expression, scope: Scope): Bound {
  const bind = (each: Expression): Bound => bindExpression(each, scope);
  switch (expression.kind) {
    case 'literal':
      return constant(expression.type, expression.value, expression);
    case 'name':
      return bindName(expression, scope);
    case 'member':
      return bindMember(bind(expression.object), expression.name.text, expression, expression.name);
    case 'index':
      return bindIndex(bind(expression.object), bind(expression.index), expression);
    case 'unary':
      return bindSign(expression.operator, bind(expression.operand), expression);
    case 'binary':
      return expression.left.kind === 'star' ? bindAnyColumn(expression, scope) : bindBinary(expression, bind);
    case 'in':
      return bindIn(expression, scope, bind);
    case 'between':
      return bindRange(expression, bind);
    case 'call':
      return bindCall(expression, scope, bind);
    case 'star':
      throw typeProblem("'*' stands for all columns and is no value", expression);
  }
}

function find({ name }: NameExpression, scope: Scope, place: NameExpression): Bound | undefined {
  const index = scope.columns.findIndex((each) => each.name === name);
  if (index !== -1) return column(scope.columns, index, place);
  const scalar = scope.scalars.get(name);
  return scalar === undefined ? undefined : { ...scalar, from: place.from, to: place.to };
}

function bindName(expression: NameExpression, scope: Scope): Bound {
  const found = find(expression, scope, expression);
  if (found !== undefined) return found;
  const known = [...scope.columns.map(({ name }) => name), ...scope.scalars.keys()];
  throw new KqlError(
    'unknown',
    `There is no column named '${expression.name}' here${nearest(expression.name, known)}`,
    expression,
  );
}

function bindBinary({ operator, left, right, ...place }: Binary, bind: (each: Expression) => Bound): Bound {
  return apply(operator, bind(left), bind(right), place);
}

function apply(operator: BinaryOperator, left: Bound, right: Bound, place: { from: number; to: number }): Bound {
  switch (operator) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return bindArithmetic(operator, left, right, place);
    case '==':
    case '!=':
      return bindEquality(operator, left, right, place);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return bindOrder(operator, left, right, place);
    case 'and':
    case 'or':
      return bindLogic(operator, left, right, place);
    default:
      if (!isTextOperator(operator)) throw new KqlError('unsupported', `'${operator}' is not supported`, place);
      return bindText(operator, left, right, place);
  }
}

/** `* has 'x'`: true where it is true of the text of any column. */
function bindAnyColumn({ operator, right, ...place }: Binary, scope: Scope): Bound {
  if (operator !== '==' && !isTextOperator(operator))
    throw typeProblem(`'${operator}' does not work on '*': only comparisons of texts do`, place);
  const wanted = asString(bindExpression(right, scope));
  const each = scope.columns.map((_, index) =>
    apply(operator, asString(column(scope.columns, index, place)), wanted, place),
  );
  return each.reduce<Bound>((sum, next) => bindLogic('or', sum, next, place), constant('bool', false, place));
}

function bindRange({ negated, left, low, high, ...place }: Between, bind: (each: Expression) => Bound): Bound {
  return bindBetween(negated, bind(left), bind(low), bind(high), place);
}

function bindIn({ operator, left, list, ...place }: InList, scope: Scope, bind: (each: Expression) => Bound): Bound {
  const value = bind(left);
  const values = list.map((each) => {
    const scalar = scalarOf(each, list.length === 1, scope, bind);
    if (scalar !== undefined) return scalar;
    const { type, array } = firstColumn(each, scope);
    if ((operator === 'in' || operator === '!in') && !comparable(value.type, type))
      throw incomparable(value.type, type, each);
    return array;
  });
  return bindList(operator, value, values, place);
}

/** Alone in its list, what is no column, no scalar and no function of scalars is a table; who has the tables says so if it is none. */
function scalarOf(
  item: Expression | Query,
  alone: boolean,
  scope: Scope,
  bind: (each: Expression) => Bound,
): Bound | undefined {
  if (item.kind === 'query') return undefined;
  if (alone && item.kind === 'name') return find(item, scope, item);
  if (alone && item.kind === 'call' && !isBuiltIn(item.name.text)) return scope.inlined(item, bind);
  return bind(item);
}

/** The values of the first column of a query, once each, as an array. */
function firstColumn(query: Expression | Query, scope: Scope): { readonly type: KqlType; readonly array: Bound } {
  const { columns, rows } = scope.rowsOf(query);
  const type: KqlType = columns[0]?.type ?? 'dynamic';
  const distinct = new Set<Value>(rows.map((row) => row[0]!));
  return {
    type,
    array: constant(
      'dynamic',
      Array.from(distinct, (value) => toDynamic(value, type)),
      query,
    ),
  };
}
