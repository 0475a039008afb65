// What operators need of the query around them: names, expressions, other queries, and what was found out before the run.
import { bindAggregate } from './aggregates/bind.ts';
import type { Bound, BoundAggregate, Scope } from './bound.ts';
import type { Catalog } from './catalog.ts';
import type { Environment } from './environment.ts';
import { bindExpression } from './expressions/bind.ts';
import { inlineFunction } from './user-functions.ts';
import type { Place } from './nodes.ts';
import { everything, type Plan } from './plan.ts';
import { KqlError } from './problem.ts';
import { markUnstable } from './stability.ts';
import { rowSize, type Run } from './run.ts';
import type { Call, Expression, Operator, Query } from './syntax.ts';
import { createWindows } from './windows.ts';
import type { Column, Row } from './values.ts';

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** Something that must be known before the query around it can run. */
export interface Question {
  readonly key: string;
  readonly answer: (run: Run) => Promise<Table>;
  /** Without it not even the columns of the query are known. */
  readonly decidesColumns: boolean;
}

/** One pass of binding. It is made again with each answer, until it meets no question more. */
export interface Pass {
  readonly catalog: Catalog;
  readonly nowMs: number;
  readonly random: () => number;
  readonly whole: Place;
  readonly answers: ReadonlyMap<string, Table>;
  /** Where answers are missing, in the order in which they can be found. */
  readonly questions: Question[];
  /** The tables that are read, and at how many places. */
  readonly scans: Map<string, number>;
  steps: number;
  /** How often expressions looked at the clock or at other queries. */
  looked: number;
}

/** Thrown where the pass cannot go on before its first question is answered. */
export class ColumnsUnknown extends Error {}

export interface RowBinder {
  bind(expression: Expression): Bound;
  aggregate(call: Call): BoundAggregate;
  /** The input, one row at a time where functions of windows are used. */
  input(): Plan;
}

export interface Binder {
  readonly pass: Pass;
  readonly environment: Environment;
  in(environment: Environment): Binder;
  /** Expressions over the rows of a plan. */
  over(input: Plan): RowBinder;
  /** Expressions without a row. */
  constant(expression: Expression): Bound;
  query(query: Query): Plan;
  /** A table wherever one may stand as an expression: a name, a call, a query. */
  table(value: Expression | Query): Plan;
  operators(input: Plan, operators: readonly Operator[]): Plan;
  /** Asks for rows that must be known before the run. */
  ask(at: Place, decidesColumns: boolean, plan: () => Plan, answer?: (plan: Plan, run: Run) => Promise<Table>): Table;
}

/** Each step pulls from the one before it: some hundred more and the stack would be too small. */
const maxSteps = 500;

/** Tables may be used by tables twice over, again and again: what a query unfolds to is counted. */
export function countStep(pass: Pass): void {
  pass.steps += 1;
  if (pass.steps <= maxSteps) return;
  const how = 'Use materialize(), or fewer functions and let statements in each other.';
  throw new KqlError('budget', `The query unfolds to more than ${maxSteps} steps. ${how}`, pass.whole);
}

export function createScope(binder: Binder, columns: readonly Column[], windowed?: Scope['windowed']): Scope {
  const { pass, environment } = binder;
  return {
    columns,
    scalars: new WatchedScalars(pass, environment),
    get nowMs() {
      pass.looked += 1;
      return pass.nowMs;
    },
    rowsOf: (value) => {
      pass.looked += 1;
      return binder.ask(value, false, () => binder.table(value));
    },
    inlined: (call, bind) => inlineFunction(binder, call, bind),
    windowed,
  };
}

/** The names of an environment, seen to be used: those whose value hangs on the clock pass that on. */
class WatchedScalars extends Map<string, Bound> {
  readonly #pass: Pass;
  readonly #unstable: ReadonlySet<string>;

  constructor(pass: Pass, environment: Environment) {
    super(environment.scalars);
    this.#pass = pass;
    this.#unstable = environment.unstable;
  }

  override get(name: string): Bound | undefined {
    if (this.#unstable.has(name)) this.#pass.looked += 1;
    return super.get(name);
  }
}

/** Binds, and marks what hangs on more than the row. */
export function watched(pass: Pass, bind: () => Bound): Bound {
  const before = pass.looked;
  const bound = bind();
  return pass.looked === before ? bound : markUnstable(bound);
}

export function bindRows(binder: Binder, input: Plan): RowBinder {
  const windows = createWindows(input);
  const scope = createScope(binder, input.columns, windows.windowed);
  return {
    bind: (expression) => watched(binder.pass, () => bindExpression(expression, scope)),
    aggregate: (call) => bindAggregate(call, scope),
    input: windows.input,
  };
}

export function ask(
  { pass, environment }: Binder,
  at: Place,
  decidesColumns: boolean,
  makePlan: () => Plan,
  answer: (plan: Plan, run: Run) => Promise<Table> = rowsOf,
): Table {
  const key = `${environment.path}#${at.from}-${at.to}`;
  const known = pass.answers.get(key);
  if (known !== undefined) return known;
  const plan = makePlan();
  if (!pass.questions.some((question) => question.key === key)) {
    pass.questions.push({ key, decidesColumns, answer: (run) => answer(plan, run) });
  }
  if (decidesColumns) throw new ColumnsUnknown();
  return { columns: plan.columns, rows: [] };
}

async function rowsOf(plan: Plan, run: Run): Promise<Table> {
  const rows: Row[] = [];
  const held = run.hold();
  for await (const batch of plan.open(run, everything(plan.columns))) {
    for (const row of batch) {
      held.add(rowSize(row));
      rows.push(row);
    }
    if (run.due()) await run.breathe();
  }
  return { columns: plan.columns, rows };
}
