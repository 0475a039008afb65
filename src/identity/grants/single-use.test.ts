// Tests of what may be used once: that it is, that remembering it briefly weakens nothing else, and that forgetting it holds nobody up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { openDatabase } from '../../state/database.ts';
import type { Database } from '../../state/database.ts';
import { sweep } from '../oidc-adapter.ts';
import { createSingleUse } from './single-use.ts';

/** 1: a commit does not wait for the disk. 2: it does. */
async function waits(database: Database): Promise<unknown> {
  const { rows } = await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(database);
  return rows[0]?.synchronous;
}

test('of many at once, and at any time later, one comes in, however long it is remembered', async () => {
  const database = await openDatabase(':memory:');
  const once = createSingleUse(database);
  for (const briefly of [true, false]) {
    const claims = Array.from({ length: 8 }, () => once.claim(['kind', 'key', `${briefly}`], 1000, briefly));
    assert.deepEqual((await Promise.all(claims)).filter(Boolean), [true]);
    assert.equal(await once.claim(['kind', 'key', `${briefly}`], 1000, !briefly), false);
  }
  assert.equal(await once.claim(['kindkey', 'true'], 1000, true), true, 'parts do not run into each other');
  await database.destroy();
});

test('only what is remembered briefly is written without waiting for the disk, also where that fails', async () => {
  const database = await openDatabase(':memory:');
  const once = createSingleUse(database);
  assert.equal(await waits(database), 2);
  const [, others] = await Promise.all([once.claim(['a'], 1000, true), waits(database), once.claim(['b'], 1000, true)]);
  assert.deepEqual([others, await waits(database)], [2, 2]);
  await sql`DROP TABLE oidc_record`.execute(database);
  await assert.rejects(once.claim(['c'], 1000, true));
  assert.equal(await waits(database), 2);
  await database.destroy();
});

test('what a busy hour has used up is forgotten while others have their turn', async () => {
  const database = await openDatabase(':memory:');
  for (let start = 0; start < 4000; start += 1000)
    await database
      .insertInto('oidc_record')
      .values(
        Array.from({ length: 1000 }, (_, index) => ({
          kind: 'SingleUse',
          id: `${start + index}`,
          payload: '{}',
          expires_at: start + index < 3500 ? 1 : 3,
        })),
      )
      .execute();
  let turns = 0;
  const count = (): void => {
    turns += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  assert.equal(await sweep(database, 2), 3500);
  clearImmediate(timer);
  assert.ok(turns >= 3, `${turns} turns`);
  assert.equal((await database.selectFrom('oidc_record').select('id').execute()).length, 500);
  await database.destroy();
});
