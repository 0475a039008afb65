// What the stand-in provider remembers is bounded in time and number.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPassingStore } from './passing-store.ts';

test('forgets a record when its time is over, however it is looked for', async () => {
  let nowMs = 1_000_000;
  const sessions = createPassingStore(10, () => nowMs)('Session');
  await sessions.upsert('a', { uid: 'u' }, 60);
  assert.deepEqual(await sessions.findByUid('u'), { uid: 'u' });
  nowMs += 60_000;
  assert.equal(await sessions.find('a'), undefined);
  assert.equal(await sessions.findByUid('u'), undefined);
});

test('lets the oldest record go when it is full', async () => {
  const codes = createPassingStore(2, Date.now)('AuthorizationCode');
  for (const id of ['a', 'b', 'c']) await codes.upsert(id, { jti: id }, 60);
  assert.equal(await codes.find('a'), undefined);
  assert.ok((await codes.find('b')) !== undefined && (await codes.find('c')) !== undefined);
});

test('keeps kinds apart, marks what was used, and ends a grant with all that came of it', async () => {
  const store = createPassingStore(10, Date.now);
  const [codes, tokens] = [store('AuthorizationCode'), store('AccessToken')];
  await codes.upsert('x', { grantId: 'g' }, 60);
  await tokens.upsert('x', { grantId: 'g' }, 60);
  await codes.consume('x');
  assert.ok((await codes.find('x'))!.consumed);
  assert.equal((await tokens.find('x'))!.consumed, undefined);
  await codes.revokeByGrantId('g');
  assert.equal(await codes.find('x'), undefined);
  assert.equal(await tokens.find('x'), undefined);
});
