// The reference of what is stored names every table that there is, and no other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { openForWriting } from '../src/record/log-file.ts';
import { openDatabase } from '../src/state/database.ts';
import { dataDirectory } from './support/audit-directory.ts';

const reference = readFileSync(path.join(import.meta.dirname, '../docs/reference/storage.md'), 'utf8');

/** The names in the first column of the table below a heading. */
function namedBelow(heading: string): string[] {
  const section = reference.split(`## \`${heading}\`\n`)[1]!.split('\n## ')[0]!;
  const cells = [...section.matchAll(/^\| (`[^|]+)\|/gm)].map(([, cell]) => cell!);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)).sort();
}
const tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";

test('every table of genkan.db stands in the reference', async () => {
  const database = await openDatabase(':memory:');
  const { rows } = await sql<{ name: string }>`${sql.raw(tables)}`.execute(database);
  await database.destroy();
  assert.deepEqual(namedBelow('genkan.db'), rows.map(({ name }) => name).sort());
});

test('every table of audit.db stands in the reference', (t) => {
  const database = openForWriting(dataDirectory(t));
  const names = database.prepare(tables).all().map(({ name }) => String(name)); // prettier-ignore
  database.close();
  assert.deepEqual(namedBelow('audit.db'), names.sort());
});
