// Tests of the keys of people in the record: made once, wrapped anew with the others, gone when they are destroyed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../base/log.ts';
import { openDatabase } from './database.ts';
import { createKeyRotation } from './key-ring-rotation.ts';
import { createKeyRing } from './key-ring.ts';
import type { SourceKey } from './key-ring.ts';
import { createLeases } from './leases.ts';
import { createSubjectKeys } from './subject-keys.ts';

async function opened() {
  const database = await openDatabase(':memory:');
  const held: SourceKey[] = [];
  const source = {
    name: 'a list',
    read: () => Promise.resolve([...held]),
    add(key: Buffer) {
      held.unshift({ id: `k${held.length + 1}`, key });
      return Promise.resolve(held[0]!);
    },
    remove(id: string) {
      held.splice(0, held.length, ...held.filter((key) => key.id !== id));
      return Promise.resolve(true);
    },
  };
  const clock = { now: () => 1_000 };
  const neighbours = { database, source, leases: createLeases({ database, clock }), clock, log: createLog('silent') };
  const keys = createKeyRing(neighbours);
  return {
    database,
    held,
    keys,
    subjects: createSubjectKeys({ database, keys }),
    rotation: createKeyRotation(keys, neighbours),
  };
}

test('a person has one key, whoever asks first, until it is destroyed', async (t) => {
  const { database, subjects, keys } = await opened();
  t.after(() => database.destroy());
  const other = createSubjectKeys({ database, keys });
  const [one, same] = await Promise.all([subjects.obtain('dana'), other.obtain('dana')]);
  assert.deepEqual(one, same);
  assert.equal(await subjects.find('omar'), undefined);
  await subjects.obtain('');
  const everybody: string[] = [];
  for await (const { user } of subjects.all()) everybody.push(user);
  assert.deepEqual(everybody, ['', 'dana']);
  assert.equal(await subjects.destroy('dana'), true);
  assert.equal(await subjects.destroy('dana'), false);
  assert.equal(await other.find('dana'), undefined);
  assert.notDeepEqual(await subjects.obtain('dana'), one);
});

test('a rotation of the key ring wraps them anew and changes none', async (t) => {
  const { database, subjects, rotation } = await opened();
  t.after(() => database.destroy());
  const before = await subjects.obtain('dana');
  const { rewrapped } = await rotation.rotate();
  assert.equal(rewrapped, 1);
  assert.deepEqual(await subjects.find('dana'), before);
});

test('a key that cannot be opened now is never replaced: it may come back', async (t) => {
  const { database, held, keys, subjects } = await opened();
  t.after(() => database.destroy());
  const key = await subjects.obtain('dana');
  const away = held.splice(0);
  await assert.rejects(keys.reread(), { code: 'state_key_missing' });
  const later = createSubjectKeys({
    database,
    keys: createKeyRing({
      database,
      source: { name: 'empty', read: async () => [], add: async () => away[0]!, remove: async () => false },
      leases: createLeases({ database, clock: { now: () => 0 } }),
      clock: { now: () => 0 },
      log: createLog('silent'),
    }),
  });
  await assert.rejects(later.obtain('dana'), { code: 'state_key_missing' });
  held.push(...away);
  assert.deepEqual(await subjects.obtain('dana'), key);
});
