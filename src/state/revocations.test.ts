// Two processes' worth of connections on one database: everybody hears of everything, once, in one order.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
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
  const deadline = Date.now() + 10_000;
  while (heard[0]!.at(-1) !== 'last') {
    assert.ok(Date.now() < deadline, 'not heard of');
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

test('a change reads what stands at the moment of its turn, whatever another process writes meanwhile', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-revocations-'));
  const file = path.join(folder, 'genkan.db');
  const database = await openDatabase(file);
  const revocations = await createRevocations({ database, log: createLog('silent') });
  const other = new DatabaseSync(file, { timeout: 0 });
  const write = () =>
    other.exec(
      `INSERT INTO "disabled" (kind, subject, source, "by", reason, at) VALUES ('client', 'c', 'administrator', 'x', '', 1)`,
    );
  await revocations.commit(async (transaction) => {
    await transaction.selectFrom('disabled').selectAll().execute();
    assert.throws(write, /locked/, 'it waits its turn');
    await announce(transaction, { kind: 'grant', subject: 'g', act: 'end', by: 'test', reason: '' }, clock);
  });
  write(); // control
  other.close();
  await revocations.close();
  await database.destroy();
  rmSync(folder, { recursive: true });
});

test('what could not be read when it was there is read at the next look', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-revocations-'));
  const file = path.join(folder, 'genkan.db');
  const [database, elsewhere] = [await openDatabase(file), await openDatabase(file)];
  let failures = 0;
  let failing = false;
  const flaky = new Proxy(database, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'selectFrom' || !failing) return value.bind(target) as unknown;
      return () => {
        failures += 1;
        failing = false;
        throw new Error('cannot be read');
      };
    },
  });
  const revocations = await createRevocations({ database: flaky, log: createLog('silent') });
  const heard: string[] = [];
  revocations.follow(({ subject }) => void heard.push(subject));
  const end = (subject: string): Promise<void> =>
    announce(elsewhere, { kind: 'grant', subject, act: 'end', by: 'test', reason: '' }, clock);
  await end('first');
  const until = async (subject: string): Promise<void> => {
    const deadline = Date.now() + 10_000;
    while (!heard.includes(subject)) {
      assert.ok(Date.now() < deadline, `${subject} was not heard of`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await until('first');
  failing = true;
  await end('second');
  await until('second');
  assert.equal(failures, 1, 'the control: it could not be read at first');
  await revocations.close();
  for (const each of [database, elsewhere]) await each.destroy();
  rmSync(folder, { recursive: true });
});
