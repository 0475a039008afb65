// What conditions say about time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScanRequest } from './catalog.ts';
import { compile, defaultBudget } from './compile.ts';
import { createMemoryTable } from './memory-table.ts';
import { timeRange } from './time-range.ts';

const nowMs = Date.UTC(2026, 0, 2);
const dayMs = 86_400_000;

async function rangeOf(condition: string): Promise<readonly [number, number]> {
  let request: ScanRequest | undefined;
  const inner = createMemoryTable(
    'T',
    [
      { name: 'Id', type: 'long' },
      { name: 'Time', type: 'datetime' },
    ],
    () => [],
  );
  const table = { ...inner, open: (asked: ScanRequest) => ((request = asked), inner.open(asked)) };
  const compiled = await compile(`T | where ${condition}`, { names: ['T'], table: () => table }, { nowMs });
  for await (const rows of compiled.run({ budget: defaultBudget })) void rows;
  const { fromMs, toMs } = timeRange(request!.where, 1);
  return [(fromMs - nowMs) / dayMs, (toMs - nowMs) / dayMs];
}

for (const [condition, expected] of [
  ['Time > ago(1d)', [-1, Infinity]],
  ['Time >= ago(7d) and Time < ago(1d) and Id == 5', [-7, -1]],
  ['ago(1d) <= Time', [-1, Infinity]],
  ['Time between (ago(2d) .. now())', [-2, 0]],
  ['Time between (ago(2d) .. 1d)', [-2, -1]],
  ['Time == now()', [0, 0]],
  ['bin(Time, 1d) >= ago(3d)', [-3, Infinity]],
  ['startofday(Time) < ago(3d)', [-Infinity, Infinity]],
  ['Time > ago(1d) or Id == 1', [-Infinity, Infinity]],
  ['Time !between (ago(2d) .. now())', [-Infinity, Infinity]],
  ['not(Time > ago(1d))', [-Infinity, Infinity]],
  ['Id > 5', [-Infinity, Infinity]],
  ['Time + 1d > ago(1d)', [-Infinity, Infinity]],
] as const) {
  test(`${condition} leaves ${expected.join(' to ')} days`, async () =>
    assert.deepEqual(await rangeOf(condition), expected));
}
