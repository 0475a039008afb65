// From a text to something that runs: read, bound against the catalogue, and bound again with what other queries in it answer.
import { ColumnsUnknown, type Pass, type Table } from './binding.ts';
import type { Budget, Catalog } from './catalog.ts';
import { limited, limitedBatches } from './effort.ts';
import { emptyEnvironment } from './environment.ts';
import { parse } from './parser.ts';
import { createBinder } from './pipeline.ts';
import { everything, type Plan } from './plan.ts';
import { KqlError } from './problem.ts';
import type { Compile, CompileOptions, CompiledQuery } from './query.ts';
import { createRun, runClock, type Run } from './run.ts';
import type { Query, Render, Script } from './syntax.ts';
import { bindLets } from './user-functions.ts';

/** What compiling may take where only rows tell the columns, unless the caller says otherwise. */
export const defaultBudget: Budget = {
  maxRowsRead: 1_000_000,
  maxRows: 10_000,
  maxMs: 10_000,
  maxBytes: 256 * 1_048_576,
};

/** Queries inside of a query, each run once before it. */
const maxQuestions = 100;

const never = new AbortController().signal;

export const compile: Compile = async (text, catalog, options) => compileScript(parse(text), catalog, options);

export async function compileScript(script: Script, catalog: Catalog, options: CompileOptions): Promise<CompiledQuery> {
  const { columnsFound, plan, scans } = await bindFirst(script, catalog, options);
  if (plan === undefined) throw new Error('columns are known');
  const render = renderOf(script.query);
  return {
    columns: plan.columns,
    ...(render === undefined ? {} : { render: { chart: render.chart, properties: render.properties } }),
    tables: [...scans.keys()],
    async *run({ budget, signal = never }) {
      try {
        signal.throwIfAborted();
        const run = createRun(budget, signal, script, runClock);
        const settled = await limited(run.look, () => answerAll(script, catalog, options, columnsFound, run));
        let rows = 0;
        for await (const batch of limitedBatches(run.look, settled.open(run, everything(settled.columns)))) {
          run.look();
          rows += batch.length;
          if (rows > budget.maxRows) throw tooManyRows(budget, script);
          yield batch;
        }
      } catch (error) {
        throw problemOf(error, script);
      }
    },
  };
}

async function bindFirst(
  script: Script,
  catalog: Catalog,
  options: CompileOptions,
): Promise<BoundScript & { readonly columnsFound: ReadonlyMap<string, Table> }> {
  const run = createRun(options.budget ?? defaultBudget, options.signal ?? never, script, runClock);
  try {
    return await limited(run.look, async () => {
      const columnsFound = await findColumns(script, catalog, options, run);
      return { columnsFound, ...bindScript(script, catalog, options, columnsFound) };
    });
  } catch (error) {
    throw problemOf(error, script);
  }
}

/** What the machine says of a query that is too much for it, as what it is. */
function problemOf(error: unknown, script: Script): unknown {
  if (error instanceof RangeError) {
    return new KqlError('budget', 'This makes a value that is too large, or goes too deep. Ask for less.', script);
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    const how = 'Ask for a shorter time (where TimeGenerated > ago(1h)) or filter earlier.';
    return new KqlError('budget', `The query ran for longer than it may. ${how}`, script);
  }
  return error;
}

function tooManyRows({ maxRows }: Budget, script: Script): KqlError {
  const how = 'Add take, top or summarize, or name more conditions.';
  return new KqlError('budget', `The answer has more than ${maxRows} rows. ${how}`, script);
}

export interface BoundScript {
  /** Undefined where not even the columns are known before the first question is answered. */
  readonly plan: Plan | undefined;
  readonly questions: Pass['questions'];
  /** The tables that it reads, and at how many places. */
  readonly scans: ReadonlyMap<string, number>;
}

/** One pass over the whole query, with all answers that there are. */
export function bindScript(
  script: Script,
  catalog: Catalog,
  options: CompileOptions,
  answers: ReadonlyMap<string, Table>,
): BoundScript {
  const pass: Pass = {
    catalog,
    nowMs: options.nowMs,
    random: options.random ?? Math.random,
    whole: { from: script.from, to: script.to },
    answers,
    questions: [],
    scans: new Map(),
    steps: 0,
    looked: 0,
  };
  try {
    const binder = bindLets(createBinder(pass, emptyEnvironment), script.lets);
    return { plan: binder.query(script.query), questions: pass.questions, scans: pass.scans };
  } catch (error) {
    if (!(error instanceof ColumnsUnknown)) throw error;
    return { plan: undefined, questions: pass.questions, scans: pass.scans };
  }
}

/** What `pivot` and `bag_unpack` make of the rows that there are now; nothing else is kept of them. */
async function findColumns(
  script: Script,
  catalog: Catalog,
  options: CompileOptions,
  run: Run,
): Promise<Map<string, Table>> {
  const columns = new Map<string, Table>();
  let bound = bindScript(script, catalog, options, columns);
  if (bound.plan !== undefined) return columns;
  const answers = new Map<string, Table>();
  while (bound.plan === undefined) {
    const question = bound.questions[0]!;
    refuseTooMany(answers.size, script);
    const answer = await question.answer(run);
    answers.set(question.key, answer);
    if (question.decidesColumns) columns.set(question.key, answer);
    bound = bindScript(script, catalog, options, answers);
  }
  return columns;
}

/** Answers one question after the other, first those that others wait for, until the query stands on its own. */
async function answerAll(
  script: Script,
  catalog: Catalog,
  options: CompileOptions,
  columnsFound: ReadonlyMap<string, Table>,
  run: Run,
): Promise<Plan> {
  const answers = new Map(columnsFound);
  for (;;) {
    const { plan, questions } = bindScript(script, catalog, options, answers);
    const [question] = questions;
    if (question === undefined) return plan!;
    refuseTooMany(answers.size, script);
    answers.set(question.key, await question.answer(run));
  }
}

function refuseTooMany(answered: number, script: Script): void {
  if (answered < maxQuestions) return;
  throw new KqlError(
    'budget',
    `There are more than ${maxQuestions} queries inside of this one. Use let and join.`,
    script,
  );
}

function renderOf({ operators }: Query): Render | undefined {
  const last = operators.at(-1);
  return last?.kind === 'render' ? last : undefined;
}
