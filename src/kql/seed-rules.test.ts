// The two behavioural rules that come with the house: each gives the planted rows, and none that comes near.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Catalog } from './catalog.ts';
import { compile, defaultBudget } from './compile.ts';
import { createMemoryTable } from './memory-table.ts';
import { createStanding } from './standing.ts';
import type { Column, Row } from './values.ts';

const startMs = Date.UTC(2026, 0, 2, 10);
const nowMs = startMs + 3_600_000;

const activityColumns: readonly Column[] = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'ActivityStatus', type: 'string' },
  { name: 'OperationName', type: 'string' },
  { name: 'CallerIpAddress', type: 'string' },
];
const creation =
  "AzureActivity | where ActivityStatus == 'Succeeded' and OperationName contains 'Create' | summarize count() by CallerIpAddress, bin(TimeGenerated, 5m) | where count_ > 50";

const times = (count: number, of: (index: number) => Row): Row[] =>
  Array.from({ length: count }, (_, index) => of(index));
const activity = (
  ip: string,
  count: number,
  offsetMs: number,
  status = 'Succeeded',
  operation = 'Create or Update Virtual Machine',
): Row[] => times(count, (index) => [startMs + offsetMs + index * 1000, status, operation, ip]);

const activities: readonly Row[] = [
  // Planted: 51 in one stretch of five minutes, once in other letters.
  ...activity('203.0.113.1', 51, 0),
  ...activity('203.0.113.2', 60, 300_000, 'Succeeded', 'recreate disk'),
  // Near: exactly 50; 60 over two stretches; failed; other letters of the status; other operations; five times twelve callers.
  ...activity('198.51.100.1', 50, 0),
  ...activity('198.51.100.2', 60, 270_000),
  ...activity('198.51.100.3', 60, 0, 'Failed'),
  ...activity('198.51.100.4', 60, 0, 'succeeded'),
  ...activity('198.51.100.5', 60, 0, 'Succeeded', 'Delete Virtual Machine'),
  ...[1, 2, 3, 4, 5].flatMap((host) => activity(`192.0.2.${host}`, 12, 0)),
];

const signInColumns: readonly Column[] = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'UserPrincipalName', type: 'string' },
  { name: 'LocationDetails', type: 'dynamic' },
];
const countries =
  'SigninLogs | summarize Countries = dcount(LocationDetails.countryOrRegion) by UserPrincipalName | where Countries > 2';
const signIn = (user: string, ...places: readonly (string | undefined)[]): Row[] =>
  places.map((place, index) => [
    startMs + index,
    user,
    place === undefined ? null : { countryOrRegion: place, city: `c${index}` },
  ]);

const signIns: readonly Row[] = [
  // Planted: three countries, and four.
  ...signIn('traveller@example.com', 'JP', 'DE', 'US'),
  ...signIn('everywhere@example.com', 'JP', 'DE', 'US', 'BR', 'BR'),
  // Near: two countries many times; one in several cities; two and a place unknown.
  ...signIn('commuter@example.com', 'JP', 'KR', 'JP', 'KR', 'JP'),
  ...signIn('resident@example.com', 'JP', 'JP', 'JP'),
  ...signIn('partly@example.com', 'JP', 'KR', undefined),
];

async function answers(
  query: string,
  name: string,
  columns: readonly Column[],
  rows: readonly Row[],
): Promise<Row[][]> {
  const table = createMemoryTable(name, columns, () => rows);
  const catalog: Catalog = { names: [name], table: (asked) => (asked === name ? table : undefined) };
  const compiled = await compile(query, catalog, { nowMs });
  const asked: Row[] = [];
  for await (const batch of compiled.run({ budget: defaultBudget })) asked.push(...batch);
  const settings = { table: name, lookbackMs: 24 * 3_600_000, maxRows: 10_000, maxBytes: 10_000_000, nowMs };
  const standing = await createStanding(query, catalog, settings);
  for (const row of rows) standing.push(row);
  const stood = await standing.evaluate({ nowMs, budget: defaultBudget });
  return [asked, [...stood.rows]];
}

test('an unusual number of created resources: callers with more than 50 in five minutes', async () => {
  const expected = [
    ['203.0.113.1', startMs, 51],
    ['203.0.113.2', startMs + 300_000, 60],
  ];
  for (const rows of await answers(creation, 'AzureActivity', activityColumns, activities))
    assert.deepEqual(rows, expected);
});

test('access from all over the world: people who signed in from more than two countries', async () => {
  const expected = [
    ['traveller@example.com', 3],
    ['everywhere@example.com', 4],
  ];
  for (const rows of await answers(countries, 'SigninLogs', signInColumns, signIns)) assert.deepEqual(rows, expected);
});
