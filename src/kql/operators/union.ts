// `union`: the rows of several tables, one after the other, under columns that hold them all.
import type { Binder } from '../binding.ts';
import type { Environment } from '../environment.ts';
import { eachBatch, freeName, missing, type Plan } from '../plan.ts';
import { KqlError } from '../problem.ts';
import { UnknownTable } from '../tables.ts';
import type { Query, Union } from '../syntax.ts';
import type { Column, KqlType, Row, Value } from '../values.ts';
import { nameMatches } from './columns.ts';

/** @param input the table before `| union`, if any */
export function union(binder: Binder, input: Plan | undefined, operator: Union): Plan {
  const legs = input === undefined ? [] : [input];
  let missed: UnknownTable | undefined;
  for (const query of operator.tables) {
    try {
      legs.push(...legsOf(binder, query));
    } catch (error) {
      if (!operator.isFuzzy || !(error instanceof UnknownTable)) throw error;
      missed = error;
    }
  }
  if (legs.length === 0) throw missed ?? new KqlError('unknown', 'None of these tables is known.', operator);
  return unionOf(legs, operator.outer, operator.withSource?.text);
}

function legsOf(binder: Binder, query: Query): Plan[] {
  const { source } = query;
  if (source.kind !== 'name' || !source.name.includes('*')) return [binder.query(query)];
  const names = wildcardNames(binder, source.name);
  if (names.length === 0) throw new UnknownTable(`There is no table whose name is like ${source.name}.`, source);
  return names.map((name) => binder.query({ ...query, source: { ...source, name } }));
}

/** Tables of the catalogue, and views: functions without parameters that say that they are one. */
function wildcardNames(binder: Binder, pattern: string): string[] {
  const { functions }: Environment = binder.environment;
  const views = [...functions.values()].filter(({ lambda }) => lambda.view === true).map(({ name }) => name);
  return [...new Set([...binder.pass.catalog.names, ...views])].filter((name) => nameMatches(pattern, name));
}

export function unionOf(legs: readonly Plan[], outer: boolean, withSource: string | undefined): Plan {
  const { columns, placesOf } = outer ? outerColumns(legs) : innerColumns(legs);
  const added: readonly Column[] = withSource === undefined ? [] : [{ name: withSource, type: 'string' }];
  const all = [...added, ...columns];
  const blank = all.map(({ type }) => missing(type));
  return {
    columns: all,
    ordered: false,
    async *open(run, wanted) {
      let left = wanted.limit ?? Infinity;
      for (const [number, leg] of legs.entries()) {
        // For each column of the answer where it stands in this table.
        const places = placesOf(leg).map((from, to) => [to + added.length, from] as const);
        const used = places.filter(([to, from]) => from !== -1 && wanted.columns.has(to));
        const label = leg.label ?? `union_arg${number}`;
        const make = (row: Row): Row => {
          const made: Value[] = blank.slice();
          if (added.length > 0) made[0] = label;
          for (const [to, from] of used) made[to] = row[from]!;
          return made;
        };
        // Conditions from above speak of other columns, so a limit would count rows that they drop.
        const limit = (wanted.where ?? []).length === 0 && left !== Infinity ? { limit: left } : {};
        const rows = leg.open(run, { columns: new Set(used.map(([, from]) => from)), ...limit });
        for await (const batch of eachBatch(rows, run, (each) => each.map(make))) {
          yield batch;
          if ((wanted.where ?? []).length > 0) continue;
          left -= batch.length;
          if (left <= 0) return;
        }
      }
    },
  };
}

interface Shape {
  readonly columns: readonly Column[];
  /** Where each column stands in a leg; -1: nowhere. */
  readonly placesOf: (leg: Plan) => number[];
}

/** Columns of the same name and different types are different columns: `x_long`, `x_string`. */
function outerColumns(legs: readonly Plan[]): Shape {
  const types = new Map<string, Set<KqlType>>();
  for (const { name, type } of legs.flatMap(({ columns }) => columns)) {
    types.set(name, (types.get(name) ?? new Set()).add(type));
  }
  const found = [...types].flatMap(([name, each]) => [...each].map((type): Column => ({ name, type })));
  const isOneType = (name: string): boolean => types.get(name)!.size === 1;
  const taken = new Set([...types.keys()].filter(isOneType));
  const columns = found.map(({ name, type }) => {
    if (isOneType(name)) return { name, type };
    const free = freeName(`${name}_${type}`, taken);
    taken.add(free);
    return { name: free, type };
  });
  return { columns, placesOf: (leg) => found.map((column) => placeIn(leg, column)) };
}

function innerColumns(legs: readonly Plan[]): Shape {
  const columns = legs[0]!.columns.filter((column) => legs.every((leg) => placeIn(leg, column) !== -1));
  return { columns, placesOf: (leg) => columns.map((column) => placeIn(leg, column)) };
}

const placeIn = (leg: Plan, { name, type }: Column): number =>
  leg.columns.findIndex((column) => column.name === name && column.type === type);
