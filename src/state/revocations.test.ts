// Two processes' worth of connections on one database: everybody hears of everything, once, in one order.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { createLog } from '../base/log.ts';
import { openDatabase } from './database.ts';
import { announce } from './announce.ts';
import { createRevocations } from './revocations.ts';
import type { Revocations } from './revocations.ts';

const clock = { now: Date.now };

test('what either of two connections commits, both hear of, once and in the same order', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-revocations-'));
  const file = path.join(folder, 'genkan.db');
  const databases = [await openDatabase(file), await openDatabase(file)];
  const both = await Promise.all(
    databases.map((database) => createRevocations({ database, log: createLog('silent') })),
  );
  const heard: string[][] = both.map((revocations) => {
    const subjects: string[] = [];
    revocations.follow(({ subject }) => void subjects.push(subject));
    return subjects;
  });
  const end = (revocations: Revocations, subject: string): Promise<void> =>
    revocations.commit((transaction) =>
      announce(transaction, { kind: 'grant', subject, act: 'end', by: 'test', reason: '' }, clock),
    );
  // In turns: within one process a connection that waits for the other would keep it from going on.
  for (let index = 0; index < 50; index++) await end(both[index % 2]!, `${index}`);
  await Promise.all(both.map((revocations) => revocations.catchUp()));
  assert.equal(new Set(heard[0]).size, 50);
  assert.deepEqual(heard[0], heard[1]);
  assert.equal(heard[0]!.length, 50);

  await assert.rejects(
    both[0]!.commit(async (transaction) => {
      await announce(transaction, { kind: 'grant', subject: 'never', act: 'end', by: 'test', reason: '' }, clock);
      throw new Error('called off');
    }),
    /called off/,
  );
  await end(both[1]!, 'last');
  const deadline = Date.now() + 1000;
  while (heard[0]!.at(-1) !== 'last') {
    assert.ok(Date.now() < deadline, 'not heard of within a second');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(heard[0]!.includes('never'), false, 'what was rolled back was never said');
  for (const revocations of both) await revocations.close();
  for (const database of databases) await database.destroy();
  rmSync(folder, { recursive: true });
});

test('while thousands of rows are acted on, others have their turn', async () => {
  const database = await openDatabase(':memory:');
  const revocations = await createRevocations({ database, log: createLog('silent') });
  let turns = 0;
  const count = (): void => {
    turns += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  const heardAt: number[] = [];
  revocations.follow(() => void heardAt.push(turns));
  await revocations.commit(async (transaction) => {
    for (let index = 0; index < 1600; index++)
      await announce(
        transaction,
        { kind: 'principal', subject: `${index}`, act: 'change', by: 'test', reason: '' },
        clock,
      );
  });
  clearImmediate(timer);
  assert.equal(heardAt.length, 1600, 'and whoever has changed them waits until all are acted on');
  assert.ok(heardAt.at(-1)! - heardAt[0]! >= 3, `${heardAt.at(-1)! - heardAt[0]!} turns`);
  await revocations.close();
  await database.destroy();
});
