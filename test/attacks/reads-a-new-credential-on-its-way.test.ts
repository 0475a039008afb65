// Somebody reads along in the data directory, the audit log and what administrators are answered, while Genkan's own credential is exchanged.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { startRotationHouse } from '../support/rotation-house.ts';
import type { RotationHouseOptions } from '../support/rotation-house.ts';

const order = { keepSeconds: 0, validDays: 180, by: 'operator' };

const everythingIn = (directory: string): string =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');

/** How often the new secret was found by who reads along, at the moment when it is kept and not yet in its place. */
async function found(options: RotationHouseOptions = {}): Promise<{ looked: number; found: number; told: string }> {
  await using all = await startRotationHouse(options);
  const { house } = all;
  const { secrets } = house.app;
  const get = secrets.get.bind(secrets);
  let [looked, hits] = [0, 0];
  secrets.get = (keyId) => {
    const secret = get(keyId);
    const isNew = secrets.size === 2 && secret !== undefined && secret !== all.current() && looked < 3;
    if (isNew) {
      looked += 1;
      if (everythingIn(house.directory).includes(secret)) hits += 1;
    }
    return secret;
  };
  const state = await all.rotation.rotate(order);
  const told = JSON.stringify([state, all.entries, house.records]);
  assert.ok(!told.includes(all.current()), 'neither the answer nor the record says it');
  return { looked, found: hits, told };
}

test('whoever reads the data directory while a new secret is tried finds only what is sealed', async () => {
  const { looked, found: hits, told } = await found();
  assert.ok(looked > 0);
  assert.equal(hits, 0);
  assert.match(told, /credential\.switch/);
});

test('control: kept as it is, it is found', async () => {
  const { looked, found: hits } = await found({
    sealed: (store, database) => ({
      ...store,
      async put(_owner, name, text) {
        const row = { kind: 'plain', name, ids: text, resolved_at: 0 };
        await database.insertInto('directory_name').values(row).execute();
      },
      async get(_owner, name) {
        const rows = database.selectFrom('directory_name').select('ids').where('name', '=', name);
        return (await rows.executeTakeFirst())?.ids;
      },
    }),
  });
  assert.ok(looked > 0);
  assert.equal(hits, looked);
});
