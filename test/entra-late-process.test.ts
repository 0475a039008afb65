// A process that was stopped while it spoke with Entra ID, and goes on after its lease is over: what others did meanwhile stays.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createBrowser } from './support/browser.ts';
import { clientSecret, idOf, startEntraHouse } from './support/entra-house.ts';

const noSignals = process.platform === 'win32';

test(
  'a process that learned of the end of a sign-in too late does not end the next one',
  { skip: noSignals },
  async () => {
    await using house = await startEntraHouse();
    house.entra.accessTokenSeconds = 200; // so little that it is refreshed before use
    await house.signIn(house.dana);
    house.entra.accessTokenSeconds = 3600;
    const file = path.join(import.meta.dirname, 'support', 'entra-worker.ts');
    const data = [path.join(house.directory, 'genkan.db'), path.join(house.directory, 'keys', 'ring.json')];
    const words = [...data, JSON.stringify(house.settings), clientSecret];
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: house.entra.caFile };
    const worker = fork(file, words, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    try {
      await once(worker, 'message');
      house.entra.revokeSessions(house.dana.oid);
      const before = house.entra.counts.token;
      const answered = once(worker, 'message');
      worker.send({ person: idOf(house.dana), scopes: [house.notes.scope('Notes.Read')] });
      while (house.entra.counts.token === before) await turn();
      worker.kill('SIGSTOP');
      // As if it had stood still for longer than its lease.
      const lease = await house.database
        .updateTable('lease')
        .set({ expires_at: 0 })
        .where('holder', '!=', '')
        .executeTakeFirst();
      assert.equal(lease.numUpdatedRows, 1n, 'it holds the lease');
      await house.signIn(house.dana, createBrowser());
      const stored = await house.sealed.get(idOf(house.dana), 'entra');
      worker.kill('SIGCONT');
      assert.deepEqual((await answered)[0], { code: 'state_lease_busy' });
      assert.equal(await house.sealed.get(idOf(house.dana), 'entra'), stored);
      assert.equal((await house.tokenFor(house.dana))['oid'], house.dana.oid);
    } finally {
      worker.kill('SIGKILL');
    }
  },
);
