// Expressions whose names and types are known: what the evaluator runs and what a source may translate for its database.
import type { Call, Expression } from './syntax.ts';
import type { Column, KqlType, Row, Value } from './values.ts';

interface BoundNode {
  readonly type: KqlType;
  readonly from: number;
  readonly to: number;
  /** The value for one row. Pure; the clock was read once, when the query was bound. */
  readonly evaluate: (row: Row) => Value;
}

export interface BoundConstant extends BoundNode {
  readonly kind: 'constant';
  readonly value: Value;
}

export interface BoundColumn extends BoundNode {
  readonly kind: 'column';
  readonly name: string;
  /** Place of the column in a row. */
  readonly index: number;
}

/** Operators and functions alike, by their canonical name: `==`, `and`, `has`, `in`, `bin`, `tolower`, `.member`. */
export interface BoundCall extends BoundNode {
  readonly kind: 'call';
  readonly name: string;
  readonly arguments: readonly Bound[];
  /**
   * Functions that make several columns (`series_stats`, `series_decompose_anomalies`, `array_sort_asc` of several arrays): the value
   * is an array of these columns' values. `extend (a, b) = f(…)` takes the first two, `extend f(…)` all, under these names.
   */
  readonly columns?: readonly Column[];
}

export type Bound = BoundConstant | BoundColumn | BoundCall;

/** What names mean where an expression stands. */
export interface Scope {
  readonly columns: readonly Column[];
  /** Names bound by `let` to scalars, and parameters of functions. */
  readonly scalars: ReadonlyMap<string, Bound>;
  /** When the query was asked, epoch milliseconds: `now()` and `ago()`. */
  readonly nowMs: number;
  /** Runs a query inside an expression: `toscalar(…)`, `in (T | project x)`. Gives its rows, known before the outer query runs. */
  readonly rowsOf: (query: Expression | import('./syntax.ts').Query) => {
    readonly columns: readonly Column[];
    readonly rows: readonly Row[];
  };
  /** A user function of scalars, called: its body bound with these arguments; `undefined` when there is none of that name. */
  readonly inlined: (call: Call, bind: (argument: Expression) => Bound) => Bound | undefined;
  /** Functions that look at neighbouring rows (`prev`, `next`, `row_number`, `row_cumsum`) are bound by the operator that has them in order. */
  readonly windowed?: (call: Call, bind: (argument: Expression) => Bound) => Bound | undefined;
}

/** An aggregate of one group: fed row by row, then asked. */
export interface Accumulator {
  add(row: Row): void;
  result(): Value;
  /** Rough bytes that it holds, for the budget; asked now and then. */
  size(): number;
}

export interface BoundAggregate {
  readonly type: KqlType;
  /** Canonical name, e.g. `count`, `dcountif`. */
  readonly name: string;
  readonly arguments: readonly Bound[];
  /** The name of the column where the query gives none: `count_`, `dcount_User`, `Column1` for what has no column in it. */
  readonly columnName: string;
  /** `arg_max(x, *)` and `arg_max(x, a, b)` make several columns; all others one. */
  readonly columns: readonly Column[];
  create(): Accumulator;
}
