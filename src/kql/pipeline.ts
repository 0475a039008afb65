// A query bound: its source, then one operator after the other.
import { ask, bindRows, countStep, createScope, watched, type Binder, type Pass } from './binding.ts';
import { withTable, type Environment } from './environment.ts';
import { bindExpression } from './expressions/bind.ts';
import { projectColumns, projectRename } from './operators/columns.ts';
import { mvApply, mvExpand } from './operators/expand.ts';
import { join, lookup } from './operators/join.ts';
import { makeSeries } from './operators/make-series.ts';
import { sample, sort, take, top } from './operators/order.ts';
import { parseKv } from './operators/parse-kv.ts';
import { parse } from './operators/parse.ts';
import { evaluate } from './operators/plugins.ts';
import { extend, project, serialize, where } from './operators/rows.ts';
import { getSchema } from './operators/schema.ts';
import { search } from './operators/search.ts';
import { count, distinct, summarize } from './operators/summarize.ts';
import { union } from './operators/union.ts';
import type { Plan } from './plan.ts';
import { KqlError } from './problem.ts';
import { datatable, print, range } from './sources.ts';
import type { Operator, Query, Source } from './syntax.ts';
import { calledTable, namedTable, tableOf } from './tables.ts';
import { callForTable } from './user-functions.ts';

export function createBinder(pass: Pass, environment: Environment): Binder {
  const binder: Binder = {
    pass,
    environment,
    in: (other) => createBinder(pass, other),
    over: (input) => bindRows(binder, input),
    constant: (expression) => watched(pass, () => bindExpression(expression, createScope(binder, []))),
    query: (query) => bindQuery(binder, query),
    table: (value) => tableOf(binder, value),
    operators: (input, operators) => bindOperators(binder, input, operators),
    ask: (...question) => ask(binder, ...question),
  };
  return binder;
}

function bindQuery(binder: Binder, { source, operators }: Query): Plan {
  return bindOperators(binder, bindSource(binder, source), operators);
}

function bindSource(binder: Binder, source: Source): Plan {
  countStep(binder.pass);
  switch (source.kind) {
    case 'name':
      return namedTable(binder, source);
    case 'call':
      return calledTable(binder, source);
    case 'query':
      return bindQuery(binder, source);
    case 'datatable':
      return datatable(binder, source);
    case 'range':
      return range(binder, source);
    case 'print':
      return print(binder, source);
    case 'union':
      return union(binder, undefined, source);
    case 'externaldata':
      throw new KqlError('unsupported', 'externaldata is not supported: nothing is fetched. Use datatable.', source);
  }
}

function bindOperators(binder: Binder, input: Plan, operators: readonly Operator[]): Plan {
  let plan = input;
  let here = binder;
  for (const operator of operators) {
    countStep(binder.pass);
    if (operator.kind === 'as') {
      const named = { ...plan, label: operator.name.text };
      // What is read again is bound again: no two readers share the state of an operator.
      const before = operators.slice(0, operators.indexOf(operator));
      const again = (): Plan => ({ ...bindOperators(binder, input, before), label: operator.name.text });
      here = here.in(withTable(here.environment, operator.name.text, again));
      plan = named;
    } else plan = bindOperator(here, plan, operator);
  }
  return plan;
}

function bindOperator(binder: Binder, input: Plan, operator: Exclude<Operator, { kind: 'as' }>): Plan {
  switch (operator.kind) {
    case 'where':
      return where(binder, input, operator);
    case 'extend':
      return extend(binder, input, operator);
    case 'project':
      return project(binder, input, operator);
    case 'project-away':
    case 'project-keep':
    case 'project-reorder':
      return projectColumns(input, operator);
    case 'project-rename':
      return projectRename(input, operator);
    case 'summarize':
      return summarize(binder, input, operator);
    case 'distinct':
      return distinct(binder, input, operator);
    case 'sort':
      return sort(binder, input, operator);
    case 'top':
      return top(binder, input, operator);
    case 'take':
      return take(binder, input, operator);
    case 'sample':
      return sample(binder, input, operator);
    case 'count':
      return count(binder, input, operator);
    case 'join':
      return join(binder, input, operator);
    case 'lookup':
      return lookup(binder, input, operator);
    case 'union':
      return union(binder, input, operator);
    case 'mv-expand':
      return mvExpand(binder, input, operator);
    case 'mv-apply':
      return mvApply(binder, input, operator);
    case 'parse':
    case 'parse-where':
      return parse(binder, input, operator);
    case 'parse-kv':
      return parseKv(binder, input, operator);
    case 'make-series':
      return makeSeries(binder, input, operator);
    case 'serialize':
      return serialize(binder, input, operator);
    case 'evaluate':
      return evaluate(binder, input, operator);
    case 'invoke':
      return invoke(binder, input, operator);
    case 'getschema':
      return getSchema(input);
    case 'search':
      return search(binder, input, operator);
    case 'render':
      return input;
  }
}

function invoke(binder: Binder, input: Plan, { call }: Extract<Operator, { kind: 'invoke' }>): Plan {
  const userFunction = binder.environment.functions.get(call.name.text);
  if (userFunction === undefined) {
    throw new KqlError('unknown', `There is no function ${call.name.text}() to invoke.`, call.name);
  }
  return callForTable(binder, userFunction, call, () => input);
}
