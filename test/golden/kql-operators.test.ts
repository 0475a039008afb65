// What operators of KQL give, as files: a name, a query, a line of dashes, the table that comes out.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { compile, defaultBudget } from '../../src/kql/compile.ts';
import { KqlError } from '../../src/kql/problem.ts';
import type { KqlType, Value } from '../../src/kql/values.ts';
import { writeValue } from '../../src/kql/write-value.ts';

const folder = path.join(import.meta.dirname, 'kql-operators');
const catalog = { table: () => undefined, names: [] };
const nowMs = Date.UTC(2026, 0, 1);

const cell = (value: Value, type: KqlType): string =>
  value === null ? 'null' : value === '' ? "''" : writeValue(value, type).replaceAll('\n', '\\n');

async function answer(query: string): Promise<string> {
  try {
    const { columns, run } = await compile(query, catalog, { nowMs, random: () => 0.5 });
    const lines = [columns.map(({ name, type }) => `${name}: ${type}`).join(' | ')];
    for await (const rows of run({ budget: defaultBudget })) {
      for (const row of rows) lines.push(columns.map(({ type }, place) => cell(row[place]!, type)).join(' | '));
    }
    return lines.join('\n');
  } catch (error) {
    if (!(error instanceof KqlError)) throw error;
    const { kind, from, to, message } = error.problem;
    return `! ${kind} at ${JSON.stringify(query.slice(from, to))}: ${message}`;
  }
}

for (const file of readdirSync(folder).sort()) {
  describe(path.basename(file, '.txt'), () => {
    for (const written of readFileSync(path.join(folder, file), 'utf8').split(/^# /m).slice(1)) {
      const [given = '', expected = ''] = written.split(/^---$/m);
      const [name = '', ...query] = given.trim().split('\n');
      test(name, async () => assert.equal(await answer(query.join('\n')), expected.trim()));
    }
  });
}
