// Tests that the table of requirements in the README names tests that there are, for every revision.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { revisions } from '../../src/protocol/revisions.ts';

const root = path.join(import.meta.dirname, '..', '..');
const readme = readFileSync(path.join(import.meta.dirname, 'README.md'), 'utf8');
const section = readme.split(/^## /m).find((each) => each.startsWith('Requirements')) ?? '';
const [header = [], , ...rows] = section
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

/** `name` stands for the one test file of that name, wherever it lies. */
const named = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
const files = globSync(['src/**/*.test.ts', 'test/**/*.{test,proof}.ts'], {
  cwd: root,
  exclude: ['**/node_modules/**'],
});

test('the table of requirements has a column for each revision and both directions of translation', () => {
  assert.deepEqual(header, ['Requirement', ...revisions, 'old client, new server', 'new client, old server']);
  assert.ok(rows.length > 20);
  for (const row of rows) assert.equal(row.length, header.length, row[0]);
});

test('every cell names tests, or says why there are none', () => {
  for (const [requirement = '', ...cells] of rows)
    for (const [index, cell] of cells.entries())
      for (const part of cell.split(', '))
        assert.match(part, /^(—|·|suite|client suite|`[a-z0-9-]+`)$/, `${requirement}, ${header[index + 1]}: ${cell}`);
});

test('every test that is named exists, once', () => {
  for (const name of new Set(rows.flatMap(([, ...cells]) => cells.flatMap(named)))) {
    const found = files.filter((file) => path.basename(file).replace(/\.(test|proof)\.ts$/, '') === name);
    assert.equal(found.length, 1, `${name}: ${found.join(', ') || 'no such test'}`);
  }
});
