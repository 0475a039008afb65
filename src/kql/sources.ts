// Where rows begin: tables of the catalogue, `datatable`, `range`, `print`, and what is kept by `materialize`.
import type { Binder } from './binding.ts';
import type { TableSource } from './catalog.ts';
import type { Place } from './nodes.ts';
import { columnsOf, everything, freeName, inBatches, type Batches, type Plan } from './plan.ts';
import { KqlError } from './problem.ts';
import { valueAs } from './conversion.ts';
import { rowSize, type Run } from './run.ts';
import type { Datatable, Print, Range } from './syntax.ts';
import { isNumber } from './types.ts';
import type { Column, KqlType, Row, Value } from './values.ts';

export function scan(source: TableSource): Plan {
  return {
    columns: source.columns,
    ordered: false,
    label: source.name,
    async *open(run, { columns, where = [], limit }) {
      const looked = columnsOf(where, new Set(columns));
      const request = { where, columns: looked, signal: run.signal, ...(limit === undefined ? {} : { limit }) };
      for await (const rows of source.open(request)) {
        run.read(rows.length);
        yield* inBatches(rows, run);
      }
    },
    grouped: (run, { where, by, aggregates }) => source.summarize?.({ where, by, aggregates, signal: run.signal }),
  };
}

/** Rows that are there, as a plan. */
export function rowsPlan(columns: readonly Column[], rows: readonly Row[], ordered = false): Plan {
  return { columns, ordered, open: (run) => inBatches(rows, run) };
}

export function datatable(binder: Binder, table: Datatable): Plan {
  const columns = table.columns.map(({ name, type }) => ({ name: name.text, type }));
  refuseTwice(table.columns.map(({ name }) => name));
  if (columns.length === 0 || table.values.length % columns.length !== 0) {
    const what = `${table.values.length} values for ${columns.length} columns`;
    throw new KqlError('type', `datatable needs a value for each column of each row; there are ${what}.`, table);
  }
  const rows: Row[] = [];
  for (let at = 0; at < table.values.length; at += columns.length) {
    rows.push(
      columns.map(({ name, type }, place) => {
        const bound = binder.constant(table.values[at + place]!);
        const value = valueAs(type, bound.evaluate([]), bound.type);
        if (value !== undefined) return value;
        throw new KqlError('type', `${name} is ${type}, and this is ${bound.type}.`, bound);
      }),
    );
  }
  return rowsPlan(columns, rows);
}

export function refuseTwice(names: readonly (Place & { readonly text: string })[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name.text)) throw new KqlError('type', `There is a column ${name.text} already.`, name);
    seen.add(name.text);
  }
}

export function range(binder: Binder, { name, start, end, step, from, to }: Range): Plan {
  const [first, last, by] = [start, end, step].map((expression) => binder.constant(expression)) as [
    ReturnType<Binder['constant']>,
    ReturnType<Binder['constant']>,
    ReturnType<Binder['constant']>,
  ];
  const type = rangeType(first.type, last.type, by.type);
  if (type === undefined) {
    throw new KqlError('type', `range does not go from ${first.type} to ${last.type} by ${by.type}.`, { from, to });
  }
  return {
    columns: [{ name: name.text, type }],
    ordered: true,
    async *open(run) {
      const [low, high, width] = [first, last, by].map((bound) => bound.evaluate([])) as [Value, Value, Value];
      if (typeof low !== 'number' || typeof high !== 'number' || typeof width !== 'number') return;
      if (width === 0) throw new KqlError('type', 'The step of range is 0.', by);
      let rows: Row[] = [];
      for (let number = 0; ; number++) {
        // Not summed up: a thousand steps of 0.1 are 100.
        const value = low + number * width;
        if (width > 0 ? !(value <= high) : !(value >= high)) break;
        rows.push([value]);
        if (rows.length < run.batchRows) continue;
        run.read(rows.length);
        yield rows;
        rows = [];
        if (run.due()) await run.breathe();
      }
      run.read(rows.length);
      if (rows.length > 0) yield rows;
    },
  };
}

function rangeType(first: KqlType, last: KqlType, by: KqlType): KqlType | undefined {
  if (isNumber(first) && isNumber(last) && isNumber(by)) {
    const types = [first, last, by];
    return types.includes('decimal')
      ? 'decimal'
      : types.includes('real')
        ? 'real'
        : types.includes('long')
          ? 'long'
          : 'int';
  }
  return first === last && by === 'timespan' && (first === 'datetime' || first === 'timespan') ? first : undefined;
}

export function print(binder: Binder, { columns }: Print): Plan {
  const taken = new Set(columns.flatMap(({ names }) => names.map(({ text }) => text)));
  refuseTwice(columns.flatMap(({ names }) => names));
  const made = columns.map(({ names, value }, place) => {
    const bound = binder.constant(value);
    const name = names[0]?.text ?? freeName(`print_${place}`, taken);
    taken.add(name);
    return { name, bound };
  });
  const types = made.map(({ name, bound }) => ({ name, type: bound.type }));
  return {
    columns: types,
    ordered: true,
    async *open() {
      yield [made.map(({ bound }) => bound.evaluate([]))];
    },
  };
}

/** Rows that are computed once a run and read as often as they are used. */
export function materialized(plan: Plan, key: string): Plan {
  return {
    columns: plan.columns,
    ordered: plan.ordered,
    async *open(run) {
      let kept = run.kept?.get(key);
      if (kept === undefined) {
        kept = collected(plan, run);
        run.kept?.set(key, kept);
      }
      for (const rows of await kept) {
        yield rows;
        if (run.due()) await run.breathe();
      }
    },
  };
}

async function collected(plan: Plan, run: Run): Promise<readonly (readonly Row[])[]> {
  const held = run.hold();
  const batches: (readonly Row[])[] = [];
  for await (const rows of plan.open(run, everything(plan.columns))) {
    for (const row of rows) held.add(rowSize(row));
    batches.push(rows);
    if (run.due()) await run.breathe();
  }
  return batches;
}

export type { Batches };
