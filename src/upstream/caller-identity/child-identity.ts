// One person's identity for the processes that act as them: passes to tokens of theirs, and a home in which nobody else's lie.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CallerToken, CallerTokens } from '../../base/caller-tokens.ts';
import { SignInAgain } from '../../base/caller-tokens.ts';
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import { asCaller } from './caller-credential.ts';
import type { CallerDesk } from './caller-desk.ts';
import { plainResource } from './settings.ts';
import type { Pass, TokenEndpoint } from './token-endpoint.ts';

export interface ChildIdentity {
  /**
   * Before anything is started or asked in the person's name.
   * @throws GenkanError `upstream_sign_in_required` while they have to sign in, `identity_caller_not_person`
   */
  check(): Promise<void>;
  /** Resolves once a process can be started. */
  prepare(): Promise<void>;
  /** For one process, until it ends. `prepare` came first. */
  issue(): Pass;
  /** Ends every pass at once. */
  revoke(): void;
  /** Removes the home. Processes have ended before that. */
  close(): Promise<void>;
}

export interface ChildIdentityOptions {
  readonly person: string;
  readonly resources: readonly string[];
  readonly callers: CallerTokens;
  readonly desk: Pick<CallerDesk, 'signInRequired'>;
  readonly endpoint: Pick<TokenEndpoint, 'open' | 'admit'>;
  readonly clock: Clock;
}

/** A program that keeps nothing asks for each call, and is not to make us do so. */
const renewalPauseMs = 60_000;

export function createChildIdentity({
  person,
  resources,
  callers,
  desk,
  endpoint,
  clock,
}: ChildIdentityOptions): ChildIdentity {
  const passes = new Set<Pass>();
  const renewedAtMs = new Map<string, number>();
  /** For what there was no token because the person has to sign in; at first it is not known whether they have to. */
  let unsure: string | undefined = resources[0];
  let home: Promise<string> | undefined;
  let homePath = '';
  let ended = false;

  const fetchFor = (resource: string, renewed = false): Promise<CallerToken> =>
    callers.tokenFor(person, [`${resource}/.default`], renewed);

  /** SDKs keep a token until it ends, or is turned away (continuous access evaluation): then they ask once more. */
  function isTurnedAway(resource: string, handed: Set<string>): boolean {
    const before = handed.has(resource);
    handed.add(resource);
    if (!before || clock.now() - (renewedAtMs.get(resource) ?? -Infinity) < renewalPauseMs) return false;
    renewedAtMs.set(resource, clock.now());
    return true;
  }

  async function tokenFor(asked: string, handed: Set<string>): Promise<CallerToken> {
    const resource = plainResource(asked);
    if (ended || !resources.includes(resource)) throw new GenkanError('identity_on_behalf_impossible');
    try {
      const token = await fetchFor(resource, isTurnedAway(resource, handed));
      if (ended) throw new GenkanError('identity_on_behalf_impossible'); // meanwhile
      return token;
    } catch (error) {
      if (error instanceof SignInAgain) unsure = resource;
      throw error;
    }
  }

  function revoke(): void {
    ended = true;
    for (const pass of passes) pass.end();
  }

  return {
    async check() {
      const resource = unsure;
      if (resource === undefined) return;
      try {
        await asCaller(person, desk, () => fetchFor(resource));
      } catch (error) {
        // Whether it needs this resource at all only the program knows; it is told when it asks.
        if (!(error instanceof GenkanError) || error.code !== 'identity_on_behalf_impossible') throw error;
      }
      if (unsure === resource) unsure = undefined;
    },
    async prepare() {
      home ??= mkdtemp(path.join(tmpdir(), 'genkan-caller-'));
      [homePath] = await Promise.all([home, endpoint.open()]);
    },
    issue() {
      const handed = new Set<string>();
      const granted = endpoint.admit((resource) => tokenFor(resource, handed));
      const pass: Pass = {
        ...granted,
        environment: { ...homeVariables(homePath), ...granted.environment },
        end() {
          passes.delete(pass);
          granted.end();
        },
      };
      passes.add(pass);
      return pass;
    },
    revoke,
    async close() {
      revoke();
      const made = await home?.catch(() => undefined);
      if (made !== undefined) await rm(made, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    },
  };
}

/** Where programs look for the sign-ins of whoever runs them, and leave their own. */
const homeVariables = (home: string): Record<string, string> => ({
  HOME: home,
  USERPROFILE: home,
  APPDATA: home,
  LOCALAPPDATA: home,
  TMPDIR: home,
  TEMP: home,
  TMP: home,
  XDG_CONFIG_HOME: home,
  XDG_CACHE_HOME: home,
  XDG_DATA_HOME: home,
  AZURE_CONFIG_DIR: path.join(home, 'azure'),
});
