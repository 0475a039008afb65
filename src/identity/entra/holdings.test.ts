// What people hold: a process that comes late with what it read changes nothing that others have changed since.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { openSealedHouse } from '../../../test/support/sealed-house.ts';
import type { Leases } from '../../state/leases.ts';
import { createHoldings } from './holdings.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-holdings-'));
after(() => rmSync(folder, { recursive: true }));
const house = await openSealedHouse(folder);
after(() => house[Symbol.asyncDispose]());

const nobody = (): Promise<boolean> => Promise.resolve(false);
/** As after a process stood still for longer than its lease: both believe that they hold it. */
const expired: Leases = { hold: (_name, work) => work({ signal: AbortSignal.any([]) }) };
const [early, late] = [createHoldings(house.store, expired, nobody), createHoldings(house.store, expired, nobody)];

test('who lost the lease takes away neither a new sign-in nor anything else', async () => {
  await early.alone('dana', (held) => held.change({ tokens: 'old' }));
  await assert.rejects(
    late.alone('dana', async (held) => {
      await early.alone('dana', (meanwhile) => meanwhile.change({ tokens: 'of the new sign-in' }));
      await held.change({ tokens: undefined });
    }),
    { code: 'state_lease_busy' },
  );
  assert.equal((await early.read('dana')).tokens, 'of the new sign-in');
});

test('who was late with a first sign-in does not replace the one that came before', async () => {
  await assert.rejects(
    late.alone('omar', async (held) => {
      await early.alone('omar', (meanwhile) => meanwhile.change({ tokens: 'first' }));
      await held.change({ tokens: 'second' });
    }),
    { code: 'state_lease_busy' },
  );
  assert.equal((await early.read('omar')).tokens, 'first');
});

test('somebody who was removed is not brought back, and changes of one holder follow one another', async () => {
  await late.alone('kim', async (held) => {
    await held.change({ tokens: 'one' });
    await held.change({ tokens: 'two' });
    assert.equal((await early.read('kim')).tokens, 'two');
    await house.store.remove('kim');
    await held.change({ tokens: 'three' });
  });
  assert.equal((await early.read('kim')).tokens, undefined);
});
