// Asks the record a question in KQL. What a query sees is the log at one moment; what it takes is bounded.
import { GenkanError } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import { displayWidth } from '../../base/display-width.ts';
import { compile } from '../../kql/compile.ts';
import type { Budget } from '../../kql/catalog.ts';
import { KqlError, lineAndColumn } from '../../kql/problem.ts';
import type { KqlProblem } from '../../kql/problem.ts';
import type { Column, Row } from '../../kql/values.ts';
import { openForReading } from '../log-file.ts';
import type { Subjects } from '../subjects.ts';
import { readCountries } from './countries.ts';
import type { Countries } from './countries.ts';
import type { SearchSettings } from './settings.ts';
import { recordCatalog } from './tables.ts';

export interface Question {
  readonly query: string;
  /** Only what happened in the last so many days, whatever the query says. */
  readonly days?: number | undefined;
  /** Whoever asks: one person may not have all the room that there is. */
  readonly asker?: string;
}

export interface Answer {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** What `render` asks for. */
  readonly chart?: string;
}

/** @throws GenkanError `record_query_invalid`, `record_query_too_much`, `record_unavailable` */
export type Search = (question: Question) => Promise<Answer>;

const dayMs = 86_400_000;

export function createSearch(
  settings: SearchSettings,
  {
    dataDirectory,
    subjects,
    clock,
  }: {
    readonly dataDirectory: string;
    readonly subjects?: Pick<Subjects, 'cached' | 'find'> | undefined;
    readonly clock: Clock;
  },
): Search {
  const budget: Budget = {
    maxRows: settings.maxRows,
    maxRowsRead: settings.maxRowsRead,
    maxMs: settings.maxSeconds * 1000,
    maxBytes: settings.maxMegabytes * 1_048_576,
  };
  let countries: Countries | undefined;

  async function ask({ query, days }: Question): Promise<Answer> {
    const nowMs = clock.now();
    countries ??= settings.countries === undefined ? undefined : readCountries(settings.countries);
    const database = openForReading(dataDirectory);
    try {
      database.exec('BEGIN');
      const sinceMs = days === undefined ? undefined : nowMs - days * dayMs;
      const catalog = recordCatalog({ database, subjects, countries, sinceMs });
      const signal = AbortSignal.timeout(budget.maxMs);
      const compiled = await compile(query, catalog, { nowMs, budget, signal });
      const rows: Row[] = [];
      for await (const batch of compiled.run({ budget, signal })) rows.push(...batch);
      const { columns, render } = compiled;
      return { columns, rows, ...(render && { chart: render.chart }) };
    } finally {
      database.close();
    }
  }

  return async (question) => {
    try {
      return await ask(question);
    } catch (error) {
      if (error instanceof KqlError) throw problemWith(question.query, error.problem);
      throw error;
    }
  };
}

const longestLine = 100;

/** The problem for people: what, and under the line of the query where. */
export function problemWith(query: string, { kind, message, from, to }: KqlProblem): GenkanError {
  const { line, column } = lineAndColumn(query, from);
  const text = (query.split('\n')[line - 1] ?? '').replace(/\t/g, ' ');
  const start = Math.max(0, column - 1 - longestLine / 2);
  const shown = text.slice(start, start + longestLine).toWellFormed();
  const before = displayWidth(text.slice(start, column - 1));
  const marked = Math.max(
    1,
    displayWidth(text.slice(column - 1, Math.min(column - 1 + to - from, start + longestLine))),
  );
  const excerpt = `  ${shown}\n  ${' '.repeat(before)}${'^'.repeat(marked)}`;
  return new GenkanError(kind === 'budget' ? 'record_query_too_much' : 'record_query_invalid', {
    line,
    column,
    reason: message,
    excerpt,
  });
}
