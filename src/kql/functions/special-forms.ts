// Functions whose arguments are not just values: names of columns, all columns, queries, branches of which one is taken.
import type { Bound, Scope } from '../bound.ts';
import { emptyBag } from '../json.ts';
import { asDynamic, call, column, constant, isConstant, typeProblem } from '../nodes.ts';
import { aType, commonType } from '../types.ts';
import { truth } from '../expressions/logic.ts';
import { refuseTooLarge } from '../value-size.ts';
import type { Call, Expression } from '../syntax.ts';
import type { KqlType, Value } from '../values.ts';
import { convert } from './conversions.ts';
import { wrongCount } from './define.ts';

type Bind = (each: Expression) => Bound;
type SpecialForm = (call: Call, scope: Scope, bind: Bind) => Bound;

export const specialForms: ReadonlyMap<string, SpecialForm> = new Map<string, SpecialForm>([
  ['iff', choice],
  ['case', choice],
  ['toscalar', toscalar],
  ['pack_all', packAll],
  ['column_ifexists', columnIfExists],
  ['typeof', alone],
  ['ingestion_time', ingestionTime],
]);

function values({ name, arguments: given }: Call, bind: Bind): Bound[] {
  return given.map((argument) => {
    if (argument.kind === 'query') throw typeProblem(`${name.text}() takes values, not a table`, argument);
    return bind(argument.kind === 'named' ? argument.value : argument);
  });
}

/** `iff(condition, then, else)` and `case(condition, then, …, else)`: only the branch that is taken is looked at. */
function choice(node: Call, _: Scope, bind: Bind): Bound {
  const name = node.name.text === 'case' ? 'case' : 'iff';
  const parts = values(node, bind);
  if (name === 'iff' ? parts.length !== 3 : parts.length < 3 || parts.length % 2 === 0)
    throw name === 'iff'
      ? wrongCount(name, 3, 3, parts.length, node)
      : typeProblem('case() takes pairs of a condition and a value, then a value for all else', node);
  const conditions = parts.filter((_, index) => index % 2 === 0 && index < parts.length - 1);
  for (const condition of conditions)
    if (condition.type !== 'bool' && condition.type !== 'dynamic')
      throw typeProblem(`${name}() takes a condition here, and this is ${aType(condition.type)}`, condition);
  const results = [...parts.filter((_, index) => index % 2 === 1), parts.at(-1)!];
  const type = typeOfChoice(results);
  const tests = conditions.map(truth);
  const branches = results.map((branch) => as(branch, type).evaluate);
  const otherwise = branches.at(-1)!;
  const [test, then] = [tests[0]!, branches[0]!];
  if (tests.length === 1)
    return call(name, type, parts, node, (row) => (test(row) === true ? then(row) : otherwise(row)));
  return call(name, type, parts, node, (row) => {
    for (let at = 0; at < tests.length; at++) if (tests[at]!(row) === true) return branches[at]!(row);
    return otherwise(row);
  });
}

/** Branches of a common type have that; a dynamic one among them is read as the others are; unlike ones make a dynamic value. */
function typeOfChoice(branches: readonly Bound[]): KqlType {
  const types = branches.map(({ type }) => type);
  const plain = types.filter((type) => type !== 'dynamic');
  return plain.length === 0 ? 'dynamic' : (commonType(plain) ?? 'dynamic');
}

function as(branch: Bound, type: KqlType): Bound {
  if (branch.type === type) return branch;
  if (type === 'dynamic') return asDynamic(branch);
  return branch.type === 'dynamic' ? convert(branch, type, branch) : branch;
}

/** The first value of the first row, found out before any row of the query around it is looked at. */
function toscalar(node: Call, scope: Scope, bind: Bind): Bound {
  const [argument] = node.arguments;
  if (node.arguments.length !== 1 || argument === undefined)
    throw wrongCount('toscalar', 1, 1, node.arguments.length, node);
  if (argument.kind === 'named') throw typeProblem('toscalar() takes a query', argument);
  if (argument.kind !== 'query' && argument.kind !== 'name' && argument.kind !== 'call') return bind(argument);
  if (argument.kind === 'name' && scope.scalars.has(argument.name)) return bind(argument);
  const { columns, rows } = scope.rowsOf(argument);
  const type = columns[0]?.type ?? 'dynamic';
  return constant(type, rows[0]?.[0] ?? (type === 'string' ? '' : null), node);
}

function packAll(node: Call, scope: Scope, bind: Bind): Bound {
  const [without] = values(node, bind);
  if (node.arguments.length > 1) throw wrongCount('pack_all', 0, 1, node.arguments.length, node);
  const leaveOut = without !== undefined && isConstant(without) && without.value === true;
  const parts = scope.columns.map((_, index) => asDynamic(column(scope.columns, index, node)));
  const slots = scope.columns.map(({ name }, index) => ({ name, evaluate: parts[index]!.evaluate }));
  return call('pack_all', 'dynamic', parts, node, (row) => {
    const bag = emptyBag();
    for (const { name, evaluate } of slots) {
      const value: Value = evaluate(row);
      if (!leaveOut || (value !== null && value !== '')) bag[name] = value;
    }
    return refuseTooLarge(bag, node);
  });
}

function columnIfExists(node: Call, scope: Scope, bind: Bind): Bound {
  const [name, otherwise] = values(node, bind);
  if (node.arguments.length !== 2) throw wrongCount('column_ifexists', 2, 2, node.arguments.length, node);
  if (!isConstant(name!) || name.type !== 'string')
    throw typeProblem('column_ifexists() takes the name of a column as a constant string', name!);
  const index = scope.columns.findIndex((each) => each.name === name.value);
  return index === -1 ? otherwise! : column(scope.columns, index, node);
}

/** Records are there from the moment on at which they were made. */
function ingestionTime(node: Call, scope: Scope): Bound {
  const index = scope.columns.findIndex(({ name, type }) => name === 'TimeGenerated' && type === 'datetime');
  return index === -1 ? constant('datetime', null, node) : column(scope.columns, index, node);
}

function alone(node: Call): never {
  throw typeProblem('typeof() names a type for another function, as in extract(…, typeof(long))', node);
}
