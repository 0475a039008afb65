// How answers of queries are drawn: tables, charts and CSV, whatever stands in them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dana, standInHouse } from '../../test/support/operations-house.ts';
import { GenkanError } from '../base/errors.ts';
import { displayWidth } from '../base/display-width.ts';
import type { Answer } from '../record/search/search.ts';
import { auditQueryOperations } from './audit-query.ts';
import { perform } from './perform.ts';

const [operation] = auditQueryOperations as [(typeof auditQueryOperations)[0]];
const at = Date.UTC(2026, 5, 15, 12);

async function printed(answer: Answer, as?: 'table' | 'chart' | 'csv' | 'json', width = 60): Promise<string> {
  const house = { ...standInHouse({ rights: ['genkan/audit/query'] }).house, search: () => Promise.resolve(answer) };
  const outcome = await perform(operation as never, { query: 'x', ...(as && { as }) }, dana, house);
  assert.equal(outcome.outcome, 'allow');
  return operation.print!(outcome.output as never, width);
}

const byUser: Answer = {
  columns: [
    { name: 'user', type: 'string' },
    { name: 'count_', type: 'long' },
  ],
  rows: [
    ['玄関', 40],
    ['=cmd|"calc"', 10],
    ['a\u001b[2Jb', 0],
  ],
};

test('a table keeps the names of columns as they are, aligned and inert', async () => {
  assert.equal(
    await printed(byUser),
    ['user         count_', '玄関         40', '=cmd|"calc"  10', 'a [2Jb       0'].join('\n'),
  );
  assert.equal(await printed({ ...byUser, rows: [] }), 'none');
});

test('moments and lengths of time are written as such, nulls are empty', async () => {
  const answer: Answer = {
    columns: [
      { name: 'at', type: 'datetime' },
      { name: 'took', type: 'timespan' },
      { name: 'more', type: 'dynamic' },
      { name: 'none', type: 'real' },
    ],
    rows: [[at, 90_000, { a: [1] }, null]],
  };
  assert.equal(await printed(answer, 'csv'), 'at,took,more,none\n2026-06-15T12:00:00.000Z,00:01:30,"{""a"":[1]}",');
  assert.deepEqual((JSON.parse(await printed(answer, 'json')) as { rows: unknown }).rows, [
    ['2026-06-15T12:00:00.000Z', '00:01:30', { a: [1] }, null],
  ]);
});

test('what a spreadsheet would carry out is a text in CSV', async () => {
  assert.match(await printed(byUser, 'csv'), /^"'=cmd\|""calc""",10$/m);
});

test('bars and lines stay within the terminal, also where characters are two columns wide', async () => {
  const bars = (await printed({ ...byUser, chart: 'piechart' }, undefined, 50)).split('\n');
  assert.ok(
    bars.every((line) => displayWidth(line) <= 50),
    bars.join('\n'),
  );
  assert.match(bars[0]!, /^玄関 +█+ +40 {2}80\.0%$/);
  const rows = Array.from(
    { length: 500 },
    (_, hour) => [at + hour * 3_600_000, hour % 2 === 0 ? '東京' : 'b', hour] as const,
  );
  const lines = (
    await printed(
      {
        columns: [
          { name: 'at', type: 'datetime' },
          { name: 'place', type: 'string' },
          { name: 'calls', type: 'long' },
        ],
        rows,
        chart: 'timechart',
      },
      undefined,
      70,
    )
  ).split('\n');
  assert.equal(lines.length, 3);
  assert.ok(
    lines.every((line) => displayWidth(line) <= 70),
    lines.join('\n'),
  );
  assert.match(lines[0]!, /^東京 {2}▁.*█ {2}0 … 498$/);
  assert.match(await printed({ ...byUser, chart: 'scatterchart' }), /^user/, 'what cannot be drawn is a table');
});

test('a query and how much it found are on record, also when it cannot be run', async () => {
  const { house, entries } = standInHouse({ rights: ['genkan/audit/query'] });
  const query = 'MCPAuditLog | take 1';
  await perform(operation as never, { query }, dana, { ...house, search: () => Promise.resolve(byUser) });
  const search = () =>
    Promise.reject(new GenkanError('record_query_invalid', { line: 1, column: 1, reason: 'no', excerpt: '' }));
  const refused = await perform(operation as never, { query }, dana, { ...house, search });
  assert.equal(refused.outcome === 'allow' ? '' : refused.code, 'record_query_invalid');
  assert.deepEqual(
    entries.map(({ result, details }) => [
      result,
      (details['input'] as { query: string }).query,
      details['rows'] ?? details['code'],
    ]),
    [
      ['allowed', query, 3],
      ['denied', query, 'record_query_invalid'],
    ],
  );
});
