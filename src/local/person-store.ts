// What a person's processes on one machine keep together: sealed, with turns for whoever changes it, and a way to show a page.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { browserCommand, openBrowser } from '../identity/local/browser.ts';
import { openDatabase } from '../state/database.ts';
import { lockFolder } from '../state/folder-lock.ts';
import { createKeyRing } from '../state/key-ring.ts';
import { createLeases } from '../state/leases.ts';
import type { Leases } from '../state/leases.ts';
import { createSealedStore } from '../state/sealed-store.ts';
import type { SealedStore } from '../state/sealed-store.ts';
import { keySourceFor } from './key-place.ts';
import type { Machine } from './places.ts';

export interface PersonStore {
  readonly sealed: SealedStore;
  readonly leases: Leases;
  close(): Promise<void>;
}

/** @param root data directory of the person */
export async function openPersonStore(
  root: string,
  { machine, clock, log }: { readonly machine: Machine; readonly clock: Clock; readonly log: Log },
): Promise<PersonStore> {
  // All processes of a person share it, and the first two of them may start at the same moment.
  const release = lockFolder(root, 'opening.lock', 10_000);
  const database = await openDatabase(path.join(root, 'genkan.db')).finally(() => release?.());
  const leases = createLeases({ database, clock });
  const source = await keySourceFor(path.join(root, 'keys'), machine.platform, log);
  const keys = createKeyRing({ database, source, leases, clock, log });
  return {
    sealed: createSealedStore({ database, keys, clock, log }),
    leases,
    close: () => database.destroy(),
  };
}

/** Shows a page to the person; undefined where nobody would see it. */
export function pageOpener(machine: Machine): ((url: URL) => Promise<boolean>) | undefined {
  const inContainer = existsSync('/.dockerenv') || existsSync('/run/.containerenv');
  const command = browserCommand({ ...machine, inContainer });
  return command && ((url) => openBrowser(url, command, machine.env));
}
