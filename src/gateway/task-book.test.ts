// What the book of tasks remembers, of whom and for how long.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { sql } from 'kysely';
import { openDatabase } from '../state/database.ts';
import { migrations } from '../state/schema.ts';
import { createTaskBook } from './task-book.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-tasks-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let nowMs = 1_000_000;
const clock = { now: () => nowMs };
const requirements = [{ action: 'mcp/servers/jobs/tools/run/call', data: false, scope: '/servers/jobs/tools/run' }];
const origin = { server: 'jobs', tool: 'run', requirements, effect: 'write' } as const;
const task = { taskId: 'one', ttlMs: 60_000 };

test('remembers a task after a restart, until the server may have dropped it', async () => {
  const file = path.join(folder, 'restart.db');
  const before = await openDatabase(file);
  await createTaskBook(before, clock).keep('dana:code', origin, task);
  await before.destroy();

  const database = await openDatabase(file);
  const book = createTaskBook(database, clock);
  assert.deepEqual((await book.find('dana:code', ['one', 'two'], 'jobs')).get('one'), origin);
  nowMs += 60_001;
  assert.equal((await book.find('dana:code', ['one'], 'jobs')).size, 0);
  await database.destroy();
});

test('a task from a time when it was not kept what its call did counts as one that destroys', async () => {
  const file = path.join(folder, 'effect.db');
  const before = await openDatabase(file);
  await createTaskBook(before, clock).keep('dana:code', origin, task);
  await sql`ALTER TABLE task DROP COLUMN effect`.execute(before);
  await migrations['0013-task-effect']!.up(before);
  assert.equal((await createTaskBook(before, clock).find('dana:code', ['one'], 'jobs')).get('one')!.effect, 'destroy');
  await before.destroy();
});

test('finds a task without its server, unless two servers of the same owner use the id', async () => {
  const database = await openDatabase(path.join(folder, 'servers.db'));
  const book = createTaskBook(database, clock);
  await book.keep('dana:code', origin, task);
  assert.deepEqual((await book.find('dana:code', ['one'], undefined)).get('one'), origin);
  await book.keep('dana:code', { ...origin, server: 'other', tool: 'go' }, task);
  assert.equal((await book.find('dana:code', ['one'], undefined)).size, 0);
  assert.equal((await book.find('dana:code', ['one'], 'other')).get('one')!.tool, 'go');
  assert.equal((await book.find('omar:code', ['one'], 'jobs')).size, 0);
  await database.destroy();
});

test('keeps the newest thousand of one owner, and nothing of it touches another', async () => {
  const database = await openDatabase(path.join(folder, 'many.db'));
  const book = createTaskBook(database, clock);
  await book.keep('omar:code', origin, task);
  for (let index = 0; index < 1001; index++) {
    nowMs++;
    await book.keep('dana:code', origin, { taskId: String(index), ttlMs: null });
  }
  assert.deepEqual([...(await book.find('dana:code', ['0', '1', '1000'], 'jobs')).keys()].sort(), ['1', '1000']);
  assert.equal((await book.find('omar:code', ['one'], 'jobs')).size, 1);
  await database.destroy();
});

test('a task from a time when it was not kept what its call needed is forgotten', async () => {
  const file = path.join(folder, 'earlier.db');
  const before = await openDatabase(file);
  await createTaskBook(before, clock).keep('dana:code', origin, task);
  await sql`ALTER TABLE task DROP COLUMN requirements`.execute(before);
  await migrations['0005-task-requirements']!.up(before);
  await before.destroy();

  const database = await openDatabase(file);
  const book = createTaskBook(database, clock);
  assert.equal((await book.find('dana:code', ['one'], 'jobs')).size, 0);
  await book.keep('dana:code', origin, task);
  assert.deepEqual((await book.find('dana:code', ['one'], 'jobs')).get('one'), origin);
  await database.destroy();
});
