// A standing query gives what the same query gives over a table of the same rows, whatever it dropped on the way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Catalog } from './catalog.ts';
import { compile, defaultBudget } from './compile.ts';
import { createMemoryTable } from './memory-table.ts';
import { KqlError } from './problem.ts';
import { createStanding, type Standing, type StandingSettings } from './standing.ts';
import type { Column, Row, Value } from './values.ts';

const startMs = Date.UTC(2026, 0, 2);
const minuteMs = 60_000;
const columns: readonly Column[] = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'User', type: 'string' },
  { name: 'Tool', type: 'string' },
  { name: 'Bytes', type: 'long' },
  { name: 'Info', type: 'dynamic' },
];
const others = createMemoryTable('Bad', [{ name: 'User', type: 'string' }], () => [['u1'], ['u9']]);
const empty = createMemoryTable('T', columns, () => []);
const catalog: Catalog = {
  names: ['T', 'Bad'],
  table: (name) => (name === 'T' ? empty : name === 'Bad' ? others : undefined),
};
const settings: StandingSettings = {
  table: 'T',
  lookbackMs: 60 * minuteMs,
  maxRows: 10_000,
  maxBytes: 10_000_000,
  nowMs: startMs,
};

async function overTable(query: string, rows: readonly Row[], nowMs: number): Promise<Row[]> {
  const table = createMemoryTable('T', columns, () => rows);
  const compiled = await compile(
    query,
    { ...catalog, table: (name) => (name === 'T' ? table : catalog.table(name)) },
    { nowMs },
  );
  const answer: Row[] = [];
  for await (const batch of compiled.run({ budget: defaultBudget })) answer.push(...batch);
  return answer;
}

const evaluate = (standing: Standing, nowMs: number) => standing.evaluate({ nowMs, budget: defaultBudget });

const conditions = [
  "User == 'u1'", "User != 'u2' and Bytes > 20", "Tool has 'read'", 'TimeGenerated > ago(20m)', 'TimeGenerated < ago(20m)',
  "Info.kind == 'x'", 'User in (Bad)', 'Bytes > toscalar(T | summarize avg(Bytes))', 'isnotempty(User)', 'Bytes between (10 .. 60)',
  'User in ((T | where Bytes > 80 | project User))', 'hourofday(now()) >= 0', "Tool == tool", 'TimeGenerated between (since .. now())',
]; // prettier-ignore
const steps = [
  ...conditions.map((condition) => `where ${condition}`),
  'extend Bytes = Bytes * 2',
  "extend Who = strcat(User, '!') | where Who != 'u3!'",
  'extend Age = now() - TimeGenerated | where Age > 10m',
  "parse Tool with Verb '-' Noun | where Verb == 'read'",
  'mv-expand Part = Info.list to typeof(long) | where Part > 1',
  'project-rename Person = User | project-rename User = Person',
  'take 1000',
];
const ends = [
  'count',
  'summarize n = count(), s = sum(Bytes) by User | sort by User asc',
  'summarize dcount(User) by bin(TimeGenerated, 5m) | sort by TimeGenerated asc',
  'summarize arg_max(Bytes, Tool) by User | sort by User asc',
  'sort by TimeGenerated asc, Bytes asc, User asc, Tool asc | extend p = prev(Bytes) | project User, Bytes, p',
  'distinct User | sort by User asc',
  'join kind=inner (T | where Bytes > 50 | summarize m = max(Bytes) by User) on User | count',
  'join kind=leftanti Bad on User | count',
  'union (T | where Bytes < 30) | summarize sum(Bytes)',
  'top 3 by Bytes | summarize sum(Bytes)',
  'as X | where Bytes > 10 | join kind=leftsemi (X | where Bytes < 50) on User | count',
];
const lets = "let since = ago(30m); let tool = 'read-file'; let M = materialize(T | where Bytes > 5);\n";

const query = fc
  .record({
    source: fc.constantFrom('T', 'T', '(T | where Bytes < 90)', 'M'),
    steps: fc.array(fc.constantFrom(...steps), { maxLength: 4 }),
    end: fc.constantFrom(...ends),
  })
  .map(({ source, steps: chosen, end }) => `${lets}${[source, ...chosen, end].join(' | ')}`);

const anyRow = fc
  .tuple(
    fc.integer({ min: 0, max: 120 }),
    fc.constantFrom('u1', 'u2', 'u3', ''),
    fc.constantFrom('read-file', 'write-file', 'read', ''),
    fc.integer({ min: 0, max: 100 }),
    fc.constantFrom<Value>({ kind: 'x', list: [1, 2] }, { kind: 'y', list: [] }, null),
  )
  .map(([minute, user, tool, bytes, info]): Row => [startMs + minute * minuteMs, user, tool, bytes, info]);

test('rows pushed one by one give what a table of them gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      query,
      fc.array(anyRow, { maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 3 }),
      async (text, rows, pauses) => {
        let standing: Standing;
        try {
          standing = await createStanding(text, catalog, settings);
        } catch (error) {
          // Some steps take a column away that the next one wants.
          assert.ok(error instanceof KqlError, String(error));
          return;
        }
        const sorted = rows.toSorted((a, b) => (a[0] as number) - (b[0] as number));
        let at = 0;
        let nowMs = startMs;
        for (const pause of [...pauses, 120]) {
          nowMs += pause * minuteMs;
          while (at < sorted.length && (sorted[at]![0] as number) <= nowMs) standing.push(sorted[at++]!);
          const window = sorted.slice(0, at).filter((row) => (row[0] as number) >= nowMs - settings.lookbackMs);
          const answer = await evaluate(standing, nowMs);
          assert.deepEqual(answer.rows, await overTable(text, window, nowMs), text);
          assert.ok(answer.complete);
        }
      },
    ),
    { numRuns: 120 },
  );
});

const row = (minute: number, user: string, bytes = 1): Row => [startMs + minute * minuteMs, user, 'read', bytes, null];

test('a row that no evaluation would look at is not kept, and columns that nobody looks at are not kept either', async () => {
  const standing = await createStanding(
    "T | where User == 'u1' and TimeGenerated > ago(5m) | summarize sum(Bytes)",
    catalog,
    settings,
  );
  assert.equal(standing.push(row(1, 'u2')), false);
  assert.equal(standing.push([startMs, 'u1', 'x'.repeat(100_000), 5, null]), true);
  assert.equal(standing.kept.rows, 1);
  assert.ok(standing.kept.bytes < 1000);
  assert.deepEqual((await evaluate(standing, startMs)).rows, [[5]]);
});

test('conditions on columns that are made are looked at when a row comes', async () => {
  const standing = await createStanding(
    "T | extend Who = tolower(User) | project Who, Bytes | where Who == 'u1' | count",
    catalog,
    settings,
  );
  assert.equal(standing.push(row(1, 'U1')), true);
  assert.equal(standing.push(row(1, 'U2')), false);
});

test('conditions that hang on the clock or on other queries wait', async () => {
  const standing = await createStanding(
    'let old = ago(10m); T | where TimeGenerated < old | where User in ((T | where Bytes > 5 | project User)) | count',
    catalog,
    settings,
  );
  assert.equal(standing.push(row(0, 'u1', 1)), true);
  assert.deepEqual((await evaluate(standing, startMs)).rows, [[0]]);
  standing.push(row(11, 'u1', 9));
  assert.deepEqual((await evaluate(standing, startMs + 11 * minuteMs)).rows, [[1]]);
});

test('rows leave the window', async () => {
  const standing = await createStanding('T | count', catalog, { ...settings, lookbackMs: 10 * minuteMs });
  for (let minute = 0; minute < 30; minute++) standing.push(row(minute, 'u'));
  assert.deepEqual((await evaluate(standing, startMs + 29 * minuteMs)).rows, [[11]]);
  assert.equal(standing.kept.rows, 11);
});

test('beyond its room the oldest rows go, and the answer says so until they would have gone anyway', async () => {
  const standing = await createStanding('T | count', catalog, { ...settings, maxRows: 5 });
  for (let minute = 0; minute < 8; minute++) standing.push(row(minute, 'u'));
  const first = await evaluate(standing, startMs + 8 * minuteMs);
  assert.deepEqual([first.rows, first.complete], [[[5]], false]);
  const later = await evaluate(standing, startMs + 63 * minuteMs);
  assert.deepEqual([later.rows, later.complete], [[[5]], true]);
});

test('bytes are room, too', async () => {
  const standing = await createStanding('T | project User | distinct User', catalog, { ...settings, maxBytes: 10_000 });
  for (let index = 0; index < 100; index++) standing.push(row(1, `${index}`.padEnd(1000, 'x')));
  assert.ok(standing.kept.bytes <= 10_000);
  assert.equal((await evaluate(standing, startMs + minuteMs)).complete, false);
});

test('a query that does not read the table does not stand on it', async () => {
  await assert.rejects(createStanding('Bad | count', catalog, settings), /does not read T/);
  await assert.rejects(createStanding('print x = 1', catalog, settings), /does not read T/);
  await assert.rejects(createStanding('T | count', catalog, { ...settings, table: 'U' }), /There is no table U/);
});
