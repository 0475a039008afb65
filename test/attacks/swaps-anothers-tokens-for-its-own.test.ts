// The attacker can write to the database, and puts another person's sealed tokens where its own are kept, to act as that person.
import assert from 'node:assert/strict';
import { Cipheriv, Decipheriv } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, mock, test } from 'node:test';
import { openSealedHouse } from '../support/sealed-house.ts';
import type { SealedHouse } from '../support/sealed-house.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-swap-'));
after(() => rmSync(folder, { recursive: true }));

/** @returns what the attacker gets of dana's tokens */
async function attack(house: SealedHouse, how: (house: SealedHouse) => Promise<unknown>): Promise<string | undefined> {
  const { store, database } = house;
  for (const person of ['dana', 'mallory']) await store.remove(person);
  await store.put('dana', 'connection/bank', "dana's token");
  await store.put('mallory', 'connection/bank', "mallory's token");
  await store.put('mallory', 'connection/notes', 'hers too');
  await how(house);
  assert.ok(await database.selectFrom('sealed_entry').selectAll().where('owner', '=', 'mallory').executeTakeFirst());
  return store.get('mallory', 'connection/bank');
}

const rowOf = ({ database }: SealedHouse, owner: string) =>
  database.selectFrom('sealed_entry').selectAll().where('owner', '=', owner).where('name', '=', 'connection/bank');

async function copiesTheEntry(house: SealedHouse): Promise<void> {
  const { sealed } = await rowOf(house, 'dana').executeTakeFirstOrThrow();
  await house.database.updateTable('sealed_entry').set({ sealed }).where('owner', '=', 'mallory').execute();
}

async function pointsAtTheKey(house: SealedHouse): Promise<void> {
  const { sealed, key_id } = await rowOf(house, 'dana').executeTakeFirstOrThrow();
  await house.database.updateTable('sealed_entry').set({ sealed, key_id }).where('owner', '=', 'mallory').execute();
}

async function takesTheKeyOver(house: SealedHouse): Promise<void> {
  await pointsAtTheKey(house);
  await house.database.deleteFrom('data_key').where('owner', '=', 'mallory').execute();
  await house.database.updateTable('data_key').set({ owner: 'mallory' }).where('owner', '=', 'dana').execute();
}

test("another's tokens are unreadable in one's own place, with or without their key", async () => {
  await using house = await openSealedHouse(mkdtempSync(path.join(folder, 'house-')));
  for (const how of [copiesTheEntry, pointsAtTheKey, takesTheKeyOver]) {
    assert.equal(await attack(house, how), undefined, how.name);
  }
});

test('tokens for one server are unreadable as tokens for another', async () => {
  await using house = await openSealedHouse(mkdtempSync(path.join(folder, 'house-')));
  const { store, database } = house;
  await store.put('dana', 'connection/bank', 'for the bank');
  await store.put('dana', 'connection/evil', 'for a server that collects');
  const { sealed } = await rowOf(house, 'dana').executeTakeFirstOrThrow();
  await database.updateTable('sealed_entry').set({ sealed }).where('name', '=', 'connection/evil').execute();
  assert.equal(await store.get('dana', 'connection/evil'), undefined);
  assert.equal(await store.get('dana', 'connection/bank'), 'for the bank');
});

test('control: were the place not bound to what is sealed, the attacker would hold the tokens', async () => {
  const ciphers = [Cipheriv.prototype, Decipheriv.prototype] as unknown as { setAAD(place: Buffer): unknown }[];
  const unbound = ciphers.map((cipher) =>
    mock.method(cipher, 'setAAD', function (this: unknown) {
      return this;
    }),
  );
  try {
    await using house = await openSealedHouse(mkdtempSync(path.join(folder, 'house-')));
    assert.equal(await attack(house, pointsAtTheKey), "dana's token");
    assert.equal(await attack(house, takesTheKeyOver), "dana's token");
  } finally {
    for (const { mock: each } of unbound) each.restore();
  }
});
