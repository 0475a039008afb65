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
/** That the first ends before the second, which begins at the same time: true on a machine of any speed. */
async function sooner(first: Promise<unknown>, second: Promise<unknown>): Promise<void> {
  const over: string[] = [];
  const note = (work: Promise<unknown>, name: string): Promise<unknown> =>
    work.catch(() => undefined).then(() => over.push(name));
  await Promise.all([note(second, 'second'), note(first, 'first')]);
  assert.deepEqual(over, ['first', 'second']);
}

test('a late server costs its deadline once, and from then on hardly anything; others are waited for as before', async () => {
  const waits = createWaits(700)('dana');
  assert.ok((await timed(waits.within('mute', never))) >= 690);
  await sooner(waits.within('mute', never), waits.within('other', never));
  assert.ok((await timed(waits.within('another', never))) >= 690);
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
  await sooner(waits.within('slow', never, performance.now() - 650), waits.within('other', never));
});

test('what a server failed with reaches whoever waited', async () => {
  await assert.rejects(createWaits(700)('dana').within('broken', Promise.reject(new Error('broken'))), /broken/);
});

test('what one person waited for in vain is waited for as before by others', async () => {
  const waits = createWaits(700);
  await timed(waits('dana').within('stalled', never));
  await sooner(waits('dana').within('stalled', never), waits('erin').within('stalled', never));
});
