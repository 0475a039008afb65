// `evaluate`: pivot, bag_unpack and narrow. What columns they make hangs on the rows, unless the query says it.
import type { Binder } from '../binding.ts';
import type { Bound, BoundAggregate } from '../bound.ts';
import { elementAs } from '../conversion.ts';
import { Groups } from '../groups.ts';
import { isArray, isBag } from '../json.ts';
import { columnsOf, eachBatch, everything, inBatches, missing, type Plan } from '../plan.ts';
import { KqlError } from '../problem.ts';
import { rowSize, type Run } from '../run.ts';
import { isAggregate } from '../aggregates/bind.ts';
import type { Call, Evaluate, Expression } from '../syntax.ts';
import type { Column, KqlType, Row, Value } from '../values.ts';
import { writeValue } from '../write-value.ts';

/** As many columns as a table may get from values. */
const maxColumns = 500;

export function evaluate(binder: Binder, input: Plan, operator: Evaluate): Plan {
  const { name } = operator.plugin;
  switch (name.text) {
    case 'pivot':
      return pivot(binder, input, operator);
    case 'bag_unpack':
      return bagUnpack(binder, input, operator);
    case 'narrow':
      return narrow(input);
    default:
      throw new KqlError(
        'unsupported',
        `The plug-in ${name.text} is not supported: pivot, bag_unpack and narrow are.`,
        name,
      );
  }
}

type Argument = Expression;

/** The arguments by place; a name before one is left to the plug-in that knows it. */
function argumentsOf({ name, arguments: given }: Call, names: readonly string[]): (Argument | undefined)[] {
  const found: (Argument | undefined)[] = [];
  for (const [place, argument] of given.entries()) {
    if (argument.kind === 'query') throw new KqlError('type', `${name.text} takes columns and values here.`, argument);
    if (argument.kind !== 'named') {
      found[place] = argument;
      continue;
    }
    const at = names.indexOf(argument.name.text);
    if (at === -1) throw new KqlError('type', `${name.text} has no argument ${argument.name.text}.`, argument);
    found[at] = argument.value;
  }
  return found;
}

function columnAt(input: Plan, argument: Argument | undefined, plugin: Call): number {
  if (argument?.kind !== 'name')
    throw new KqlError('type', `${plugin.name.text} takes the name of a column here.`, argument ?? plugin);
  const place = input.columns.findIndex(({ name }) => name === argument.name);
  if (place !== -1) return place;
  throw new KqlError('unknown', `There is no column ${argument.name} here.`, argument);
}

function refuseTooMany(count: number, plugin: Call): void {
  if (count <= maxColumns) return;
  const how = 'Filter the rows, or say the columns: evaluate … : (Name: type, …).';
  throw new KqlError('budget', `${plugin.name.text} would make more than ${maxColumns} columns. ${how}`, plugin);
}

// --- pivot ---

function pivot(binder: Binder, input: Plan, { plugin, schema }: Evaluate): Plan {
  const [first, second, ...rest] = argumentsOf(plugin, []);
  const by = columnAt(input, first, plugin);
  const isCall = second?.kind === 'call' && isAggregate(second.name.text);
  const named = [...(second === undefined || isCall ? [] : [second]), ...rest].map((argument) =>
    columnAt(input, argument, plugin),
  );
  const { from, to } = plugin;
  const counting: Call = { kind: 'call', name: { text: 'count', from, to }, arguments: [], from, to };
  const rows = binder.over(input);
  const aggregate = rows.aggregate(isCall ? second : counting);
  const below = rows.input();
  if (aggregate.columns.length !== 1)
    throw new KqlError('type', 'pivot takes an aggregate of one value.', second ?? plugin);
  const used = columnsOf(aggregate.arguments, new Set([by]));
  const kept = named.length > 0 ? named : [...input.columns.keys()].filter((place) => !used.has(place));
  const keptColumns = kept.map((place) => input.columns[place]!);
  const names =
    schema === undefined
      ? valuesFound(binder, input, by, plugin)
      : schema.columns
          .map(({ name }) => name.text)
          .filter((name) => schema.all || !keptColumns.some((each) => each.name === name));
  const columns = [...keptColumns, ...names.map((name): Column => ({ name, type: aggregate.type }))];
  return {
    columns,
    ordered: false,
    label: input.label,
    async *open(run) {
      const held = run.hold();
      try {
        const looked = new Set([...used, ...kept]);
        const found = new Groups<Pivoted>(kept.length);
        await fillPivot(
          below.open(run, { columns: looked }),
          found,
          { kept, by, type: input.columns[by]!.type, names, aggregate },
          run,
          held.add,
        );
        const made = found.all.map(({ keys, cells }) => {
          const values = names.map((name) => (cells.get(name) ?? aggregate.create()).result());
          return [...keys, ...values];
        });
        yield* inBatches(made, run);
      } finally {
        held.release();
      }
    },
  };
}

interface Pivoted {
  readonly keys: readonly Value[];
  readonly cells: Map<string, ReturnType<BoundAggregate['create']>>;
}

interface Pivoting {
  readonly kept: readonly number[];
  readonly by: number;
  readonly type: KqlType;
  readonly names: readonly string[];
  readonly aggregate: BoundAggregate;
}

async function fillPivot(
  input: ReturnType<Plan['open']>,
  found: Groups<Pivoted>,
  { kept, by, type, names, aggregate }: Pivoting,
  run: Run,
  hold: (bytes: number) => void,
): Promise<void> {
  const wanted = new Set(names);
  for await (const rows of input) {
    for (const row of rows) {
      const keys = kept.map((place) => row[place]!);
      const index = keys.map((value) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value));
      let group = found.get(index);
      if (group === undefined) {
        group = { keys, cells: new Map() };
        found.set(index, group);
        hold(rowSize(keys) + 128);
      }
      const name = nameOfValue(row[by]!, type);
      if (!wanted.has(name)) continue;
      let cell = group.cells.get(name);
      if (cell === undefined) {
        cell = aggregate.create();
        group.cells.set(name, cell);
        hold(128);
      }
      cell.add(row);
    }
    if (run.due()) await run.breathe();
  }
}

/** A column needs a name: what has none is called as Kusto shows it. */
const nameOfValue = (value: Value, type: KqlType): string => writeValue(value, type) || '(empty)';

function valuesFound(binder: Binder, input: Plan, by: number, plugin: Call): string[] {
  const { type } = input.columns[by]!;
  const { columns } = binder.ask(
    plugin,
    true,
    () => input,
    async (plan, run) => {
      const found = new Set<string>();
      for await (const rows of plan.open(run, { columns: new Set([by]) })) {
        for (const row of rows) found.add(nameOfValue(row[by]!, type));
        refuseTooMany(found.size, plugin);
        if (run.due()) await run.breathe();
      }
      return { columns: [...found].sort().map((name): Column => ({ name, type: 'string' })), rows: [] };
    },
  );
  return columns.map(({ name }) => name);
}

// --- bag_unpack ---

const unpackArguments = ['column', 'OutputColumnPrefix', 'columnsConflict', 'ignoredProperties'];

function bagUnpack(binder: Binder, input: Plan, { plugin, schema }: Evaluate): Plan {
  const [first, prefixGiven, conflictGiven, ignoredGiven] = argumentsOf(plugin, unpackArguments);
  const bag = columnAt(input, first, plugin);
  if (input.columns[bag]!.type !== 'dynamic') {
    throw new KqlError(
      'type',
      `bag_unpack takes a column of type dynamic, and this is ${input.columns[bag]!.type}.`,
      first!,
    );
  }
  const prefix = textOf(binder, prefixGiven) ?? '';
  const conflict = textOf(binder, conflictGiven) ?? 'error';
  const ignored = ignoredGiven === undefined ? [] : binder.constant(ignoredGiven).evaluate([]);
  const ignores = new Set(isArray(ignored) ? ignored : []);
  const unpacked =
    schema?.columns.map(({ name, type }) => ({ name: name.text, type })) ??
    bagColumns(binder, input, bag, prefix, ignores, plugin);
  const rest = [...input.columns.keys()].filter((place) => place !== bag);
  const clashes = new Set(
    rest.map((place) => input.columns[place]!.name).filter((name) => unpacked.some((each) => each.name === name)),
  );
  const [clash] = clashes;
  if (schema === undefined && clash !== undefined && conflict === 'error') {
    const how = "Give a prefix, or columnsConflict='replace_source' or 'keep_source'.";
    throw new KqlError('type', `The bag has a slot ${clash}, and there is a column of that name. ${how}`, plugin);
  }
  const fromInput =
    schema?.all === false
      ? []
      : rest.filter((place) => conflict !== 'replace_source' || !clashes.has(input.columns[place]!.name));
  const fromBag = unpacked.filter(
    ({ name }) => schema?.all === false || conflict === 'replace_source' || !clashes.has(name),
  );
  // With a schema of its own, a column of the input stays under its name.
  const columns = [...fromInput.map((place) => input.columns[place]!), ...fromBag];
  const slots = fromBag.map(({ name, type }) => ({
    slot: name.slice(prefix.length),
    type,
    source: schema?.all === false ? rest.find((place) => input.columns[place]!.name === name) : undefined,
  }));
  return {
    ...input,
    columns,
    ordered: false,
    grouped: undefined,
    open: (run) =>
      eachBatch(input.open(run, everything(input.columns)), run, (rows) =>
        rows.map((row) => {
          const value = row[bag]!;
          return [
            ...fromInput.map((place) => row[place]!),
            ...slots.map(({ slot, type, source }) => {
              if (source !== undefined) return row[source]!;
              return isBag(value) && Object.hasOwn(value, slot) ? elementAs(type, value[slot]!) : missing(type);
            }),
          ];
        }),
      ),
  };
}

function textOf(binder: Binder, argument: Argument | undefined): string | undefined {
  if (argument === undefined) return undefined;
  const bound: Bound = binder.constant(argument);
  if (bound.kind === 'constant' && typeof bound.value === 'string') return bound.value;
  throw new KqlError('type', 'A constant text is wanted here.', argument);
}

/** All slots by name, each of the one type that its values have, or dynamic. */
function bagColumns(
  binder: Binder,
  input: Plan,
  bag: number,
  prefix: string,
  ignores: ReadonlySet<Value>,
  plugin: Call,
): readonly Column[] {
  return binder.ask(
    plugin,
    true,
    () => input,
    async (plan, run) => {
      const types = new Map<string, KqlType>();
      for await (const rows of plan.open(run, { columns: new Set([bag]) })) {
        for (const row of rows) {
          const value = row[bag]!;
          if (!isBag(value)) continue;
          for (const [slot, each] of Object.entries(value)) {
            if (ignores.has(slot) || each === null) continue;
            const type = typeOf(each);
            const before = types.get(slot) ?? type;
            types.set(slot, before === type ? type : widened(before, type));
          }
          refuseTooMany(types.size, plugin);
        }
        if (run.due()) await run.breathe();
      }
      const names = [...types.keys()].sort();
      return { columns: names.map((slot): Column => ({ name: prefix + slot, type: types.get(slot)! })), rows: [] };
    },
  ).columns;
}

function typeOf(value: Value): KqlType {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'real';
  return 'dynamic';
}

const widened = (a: KqlType, b: KqlType): KqlType =>
  (a === 'long' && b === 'real') || (a === 'real' && b === 'long') ? 'real' : 'dynamic';

// --- narrow ---

const narrowColumns: readonly Column[] = [
  { name: 'Row', type: 'long' },
  { name: 'Column', type: 'string' },
  { name: 'Value', type: 'string' },
];

function narrow(input: Plan): Plan {
  return {
    columns: narrowColumns,
    ordered: false,
    label: input.label,
    async *open(run) {
      let number = 0;
      for await (const rows of input.open(run, everything(input.columns))) {
        for (const row of rows) {
          yield input.columns.map(({ name, type }, place): Row => [number, name, writeValue(row[place]!, type)]);
          number += 1;
          if (run.due()) await run.breathe();
        }
      }
    },
  };
}
