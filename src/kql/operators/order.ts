// `sort`, `top`, `take`, `sample`: which rows, in which order.
import type { Binder, RowBinder } from '../binding.ts';
import type { Bound } from '../bound.ts';
import { comparison, sorted, type OrderKey } from '../ordering.ts';
import { columnsOf, inBatches, type Plan } from '../plan.ts';
import { KqlError } from '../problem.ts';
import { rowSize, type Run } from '../run.ts';
import type { Expression, Order, Sort, Take, Top } from '../syntax.ts';
import { isInteger } from '../types.ts';
import type { Row, Value } from '../values.ts';
import { writeDynamic } from '../write-value.ts';

interface BoundOrder {
  readonly key: OrderKey;
  readonly bound: Bound;
}

function bindOrder(rows: RowBinder, { expression, descending, nulls }: Order, dynamicToo = false): BoundOrder {
  const bound = rows.bind(expression);
  const nullsFirst = nulls === undefined ? !descending : nulls === 'first';
  if (bound.type === 'dynamic') {
    const { evaluate } = bound;
    const value = (row: Row): Value => comparable(evaluate(row));
    if (dynamicToo) return { bound, key: { value, descending, nullsFirst } };
    const how = 'Say as what, for example tostring(…) or tolong(…).';
    throw new KqlError('type', `Values of type dynamic have no order. ${how}`, expression);
  }
  return { bound, key: { value: bound.evaluate, descending, nullsFirst } };
}

/** Arrays and bags as they are written. */
const comparable = (value: Value): Value => (typeof value === 'object' && value !== null ? writeDynamic(value) : value);

const within = (columns: ReadonlySet<number>, order: readonly BoundOrder[]): Set<number> =>
  columnsOf(
    order.map(({ bound }) => bound),
    new Set(columns),
  );

export function sort(binder: Binder, input: Plan, { by }: Sort): Plan {
  const rows = binder.over(input);
  const order = by.map((each) => bindOrder(rows, each));
  const compare = comparison(order.map(({ key }) => key));
  const below = rows.input();
  return {
    ...below,
    ordered: true,
    grouped: undefined,
    async *open(run, { columns }) {
      const held = run.hold();
      try {
        const all: Row[] = [];
        for await (const batch of below.open(run, { columns: within(columns, order) })) {
          for (const row of batch) {
            held.add(rowSize(row) + 16);
            all.push(row);
          }
          if (run.due()) await run.breathe();
        }
        yield* inBatches(await sorted(all, compare, run), run);
      } finally {
        held.release();
      }
    },
  };
}

export function top(binder: Binder, input: Plan, { count, by }: Top): Plan {
  const rows = binder.over(input);
  // As in Kusto, `top` orders dynamic values, which `sort` refuses.
  const order = by.map((each) => bindOrder(rows, each, true));
  const compare = comparison(order.map(({ key }) => key));
  const limit = bindLimit(binder, count);
  const below = rows.input();
  return {
    ...below,
    ordered: true,
    grouped: undefined,
    async *open(run, { columns }) {
      const most = limit();
      if (most === 0) return;
      const held = run.hold();
      try {
        let best: Row[] = [];
        for await (const batch of below.open(run, { columns: within(columns, order) })) {
          for (const row of batch) {
            held.add(rowSize(row));
            best.push(row);
          }
          // Twice as many as are wanted are kept before the worse half goes.
          if (best.length >= 2 * most + 1024) best = await cut(best);
          if (run.due()) await run.breathe();
        }
        yield* inBatches(await cut(best), run);
        async function cut(kept: readonly Row[]): Promise<Row[]> {
          held.release();
          const left = (await sorted(kept, compare, run)).slice(0, most);
          for (const row of left) held.add(rowSize(row));
          return left;
        }
      } finally {
        held.release();
      }
    },
  };
}

/** How many rows; read when the query runs, for it may hang on another query. */
export function bindLimit(binder: Binder, count: Expression): () => number {
  const bound = binder.constant(count);
  if (!isInteger(bound.type) && bound.type !== 'dynamic') {
    throw new KqlError('type', `A number of rows is a whole number, and this is ${bound.type}.`, count);
  }
  return () => {
    const value = bound.evaluate([]);
    return typeof value === 'number' && value > 0 ? Math.trunc(value) : 0;
  };
}

export function take(binder: Binder, input: Plan, { count }: Take): Plan {
  const limit = bindLimit(binder, count);
  return {
    ...input,
    grouped: undefined,
    async *open(run, { columns, limit: above }) {
      let left = Math.min(limit(), above ?? Infinity);
      if (left === 0) return;
      for await (const rows of input.open(run, { columns, limit: left })) {
        yield rows.length <= left ? rows : rows.slice(0, left);
        left -= Math.min(left, rows.length);
        if (left === 0) return;
      }
    },
  };
}

/** Each row with the same chance (reservoir). */
export function sample(binder: Binder, input: Plan, { count }: Take): Plan {
  const limit = bindLimit(binder, count);
  const { random } = binder.pass;
  const choose = async (
    run: Run,
    columns: ReadonlySet<number>,
    most: number,
    add: (bytes: number) => void,
  ): Promise<Row[]> => {
    const chosen: Row[] = [];
    let seen = 0;
    for await (const rows of input.open(run, { columns })) {
      for (const row of rows) {
        seen += 1;
        if (chosen.length < most) {
          chosen.push(row);
          add(rowSize(row));
          continue;
        }
        const place = Math.floor(random() * seen);
        if (place < most) chosen[place] = row;
      }
      if (run.due()) await run.breathe();
    }
    return chosen;
  };
  return {
    ...input,
    ordered: false,
    grouped: undefined,
    async *open(run, { columns }) {
      const held = run.hold();
      try {
        const most = limit();
        if (most > 0) yield* inBatches(await choose(run, columns, most, held.add), run);
      } finally {
        held.release();
      }
    },
  };
}
