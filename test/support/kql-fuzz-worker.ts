// A process that compiles and runs made and damaged queries: `node kql-fuzz-worker.ts SEED QUERIES` prints a report.
import { aggregateNames } from '../../src/kql/aggregates/names.ts';
import { compile } from '../../src/kql/compile.ts';
import type { Budget, Catalog } from '../../src/kql/catalog.ts';
import { functions } from '../../src/kql/functions/scalar-functions.ts';
import { KqlError } from '../../src/kql/problem.ts';
import { createQueries } from './kql-grammar.ts';
import { readable, unreadable } from './kql-queries.ts';

export interface KqlFuzzReport {
  readonly queries: number;
  /** Queries that gave all their rows. */
  readonly answered: number;
  readonly rows: number;
  /** How many were refused, by the kind of the problem. */
  readonly refused: Readonly<Record<string, number>>;
  /** What went wrong otherwise than by a problem with its place, with the query. */
  readonly crashes: readonly string[];
  /** Of the queries made by the grammar, the most frequent refusals. */
  readonly reasons: readonly string[];
  readonly longestMs: number;
  readonly longest: string;
  readonly seconds: number;
}

const noTables: Catalog = { table: () => undefined, names: [] };
const budget: Budget = { maxRowsRead: 100_000, maxRows: 10_000, maxMs: 5000, maxBytes: 64 * 1_048_576 };
const nowMs = Date.UTC(2026, 1, 1);

/** @returns how many rows there are */
async function answer(query: string): Promise<number> {
  const compiled = await compile(query, noTables, { nowMs });
  let rows = 0;
  for await (const batch of compiled.run({ budget })) {
    for (const row of batch) {
      if (row.length !== compiled.columns.length)
        throw new Error(`${row.length} values, ${compiled.columns.length} columns`);
      if (row.includes(undefined as never)) throw new Error('a value is undefined');
    }
    rows += batch.length;
  }
  return rows;
}

async function fuzz(seed: number, queries: number): Promise<KqlFuzzReport> {
  const from = [...readable, ...unreadable];
  const { query, damaged } = createQueries(seed, { functions: [...functions.keys()], aggregates: [...aggregateNames] });
  const refused: Record<string, number> = {};
  const reasons = new Map<string, number>();
  const crashes: string[] = [];
  let [answered, rows, longestMs, longest] = [0, 0, 0, ''];
  const startedAt = performance.now();
  for (let made = 0; made < queries; made++) {
    const isWhole = made % 4 !== 3;
    const text = isWhole ? query() : damaged(from);
    const before = process.cpuUsage();
    try {
      rows += await answer(text);
      answered++;
    } catch (error) {
      if (error instanceof KqlError) {
        refused[error.problem.kind] = (refused[error.problem.kind] ?? 0) + 1;
        const reason = error.problem.message.slice(0, 60);
        if (isWhole && (reasons.has(reason) || reasons.size < 1000))
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      } else if (crashes.length < 10) crashes.push(`${(error as Error).stack ?? String(error)}\n${text}`);
    }
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1000 > longestMs) [longestMs, longest] = [(user + system) / 1000, text];
  }
  const frequent = [...reasons].sort((left, right) => right[1] - left[1]).slice(0, 10);
  return {
    queries,
    answered,
    rows,
    refused,
    crashes,
    reasons: frequent.map(([reason, times]) => `${times} × ${reason}`),
    longestMs,
    longest,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

if (import.meta.main) {
  const [seed, queries] = process.argv.slice(2).map(Number);
  process.stdout.write(JSON.stringify(await fuzz(seed!, queries!)));
}
