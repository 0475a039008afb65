// `mv-expand` and `mv-apply`: a row for each element of an array or bag.
import type { Binder } from '../binding.ts';
import type { Bound } from '../bound.ts';
import { elementAs } from '../conversion.ts';
import { spend } from '../effort.ts';
import { isArray, isBag } from '../json.ts';
import { nameOf } from '../naming.ts';
import { columnsOf, everything, freeName, inBatches, missing, type Plan, type Wanted } from '../plan.ts';
import { KqlError } from '../problem.ts';
import { refuseTwice } from '../sources.ts';
import type { MvApply, MvExpand } from '../syntax.ts';
import type { Column, KqlType, Row, Value } from '../values.ts';
import { bindLimit } from './order.ts';
import { copies, moved, reshape, type Output } from './reshape.ts';

interface Expanded {
  readonly bound: Bound;
  /** Where the elements go in the rows that are made. */
  readonly place: number;
  readonly type: KqlType;
}

interface Expansion {
  readonly columns: readonly Column[];
  readonly expanded: readonly Expanded[];
  readonly indexPlace?: number;
  readonly limit: () => number;
  readonly asPairs: boolean;
}

function bindExpansion(binder: Binder, input: Plan, operator: MvExpand | MvApply): Expansion {
  const rows = binder.over(input);
  const columns = [...input.columns];
  refuseTwice(
    operator.columns.flatMap(({ names, value }) =>
      names.length > 0 ? names : value.kind === 'name' ? [{ ...value, text: value.name }] : [],
    ),
  );
  const expanded = operator.columns.map(({ names, value, toType }): Expanded => {
    const bound = rows.bind(value);
    if (bound.type !== 'dynamic') {
      const how = bound.type === 'string' ? ' Put parse_json(…) or split(…) around it.' : '';
      throw new KqlError(
        'type',
        `${operator.kind} takes arrays and bags (dynamic), and this is ${bound.type}.${how}`,
        value,
      );
    }
    const type = toType ?? 'dynamic';
    const taken = new Set(columns.map(({ name }) => name));
    const name = names[0]?.text ?? nameOf(value) ?? freeName('Column1', taken);
    const found = columns.findIndex((column) => column.name === name);
    const place = found === -1 ? columns.length : found;
    columns[place] = { name, type };
    return { bound, place, type };
  });
  const limit = operator.limit === undefined ? (): number => Infinity : bindLimit(binder, operator.limit);
  const asPairs = operator.kind === 'mv-expand' && operator.array;
  if (operator.indexName === undefined) return { columns, expanded, limit, asPairs };
  columns.push({ name: operator.indexName.text, type: 'long' });
  return { columns, expanded, limit, asPairs, indexPlace: columns.length - 1 };
}

/** The elements of a value: of null one null, of an empty array none, of what is no array or bag the value itself. */
function elementsOf(value: Value, asPairs: boolean): readonly Value[] {
  if (isArray(value)) return value;
  if (!isBag(value)) return [value];
  return Object.entries(value).map(([name, member]) => (asPairs ? [name, member] : { [name]: member }));
}

function* expandedRows(row: Row, { columns, expanded, indexPlace, limit, asPairs }: Expansion): Generator<Row> {
  const lists = expanded.map(({ bound }) => elementsOf(bound.evaluate(row), asPairs));
  const count = Math.min(limit(), Math.max(...lists.map((list) => list.length)));
  for (let index = 0; index < count; index++) {
    spend(columns.length);
    const made = row.slice() as Value[];
    while (made.length < columns.length) made.push(null);
    for (const [number, { place, type }] of expanded.entries()) {
      const element = lists[number]![index];
      made[place] = element === undefined ? missing(type) : elementAs(type, element);
    }
    if (indexPlace !== undefined) made[indexPlace] = index;
    yield made;
  }
}

/** Columns of the input that the expressions and whoever is above look at; conditions on the others go on to it. */
function wantedOfInput(input: Plan, { columns, expanded }: Expansion, wanted: Wanted): Wanted {
  const replaced = new Set(expanded.map(({ place }) => place));
  const isKept = (place: number): boolean => place < input.columns.length && !replaced.has(place);
  const untouched = columns.map(({ name, type }, source) => (isKept(source) ? { name, type, source } : undefined));
  return {
    columns: columnsOf(
      expanded.map(({ bound }) => bound),
      new Set([...wanted.columns].filter(isKept)),
    ),
    where: (wanted.where ?? []).flatMap((condition) => moved(condition, untouched) ?? []),
  };
}

export function mvExpand(binder: Binder, input: Plan, operator: MvExpand): Plan {
  const expansion = bindExpansion(binder, input, operator);
  return {
    ...input,
    columns: expansion.columns,
    ordered: false,
    grouped: undefined,
    async *open(run, wanted) {
      let made: Row[] = [];
      for await (const rows of input.open(run, wantedOfInput(input, expansion, wanted))) {
        for (const row of rows) {
          for (const each of expandedRows(row, expansion)) {
            made.push(each);
            if (made.length < run.batchRows) continue;
            yield made;
            made = [];
            if (run.due()) await run.breathe();
          }
        }
        if (made.length > 0) yield made;
        made = [];
        if (run.due()) await run.breathe();
      }
    },
  };
}

/** For each row a small table, and what the operators make of it behind the columns of that row. */
export function mvApply(binder: Binder, input: Plan, operator: MvApply): Plan {
  const expansion = bindExpansion(binder, input, operator);
  let current: readonly Row[] = [];
  const small: Plan = { columns: expansion.columns, ordered: true, open: (run) => inBatches(current, run) };
  const body = binder.operators(small, operator.body);
  const replaced = new Set(expansion.expanded.map(({ place }) => place));
  const kept = copies(input.columns).filter((_, place) => !replaced.has(place));
  const names = new Set(kept.map(({ name }) => name));
  const fromBody: Output[] = copies(body.columns)
    .filter(({ name }) => !names.has(name))
    .map((output) => ({ ...output, source: (output as { source: number }).source + input.columns.length }));
  const wide: Plan = {
    ...input,
    columns: [...input.columns, ...body.columns],
    ordered: false,
    grouped: undefined,
    async *open(run) {
      for await (const rows of input.open(run, everything(input.columns))) {
        for (const row of rows) {
          current = [...expandedRows(row, expansion)];
          for await (const made of body.open(run, everything(body.columns))) {
            yield made.map((each) => [...row, ...each]);
          }
          if (run.due()) await run.breathe();
        }
      }
    },
  };
  return reshape(wide, [...kept, ...fromBody]);
}
