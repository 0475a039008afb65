// What a name or a call means where a table is wanted; what this engine does not reach is refused by name.
import type { Binder } from './binding.ts';
import type { Place } from './nodes.ts';
import { KqlError } from './problem.ts';
import type { Plan } from './plan.ts';
import { materialized, scan } from './sources.ts';
import type { Call, Expression, NameExpression, Query } from './syntax.ts';
import { callForTable } from './user-functions.ts';

/** `union isfuzzy=true` goes on without it. */
export class UnknownTable extends KqlError {
  constructor(message: string, place: Place) {
    super('unknown', message, place);
  }
}

/** KQL has them; they reach outside of what this engine is given. */
const elsewhere = new Set(
  (
    'cluster database workspace app resource externaldata external_table stored_query_result materialized_view graph ' +
    'entity_group'
  ).split(' '),
);

export function namedTable(binder: Binder, { name, from, to }: NameExpression): Plan {
  const { environment, pass } = binder;
  const place = { from, to };
  const bound = environment.tables.get(name);
  if (bound !== undefined) return bound();
  if (environment.scalars.has(name)) {
    throw new KqlError('type', `${name} is a single value, and a table is wanted here.`, place);
  }
  const userFunction = environment.functions.get(name);
  if (userFunction !== undefined) {
    const call: Call = { kind: 'call', name: { text: name, from, to }, arguments: [], from, to };
    return { ...callForTable(binder, userFunction, call), label: name };
  }
  const source = pass.catalog.table(name);
  if (source === undefined)
    throw new UnknownTable(`There is no table ${name}.${hint(name, pass.catalog.names)}`, place);
  pass.scans.set(source.name, (pass.scans.get(source.name) ?? 0) + 1);
  return scan(source);
}

function hint(name: string, names: readonly string[]): string {
  const alike = names.find((each) => each.toLowerCase() === name.toLowerCase());
  if (alike !== undefined) return ` Did you mean ${alike}? Names are case-sensitive.`;
  const some = names.slice(0, 8).join(', ');
  return names.length === 0 ? '' : ` Tables: ${some}${names.length > 8 ? ' …' : ''}.`;
}

export function calledTable(binder: Binder, call: Call): Plan {
  const { text } = call.name;
  const userFunction = binder.environment.functions.get(text);
  if (userFunction !== undefined) return { ...callForTable(binder, userFunction, call), label: text };
  const [argument] = call.arguments;
  const bound = binder.environment.tables.get(text);
  if (bound !== undefined && argument === undefined) return bound();
  if (text === 'materialize' && argument !== undefined && argument.kind !== 'named') {
    return materialized(binder.table(argument), `${binder.environment.path}#${call.from}`);
  }
  if (text === 'table' && argument !== undefined && argument.kind !== 'named' && argument.kind !== 'query') {
    return namedTable(binder, {
      kind: 'name',
      name: tableName(binder, argument),
      from: argument.from,
      to: argument.to,
    });
  }
  if (elsewhere.has(text)) {
    throw new KqlError('unsupported', `${text}() is not supported: a query reads the tables that are here.`, call);
  }
  throw new UnknownTable(`There is no function ${text}() that gives a table.`, call.name);
}

function tableName(binder: Binder, argument: Expression): string {
  const bound = binder.constant(argument);
  if (bound.kind === 'constant' && typeof bound.value === 'string') return bound.value;
  throw new KqlError('type', 'table() takes the name of a table as a constant text.', argument);
}

/** A table as an argument or where `in (…)` and `toscalar(…)` have one. */
export function tableOf(binder: Binder, value: Expression | Query): Plan {
  switch (value.kind) {
    case 'query':
      return binder.query(value);
    case 'name':
      return namedTable(binder, value);
    case 'call':
      return calledTable(binder, value);
    case 'member':
      if (value.object.kind === 'call' && elsewhere.has(value.object.name.text))
        return calledTable(binder, value.object);
      break;
    default:
  }
  throw new KqlError('type', 'A table is wanted here.', value);
}
