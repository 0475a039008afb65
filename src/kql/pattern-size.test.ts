// How large regular expressions become, beside what the engine makes of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RE2JS } from 're2js';
import { sizeWrittenOut } from './pattern-size.ts';
import { compiledPattern } from './pattern.ts';
import { KqlError } from './problem.ts';

test('foresees how large an expression becomes', () => {
  const sources = [
    'a{1000}'.repeat(9),
    '(abc|d{3}){100}',
    '[a{5}]{10}',
    '[^]]{7}[[:alpha:]]{9}',
    String.raw`\x{3000}{2}\pL{300}\p{Greek}{40}`,
    String.raw`\{1000}[\]{9}]{4}`,
    '(a{10}){10}',
    '(?:(x{2,5})?y){30,}',
    'alpha|beta|gamma',
  ];
  for (const source of sources) {
    const size = RE2JS.compile(source).programSize();
    const foreseen = sizeWrittenOut(source);
    assert.ok(
      foreseen <= size + 2 && foreseen >= size * 0.7 - 4,
      `${source.slice(0, 40)}: ${foreseen}, and is ${size}`,
    );
  }
});

test('refuses what would take too long to compile, without compiling it', () => {
  const place = { from: 0, to: 1 };
  for (const source of ['a{1000}'.repeat(1000), `(${'a'.repeat(4000)}){500}`, '((a{10}){10}b{99}){10}'.repeat(20)]) {
    const before = process.memoryUsage().heapUsed;
    assert.throws(
      () => compiledPattern(source, place),
      (error) => error instanceof KqlError && error.message.includes('too large'),
    );
    assert.ok(process.memoryUsage().heapUsed - before < 32 * 1_048_576);
  }
});

test('takes the long lists of words of detection rules', () => {
  const words = Array.from({ length: 600 }, (_, index) => `Invoke-${index}`).join('|');
  assert.ok(words.length > 4096);
  assert.equal(compiledPattern(words, { from: 0, to: 1 }).test('powershell Invoke-599'), true);
});

test('has no trouble with what is no expression', () => {
  for (const source of ['', '((((', 'a{', '\\', '[', '[^', '\\x{', ')))', '{5}', 'a{5}{6}', '\\p'])
    assert.ok(sizeWrittenOut(source) < 100, source);
});
