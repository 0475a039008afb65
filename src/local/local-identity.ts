// Who is at the other end of the pipe: asked of the gateway with every message, and known without a token.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { CallerTokens } from '../base/caller-tokens.ts';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { createIdentityRecord } from '../identity/identity-record.ts';
import { browserCommand, openBrowser } from '../identity/local/browser.ts';
import { createLocalSignIn } from '../identity/local/local-sign-in.ts';
import type { LocalSignIn, LocalVerified } from '../identity/local/local-sign-in.ts';
import { createPublicProvider } from '../identity/local/provider.ts';
import { createRemembered } from '../identity/local/remembered.ts';
import type { PublicProviderSettings } from '../identity/local/settings.ts';
import { unverifiedPerson } from '../identity/local/unverified-person.ts';
import { createWays } from '../identity/local/ways.ts';
import type { Shown } from '../identity/local/remembered.ts';
import type { Recorder } from '../record/entry.ts';
import { openDatabase } from '../state/database.ts';
import { lockFolder } from '../state/folder-lock.ts';
import { createKeyRing } from '../state/key-ring.ts';
import { createLeases } from '../state/leases.ts';
import { createSealedStore } from '../state/sealed-store.ts';
import { keySourceFor } from './key-place.ts';
import type { Machine } from './places.ts';

export interface LocalIdentity {
  readonly verify: LocalSignIn['verify'];
  /** Absent where nobody is asked to sign in. */
  readonly signIn?: LocalSignIn;
  /** Tokens with which servers are called in the person's name. */
  readonly callers: CallerTokens;
  close(): Promise<void>;
}

export interface LocalIdentityNeighbours {
  readonly root: string;
  readonly machine: Machine;
  readonly account: string;
  readonly record: Recorder;
  readonly clock: Clock;
  readonly log: Log;
  /** Shows the person at the terminal where to sign in. */
  readonly tell: (shown: Shown) => void;
}

/** @param settings undefined where there is no identity provider: then the operating system's account has to do */
export async function openLocalIdentity(
  settings: PublicProviderSettings | undefined,
  neighbours: LocalIdentityNeighbours,
): Promise<LocalIdentity> {
  const { root, machine, account, clock, log, tell } = neighbours;
  if (settings === undefined) {
    const verified: LocalVerified = { outcome: 'allow', principal: unverifiedPerson(account), expiresAtMs: Infinity };
    return { verify: () => verified, callers: nobodysTokens, close: () => Promise.resolve() };
  }
  // All processes of a person share it, and the first two of them may start at the same moment.
  const release = lockFolder(root, 'opening.lock', 10_000);
  const database = await openDatabase(path.join(root, 'genkan.db')).finally(() => release?.());
  const leases = createLeases({ database, clock });
  const source = await keySourceFor(path.join(root, 'keys'), machine.platform, log);
  const keys = createKeyRing({ database, source, leases, clock, log });
  const provider = createPublicProvider(settings);
  const command = browserCommand({ ...machine, inContainer: isContainer() });
  const signIn = createLocalSignIn({
    provider,
    ways: createWays(provider, clock),
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

const nobodysTokens: CallerTokens = {
  tokenFor: () =>
    Promise.reject(new GenkanError('identity_on_behalf_impossible', {}, { detail: 'there is no identity provider' })),
  demand: () => Promise.resolve(),
};
