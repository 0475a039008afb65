// Tests of keeping up: one reading for all who wait, again until it succeeds, and word of it when it has taken too long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFollowing } from './following.ts';

function open() {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const seen = { reads: 0, outdated: 0, logged: 0, fails: false };
  const following = createFollowing({
    async read() {
      seen.reads += 1;
      await Promise.resolve();
      if (seen.fails) throw new Error('disk on fire');
    },
    outdated: () => void seen.outdated++,
    clock,
    log: { error: () => void seen.logged++ },
  });
  return { following, seen, clock };
}

test('changes that come while one is read are read together, after it', async () => {
  const { following, seen } = open();
  const first = following.look();
  await Promise.resolve();
  await Promise.all([first, ...Array.from({ length: 100 }, () => following.look())]);
  assert.equal(seen.reads, 2);
  await following.look();
  assert.equal(seen.reads, 3);
});

test('what cannot be read is read again without being asked for, and known as too old after two seconds', async () => {
  const { following, seen, clock } = open();
  seen.fails = true;
  await assert.rejects(following.look(), /disk on fire/);
  clock.nowMs = 1999;
  await assert.rejects(following.look());
  assert.equal(seen.outdated, 0);
  clock.nowMs = 2000;
  const before = seen.reads;
  while (seen.outdated === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(seen.reads > before, 'by itself');
  seen.fails = false;
  await following.look();
  const reads = seen.reads;
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(seen.reads, reads, 'not again once it has succeeded');
  following.close();
});
