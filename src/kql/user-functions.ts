// What `let` binds: scalars, tables and functions, and how the functions are called.
import { createScope, countStep, type Binder } from './binding.ts';
import type { Bound } from './bound.ts';
import { withFunction, withScalar, withTable, type Environment, type UserFunction } from './environment.ts';
import { bindExpression } from './expressions/bind.ts';
import { constant, type Place } from './nodes.ts';
import type { Plan } from './plan.ts';
import { KqlError } from './problem.ts';
import type { Call, Expression, Lambda, Let, NamedArgument, Parameter, Query } from './syntax.ts';
import { isNumber } from './types.ts';
import { weightOf } from './weight.ts';

/** Functions of KQL itself that give a table. */
const tableFunctions = new Set(['materialize', 'table', 'view']);

/** Whether a table stands here, as far as names tell; whatever is wrong with it is found when it is bound. */
export function isTabular(value: Expression | Query, environment: Environment, binder: Binder): boolean {
  switch (value.kind) {
    case 'query':
      return value.operators.length > 0 || isTabularSource(value.source, environment, binder);
    case 'name':
    case 'call':
      return isTabularSource(value, environment, binder);
    default:
      return false;
  }
}

function isTabularSource(source: Query['source'], environment: Environment, binder: Binder): boolean {
  if (source.kind === 'query') return isTabular(source, environment, binder);
  if (source.kind === 'name') {
    if (environment.scalars.has(source.name)) return false;
    return environment.tables.has(source.name) || binder.pass.catalog.table(source.name) !== undefined;
  }
  if (source.kind !== 'call') return true;
  if (environment.tables.has(source.name.text)) return true;
  const userFunction = environment.functions.get(source.name.text);
  return userFunction === undefined
    ? tableFunctions.has(source.name.text)
    : givesTable(userFunction.lambda, userFunction.environment, binder);
}

/** Told by the body alone: parameters and inner lets are entered as what they look like. */
function givesTable(lambda: Lambda, outer: Environment, binder: Binder): boolean {
  let environment = outer;
  const nothing = constant('long', null, lambda);
  const noTable = (): Plan => {
    throw new Error('looked at, not bound');
  };
  for (const { name, type } of lambda.parameters) {
    environment =
      typeof type === 'string'
        ? withScalar(environment, name.text, nothing)
        : withTable(environment, name.text, noTable);
  }
  for (const { name, value } of lambda.lets) {
    if (value.kind === 'lambda') {
      environment = withFunction(environment, { name: name.text, lambda: value, environment });
    } else if (isTabular(value, environment, binder)) environment = withTable(environment, name.text, noTable);
    else environment = withScalar(environment, name.text, nothing);
  }
  return isTabular(lambda.body, environment, binder);
}

/** The binder that sees the names that statements bind, one after the other. */
export function bindLets(binder: Binder, lets: readonly Let[]): Binder {
  let { environment } = binder;
  for (const { name, value } of lets) {
    const before = binder.in(environment);
    if (value.kind === 'lambda') {
      environment = withFunction(environment, { name: name.text, lambda: value, environment });
    } else if (isTabular(value, environment, binder)) {
      environment = withTable(environment, name.text, () => ({ ...before.table(value), label: name.text }));
    } else {
      environment = withScalar(environment, name.text, weighed(before.constant(scalarOf(value))));
    }
  }
  return binder.in(environment);
}

function scalarOf(value: Expression | Query): Expression {
  if (value.kind !== 'query') return value;
  if (value.operators.length === 0 && (value.source.kind === 'name' || value.source.kind === 'call'))
    return value.source;
  throw new KqlError('type', 'A single value is wanted here, and this is a table. Put toscalar(…) around it.', value);
}

/** A user function where a single value is wanted; undefined when there is none of that name. */
export function inlineFunction(binder: Binder, call: Call, bind: (argument: Expression) => Bound): Bound | undefined {
  const userFunction = binder.environment.functions.get(call.name.text);
  if (userFunction === undefined) return undefined;
  const inside = enter(binder, userFunction, call.arguments, call, bind);
  const { body } = userFunction.lambda;
  return weighed(bindExpression(scalarOf(body), createScope(inside, [])));
}

/** A user function where a table is wanted. `piped` comes from `T | invoke f(…)`. */
export function callForTable(binder: Binder, userFunction: UserFunction, call: Call, piped?: () => Plan): Plan {
  const inside = enter(binder, userFunction, call.arguments, call, (argument) => binder.constant(argument), piped);
  return inside.table(userFunction.lambda.body);
}

type Argument = Expression | Query | NamedArgument;

/** The binder inside of a function: its own names, its parameters, its lets. */
function enter(
  binder: Binder,
  { name, lambda, environment }: UserFunction,
  given: readonly Argument[],
  call: Place,
  bind: (argument: Expression) => Bound,
  piped?: () => Plan,
): Binder {
  countStep(binder.pass);
  let inside: Environment = { ...environment, path: `${binder.environment.path}/${call.from}` };
  const positional = given.filter((argument) => argument.kind !== 'named');
  const named = new Map(
    given.flatMap((argument) => (argument.kind === 'named' ? [[argument.name.text, argument]] : [])),
  );
  let next = 0;
  for (const [place, parameter] of lambda.parameters.entries()) {
    const label = parameter.name.text;
    if (typeof parameter.type !== 'string') {
      const table =
        place === 0 && piped !== undefined ? piped : tableArgument(binder, positional[next++], name, parameter, call);
      inside = withTable(inside, label, declared(table, parameter));
      continue;
    }
    const argument = named.get(label)?.value ?? positional[next++] ?? parameter.default;
    named.delete(label);
    if (argument === undefined) throw new KqlError('type', `${name}() misses its argument ${label}.`, call);
    const bound = argument === parameter.default ? binder.in(environment).constant(argument) : bind(scalarOf(argument));
    inside = withScalar(inside, label, converted(bound, parameter));
  }
  const surplus = positional[next] ?? named.values().next().value;
  if (surplus !== undefined) throw new KqlError('type', `${name}() does not take this argument.`, surplus);
  return bindLets(binder.in(inside), lambda.lets);
}

function tableArgument(
  binder: Binder,
  argument: Expression | Query | undefined,
  name: string,
  parameter: Parameter,
  call: Place,
): () => Plan {
  if (argument === undefined) {
    throw new KqlError('type', `${name}() misses its argument ${parameter.name.text}, a table.`, call);
  }
  return () => binder.table(argument);
}

function declared(table: () => Plan, { name, type }: Parameter): () => Plan {
  return () => {
    const plan = table();
    if (typeof type === 'string' || type.columns === '*') return plan;
    for (const column of type.columns) {
      const given = plan.columns.find((each) => each.name === column.name.text);
      if (given?.type === column.type) continue;
      const what = given === undefined ? 'is missing' : `is ${given.type}`;
      throw new KqlError(
        'type',
        `The table for ${name.text} needs ${column.name.text}: ${column.type}; it ${what}.`,
        name,
      );
    }
    return plan;
  };
}

function converted(bound: Bound, { name, type }: Parameter): Bound {
  if (typeof type !== 'string' || bound.type === type || bound.type === 'dynamic') return bound;
  if (isNumber(bound.type) && isNumber(type)) return { ...bound, type };
  throw new KqlError('type', `${name.text} is ${type}, and this is ${bound.type}.`, bound);
}

const maxWeight = 20_000;

/** Functions put into each other double an expression each time: what it unfolds to is what every row would cost. */
function weighed(bound: Bound): Bound {
  if (weightOf(bound) <= maxWeight) return bound;
  throw new KqlError(
    'budget',
    `This unfolds to more than ${maxWeight} steps for every row. Use fewer functions in each other.`,
    bound,
  );
}
