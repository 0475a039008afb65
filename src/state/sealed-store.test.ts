// The sealed store: what goes in comes out again, for its owner alone, and is gone for good when it is removed.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import { openDatabase } from './database.ts';
import { createDocumentSource, keyRingFile } from './key-ring-document.ts';
import { createKeyRing } from './key-ring.ts';
import { createLeases } from './leases.ts';
import { createSealedStore } from './sealed-store.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-sealed-'));
after(() => rmSync(folder, { recursive: true }));
const log = createLog('silent');
const clock = systemClock;
const database = await openDatabase(path.join(folder, 'genkan.db'));
after(() => database.destroy());

function open(file = 'keys.json') {
  const source = createDocumentSource(keyRingFile(path.join(folder, 'keys', file)));
  const keys = createKeyRing({ database, source, leases: createLeases({ database, clock }), clock, log });
  return { source, keys, store: createSealedStore({ database, keys, clock, log }) };
}
const { store } = open();

test('what was put can be got, also after a restart, and put again', async () => {
  await store.put('dana', 'entra', 'token ①');
  assert.equal(await store.get('dana', 'entra'), 'token ①');
  assert.equal(await open().store.get('dana', 'entra'), 'token ①');
  await store.put('dana', 'entra', 'token ②');
  assert.equal(await store.get('dana', 'entra'), 'token ②');
  assert.equal(await store.get('dana', 'other'), undefined);
  assert.equal(await store.get('omar', 'entra'), undefined);
});

test('tells who has an entry, and which entries there are', async () => {
  await store.put('omar', 'connection/notes', 'x');
  await store.put('mei', 'connection/notes', 'y');
  await store.put('mei', 'connection/files', 'z');
  assert.deepEqual(await store.owners('connection/notes'), ['mei', 'omar']);
  const listed = (await store.list('connection/')).map(({ owner, name }) => `${name} ${owner}`);
  assert.deepEqual(listed, ['connection/files mei', 'connection/notes mei', 'connection/notes omar']);
  assert.deepEqual(await store.list('connection_'), []);
});

test('with the last entry of an owner, and with the owner, the data key goes too', async () => {
  const keyOf = (owner: string) =>
    database.selectFrom('data_key').selectAll().where('owner', '=', owner).executeTakeFirst();
  assert.equal(await store.remove('mei', 'connection/files'), true);
  assert.equal(await store.remove('mei', 'connection/files'), false);
  assert.ok(await keyOf('mei'));
  assert.equal(await store.remove('mei', 'connection/notes'), true);
  assert.equal(await keyOf('mei'), undefined);
  assert.equal(await store.remove('omar'), true);
  assert.equal(await keyOf('omar'), undefined);
  assert.deepEqual(await store.owners('connection/notes'), []);
  assert.equal(await store.remove('omar'), false);
});

test('every owner has a key of their own, and none of them stands in the database', async () => {
  await store.put('one', 'n', 'same');
  await store.put('two', 'n', 'same');
  const rows = await database.selectFrom('data_key').selectAll().execute();
  assert.equal(new Set(rows.map(({ wrapped }) => wrapped)).size, rows.length);
});

test('many at once for one owner all arrive', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `n${index}`);
  await Promise.all(names.map((name) => store.put('busy', name, name)));
  assert.deepEqual(await Promise.all(names.map((name) => store.get('busy', name))), names);
});

test('what was changed is as if it were not there, and can be put anew', async () => {
  await store.put('dana', 'entra', 'good');
  await database.updateTable('sealed_entry').set({ sealed: 'AAAA' }).where('owner', '=', 'dana').execute();
  assert.equal(await store.get('dana', 'entra'), undefined);
  await store.put('dana', 'entra', 'good again');
  assert.equal(await store.get('dana', 'entra'), 'good again');
  await database.updateTable('data_key').set({ wrapped: 'AAAA' }).where('owner', '=', 'dana').execute();
  assert.equal(await store.get('dana', 'entra'), undefined);
  await store.put('dana', 'entra', 'once more');
  assert.equal(await store.get('dana', 'entra'), 'once more');
});

test('what is moved to another name of the same owner is not read there', async () => {
  await store.put('ana', 'entra', 'tokens');
  await store.put('ana', 'connection/notes', 'others');
  const swap = async (): Promise<void> => {
    const rows = await database.selectFrom('sealed_entry').selectAll().where('owner', '=', 'ana').execute();
    for (const [at, { name }] of rows.entries())
      await database
        .updateTable('sealed_entry')
        .set({ sealed: rows[1 - at]!.sealed })
        .where('owner', '=', 'ana')
        .where('name', '=', name)
        .execute();
  };
  await swap();
  assert.equal(await store.get('ana', 'entra'), undefined);
  assert.equal(await store.get('ana', 'connection/notes'), undefined);
  await swap();
  assert.equal(await store.get('ana', 'entra'), 'tokens', 'control: in its own place it is');
});

test('replaces what was read, and nothing else', async () => {
  assert.equal(await store.replace('lena', 'entra', undefined, 'one'), true);
  assert.equal(await store.replace('lena', 'entra', undefined, 'late'), false);
  const all = ['two', 'three', 'four', 'five'].map((text) => store.replace('lena', 'entra', 'one', text));
  assert.equal((await Promise.all(all)).filter(Boolean).length, 1, 'one of many wins');
  const now = await store.get('lena', 'entra');
  assert.equal(await store.replace('lena', 'entra', 'one', 'late'), false);
  assert.equal(await store.get('lena', 'entra'), now);
  await store.remove('lena');
  assert.equal(await store.replace('lena', 'entra', now, 'late'), false);
  assert.equal(await store.get('lena', 'entra'), undefined);
});

test('a key file of another ring does not open, and nothing is lost by trying', async () => {
  const other = open('other.json');
  await assert.rejects(other.store.get('dana', 'entra'), { code: 'state_key_missing' });
  await assert.rejects(other.store.put('dana', 'entra', 'sealed by a stranger'), { code: 'state_key_missing' });
  assert.equal(await store.get('dana', 'entra'), 'once more');
});
