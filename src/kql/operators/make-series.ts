// `make-series`: aggregates by steps along an axis, as arrays.
import type { Binder } from '../binding.ts';
import type { Bound } from '../bound.ts';
import { Groups } from '../groups.ts';
import { everything, inBatches, type Plan } from '../plan.ts';
import type { Place } from '../nodes.ts';
import { KqlError } from '../problem.ts';
import { rowSize, type Run } from '../run.ts';
import type { MakeSeries } from '../syntax.ts';
import { isNumber } from '../types.ts';
import type { Column, KqlType, Row, Value } from '../values.ts';
import { toDynamic } from '../write-value.ts';
import { bindKeys, summarizeBy, type Key } from './summarize.ts';

/** As in Kusto: longer arrays are refused. */
const maxLength = 1_048_576;

interface Axis {
  readonly value: Bound;
  readonly start?: Bound;
  readonly end?: Bound;
  readonly step: Bound;
  readonly inRange: boolean;
}

/** The axis of one run, its ends known. */
interface Steps {
  readonly start?: number;
  /** Exclusive. */
  readonly end?: number;
  readonly step: number;
  /** The place of a value on the axis; null where it is on none. */
  readonly binOf: (value: Value) => number | null;
}

export function makeSeries(binder: Binder, input: Plan, operator: MakeSeries): Plan {
  const rows = binder.over(input);
  const keys = bindKeys(rows, operator.by);
  const axis: Axis = {
    value: rows.bind(operator.axis),
    start: operator.start && binder.constant(operator.start),
    end: operator.end && binder.constant(operator.end),
    step: binder.constant(operator.step),
    inRange: operator.inRange === true,
  };
  refuseOtherAxis(axis);
  let steps: Steps | undefined;
  const bin: Bound = {
    kind: 'call', name: 'bin_at', type: axis.value.type, arguments: [axis.value], from: axis.value.from, to: axis.value.to,
    evaluate: (row) => steps!.binOf(axis.value.evaluate(row)),
  }; // prettier-ignore
  const binKey: Key = { name: '\u0000axis', bound: bin };
  const grouped = summarizeBy(binder, rows, [...keys, binKey], operator.aggregates);
  const series = grouped.columns.slice(keys.length + 1);
  const defaults = operator.aggregates.map((aggregate) => aggregate.default && binder.constant(aggregate.default));
  const blanks = series.map((_, place) => defaults[place]);
  const axisName = axisColumnName(operator, keys, series);
  const columns: Column[] = [
    ...grouped.columns.slice(0, keys.length),
    ...series.map(({ name }): Column => ({ name, type: 'dynamic' })),
    { name: axisName, type: 'dynamic' },
  ];
  return {
    columns,
    ordered: false,
    label: input.label,
    async *open(run) {
      steps = stepsOf(axis);
      const held = run.hold();
      try {
        const found = await collect(grouped, keys.length, run, held.add);
        const fill = blanks.map((bound, place) =>
          bound === undefined ? 0 : toDynamic(bound.evaluate([]), series[place]!.type),
        );
        if (found.length === 0 && operator.nonEmpty === true && keys.length === 0)
          found.push({ keys: [], bins: new Map() });
        const made: Row[] = [];
        for (const group of found) {
          made.push(
            await rowOf(group, steps, series, fill, { type: axis.value.type, place: operator.step }, run, held.add),
          );
        }
        yield* inBatches(made, run);
      } finally {
        held.release();
      }
    },
  };
}

function axisColumnName(operator: MakeSeries, keys: readonly Key[], series: readonly Column[]): string {
  const name = operator.axis.kind === 'name' ? operator.axis.name : 'Axis';
  if (![...keys, ...series].some((each) => each.name === name)) return name;
  throw new KqlError('type', `There is a column ${name} already.`, operator.axis);
}

function refuseOtherAxis({ value, start, end, step }: Axis): void {
  const time = value.type === 'datetime' || value.type === 'timespan';
  if (!time && !isNumber(value.type)) {
    throw new KqlError('type', `The axis of a series is a time or a number, and this is ${value.type}.`, value);
  }
  for (const bound of [start, end]) {
    if (bound === undefined || bound.type === value.type || (isNumber(bound.type) && isNumber(value.type))) continue;
    throw new KqlError('type', `The axis is ${value.type}, and this is ${bound.type}.`, bound);
  }
  if (time ? step.type !== 'timespan' : !isNumber(step.type)) {
    throw new KqlError('type', `A step along ${value.type} is not ${step.type}.`, step);
  }
}

function stepsOf({ start, end, step, inRange }: Axis): Steps {
  const [first, last, width] = [start, end, step].map((bound) => bound?.evaluate([])) as (Value | undefined)[];
  if (typeof width !== 'number' || !(width > 0)) throw new KqlError('type', 'A step is greater than 0.', step);
  const floor = (value: number): number => Math.floor(value / width) * width;
  const low = typeof first === 'number' ? (inRange ? Math.ceil(first / width) * width : first) : undefined;
  const high = typeof last === 'number' ? (inRange ? floor(last) + width : last) : undefined;
  return {
    start: low,
    end: high,
    step: width,
    binOf: (value) => {
      if (typeof value !== 'number' || !Number.isFinite(value)) return null;
      if ((low !== undefined && value < low) || (high !== undefined && value >= high)) return null;
      return low === undefined ? floor(value) : low + Math.floor((value - low) / width) * width;
    },
  };
}

interface Series {
  readonly keys: readonly Value[];
  readonly bins: Map<number, Row>;
}

async function collect(grouped: Plan, keyCount: number, run: Run, hold: (bytes: number) => void): Promise<Series[]> {
  const found = new Groups<Series>(keyCount);
  for await (const rows of grouped.open(run, everything(grouped.columns))) {
    for (const row of rows) {
      const bin = row[keyCount]!;
      if (typeof bin !== 'number') continue;
      const keys = row.slice(0, keyCount);
      let group = found.get(keys);
      if (group === undefined) {
        group = { keys, bins: new Map() };
        found.set(keys, group);
      }
      hold(rowSize(row) + 48);
      group.bins.set(bin, row);
    }
    if (run.due()) await run.breathe();
  }
  return found.all;
}

async function rowOf(
  { keys, bins }: Series,
  { start, end, step }: Steps,
  series: readonly Column[],
  fill: readonly Value[],
  axis: { readonly type: KqlType; readonly place: Place },
  run: Run,
  hold: (bytes: number) => void,
): Promise<Row> {
  const there = [...bins.keys()];
  const first = start ?? smallest(there);
  const last = end ?? -smallest(there.map((bin) => -bin)) + step / 2;
  const length = Math.max(0, Math.ceil((last - first) / step));
  if (!(length <= maxLength)) {
    throw new KqlError('budget', `A series has ${maxLength} values at most. Take a greater step.`, axis.place);
  }
  hold(length * (48 + 8 * series.length));
  const byIndex = new Map([...bins].map(([bin, row]) => [Math.round((bin - first) / step), row]));
  const lists: Value[][] = series.map(() => []);
  const places: Value[] = [];
  for (let index = 0; index < length; index++) {
    const row = byIndex.get(index);
    places.push(toDynamic(first + index * step, axis.type));
    for (const [place, { type }] of series.entries()) {
      lists[place]!.push(row === undefined ? fill[place]! : toDynamic(row[keys.length + 1 + place]!, type));
    }
    if (index % 1024 === 0 && run.due()) await run.breathe();
  }
  return [...keys, ...lists, places];
}

const smallest = (numbers: readonly number[]): number =>
  numbers.reduce((least, each) => Math.min(least, each), Infinity);
