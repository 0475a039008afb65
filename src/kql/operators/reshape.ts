// Rows with other columns: the one way in which columns are copied, computed, renamed and left out.
import type { Bound } from '../bound.ts';
import { columnsOf, eachBatch, missing, type Plan, type Wanted } from '../plan.ts';
import type { Column, Row, Value } from '../values.ts';

/** A column of the input, or a computed one; `part` picks from expressions that make several columns. */
export type Output = Column & ({ readonly source: number } | { readonly bound: Bound; readonly part?: number });

export const asColumn = ({ name, type }: Column): Column => ({ name, type });
export const copies = (columns: readonly Column[]): Output[] =>
  columns.map(({ name, type }, source) => ({ name, type, source }));

export function reshape(input: Plan, outputs: readonly Output[]): Plan {
  const columns = outputs.map(asColumn);
  const sources = outputs.map((output) => ('source' in output ? output.source : undefined));
  const blank = columns.map(({ type }) => missing(type));
  return {
    ...input,
    columns,
    grouped: undefined,
    open(run, wanted) {
      const kept: [to: number, from: number][] = [];
      const computed = new Map<Bound, [to: number, part: number | undefined][]>();
      for (const to of wanted.columns) {
        const output = outputs[to]!;
        if ('source' in output) kept.push([to, output.source]);
        else computed.set(output.bound, [...(computed.get(output.bound) ?? []), [to, output.part]]);
      }
      const needed = columnsOf([...computed.keys()], new Set(kept.map(([, from]) => from)));
      const steps = [...computed].map(([{ evaluate }, places]) => ({ evaluate, places }));
      const make = (row: Row): Row => {
        const made: Value[] = blank.slice();
        for (const [to, from] of kept) made[to] = row[from]!;
        for (const { evaluate, places } of steps) {
          const value = evaluate(row);
          for (const [to, part] of places) {
            made[to] = part === undefined ? value : ((value as readonly Value[] | null)?.[part] ?? blank[to]!);
          }
        }
        return made;
      };
      return eachBatch(input.open(run, throughColumns(wanted, sources, needed)), run, (rows) => rows.map(make));
    },
  };
}

/** What is wanted of the input: conditions that only look at copied columns go on to it. */
function throughColumns(
  { where = [], limit }: Wanted,
  sources: readonly (number | undefined)[],
  columns: ReadonlySet<number>,
): Wanted {
  const passed = where.flatMap((condition) => moved(condition, sources) ?? []);
  return { columns, where: passed, ...(limit !== undefined && passed.length === where.length ? { limit } : {}) };
}

/** The same condition on rows before the change of columns. */
function moved(condition: Bound, sources: readonly (number | undefined)[]): Bound | undefined {
  const places = [...columnsOf([condition])];
  if (places.some((place) => sources[place] === undefined)) return undefined;
  if (places.every((place) => sources[place] === place)) return condition;
  return relocated(condition, sources);
}

function relocated(bound: Bound, sources: readonly (number | undefined)[]): Bound {
  if (bound.kind === 'constant') return bound;
  const places = [...columnsOf([bound])];
  const evaluate = (row: Row): Value => {
    const seen: Value[] = [];
    for (const place of places) seen[place] = row[sources[place]!]!;
    return bound.evaluate(seen);
  };
  if (bound.kind === 'column') return { ...bound, index: sources[bound.index]!, evaluate };
  return { ...bound, arguments: bound.arguments.map((argument) => relocated(argument, sources)), evaluate };
}
