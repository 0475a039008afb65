// From a call to an aggregate: its arguments bound, its condition, the names of its columns.
import type { Bound, BoundAggregate, Scope } from '../bound.ts';
import { bindExpression } from '../expressions/bind.ts';
import { wrongCount } from '../functions/define.ts';
import { nameOf } from '../naming.ts';
import { column, typeProblem } from '../nodes.ts';
import { KqlError } from '../problem.ts';
import type { Call, Expression } from '../syntax.ts';
import { aType } from '../types.ts';
import type { Column, KqlType } from '../values.ts';
import { collections } from './collections.ts';
import { mustOrder } from './define.ts';
import type { AggregateDefinition } from './define.ts';
import { aggregateNames, aggregateSynonyms, refusedAggregates } from './names.ts';
import { numericAggregates, percentiles, ranksOf } from './numeric.ts';
import { anyRow, rowOf } from './rows.ts';
import { weightedPercentiles } from './weighted.ts';

const plain: ReadonlyMap<string, AggregateDefinition> = new Map([...numericAggregates, ...collections]);

/** Whether a call by this name is one of an aggregate, also of one that is refused. */
export function isAggregate(name: string): boolean {
  return aggregateNames.has(name) || refusedAggregates.has(name);
}

/** @throws KqlError for what is no aggregate, is refused, or does not fit */
export function bindAggregate(call: Call, scope: Scope): BoundAggregate {
  const written = call.name.text;
  if (refusedAggregates.has(written))
    throw new KqlError('unsupported', `${written}() is not supported: ${substitute(written)}`, call.name);
  const name = aggregateSynonyms.get(written) ?? written;
  switch (name) {
    case 'arg_max':
    case 'arg_min':
      return argument(name, call, scope);
    case 'take_any':
      return any(call, scope);
    case 'percentile':
    case 'percentiles':
    case 'percentiles_array':
    case 'percentilew':
    case 'percentilesw':
      return percentile(name, call, scope);
    default:
      return single(name, call, scope);
  }
}

function substitute(name: string): string {
  if (name.startsWith('hll')) return 'dcount() is exact here';
  if (name.includes('tdigest')) return 'percentiles() are exact here';
  return 'there is nothing like it here';
}

/** `sumif` is `sum` of the rows that meet its condition, and so on. */
function baseOf(name: string): { readonly base: string; readonly conditional: boolean } {
  if (name === 'take_anyif') return { base: 'take_any', conditional: true };
  const base = name.replace(/_?if$/, '');
  return base !== name && plain.has(base) ? { base, conditional: true } : { base: name, conditional: false };
}

function single(name: string, call: Call, scope: Scope): BoundAggregate {
  const { base, conditional } = baseOf(name);
  const definition = plain.get(base);
  const given = call.arguments.filter(({ kind }) => kind !== 'star');
  if (definition === undefined) {
    if (base !== 'take_any')
      throw new KqlError('unknown', `There is no aggregate named '${call.name.text}'`, call.name);
    return anyIf(call, scope);
  }
  if (given.length < call.arguments.length && base !== 'count')
    throw typeProblem(`${name}() takes values, not '*'`, call);
  const parts = given.map((argument) => bindArgument(argument, call, scope));
  // `count(condition)` is an old way to write `countif(condition)`.
  const counting = conditional || (base === 'count' && parts.length > 0);
  const at = base === 'count' ? 0 : 1;
  const condition = counting ? conditionOf(name, parts[at], call) : undefined;
  const rest = counting ? parts.filter((_, index) => index !== at) : parts;
  const extra = counting ? 1 : 0;
  if (rest.length < definition.least || rest.length > definition.most)
    throw wrongCount(name, definition.least + extra, definition.most + extra, parts.length, call);
  const { type, create } = definition.make(rest, call.name.text, call);
  const prefix = definition.prefix ?? name;
  const first = given[0];
  const of = first === undefined ? '' : (nameOf(first as Expression) ?? '');
  const columnName = prefix === '' ? of || 'Column1' : `${prefix}_${of}`;
  return {
    type,
    name,
    arguments: parts,
    columnName,
    columns: [{ name: columnName, type }],
    create: condition === undefined ? create : () => onlyWhere(condition, create()),
  };
}

function onlyWhere(
  condition: Bound,
  inner: ReturnType<BoundAggregate['create']>,
): ReturnType<BoundAggregate['create']> {
  const { evaluate } = condition;
  return {
    add: (row) => {
      if (evaluate(row) === true) inner.add(row);
    },
    result: () => inner.result(),
    size: () => inner.size(),
  };
}

function conditionOf(name: string, part: Bound | undefined, call: Call): Bound {
  if (part === undefined) throw wrongCount(name, 1, 2, 0, call);
  if (part.type !== 'bool')
    throw typeProblem(`${name}() takes a condition here, and this is ${aType(part.type)}`, part);
  return part;
}

function bindArgument(argument: Call['arguments'][number], call: Call, scope: Scope): Bound {
  if (argument.kind === 'query') throw typeProblem(`${call.name.text}() takes values, not a table`, argument);
  return bindExpression(argument.kind === 'named' ? argument.value : argument, scope);
}

/** All columns but some, by their names. */
function allBut(scope: Scope, left: ReadonlySet<string>, call: Call): readonly { bound: Bound; name: string }[] {
  return scope.columns.flatMap(({ name }, index) =>
    left.has(name) ? [] : [{ bound: column(scope.columns, index, call), name }],
  );
}

/** `arg_max(what, *)`, `arg_max(what, a, b)`: columns of what is compared and of what is returned. */
function argument(name: 'arg_max' | 'arg_min', call: Call, scope: Scope): BoundAggregate {
  const [what, ...returned] = call.arguments;
  if (what === undefined) throw wrongCount(name, 1, Infinity, 0, call);
  const prefix = name === 'arg_max' ? 'max' : 'min';
  const bound = bindArgument(what, call, scope);
  mustOrder(name, bound);
  const own = nameOf(what as Expression);
  const parts = [{ bound, name: own ?? `${prefix}_` }];
  returned.forEach((each, index) => {
    if (each.kind === 'star') parts.push(...allBut(scope, new Set(parts.map(({ name }) => name)), call));
    else
      parts.push({
        bound: bindArgument(each, call, scope),
        name: nameOf(each as Expression) ?? `${prefix}_${own ?? ''}_arg${index + 1}`,
      });
  });
  const bounds = parts.map((part) => part.bound);
  return rowAggregate(name, parts, rowOf(bounds, name === 'arg_max' ? (a, b) => a > b : (a, b) => a < b));
}

function rowAggregate(
  name: string,
  parts: readonly { readonly bound: Bound; readonly name: string }[],
  create: BoundAggregate['create'],
): BoundAggregate {
  const columns: readonly Column[] = parts.map((part) => ({ name: part.name, type: part.bound.type }));
  const bounds = parts.map(({ bound }) => bound);
  return { type: columns[0]!.type, name, arguments: bounds, columnName: columns[0]!.name, columns, create };
}

function any(call: Call, scope: Scope): BoundAggregate {
  if (call.arguments.length === 0) throw wrongCount('take_any', 1, Infinity, 0, call);
  const parts = call.arguments.flatMap((each, index) => {
    if (each.kind === 'star') return allBut(scope, new Set(), call);
    const name = nameOf(each as Expression);
    const old = call.name.text === 'any';
    return [{ bound: bindArgument(each, call, scope), name: old ? `any_${name ?? ''}` : (name ?? `any_arg${index}`) }];
  });
  return rowAggregate('take_any', parts, anyRow(parts.map(({ bound }) => bound)));
}

function anyIf(call: Call, scope: Scope): BoundAggregate {
  if (call.arguments.length !== 2) throw wrongCount('take_anyif', 2, 2, call.arguments.length, call);
  const [part, test] = call.arguments.map((each) => bindArgument(each, call, scope)) as [Bound, Bound];
  const condition = conditionOf('take_anyif', test, call);
  const create = anyRow([part]);
  const name = nameOf(call.arguments[0] as Expression) ?? 'any_';
  const bound = rowAggregate('take_anyif', [{ bound: part, name }], () => onlyWhere(condition, create()));
  return { ...bound, arguments: [part, condition] };
}

function percentile(name: string, call: Call, scope: Scope): BoundAggregate {
  const parts = call.arguments.map((each) => bindArgument(each, call, scope));
  const weighted = name === 'percentilew' || name === 'percentilesw';
  const least = weighted ? 3 : 2;
  const most = name === 'percentile' || name === 'percentilew' ? least : Infinity;
  if (parts.length < least || parts.length > most) throw wrongCount(name, least, most, parts.length, call);
  const [part, ...rest] = parts as [Bound, ...Bound[]];
  const ranks = ranksOf(name, weighted ? rest.slice(1) : rest);
  const { type, create } = weighted ? weightedPercentiles(name, part, rest[0], ranks) : percentiles(name, part, ranks);
  const of = nameOf(call.arguments[0] as Expression) ?? '';
  const columns: readonly Column[] =
    name === 'percentiles_array'
      ? [{ name: `percentiles_${of}`, type: 'dynamic' satisfies KqlType }]
      : ranks.map((rank) => ({ name: `percentile_${of}_${String(rank).replace('.', '_')}`, type }));
  return { type, name, arguments: parts, columnName: columns[0]!.name, columns, create };
}
