// The page on what the shield finds is about the model that ships.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readModel } from './model.ts';

test('the report in the docs was made with the thresholds that ship', () => {
  const page = readFileSync(new URL('../../../docs/reference/shield.md', import.meta.url), 'utf8');
  const { spotlight, block } = readModel().thresholds;
  assert.ok(page.includes(`from a score of ${spotlight}:`), 'npm run shield:report');
  assert.ok(page.includes(`from ${block}:`), 'npm run shield:report');
});

test('the model is small enough to be read by everybody: 512 KiB of weights at most', () => {
  assert.ok(readModel().slots.byteLength <= 512 * 1024);
});
