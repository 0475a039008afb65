// What is recorded has a name in one table: the code and the reference are held against it.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { operations } from '../src/operations/registry.ts';
import { recordedActions } from '../src/record/actions.ts';

const root = path.join(import.meta.dirname, '..');
const sources = globSync('src/**/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.test.ts') && !file.endsWith('record/actions.ts'))
  .map((file) => readFileSync(path.join(root, file), 'utf8'));

// Where code says what it records: `action: '…'`, and the short forms that rooms have for it.
const named =
  /(?:\baction: ?|\baction = |\btell\(|\btold\(|\bnoteFor\(guest, |\brefused\(context, )['`]([a-z-]+(?:[./][A-Za-z-]+)+)['`]/g;
/** Recorded under names of their own. */
const others = new Set(['tools/call', 'tools/list', ...operations.map(({ id }) => id)]);

test('every action that the code records stands in the table', () => {
  const found = new Set(sources.flatMap((source) => [...source.matchAll(named)].map(([, action]) => action!)));
  assert.ok(found.size > 20, 'the search finds what it looks for');
  assert.deepEqual(
    [...found].filter(
      (action) => !Object.hasOwn(recordedActions, action) && !others.has(action) && !action.startsWith('genkan/'), // rights
    ),
    [],
  );
});

test('every action of the table is recorded somewhere, in full or put together from its parts', () => {
  const all = sources.join('\n');
  const parts = (action: string): string[] => {
    const [noun, ...rest] = action.split(/[./]/);
    return rest.length === 0 ? [`'${noun}'`] : rest;
  };
  const missing = Object.keys(recordedActions).filter(
    (action) => !all.includes(`'${action}'`) && !parts(action).every((part) => all.includes(part)),
  );
  assert.deepEqual(missing, []);
});

test('the reference names each of them, with what it tells', () => {
  const reference = readFileSync(path.join(root, 'docs/reference/audit.md'), 'utf8');
  const rows = [...reference.matchAll(/^\| `([^`]+)` +\| (.+?) +\|$/gm)].map(([, action, tells]) => [action, tells]);
  const listed = new Map(rows as [string, string][]);
  for (const [action, tells] of Object.entries(recordedActions)) assert.equal(listed.get(action), tells, action);
});
