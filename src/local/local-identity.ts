// Who is at the other end of the pipe, by the sign-in that all processes of a person share.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { createIdentityRecord } from '../identity/identity-record.ts';
import { findBroker } from '../identity/local/broker.ts';
import type { Broker } from '../identity/local/broker.ts';
import { browserCommand, openBrowser } from '../identity/local/browser.ts';
import { createLocalSignIn } from '../identity/local/local-sign-in.ts';
import type { LocalSignIn } from '../identity/local/local-sign-in.ts';
import { createPublicProvider } from '../identity/local/provider.ts';
import { createRemembered } from '../identity/local/remembered.ts';
import type { PublicProviderSettings } from '../identity/local/settings.ts';
import { createWays } from '../identity/local/ways.ts';
import type { Shown } from '../identity/local/remembered.ts';
import type { Recorder } from '../record/entry.ts';
import { openDatabase } from '../state/database.ts';
import { lockFolder } from '../state/folder-lock.ts';
import { createKeyRing } from '../state/key-ring.ts';
import { createLeases } from '../state/leases.ts';
import { createSealedStore } from '../state/sealed-store.ts';
import { keySourceFor } from './key-place.ts';
import type { LocalIdentity } from './nobodys-identity.ts';
import type { Machine } from './places.ts';

export interface LocalIdentityNeighbours {
  readonly root: string;
  readonly machine: Machine;
  readonly record: Recorder;
  readonly clock: Clock;
  readonly log: Log;
  /** Shows the person at the terminal where to sign in. */
  readonly tell: (shown: Shown) => void;
}

export async function openLocalIdentity(
  settings: PublicProviderSettings,
  neighbours: LocalIdentityNeighbours,
): Promise<LocalIdentity & { readonly signIn: LocalSignIn }> {
  const { root, machine, clock, log, tell } = neighbours;
  // All processes of a person share it, and the first two of them may start at the same moment.
  const release = lockFolder(root, 'opening.lock', 10_000);
  const database = await openDatabase(path.join(root, 'genkan.db')).finally(() => release?.());
  const leases = createLeases({ database, clock });
  const source = await keySourceFor(path.join(root, 'keys'), machine.platform, log);
  const keys = createKeyRing({ database, source, leases, clock, log });
  const provider = createPublicProvider(settings);
  const { brokered } = provider;
  let found: Promise<Broker | undefined> | undefined;
  const broker = (): Promise<Broker | undefined> =>
    (found ??= brokered === undefined ? Promise.resolve(undefined) : findBroker(provider, brokered, log));
  const command = browserCommand({ ...machine, inContainer: isContainer() });
  const signIn = createLocalSignIn({
    provider,
    ways: createWays(provider, clock, broker),
    remembered: createRemembered(createSealedStore({ database, keys, clock, log }), provider.name, clock),
    leases,
    record: createIdentityRecord((entry) => neighbours.record.append(entry), clock, log),
    clock,
    log,
    tell,
    ...(command && { open: (url: URL) => openBrowser(url, command, machine.env) }),
  });
  return {
    verify: signIn.verify,
    signIn,
    callers: signIn.callerTokens,
    async close() {
      signIn.close();
      await database.destroy();
    },
  };
}

const isContainer = (): boolean => existsSync('/.dockerenv') || existsSync('/run/.containerenv');
