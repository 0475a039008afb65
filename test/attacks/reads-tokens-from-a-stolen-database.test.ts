// The attacker has a copy of the database, from a backup or a disk that was thrown away, and looks for tokens in it.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { openSealedHouse } from '../support/sealed-house.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-stolen-'));
after(() => rmSync(folder, { recursive: true }));
const token = 'eyJ-refresh-token-of-dana';

/** Copies the database as it lies on the disk, its write-ahead log included, with or without the keys. */
function steal(home: string, { keys }: { keys: boolean }): string {
  const loot = mkdtempSync(path.join(folder, 'loot-'));
  for (const name of readdirSync(home)) {
    if (name.startsWith('genkan.db')) cpSync(path.join(home, name), path.join(loot, name));
  }
  mkdirSync(path.join(loot, 'keys'), { mode: 0o700 });
  if (keys) cpSync(path.join(home, 'keys'), path.join(loot, 'keys'), { recursive: true });
  return loot;
}

const bytesOf = (home: string): string =>
  readdirSync(home)
    .filter((name) => name.startsWith('genkan.db'))
    .map((name) => readFileSync(path.join(home, name), 'latin1'))
    .join('\n');

test('a stolen database gives no token away, neither as bytes nor to a Genkan of the attacker', async () => {
  const home = mkdtempSync(path.join(folder, 'home-'));
  await using house = await openSealedHouse(home);
  await house.store.put('dana', 'connection/bank', token);
  const loot = steal(home, { keys: false });
  assert.ok(bytesOf(loot).includes('connection/bank'), 'the entry itself is there');
  assert.doesNotMatch(bytesOf(loot), new RegExp(token));
  assert.ok(!bytesOf(loot).includes(Buffer.from(token).toString('base64').slice(0, 20)));
  await using opened = await openSealedHouse(loot);
  await assert.rejects(opened.store.get('dana', 'connection/bank'), { code: 'state_key_missing' });
  // With a ring of its own, however it makes that look.
  await opened.database.deleteFrom('sealing_key').execute();
  await using again = await openSealedHouse(loot);
  assert.equal(await again.store.get('dana', 'connection/bank'), undefined);
});

test('who was removed is gone for good: not even the keys bring the tokens back', async () => {
  const home = mkdtempSync(path.join(folder, 'home-'));
  const house = await openSealedHouse(home);
  await house.store.put('dana', 'connection/bank', token);
  const { wrapped } = await house.database.selectFrom('data_key').selectAll().executeTakeFirstOrThrow();
  await house.store.remove('dana');
  await house[Symbol.asyncDispose](); // the write-ahead log goes into the database
  const loot = steal(home, { keys: true });
  assert.ok(!bytesOf(loot).includes(wrapped), 'the wrapped data key is overwritten');
  await using opened = await openSealedHouse(loot);
  assert.equal(await opened.store.get('dana', 'connection/bank'), undefined);
});

test('after a rotation, an old copy of the keys does not open what is kept now', async () => {
  const home = mkdtempSync(path.join(folder, 'home-'));
  await using house = await openSealedHouse(home);
  await house.store.put('dana', 'connection/bank', token);
  const oldKeys = readFileSync(house.keyFile);
  await house.rotation.rotate();
  assert.notDeepEqual(readFileSync(house.keyFile), oldKeys);
  const [old] = (JSON.parse(oldKeys.toString()) as { keys: { id: string }[] }).keys;
  const { wrapped_by } = await house.database.selectFrom('data_key').selectAll().executeTakeFirstOrThrow();
  assert.notEqual(wrapped_by, old!.id);
  assert.ok(!readFileSync(house.keyFile, 'utf8').includes(old!.id));
});

test('control: with the keys taken along, the same copy gives the token away', async () => {
  const home = mkdtempSync(path.join(folder, 'home-'));
  await using house = await openSealedHouse(home);
  await house.store.put('dana', 'connection/bank', token);
  await using opened = await openSealedHouse(steal(home, { keys: true }));
  assert.equal(await opened.store.get('dana', 'connection/bank'), token);
});
