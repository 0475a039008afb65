// Where connections are kept: each for one person and one server, and those of an earlier Genkan brought along without loss.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { openSealedHouse } from '../../../test/support/sealed-house.ts';
import { createLog } from '../../base/log.ts';
import { createSeal } from '../../state/seal.ts';
import { adoptConnections, createConnectionStore } from './connection-store.ts';
import type { Connection } from './connection-store.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-connections-'));
after(() => rmSync(folder, { recursive: true }));
const log = createLog('silent');
const house = await openSealedHouse(folder);
after(() => house[Symbol.asyncDispose]());
const store = createConnectionStore(house.store, log);
const connected = (access: string): Connection => ({
  url: 'https://notes.example/mcp',
  tokens: { access, storedAtMs: 1, expiresAtMs: 2 },
});

test('lists who is connected where, and forgets one, or a whole server', async () => {
  await store.save('dana', 'notes', connected('a'));
  await store.save('omar', 'notes', connected('b'));
  await store.save('dana', 'files', connected('c'));
  await store.save('mei', 'notes', { url: 'https://notes.example/mcp' });
  const listed = async () => (await store.list()).map(({ person, server }) => `${server} ${person}`);
  assert.deepEqual(await listed(), ['files dana', 'notes dana', 'notes omar']);
  assert.equal((await store.load('dana', 'files'))?.tokens?.access, 'c');
  assert.equal(await store.remove('omar', 'notes'), true);
  assert.equal(await store.remove('omar', 'notes'), false);
  await store.removeServer('notes');
  assert.deepEqual(await listed(), ['files dana']);
  assert.equal(await store.load('mei', 'notes'), undefined);
});

test('what an earlier Genkan sealed with one key for all is sealed anew, and that key goes', async () => {
  const keyFile = path.join(folder, 'connections.key');
  const key = randomBytes(32);
  writeFileSync(keyFile, key.toString('base64'), { mode: 0o600 });
  const seal = createSeal(key);
  const earlier = (person: string, server: string, sealed: string) =>
    house.database.insertInto('connection').values({ person, server, sealed, updated_at: 1 }).execute();
  for (const person of ['ann', 'bob']) {
    await earlier(person, 'notes', seal.seal(JSON.stringify(connected(`of ${person}`)), [person, 'notes']));
  }
  // As if it had been broken off after bob's connection was adopted, and he has signed in anew since.
  await store.save('bob', 'notes', connected('newer'));
  await adoptConnections(house.database, keyFile, house.store, log);
  assert.equal((await store.load('ann', 'notes'))?.tokens?.access, 'of ann');
  assert.equal((await store.load('bob', 'notes'))?.tokens?.access, 'newer');
  assert.equal(existsSync(keyFile), false);
  assert.deepEqual(await house.database.selectFrom('connection').selectAll().execute(), []);
});

test('without the key of that time nothing is deleted, and everything else goes on', async () => {
  const keyFile = path.join(folder, 'connections.key');
  await house.database
    .insertInto('connection')
    .values({ person: 'ann', server: 'lost', sealed: 'AAAA', updated_at: 1 })
    .execute();
  await adoptConnections(house.database, keyFile, house.store, log);
  assert.equal(existsSync(keyFile), false, 'no key is made in its place');
  assert.equal((await house.database.selectFrom('connection').selectAll().execute()).length, 1);
});
