// One long call, one large value: a query ends when its time is over, whatever it is at, and says so as itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Budget, Catalog, TableSource } from './catalog.ts';
import { compile, defaultBudget } from './compile.ts';
import { KqlError } from './problem.ts';
import type { Row } from './values.ts';

const columns = [{ name: 'x', type: 'long' }] as const;
const catalogOf = (open: TableSource['open']): Catalog => ({
  names: ['T'],
  table: (name) => (name === 'T' ? { name, columns, open } : undefined),
});
const failing = (error: unknown): Catalog =>
  catalogOf(async function* () {
    await Promise.reject(error as Error);
  });
const nothing = catalogOf(async function* () {});

async function ask(
  query: string,
  {
    budget = {},
    catalog = nothing,
    signal,
  }: { budget?: Partial<Budget>; catalog?: Catalog; signal?: AbortSignal } = {},
): Promise<Row[]> {
  const whole = { ...defaultBudget, ...budget };
  const compiled = await compile(query, catalog, { nowMs: 0, budget: whole, ...(signal && { signal }) });
  const answer: Row[] = [];
  for await (const batch of compiled.run({ budget: whole, ...(signal && { signal }) })) answer.push(...batch);
  return answer;
}

const over = (what: RegExp) => (error: unknown) =>
  error instanceof KqlError && error.problem.kind === 'budget' && what.test(error.message);

const long = [
  ['constants', 'print a = series_fir(range(1, 1000000, 1), range(1, 50, 1))'],
  ['a sort', 'print a = array_sort_asc(range(1, 1000000, 1))'],
  ['sets', 'print a = set_difference(range(1, 1000000, 1), range(1, 1000000, 2))'],
  [
    'many calls in one batch',
    'range x from 1 to 100 step 1 | extend n = array_length(array_sort_asc(range(x, 1000000, 1)))',
  ],
  ['a list of ranges', "print a = ipv4_is_in_any_range('10.0.0.1', range(1, 1000000, 1))"],
  ['a list of words', "print a = has_any_index(strrep(strrep('x ', 1024), 512), range(1, 100000, 1))"],
  ['occurrences', "print a = indexof(strrep(strrep('a', 1024), 1024), 'a', 0, 1000000, 900000)"],
  ['characters', "print a = strrep(strrep('ab', 1024), 1024) | project translate('a', 'c', a)"],
  ['lists put together', 'print a = range(1, 400000, 1), b = range(1, 400000, 1) | project array_concat(a, b)'],
  [
    'texts to be replaced',
    "print t = strrep(strrep('ab', 1024), 512), w = strcat_array(range(1, 100000, 1), '|') | project replace_strings(t, split(w, '|'), split(w, '|'))",
  ],
  ['many elements of one row', 'range x from 1 to 50 step 1 | mv-apply y = range(x, 1000000, 1) on (count)'],
] as const;

for (const [what, query] of long) {
  test(`time is looked at inside of one long call: ${what}`, async (t) => {
    // What the thread itself has worked, whatever else the machine has to do.
    const before = process.threadCpuUsage();
    await assert.rejects(ask(query, { budget: { maxMs: 20 } }), over(/ran for more than 20 ms/));
    const { user, system } = process.threadCpuUsage(before);
    const workedMs = Math.round((user + system) / 1000);
    t.diagnostic(`${workedMs} ms`);
    assert.ok(workedMs < 500, `${workedMs} ms`);
  });
}

test('a signal of time that comes first says the same, any other says what it says', async () => {
  const query = 'range x from 1 to 100000000 step 1 | where x < 0';
  const budget = { maxRowsRead: 1e12, maxMs: 60_000 };
  await assert.rejects(ask(query, { budget, signal: AbortSignal.timeout(20) }), over(/ran for longer than it may/));
  await assert.rejects(ask('print 1', { signal: AbortSignal.abort(new Error('gone')) }), /gone/);
});

test('texts are weighed before they are joined', async () => {
  const tail = `strcat_array(repeat('b', 1000), '')`;
  for (const query of [
    `print strcat_array(range(1, 1000000, 1), ${tail})`,
    `print a = strcat_array(range(1, 500000, 1), ',') | extend b = strcat(${Array(200).fill('a').join(', ')})`,
    `print a = strcat_array(range(1, 500000, 1), ',') | extend b = strcat_delim(a, ${Array(200).fill('1').join(', ')})`,
  ])
    await assert.rejects(ask(query), over(/more than 8 MB/), query.slice(0, 60));
});

test('what the machine refuses to build is refused as too much', async () => {
  await assert.rejects(ask('T', { catalog: failing(new RangeError('Invalid string length')) }), over(/too large/));
  await assert.rejects(ask('T', { catalog: failing(new TypeError('ours')) }), TypeError);
});

test('elements of sets are equal where their values are, whatever is written in them', async () => {
  const [row] = await ask(
    `print a = set_union(dynamic(["a", 1, "1", [1], "[1:1", null, "null", true]), dynamic(["a", 1, [1], null, {"b": 1, "c": 2}, {"c": 2, "b": 1}])),
      b = set_equals(dynamic([1, [2]]), dynamic([[2], 1, 1])), c = set_equals(dynamic([1]), dynamic(["1"]))`,
  );
  assert.deepEqual(JSON.parse(JSON.stringify(row)), [
    ['a', 1, '1', [1], '[1:1', null, 'null', true, { b: 1, c: 2 }],
    true,
    false,
  ]);
});
