// Who is at the other end of the pipe, by the sign-in that all processes of a person share.
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { createIdentityRecord } from '../identity/identity-record.ts';
import { findBroker } from '../identity/local/broker.ts';
import type { Broker } from '../identity/local/broker.ts';
import { createLocalSignIn } from '../identity/local/local-sign-in.ts';
import type { LocalSignIn } from '../identity/local/local-sign-in.ts';
import { createPublicProvider } from '../identity/local/provider.ts';
import { createRemembered } from '../identity/local/remembered.ts';
import type { PublicProviderSettings } from '../identity/local/settings.ts';
import { createWays } from '../identity/local/ways.ts';
import type { Shown } from '../identity/local/remembered.ts';
import type { Recorder } from '../record/entry.ts';
import type { LocalIdentity } from './nobodys-identity.ts';
import { openPersonStore, pageOpener } from './person-store.ts';
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
  const store = await openPersonStore(root, neighbours);
  const provider = createPublicProvider(settings);
  const { brokered } = provider;
  let found: Promise<Broker | undefined> | undefined;
  const broker = (): Promise<Broker | undefined> =>
    (found ??= brokered === undefined ? Promise.resolve(undefined) : findBroker(provider, brokered, log));
  const open = pageOpener(machine);
  const signIn = createLocalSignIn({
    provider,
    ways: createWays(provider, clock, broker),
    remembered: createRemembered(store.sealed, provider.name, clock),
    leases: store.leases,
    record: createIdentityRecord((entry) => neighbours.record.append(entry), clock, log),
    clock,
    log,
    tell,
    ...(open && { open }),
  });
  return {
    verify: signIn.verify,
    signIn,
    callers: signIn.callerTokens,
    async close() {
      signIn.close();
      await store.close();
    },
  };
}
