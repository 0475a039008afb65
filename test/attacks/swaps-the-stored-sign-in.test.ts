// Threat: somebody who can write to the person's files puts another sign-in in the place of theirs, or reads it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { systemClock as clock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { createRemembered } from '../../src/identity/local/remembered.ts';
import type { Kept } from '../../src/identity/local/remembered.ts';
import { openDatabase } from '../../src/state/database.ts';
import { createDocumentSource, keyRingFile } from '../../src/state/key-ring-document.ts';
import { createKeyRing } from '../../src/state/key-ring.ts';
import { createLeases } from '../../src/state/leases.ts';
import { createSealedStore } from '../../src/state/sealed-store.ts';

const log = createLog('silent');
const signIn = (name: string): Kept => ({
  person: { id: `${name}@tenant`, name, groups: [] },
  contexts: [],
  subject: name,
  expiresAtMs: Date.now() + 3_600_000,
  refreshToken: `refresh-token-of-${name}`,
});

/** Two sign-ins in one store; then somebody copies what is stored of the one over the other, as `copy` says. */
async function swapped(copy: string): Promise<{ readonly mine: Kept | undefined; readonly files: Buffer }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-swap-'));
  const file = path.join(folder, 'genkan.db');
  const database = await openDatabase(file);
  try {
    const source = createDocumentSource(keyRingFile(path.join(folder, 'ring.json')));
    const open = () => {
      const keys = createKeyRing({ database, source, leases: createLeases({ database, clock }), clock, log });
      return createSealedStore({ database, keys, clock, log });
    };
    await createRemembered(open(), 'mine', clock).write(signIn('dana'));
    await createRemembered(open(), 'theirs', clock).write(signIn('mallory'));
    using attacker = new DatabaseSync(file);
    attacker.exec(copy);
    const files = Buffer.from(JSON.stringify(attacker.prepare('SELECT * FROM sealed_entry').all()));
    return { mine: await createRemembered(open(), 'mine', clock).read(), files };
  } finally {
    await database.destroy();
    rmSync(folder, { recursive: true });
  }
}

test('control: what was left as it is can be read', async () => {
  assert.equal((await swapped('SELECT 1')).mine?.person.name, 'dana');
});

test('a sign-in in the place of another opens for nobody, and is asked for anew', async () => {
  const text = `UPDATE sealed_entry SET sealed = (SELECT sealed FROM sealed_entry WHERE owner = 'theirs') WHERE owner = 'mine'`;
  assert.equal((await swapped(text)).mine, undefined);
  const withKey = `PRAGMA foreign_keys = OFF; UPDATE sealed_entry SET
    sealed = (SELECT sealed FROM sealed_entry WHERE owner = 'theirs'),
    key_id = (SELECT key_id FROM sealed_entry WHERE owner = 'theirs') WHERE owner = 'mine'`;
  assert.equal((await swapped(withKey)).mine, undefined);
});

test('what is stored tells nothing of the tokens', async () => {
  assert.ok(!(await swapped('SELECT 1')).files.includes('refresh-token-of-dana'));
});
