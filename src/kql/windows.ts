// Functions that look at neighbouring rows: prev, next, row_number, row_cumsum, row_rank_dense, row_rank_min, row_window_session.
import type { Bound } from './bound.ts';
import { missing, type Plan } from './plan.ts';
import { KqlError } from './problem.ts';
import { rowSize } from './run.ts';
import type { Call, Expression } from './syntax.ts';
import type { KqlType, Row, Value } from './values.ts';

/** All rows of the operator in their order, and which one is being looked at. */
interface Window {
  rows: readonly Row[];
  at: number;
}

type Bind = (argument: Expression) => Bound;

const names = new Set([
  'prev',
  'next',
  'row_number',
  'row_cumsum',
  'row_rank_dense',
  'row_rank_min',
  'row_window_session',
]);

export interface Windows {
  readonly windowed: (call: Call, bind: Bind) => Bound | undefined;
  /** The input, with its rows put in view one by one where such a function was bound. */
  readonly input: () => Plan;
}

export function createWindows(input: Plan): Windows {
  const window: Window = { rows: [], at: 0 };
  let used = false;
  return {
    windowed: (call, bind) => {
      if (!names.has(call.name.text)) return undefined;
      if (!input.ordered) {
        const how = 'Put sort by … or serialize before it.';
        throw new KqlError('type', `${call.name.text}() needs rows in an order. ${how}`, call);
      }
      used = true;
      return bindWindowed(call, bind, window);
    },
    input: () => (used ? oneByOne(input, window) : input),
  };
}

/** Batches of one row each, so that whoever evaluates an expression on a row does so while the window stands on it. */
function oneByOne(input: Plan, window: Window): Plan {
  return {
    ...input,
    async *open(run) {
      const held = run.hold();
      const rows: Row[] = [];
      try {
        const all = { columns: new Set(input.columns.keys()) };
        for await (const batch of input.open(run, all)) {
          for (const row of batch) {
            held.add(rowSize(row) + 16);
            rows.push(row);
          }
          if (run.due()) await run.breathe();
        }
        for (let at = 0; at < rows.length; at++) {
          window.rows = rows;
          window.at = at;
          yield [rows[at]!];
          if (run.due()) await run.breathe();
        }
      } finally {
        held.release();
        window.rows = [];
      }
    },
  };
}

function bindWindowed(call: Call, bind: Bind, window: Window): Bound {
  const { from, to } = call;
  const bounds = call.arguments.map((argument) => {
    if (argument.kind === 'query' || argument.kind === 'named') {
      throw new KqlError('type', `${call.name.text}() takes expressions.`, argument);
    }
    return bind(argument);
  });
  const need = (least: number, most: number): void => {
    if (bounds.length >= least && bounds.length <= most) return;
    throw new KqlError('type', `${call.name.text}() takes ${least} to ${most} arguments, not ${bounds.length}.`, call);
  };
  const made = (type: KqlType, evaluate: (row: Row) => Value): Bound => ({
    kind: 'call', name: call.name.text, arguments: bounds, type, from, to, evaluate,
  }); // prettier-ignore
  const [first, second, third, fourth] = bounds;
  const isTrue = (bound: Bound | undefined, row: Row): boolean => bound?.evaluate(row) === true;

  switch (call.name.text) {
    case 'prev':
    case 'next': {
      need(1, 3);
      const sign = call.name.text === 'prev' ? -1 : 1;
      return made(first!.type, (row) => {
        const here = window.at;
        const steps = second === undefined ? 1 : Number(second.evaluate(row));
        const there = here + sign * Math.trunc(steps);
        const neighbour = window.rows[there];
        if (neighbour === undefined) return third?.evaluate(row) ?? missing(first!.type);
        // The argument may look at its own neighbours.
        window.at = there;
        const value = first!.evaluate(neighbour);
        window.at = here;
        return value;
      });
    }
    case 'row_number': {
      need(0, 2);
      const start = (row: Row): number => (first === undefined ? 1 : Number(first.evaluate(row)));
      return made(
        'long',
        stepped(window, (row, before) =>
          before === undefined || isTrue(second, row) ? start(row) : (before as number) + 1,
        ),
      );
    }
    case 'row_cumsum': {
      need(1, 2);
      return made(first!.type, stepped(window, (row, before) => {
        const term = first!.evaluate(row);
        const sum = before === undefined || isTrue(second, row) ? 0 : (before as number);
        return typeof term === 'number' ? sum + term : sum;
      })); // prettier-ignore
    }
    case 'row_rank_dense':
    case 'row_rank_min': {
      need(1, 2);
      return made(
        'long',
        ranked(window, first!, (row) => isTrue(second, row), call.name.text === 'row_rank_dense'),
      );
    }
    default: {
      need(3, 4);
      return made(
        'datetime',
        session(window, first!, second!, third!, (row) => isTrue(fourth, row)),
      );
    }
  }
}

/** A value made of the row and of the value before, for every row in turn, whether an expression asked for it or not. */
function stepped<State extends Value>(
  window: Window,
  step: (row: Row, before: State | undefined) => State,
  shown: (state: State) => Value = (state) => state,
): (row: Row) => Value {
  let of: readonly Row[] | undefined;
  let states: State[] = [];
  return () => {
    if (of !== window.rows) {
      of = window.rows;
      states = [];
    }
    const here = window.at;
    while (states.length <= here) {
      window.at = states.length;
      states.push(step(window.rows[window.at]!, states.at(-1)));
    }
    window.at = here;
    return shown(states[here]!);
  };
}

function ranked(window: Window, term: Bound, restarts: (row: Row) => boolean, dense: boolean): (row: Row) => Value {
  type Rank = readonly [rank: number, value: Value, seen: number];
  return stepped<Rank>(
    window,
    (row, before) => {
      const value = term.evaluate(row);
      if (before === undefined || restarts(row)) return [1, value, 1];
      const [rank, last, seen] = before;
      if (value === last) return [rank, value, seen + 1];
      return [dense ? rank + 1 : seen + 1, value, seen + 1];
    },
    ([rank]) => rank,
  );
}

function session(
  window: Window,
  time: Bound,
  fromFirst: Bound,
  between: Bound,
  restarts: (row: Row) => boolean,
): (row: Row) => Value {
  type Session = readonly [start: Value, last: Value];
  return stepped<Session>(
    window,
    (row, before) => {
      const now = time.evaluate(row);
      if (typeof now !== 'number') return [null, null];
      const [start, last] = before ?? [null, null];
      const goes =
        typeof start === 'number' && typeof last === 'number' && !restarts(row) &&
        now >= last && now - start <= Number(fromFirst.evaluate(row)) && now - last <= Number(between.evaluate(row)); // prettier-ignore
      return goes ? [start, now] : [now, now];
    },
    ([start]) => start,
  );
}
