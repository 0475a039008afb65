// `where`, `extend`, `project`, `serialize`: one row in, at most one row out.
import type { Binder, RowBinder } from '../binding.ts';
import type { Bound } from '../bound.ts';
import { nameOf } from '../naming.ts';
import { columnsOf, eachBatch, freeName, inBatches, type Batches, type Plan } from '../plan.ts';
import { KqlError } from '../problem.ts';
import type { Run } from '../run.ts';
import { refuseTwice } from '../sources.ts';
import type { Assignment, Expression, Extend, Project, Serialize, Where } from '../syntax.ts';
import type { Row } from '../values.ts';
import { copies, reshape, type Output } from './reshape.ts';

/** The parts of a condition that must all hold: each is bound on its own, for not all of them hang on the clock. */
function parts(condition: Expression): readonly Expression[] {
  return condition.kind === 'binary' && condition.operator === 'and'
    ? [...parts(condition.left), ...parts(condition.right)]
    : [condition];
}

export function where(binder: Binder, input: Plan, { condition }: Where): Plan {
  const rows = binder.over(input);
  const conditions = parts(condition).map((part) => {
    const bound = rows.bind(part);
    if (bound.type === 'bool') return bound;
    throw new KqlError('type', `where needs a condition that is true or false, and this is ${bound.type}.`, part);
  });
  return filtered(rows, input, conditions);
}

export function filtered(rows: RowBinder, input: Plan, conditions: readonly Bound[]): Plan {
  const below = rows.input();
  const meets = conditions.map(({ evaluate }) => evaluate);
  // What looks at neighbours must see all rows.
  const offered = below === input ? conditions : undefined;
  return withWindows(below !== input, {
    ...below,
    grouped:
      offered === undefined
        ? undefined
        : (run, grouping) => below.grouped?.(run, { ...grouping, where: [...offered, ...grouping.where] }),
    open: (run, { columns, where: above = [], limit }) =>
      eachBatch(
        below.open(run, {
          columns: columnsOf(conditions, new Set(columns)),
          ...(offered === undefined ? {} : { where: [...offered, ...above], limit }),
        }),
        run,
        (batch) => batch.filter((row) => meets.every((evaluate) => evaluate(row) === true)),
      ),
  });
}

/** Rows that came one by one, in batches again. */
function withWindows(windowed: boolean, plan: Plan): Plan {
  if (!windowed) return plan;
  return { ...plan, open: (run, wanted) => gathered(plan.open(run, wanted), run) };
}

async function* gathered(input: Batches, run: Run): AsyncGenerator<readonly Row[]> {
  let rows: Row[] = [];
  for await (const batch of input) {
    rows.push(...batch);
    if (rows.length < run.batchRows) continue;
    yield rows;
    rows = [];
  }
  yield* inBatches(rows, run);
}

export function extend(binder: Binder, input: Plan, { columns }: Extend): Plan {
  const rows = binder.over(input);
  const outputs = copies(input.columns);
  refuseTwice(columns.flatMap(({ names }) => names));
  for (const { name, output } of assigned(rows, columns, new Set(outputs.map((each) => each.name)))) {
    const place = outputs.findIndex((each) => each.name === name);
    if (place === -1) outputs.push(output);
    else outputs[place] = output;
  }
  const below = rows.input();
  return withWindows(below !== input, reshape(below, outputs));
}

export function serialize(binder: Binder, input: Plan, { columns }: Serialize): Plan {
  const ordered = { ...input, ordered: true };
  return columns.length === 0 ? ordered : extend(binder, ordered, { columns } as Extend);
}

export function project(binder: Binder, input: Plan, { columns }: Project): Plan {
  const rows = binder.over(input);
  refuseTwice(columns.flatMap(({ names, value }) => (names.length > 0 ? names : nameIfColumn(value))));
  const taken = new Set(columns.flatMap(({ names }) => names.map(({ text }) => text)));
  const outputs: Output[] = [];
  for (const { given, name, output } of assigned(rows, columns, taken)) {
    const free = given ? name : freeName(name, taken);
    taken.add(free);
    outputs.push({ ...output, name: free });
  }
  const below = rows.input();
  return withWindows(below !== input, reshape(below, outputs));
}

const nameIfColumn = (value: Assignment['value']): { text: string; from: number; to: number }[] =>
  value.kind === 'name' ? [{ ...value, text: value.name }] : [];

interface Assigned {
  /** The query gives the name. */
  readonly given: boolean;
  readonly name: string;
  readonly output: Output;
}

/** What each assignment makes, with the names that the query or the expression gives. */
function assigned(rows: RowBinder, columns: readonly Assignment[], taken: Set<string>): Assigned[] {
  let unnamed = 0;
  const columnN = (): string => {
    do unnamed += 1;
    while (taken.has(`Column${unnamed}`));
    return `Column${unnamed}`;
  };
  return columns.flatMap(({ names, value }): Assigned[] => {
    const bound = rows.bind(value);
    const several = bound.kind === 'call' ? bound.columns : undefined;
    if (names.length > (several?.length ?? 1)) {
      throw new KqlError('type', `This makes ${several?.length ?? 1} column(s), not ${names.length}.`, names[0]!);
    }
    if (several !== undefined) {
      return several.map((column, part) => {
        const name = names[part]?.text ?? column.name;
        return { given: part < names.length, name, output: { name, type: column.type, bound, part } };
      });
    }
    const name = names[0]?.text ?? nameOf(value) ?? columnN();
    const output: Output =
      bound.kind === 'column' ? { name, type: bound.type, source: bound.index } : { name, type: bound.type, bound };
    return [{ given: names.length > 0, name, output }];
  });
}
