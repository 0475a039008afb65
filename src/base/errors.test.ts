// The error table, its texts and their use agree.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { describe, errorTable, GenkanError, isRefusal, refuse } from './errors.ts';
import type { ErrorCode } from './errors.ts';
import { errorTexts } from './error-texts.ts';
import { languages } from './text.ts';

const codes = Object.keys(errorTable) as ErrorCode[];
const source = path.join(import.meta.dirname, '..');
const product = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith(`base${path.sep}error`))
  .map((file) => readFileSync(path.join(source, file), 'utf8'))
  .join('\n');
const placeholders = (text: string): string[] => [...new Set(text.match(/\{[a-zA-Z]+\}/g))].sort();

test('every error is told in four languages, with the same facts in each', () => {
  for (const code of codes) {
    for (const part of ['message', 'hint'] as const) {
      const text = errorTexts[code][part];
      for (const language of languages) {
        assert.ok(text[language].length > 0, `${code} has no ${part} in ${language}`);
        assert.deepEqual(placeholders(text[language]), placeholders(text.en), `${code}, ${part}, ${language}`);
      }
    }
  }
});

test('every error of the table is used, and named area_reason', () => {
  assert.deepEqual(
    codes.filter((code) => !product.includes(`'${code}'`)),
    [],
  );
  assert.deepEqual(
    codes.filter((code) => !/^[a-z]+_[a-z_]+$/.test(code)),
    [],
  );
});

test('HTTP statuses and JSON-RPC codes are ones that clients know', () => {
  for (const code of codes) {
    const { http, rpc } = errorTable[code];
    assert.ok(http >= 400 && http <= 599, code);
    const standard = [-32700, -32600, -32601, -32602, -32603, -32020, -32021, -32022].includes(rpc);
    assert.ok(standard || rpc > -32000, `${code}: MCP 2026-07-28 closes -32000…-32099 to new codes`);
  }
});

test('a fault becomes a refusal with its code and facts, and shows nothing else', () => {
  const refusal = new GenkanError(
    'upstream_unavailable',
    { server: 'azure' },
    { detail: 'spawn ENOENT /secret/path' },
  ).toRefusal();
  assert.ok(isRefusal(refusal));
  const { message, hint } = describe(refusal, 'ja');
  assert.equal(message, 'サーバー「azure」は利用できません。');
  assert.doesNotMatch(message + hint, /secret/);
  assert.ok(!isRefusal({ outcome: 'allow' }) && !isRefusal(undefined) && isRefusal(refuse('gateway_fault')));
});
