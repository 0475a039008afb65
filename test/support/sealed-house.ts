// A sealed store on a database and a key file of its own, opened as a process opens them, for tests.
import path from 'node:path';
import { systemClock as clock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { openDatabase } from '../../src/state/database.ts';
import type { Database } from '../../src/state/database.ts';
import { createDocumentSource, keyRingFile } from '../../src/state/key-ring-document.ts';
import { createKeyRotation } from '../../src/state/key-ring-rotation.ts';
import type { KeyRotation } from '../../src/state/key-ring-rotation.ts';
import { createKeyRing } from '../../src/state/key-ring.ts';
import { createLeases } from '../../src/state/leases.ts';
import { createSealedStore } from '../../src/state/sealed-store.ts';
import type { SealedStore } from '../../src/state/sealed-store.ts';

export interface SealedHouse extends AsyncDisposable {
  readonly database: Database;
  readonly store: SealedStore;
  readonly rotation: KeyRotation;
  readonly databaseFile: string;
  readonly keyFile: string;
}

export async function openSealedHouse(folder: string): Promise<SealedHouse> {
  const databaseFile = path.join(folder, 'genkan.db');
  const keyFile = path.join(folder, 'keys', 'ring.json');
  const database = await openDatabase(databaseFile);
  const log = createLog('silent');
  const source = createDocumentSource(keyRingFile(keyFile));
  const neighbours = { database, source, leases: createLeases({ database, clock }), clock, log };
  const keys = createKeyRing(neighbours);
  return {
    database,
    store: createSealedStore({ database, keys, clock, log }),
    rotation: createKeyRotation(keys, neighbours),
    databaseFile,
    keyFile,
    [Symbol.asyncDispose]: () => database.destroy(),
  };
}
