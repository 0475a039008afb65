// Rotating the key ring: nobody notices, nothing is lost, and the old key opens nothing any more.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { systemClock as clock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import { openDatabase } from './database.ts';
import { createDocumentSource, keyRingFile } from './key-ring-document.ts';
import { createKeyRotation } from './key-ring-rotation.ts';
import { createKeyRing } from './key-ring.ts';
import { createLeases } from './leases.ts';
import { createSealedStore } from './sealed-store.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-rotation-'));
after(() => rmSync(folder, { recursive: true }));
const log = createLog('silent');

async function open(name: string) {
  const at = path.join(folder, name);
  const database = await openDatabase(`${at}.db`);
  after(() => database.destroy());
  const source = createDocumentSource(keyRingFile(`${at}-keys.json`));
  const neighbours = { database, source, leases: createLeases({ database, clock }), clock, log };
  const keys = createKeyRing(neighbours);
  const rotation = createKeyRotation(keys, neighbours);
  return {
    database,
    source,
    keys,
    rotation,
    store: createSealedStore({ database, keys, clock, log }),
    file: `${at}-keys.json`,
  };
}

test('after a rotation everything is still there, under the new key alone', async () => {
  const { store, rotation, database, source, file } = await open('plain');
  for (let person = 0; person < 250; person++) await store.put(`p${person}`, 'token', `t${person}`);
  const [before] = await rotation.list();
  const rotated = await rotation.rotate();
  assert.equal(rotated.rewrapped, 250);
  assert.deepEqual([rotated.lost, rotated.retired, rotated.leftBehind], [0, [before!.id], []]);
  assert.notEqual(rotated.key, before!.id);
  assert.deepEqual(
    (await source.read()).map(({ id }) => id),
    [rotated.key],
  );
  assert.equal(statSync(file).mode & 0o777, 0o600);
  for (let person = 0; person < 250; person++) assert.equal(await store.get(`p${person}`, 'token'), `t${person}`);
  const wrappedBy = await database.selectFrom('data_key').select('wrapped_by').distinct().execute();
  assert.deepEqual(
    wrappedBy.map((row) => row.wrapped_by),
    [rotated.key],
  );
  const rows = await rotation.list();
  assert.deepEqual(
    rows.map(({ state, present }) => `${state} ${present}`),
    ['sealing true', 'retired false'],
  );
});

test(
  'two processes read and write while a third one rotates, and none of them fails',
  { timeout: 60_000 },
  async () => {
    const { store, rotation } = await open('busy');
    await store.put('p0', 'token', 'first');
    const module = (name: string): string => JSON.stringify(path.join(import.meta.dirname, name));
    const at = JSON.stringify(path.join(folder, 'busy'));
    const worker = `
    const { openDatabase } = await import(${module('database.ts')});
    const { createLeases } = await import(${module('leases.ts')});
    const { createKeyRing } = await import(${module('key-ring.ts')});
    const { createDocumentSource, keyRingFile } = await import(${module('key-ring-document.ts')});
    const { createSealedStore } = await import(${module('sealed-store.ts')});
    const clock = { now: Date.now };
    const note = (fields, text) => { failures.push(text); };
    const failures = [];
    const log = { info() {}, warn: note, error: note };
    const database = await openDatabase(${at} + '.db');
    const source = createDocumentSource(keyRingFile(${at} + '-keys.json'));
    const leases = createLeases({ database, clock });
    const store = createSealedStore({ database, keys: createKeyRing({ database, source, leases, clock, log }), clock, log });
    let ended = false;
    process.stdin.once('data', () => { ended = true; });
    process.stdout.write('ready\\n');
    let done = 0;
    while (!ended) {
      const [owner, text] = ['p' + process.pid + '-' + (done % 40), 'text ' + done];
      try {
        // Now and then an owner goes and comes back: that makes a new data key.
        if (done % 7 === 0) await store.remove(owner);
        await store.put(owner, 'token', text);
        const read = await store.get(owner, 'token');
        if (read !== text) failures.push('read ' + read + ' for ' + text);
      } catch (error) { failures.push(String(error)); }
      if (++done === 25) process.stdout.write('enough\\n');
      await new Promise((resolve) => setImmediate(resolve));
    }
    process.stdout.write(JSON.stringify({ done, failures }) + '\\n');
    process.exit(0);`;
    const children = [1, 2].map(() => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', worker], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      after(() => child.kill('SIGKILL'));
      return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
    });
    for (const { lines } of children) assert.equal((await lines.next()).value, 'ready');
    const retired: string[] = [];
    let busy = true;
    const enough = Promise.all(children.map(({ lines }) => lines.next())).then(() => (busy = false));
    let turns = 0;
    for (; turns < 200 && (busy || turns < 6); turns++) retired.push(...(await rotation.rotate()).retired);
    await enough;
    for (const { child, lines } of children) {
      const exit = once(child, 'exit');
      child.stdin.write('end\n');
      const { failures } = JSON.parse((await lines.next()).value as string) as {
        done: number;
        failures: string[];
      };
      await exit;
      assert.deepEqual(failures, []);
    }
    const last = await rotation.rotate();
    assert.equal(retired.length + last.retired.length, turns + 1, 'every earlier key could be retired');
    assert.equal(await store.get('p0', 'token'), 'first');
  },
);

test('a rotation that was broken off is finished later', async () => {
  const { store, rotation, database, source } = await open('broken');
  await store.put('dana', 'token', 'x');
  const [before] = await rotation.list();
  // As a process leaves it that dies after the new key was made, and after it began to seal.
  const made = await source.add(Buffer.alloc(32, 7));
  assert.equal(await rotation.resume(), undefined);
  assert.equal((await rotation.list())[0]!.state, 'unused');
  await database.updateTable('sealing_key').set({ state: 'opening' }).execute();
  await database
    .insertInto('sealing_key')
    .values({ id: made.id, state: 'sealing', added_at: Date.now(), retired_at: null })
    .execute();
  assert.deepEqual(await rotation.resume(), {
    key: made.id,
    rewrapped: 1,
    lost: 0,
    retired: [before!.id],
    leftBehind: [],
  });
  assert.equal(await store.get('dana', 'token'), 'x');
});

test('a ring that was never used can be rotated as well', async () => {
  for (const abandonMissing of [false, true]) {
    const { store, rotation } = await open(`fresh-${abandonMissing}`);
    assert.deepEqual(await rotation.list(), []);
    assert.equal((await rotation.rotate({ abandonMissing })).lost, 0);
    await store.put('dana', 'token', 'x');
    assert.equal(await store.get('dana', 'token'), 'x');
  }
});

test('takes up a key that an administrator has put there', async () => {
  const { store, rotation, source } = await open('given');
  await store.put('dana', 'token', 'x');
  const given = await source.add(Buffer.alloc(32, 9));
  assert.equal((await rotation.rotate()).key, given.id);
  assert.equal(await store.get('dana', 'token'), 'x');
});

test('a key file that is gone stops everything and loses nothing; given up expressly, work begins anew', async () => {
  const { store, file } = await open('lost');
  await store.put('dana', 'token', 'x');
  const kept = readFileSync(file);
  rmSync(file);
  const restarted = await open('lost');
  await assert.rejects(restarted.store.get('dana', 'token'), { code: 'state_key_missing' });
  await assert.rejects(restarted.store.put('dana', 'token', 'y'), { code: 'state_key_missing' });
  await assert.rejects(restarted.rotation.rotate(), { code: 'state_key_missing' });
  writeFileSync(file, kept, { mode: 0o600 });
  assert.equal(await (await open('lost')).store.get('dana', 'token'), 'x');

  rmSync(file);
  const anew = await open('lost');
  const { lost, retired } = await anew.rotation.rotate({ abandonMissing: true });
  assert.deepEqual([lost, retired.length], [1, 1]);
  assert.equal(await anew.store.get('dana', 'token'), undefined);
  await anew.store.put('dana', 'token', 'z');
  assert.equal(await anew.store.get('dana', 'token'), 'z');
});

test('a key file that nobody but Genkan could have written stops everything and is not quoted', async () => {
  const { store, file } = await open('garbled');
  await store.put('dana', 'token', 'x');
  const good = readFileSync(file, 'utf8');
  for (const bad of ['', '{"keys":[', '{"keys":[{"id":"a","key":"aHVudGVyMg=="}]}']) {
    writeFileSync(file, bad);
    await assert.rejects((await open('garbled')).store.get('dana', 'token'), (error: Error & { code: string }) => {
      assert.equal(error.code, 'state_keys_unavailable');
      assert.doesNotMatch(error.message, /aHVudGVy/);
      return true;
    });
  }
  writeFileSync(file, good);
  assert.equal(await (await open('garbled')).store.get('dana', 'token'), 'x');
});

test('a process that stood still while another one rotated wraps nothing with a key that is gone', async () => {
  const late = await open('late');
  for (const person of ['dana', 'mei']) await late.store.put(person, 'token', person);
  const other = await open('late');
  const { sealing } = late.keys;
  let others: Promise<unknown> | undefined;
  // It stands still once it knows with which key it wraps: its lease is over, and the other one goes all the way.
  late.keys.sealing = async () => {
    const mine = await sealing();
    others ??= (async () => {
      await late.database.updateTable('lease').set({ expires_at: 0 }).execute();
      await other.rotation.rotate();
    })();
    await others;
    return mine;
  };
  await late.database.updateTable('sealing_key').set({ state: 'opening' }).execute();
  const made = await late.source.add(Buffer.alloc(32, 7));
  await late.database
    .insertInto('sealing_key')
    .values({ id: made.id, state: 'sealing', added_at: Date.now(), retired_at: null })
    .execute();
  assert.equal((await late.rotation.resume())!.rewrapped, 0);
  assert.notEqual((await sealing()).id, made.id);
  const after = await open('late');
  for (const person of ['dana', 'mei']) assert.equal(await after.store.get(person, 'token'), person);
});

test('a process that stood still while it gave up missing keys does not give up one that came since', async () => {
  const late = await open('hasty');
  await late.store.put('dana', 'token', 'x');
  const other = await open('hasty');
  const { read } = late.source;
  let reads = 0;
  Object.assign(late.source, {
    read: async () => {
      const held = await read();
      // The third reading is that by which it sees which keys are missing.
      if (++reads === 3) {
        await late.database.updateTable('lease').set({ expires_at: 0 }).execute();
        await other.rotation.rotate();
      }
      return held;
    },
  });
  assert.equal((await late.rotation.rotate({ abandonMissing: true })).lost, 0);
  assert.equal(await (await open('hasty')).store.get('dana', 'token'), 'x');
});

test('a process that is stopped while it writes the key file puts nothing back that others have changed', async () => {
  const { source, file } = await open('torn');
  await source.add(Buffer.alloc(32, 1));
  const document = keyRingFile(file);
  const released = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const stopped = createDocumentSource({
    ...document,
    save: async (text) => {
      reached.resolve();
      await released.promise;
      await document.save(text);
    },
  });
  const adding = stopped.add(Buffer.alloc(32, 2));
  await reached.promise;
  await assert.rejects(source.add(Buffer.alloc(32, 3)), { code: 'state_lease_busy' });
  released.resolve();
  await adding;
  await source.add(Buffer.alloc(32, 3));
  assert.deepEqual(
    (await source.read()).map(({ key }) => key[0]),
    [3, 2, 1],
  );
});

test('two processes that make the first key at once agree on one', async () => {
  const [one, two] = [await open('first'), await open('first')];
  const { add } = one.source;
  Object.assign(one.source, {
    add: async (key: Buffer) => {
      const made = await add(key);
      await one.database.updateTable('lease').set({ expires_at: 0 }).execute();
      await two.source.add(Buffer.alloc(32, 4));
      await two.store.put('mei', 'token', 'y');
      return made;
    },
  });
  await one.store.put('dana', 'token', 'x');
  const sealing = (await one.rotation.list()).filter(({ state }) => state === 'sealing');
  assert.equal(sealing.length, 1);
  assert.equal(await two.store.get('dana', 'token'), 'x');
});

test('a key file that everybody can read or write is not used', { skip: process.platform === 'win32' }, async () => {
  const { store, file } = await open('modes');
  await store.put('dana', 'token', 'x');
  for (const mode of [0o604, 0o602, 0o666]) {
    chmodSync(file, mode);
    await assert.rejects((await open('modes')).store.get('dana', 'token'), {
      code: 'state_keys_unavailable',
      message: /everybody on this machine/,
    });
  }
  chmodSync(file, 0o640);
  assert.equal(await (await open('modes')).store.get('dana', 'token'), 'x');
});
