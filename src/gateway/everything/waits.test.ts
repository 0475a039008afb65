// How long a server keeps others waiting.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWaits } from './waits.ts';

const never = new Promise<never>(() => undefined);
const timed = async (work: Promise<unknown>): Promise<number> => {
  const beginning = performance.now();
  await work.catch(() => undefined);
  return performance.now() - beginning;
};

test('a late server costs its deadline once, and from then on hardly anything; others are waited for as before', async () => {
  const waits = createWaits(700)('dana');
  assert.ok((await timed(waits.within('mute', never))) >= 690);
  assert.ok((await timed(waits.within('mute', never))) < 600);
  assert.ok((await timed(waits.within('other', never))) >= 690);
  await assert.rejects(waits.within('mute', never), { code: 'upstream_unavailable', params: { server: 'mute' } });
});

test('a server that is quick again is waited for again', async () => {
  const waits = createWaits(700)('dana');
  await timed(waits.within('slow', never));
  assert.equal(await waits.within('slow', Promise.resolve('here')), 'here');
  assert.ok((await timed(waits.within('slow', never))) >= 690);
});

test('work that began before is waited for no longer than what is left of its time', async () => {
  const waits = createWaits(700)('dana');
  assert.ok((await timed(waits.within('slow', never, performance.now() - 650))) < 400);
});

test('what a server failed with reaches whoever waited', async () => {
  await assert.rejects(createWaits(700)('dana').within('broken', Promise.reject(new Error('broken'))), /broken/);
});

test('what one person waited for in vain is waited for as before by others', async () => {
  const waits = createWaits(700);
  await timed(waits('dana').within('stalled', never));
  assert.ok((await timed(waits('dana').within('stalled', never))) < 600);
  assert.ok((await timed(waits('erin').within('stalled', never))) >= 690);
});
