// The attacker calls thousands of tools that do not exist, so that the figures of the day have no row left for those that do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openForWriting, transactions } from '../../src/record/log-file.ts';
import { openRollup, others } from '../../src/record/rollup.ts';
import type { Measured } from '../../src/record/rollup.ts';
import { metricsTable } from '../../src/record/search/metrics-table.ts';
import { dataDirectory } from '../support/audit-directory.ts';

const dayMs = 86_400_000;
const today = Date.UTC(2026, 5, 15);
const call = (tool: string, result: string, timestamp = today): Measured => ({
  timestamp,
  server: 'files',
  tool,
  action: 'tools/call',
  result,
});
/** Far more than there is room for, also by methods and servers that do not exist. */
const madeUp = Array.from({ length: 12_000 }, (_, at) => ({
  ...call(`made-up-${at}`, ['denied', 'blocked', 'challenged'][at % 3]!),
  ...(at % 5 === 0 && { action: `made/up-${at}`, tool: at % 10 === 0 ? '' : others }),
  ...(at % 7 === 0 && { server: `made-up-${at}` }),
}));

/** What MCPMetrics shows of a day on which people work after the attacker has come. @param refused what counts as made up */
async function figuresOf(t: TestContext, refused?: ReadonlySet<string>): Promise<Map<string, number>> {
  const directory = dataDirectory(t);
  const database = openForWriting(directory);
  t.after(() => database.close());
  const inTransaction = transactions(database, 'IMMEDIATE');
  let written = 0;
  const rollup = openRollup(database, () => written, refused);
  const record = (group: readonly Measured[]): void => {
    rollup.add(written, group);
    written += group.length;
    while (inTransaction(() => rollup.write()));
  };
  record([call('seldom', 'allowed', today - 3 * dayMs)]);
  record(madeUp.slice(0, 9000));
  record([...madeUp.slice(9000), call('delete', 'denied'), call('read', 'allowed'), call('delete', 'allowed')]);
  record([call('read', 'allowed'), call('read', 'blocked'), call('seldom', 'denied'), call('write', 'failed')]);
  const figures = new Map<string, number>();
  const where = [] as const;
  for await (const rows of metricsTable(database, today).open({ where, signal: new AbortController().signal } as never))
    for (const [, , tool, , result, , count] of rows)
      figures.set(
        `${String(tool)} ${String(result)}`,
        (figures.get(`${String(tool)} ${String(result)}`) ?? 0) + Number(count),
      );
  return figures;
}

const real = {
  'read allowed': 2,
  'read blocked': 1,
  'delete allowed': 1,
  'delete denied': 1,
  'seldom denied': 1,
  'write failed': 1,
};
const ofReal = (figures: Map<string, number>): Record<string, number | undefined> =>
  Object.fromEntries(Object.keys(real).map((name) => [name, figures.get(name)]));

test('tools that are there keep their figures, their refusals too, however many names are made up', async (t) => {
  const figures = await figuresOf(t);
  assert.deepEqual(ofReal(figures), real);
  const total = [...figures.values()].reduce((sum, count) => sum + count, 0);
  assert.equal(total, madeUp.length + 7, 'none goes uncounted');
  assert.ok(figures.size < 1100, String(figures.size));
  assert.ok(figures.get(`${others} denied`)! > 2000);
});

test('CONTROL: with one room for all, none of them has a row of its own', async (t) => {
  const figures = await figuresOf(t, new Set());
  assert.deepEqual(
    Object.values(ofReal(figures)).filter((count) => count !== undefined),
    [],
  );
});
