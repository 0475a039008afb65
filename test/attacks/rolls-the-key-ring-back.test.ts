// The attacker has got hold of a key, which was rotated away since, and puts an old key file back so that Genkan seals with it again.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createSeal } from '../../src/state/seal.ts';
import { openSealedHouse } from '../support/sealed-house.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-rollback-'));
after(() => rmSync(folder, { recursive: true }));

interface Ring {
  readonly keys: readonly { readonly id: string; readonly key: string }[];
}

/** A house whose first key leaked and was rotated away. */
async function rotatedHome(): Promise<{ home: string; keyFile: string; leaked: Ring }> {
  const home = mkdtempSync(path.join(folder, 'home-'));
  await using house = await openSealedHouse(home);
  await house.store.put('dana', 'token', 'before');
  const leaked = JSON.parse(readFileSync(house.keyFile, 'utf8')) as Ring;
  await house.rotation.rotate();
  return { home, keyFile: house.keyFile, leaked };
}

/** What the attacker, who reads the database, makes of a person's data key with the leaked key. */
async function opens(home: string, leaked: Ring, person: string): Promise<boolean> {
  await using house = await openSealedHouse(home);
  const row = await house.database.selectFrom('data_key').selectAll().where('owner', '=', person).executeTakeFirst();
  if (row === undefined) return false;
  const seal = createSeal(Buffer.from(leaked.keys[0]!.key, 'base64'));
  return seal.open(row.wrapped, ['data key', row.owner, row.id]) !== undefined;
}

test('with the old key file alone nothing is sealed or read any more', async () => {
  const { home, keyFile, leaked } = await rotatedHome();
  writeFileSync(keyFile, JSON.stringify(leaked));
  await using house = await openSealedHouse(home);
  await assert.rejects(house.store.put('mei', 'token', 'after'), { code: 'state_key_missing' });
  await assert.rejects(house.store.get('dana', 'token'), { code: 'state_key_missing' });
});

test('with the old key put in front of the present one, the old one stays retired', async () => {
  const { home, keyFile, leaked } = await rotatedHome();
  const present = JSON.parse(readFileSync(keyFile, 'utf8')) as Ring;
  writeFileSync(keyFile, JSON.stringify({ keys: [...leaked.keys, ...present.keys] }));
  await using house = await openSealedHouse(home);
  await house.store.put('mei', 'token', 'after');
  assert.equal(await opens(home, leaked, 'mei'), false);
  // A data key that the attacker has made with the leaked key is not taken for one of ours.
  const forged = createSeal(Buffer.from(leaked.keys[0]!.key, 'base64'));
  const wrapped = forged.seal(Buffer.alloc(32, 1).toString('base64'), ['data key', 'omar', 'forged']);
  const sealed = createSeal(Buffer.alloc(32, 1)).seal('planted', ['entry', 'omar', 'token']);
  const { database } = house;
  await database
    .insertInto('data_key')
    .values({ id: 'forged', owner: 'omar', wrapped_by: leaked.keys[0]!.id, wrapped })
    .execute();
  await database
    .insertInto('sealed_entry')
    .values({ owner: 'omar', name: 'token', key_id: 'forged', sealed, updated_at: 0 })
    .execute();
  assert.equal(await house.store.get('omar', 'token'), undefined);
  await house.store.put('omar', 'token', 'his own');
  assert.equal(await opens(home, leaked, 'omar'), false);
});

test('control: if the database did not know which key was retired, everything new would be sealed with the leaked one', async () => {
  const { home, keyFile, leaked } = await rotatedHome();
  writeFileSync(keyFile, JSON.stringify(leaked));
  {
    await using house = await openSealedHouse(home);
    await house.database.deleteFrom('sealing_key').execute();
    await house.store.put('mei', 'token', 'after');
  }
  assert.equal(await opens(home, leaked, 'mei'), true);
});
