// Rows with other columns: the one way in which columns are copied, computed, renamed and left out.
import type { Bound } from '../bound.ts';
import { columnsOf, eachBatch, missing, type Plan, type Wanted } from '../plan.ts';
import { asStableAs } from '../stability.ts';
import { weightOf } from '../weight.ts';
import type { Column, Row, Value } from '../values.ts';

/** A column of the input, or a computed one; `part` picks from expressions that make several columns. */
export type Output = Column & ({ readonly source: number } | { readonly bound: Bound; readonly part?: number });

export const asColumn = ({ name, type }: Column): Column => ({ name, type });
export const copies = (columns: readonly Column[]): Output[] =>
  columns.map(({ name, type }, source) => ({ name, type, source }));

export function reshape(input: Plan, outputs: readonly Output[]): Plan {
  const columns = outputs.map(asColumn);
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
      return eachBatch(input.open(run, throughColumns(wanted, outputs, needed)), run, (rows) => rows.map(make));
    },
  };
}

/** What is wanted of the input: conditions go on to it, in the words of its columns. */
function throughColumns(
  { where = [], limit }: Wanted,
  outputs: readonly Output[],
  columns: ReadonlySet<number>,
): Wanted {
  const passed = where.flatMap((condition) => moved(condition, outputs) ?? []);
  return { columns, where: passed, ...(limit !== undefined && passed.length === where.length ? { limit } : {}) };
}

/** Each change of columns may double a condition (`extend a = a + a`): one that has grown so large stays where it is. */
const maxWeight = 200;

/** The same condition on rows before the change of columns; undefined where it cannot be said there. */
export function moved(condition: Bound, outputs: readonly (Output | undefined)[]): Bound | undefined {
  if (weightOf(condition) > maxWeight) return undefined;
  const places = [...columnsOf([condition])];
  const before = places.map((place) => outputs[place]);
  if (before.some((output) => output === undefined || 'part' in output)) return undefined;
  if (before.every((output, at) => 'source' in output! && output.source === places[at])) return condition;
  return relocated(condition, outputs as readonly Output[]);
}

function relocated(bound: Bound, outputs: readonly Output[]): Bound {
  if (bound.kind === 'constant') return bound;
  if (bound.kind === 'column') {
    const output = outputs[bound.index]!;
    if (!('source' in output)) return output.bound;
    const { source } = output;
    return { ...bound, index: source, evaluate: (row) => row[source]! };
  }
  const columns = [...columnsOf([bound])].map((place) => {
    const output = outputs[place]!;
    const value = 'source' in output ? (row: Row): Value => row[output.source]! : output.bound.evaluate;
    return { place, value };
  });
  const evaluate = (row: Row): Value => {
    const seen: Value[] = [];
    for (const { place, value } of columns) seen[place] = value(row);
    return bound.evaluate(seen);
  };
  const parts = bound.arguments.map((argument) => relocated(argument, outputs));
  return asStableAs({ ...bound, arguments: parts, evaluate }, bound);
}
