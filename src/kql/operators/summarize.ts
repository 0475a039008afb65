// `summarize`, `distinct`, `count`: rows into groups.
import { createScope, type Binder, type RowBinder } from '../binding.ts';
import type { Accumulator, Bound, BoundAggregate } from '../bound.ts';
import { bindExpression } from '../expressions/bind.ts';
import { Groups } from '../groups.ts';
import { nameOf } from '../naming.ts';
import { columnsOf, freeName, type Batches, type Plan } from '../plan.ts';
import { KqlError } from '../problem.ts';
import { rowSize, type Run } from '../run.ts';
import { refuseTwice } from '../sources.ts';
import type { Assignment, Call, Count, Distinct, Expression, Summarize } from '../syntax.ts';
import type { Column, Row, Value } from '../values.ts';
import { liftAggregates, withColumns, type Lifted } from './lifted-aggregates.ts';
import { copies, reshape, type Output } from './reshape.ts';

export interface Key {
  readonly name: string;
  readonly bound: Bound;
}

/** The expressions after `by`, with their names. */
export function bindKeys(rows: RowBinder, by: readonly Assignment[]): Key[] {
  refuseTwice(by.flatMap(({ names }) => names));
  const taken = new Set(by.flatMap(({ names }) => names.map(({ text }) => text)));
  let unnamed = 0;
  return by.map(({ names, value }) => {
    const bound = rows.bind(value);
    if (bound.type === 'dynamic') {
      const how = 'Say as what, for example tostring(…).';
      throw new KqlError('type', `Rows are not grouped by a value of type dynamic. ${how}`, value);
    }
    const name = names[0]?.text ?? freeName(nameOf(value) ?? `Column${++unnamed}`, taken);
    taken.add(name);
    return { name, bound };
  });
}

export function summarize(binder: Binder, input: Plan, { aggregates, by }: Summarize): Plan {
  const rows = binder.over(input);
  return summarizeBy(binder, rows, bindKeys(rows, by), aggregates);
}

export function summarizeBy(
  binder: Binder,
  rows: RowBinder,
  keys: readonly Key[],
  aggregates: readonly Assignment[],
): Plan {
  const lifted = liftAggregates(rows, aggregates);
  const grouped = groupedPlan(rows.input(), keys, lifted.aggregates);
  const outputs = [
    ...copies(grouped.columns).slice(0, keys.length),
    ...resultColumns(binder, grouped, keys, aggregates, lifted),
  ];
  return reshape(grouped, outputs);
}

/** Columns of a grouped plan: the keys, then what each aggregate makes, under names that no query can write. */
const hidden = (aggregate: number, part: number): string => `\u0000${aggregate}.${part}`;

function groupedPlan(input: Plan, keys: readonly Key[], aggregates: readonly BoundAggregate[]): Plan {
  const columns: Column[] = [
    ...keys.map(({ name, bound }) => ({ name, type: bound.type })),
    ...aggregates.flatMap((aggregate, place) =>
      aggregate.columns.map(({ type }, part) => ({ name: hidden(place, part), type })),
    ),
  ];
  return { columns, ordered: false, label: input.label, open: (run) => groups(input, keys, aggregates, run) };
}

function resultColumns(
  binder: Binder,
  grouped: Plan,
  keys: readonly Key[],
  assignments: readonly Assignment[],
  { aggregates, placeOf }: Lifted,
): Output[] {
  refuseTwice(assignments.flatMap(({ names }) => names));
  const taken = new Set(keys.map(({ name }) => name));
  for (const name of assignments.flatMap(({ names }) => names)) {
    if (taken.has(name.text)) refuseTwice([name, name]);
    taken.add(name.text);
  }
  const plainKeys = new Set(keys.flatMap(({ bound }) => (bound.kind === 'column' ? [bound.name] : [])));
  const scope = createScope(binder, grouped.columns);
  let unnamed = 0;
  const free = (name: string): string => {
    const found = freeName(name, taken);
    taken.add(found);
    return found;
  };
  return assignments.flatMap(({ names, value }): Output[] => {
    const place = value.kind === 'call' ? placeOf.get(value) : undefined;
    if (place !== undefined) {
      const aggregate = aggregates[place]!;
      if (names.length > aggregate.columns.length) {
        const what = `This makes ${aggregate.columns.length} column(s), not ${names.length}.`;
        throw new KqlError('type', what, names[0]!);
      }
      const starred = (value as Call).arguments.some(({ kind }) => kind === 'star');
      return aggregate.columns.flatMap((column, part): Output[] => {
        // `*` means all columns but those that the rows are grouped by.
        if (starred && part >= names.length && plainKeys.has(column.name)) return [];
        const given = names[part]?.text;
        const name = given ?? free(aggregate.columns.length === 1 ? aggregate.columnName : column.name);
        const source = grouped.columns.findIndex((each) => each.name === hidden(place, part));
        return [{ name, type: column.type, source }];
      });
    }
    const placed =
      <T>(of: (place: number) => T) =>
      (call: Call): T | undefined => {
        const found = placeOf.get(call);
        return found === undefined ? undefined : of(found);
      };
    const bound = bindExpression(
      withColumns(
        value,
        placed((found) => hidden(found, 0)),
      ),
      scope,
    );
    const ofAggregate = placed((found) => aggregates[found]!.columnName);
    const name = names[0]?.text ?? free(nameOf(value, ofAggregate) ?? `Column${++unnamed}`);
    return [{ name, type: bound.type, bound }];
  });
}

interface Group {
  readonly keys: readonly Value[];
  readonly accumulators: readonly Accumulator[];
}

async function* groups(
  input: Plan,
  keys: readonly Key[],
  aggregates: readonly BoundAggregate[],
  run: Run,
): Batches & AsyncGenerator<readonly Row[]> {
  const by = keys.map(({ bound }) => bound);
  const there = aggregates.every(({ columns }) => columns.length === 1)
    ? input.grouped?.(run, { where: [], by, aggregates })
    : undefined;
  if (there !== undefined) {
    yield* there;
    return;
  }
  const held = run.hold();
  try {
    const looked = columnsOf([...by, ...aggregates.flatMap((aggregate) => aggregate.arguments)]);
    const found = await fill(input.open(run, { columns: looked }), by, aggregates, run, held);
    // Without keys there is one group, also of no rows.
    if (by.length === 0 && found.length === 0 && aggregates.length > 0) found.push(newGroup([], aggregates));
    for (let at = 0; at < found.length;) {
      const end = at + run.batchRows;
      yield found.slice(at, end).map((group) => resultRow(group, aggregates));
      at = end;
      if (run.due()) await run.breathe();
    }
  } finally {
    held.release();
  }
}

const newGroup = (keys: readonly Value[], aggregates: readonly BoundAggregate[]): Group => ({
  keys,
  accumulators: aggregates.map((aggregate) => aggregate.create()),
});

function resultRow({ keys, accumulators }: Group, aggregates: readonly BoundAggregate[]): Row {
  const row = keys.slice();
  for (const [place, accumulator] of accumulators.entries()) {
    const result = accumulator.result();
    if (aggregates[place]!.columns.length === 1) row.push(result);
    else row.push(...(result as readonly Value[]));
  }
  return row;
}

async function fill(
  input: Batches,
  by: readonly Bound[],
  aggregates: readonly BoundAggregate[],
  run: Run,
  held: ReturnType<Run['hold']>,
): Promise<Group[]> {
  const evaluates = by.map(({ evaluate }) => evaluate);
  const found = new Groups<Group>(by.length);
  let rowsUntilWeighed = 4096;
  for await (const rows of input) {
    for (const row of rows) {
      const keys = evaluates.map((evaluate) => evaluate(row));
      let group = found.get(keys);
      if (group === undefined) {
        group = newGroup(keys, aggregates);
        found.set(keys, group);
        held.add(rowSize(keys) + 96 + 64 * aggregates.length);
      }
      for (const accumulator of group.accumulators) accumulator.add(row);
    }
    rowsUntilWeighed -= rows.length;
    if (rowsUntilWeighed <= 0) {
      // Weighing takes as long as there are groups: it is done after as many rows again.
      held.release();
      await weigh(found.all, held, run);
      rowsUntilWeighed = Math.max(4096, found.all.length);
    }
    if (run.due()) await run.breathe();
  }
  return found.all;
}

async function weigh(all: readonly Group[], held: ReturnType<Run['hold']>, run: Run): Promise<void> {
  for (const [place, { keys, accumulators }] of all.entries()) {
    held.add(rowSize(keys) + 96 + accumulators.reduce((sum, accumulator) => sum + 64 + accumulator.size(), 0));
    if (place % 1024 === 0 && run.due()) await run.breathe();
  }
}

export function distinct(binder: Binder, input: Plan, { columns, from, to }: Distinct): Plan {
  const [first] = columns;
  const all = (): Expression[] => input.columns.map(({ name }) => ({ kind: 'name', name, from, to }));
  const by = (columns.length === 1 && first!.kind === 'star' ? all() : columns).map((value): Assignment => ({
    names: [],
    value,
    from: value.from,
    to: value.to,
  }));
  return summarize(binder, input, { kind: 'summarize', aggregates: [], by, from, to });
}

export function count(binder: Binder, input: Plan, { from, to }: Count): Plan {
  const at = { from, to };
  const value: Call = { kind: 'call', name: { text: 'count', ...at }, arguments: [], ...at };
  const counted = summarize(binder, input, {
    kind: 'summarize',
    aggregates: [{ names: [{ text: 'Count', ...at }], value, ...at }],
    by: [],
    ...at,
  });
  return { ...counted, label: undefined };
}
