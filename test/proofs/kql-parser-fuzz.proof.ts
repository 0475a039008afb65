// Twenty thousand made and damaged queries: each becomes a tree or a problem with its place, and none takes long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQueries } from '../support/kql-grammar.ts';
import { readable, unreadable } from '../support/kql-queries.ts';
import { parse } from '../../src/kql/parser.ts';
import { KqlError } from '../../src/kql/problem.ts';

const queries = 20_000;
const seed = 20_261_121;

/** Milliseconds of this process alone: another one on the same core is no fault of the parser. */
function parseTimed(query: string): { readonly problem: KqlError | undefined; readonly cpuMs: number } {
  const before = process.cpuUsage();
  let problem: KqlError | undefined;
  try {
    parse(query);
  } catch (error) {
    assert.ok(error instanceof KqlError, `${JSON.stringify(query)}: ${String(error)}`);
    problem = error;
  }
  const { user, system } = process.cpuUsage(before);
  return { problem, cpuMs: (user + system) / 1000 };
}

test('every query becomes a tree or a problem with its place', () => {
  const from = [...readable, ...unreadable];
  const { query, damaged } = createQueries(seed);
  let read = 0;
  for (let made = 0; made < queries; made++) {
    const isWhole = made % 4 === 0;
    const text = isWhole ? query() : damaged(from);
    const { problem, cpuMs } = parseTimed(text);
    if (problem === undefined) read++;
    else {
      assert.ok(!isWhole, `${JSON.stringify(text)}: ${problem.message}`);
      const { from: begin, to, message } = problem.problem;
      assert.ok(0 <= begin && begin <= to && to <= text.length, `${begin} to ${to} of ${JSON.stringify(text)}`);
      assert.ok(message.length > 10 && message.length < 400, message);
    }
    // Once more where the collector may have come in between.
    const leastMs = cpuMs < 50 ? cpuMs : parseTimed(text).cpuMs;
    assert.ok(leastMs < 50, `${leastMs} ms for ${JSON.stringify(text)}`);
  }
  assert.ok(read > queries / 4);
});
