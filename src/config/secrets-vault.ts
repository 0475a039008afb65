// Secrets of Azure Key Vault, remembered for a while: a rotated one is seen soon, and a vault that is down for a while stops nobody.
import { setTimeout as passed } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { VaultError } from '../state/key-vault.ts';
import type { KeyVaults, VaultSecret } from '../state/key-vault.ts';
import type { KeyVaultSettings } from '../state/key-vault-settings.ts';

/** @throws VaultError */
export type ReadVault = (vault: string, name: string) => Promise<VaultSecret>;

interface Known {
  readonly secret: VaultSecret;
  /** When it was last certain. */
  readonly readAtMs: number;
  /** Not looked up again before. */
  readonly nextAtMs: number;
}

const maxKnown = 1000;
/** Pause after a vault did not answer. */
const pauseMs = 30_000;
/** How long a vault may take while there is a value that was good a moment ago; its answer counts from then on. */
const patienceMs = 1000;

export function createVaultCache(
  vaults: Pick<KeyVaults, 'read'>,
  { cacheSeconds, staleSeconds }: Pick<KeyVaultSettings, 'cacheSeconds' | 'staleSeconds'>,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): ReadVault {
  const known = new Map<string, Known>();
  const isOfUse = ({ readAtMs }: Known): boolean => clock.now() < readAtMs + (cacheSeconds + staleSeconds) * 1000;
  const pause = (before: Known): Known => ({
    ...before,
    nextAtMs: clock.now() + Math.min(pauseMs, cacheSeconds * 1000),
  });
  const reading = new Map<string, Promise<VaultSecret>>();

  async function read(key: string, vault: string, name: string): Promise<VaultSecret> {
    const before = known.get(key);
    try {
      const secret = await vaults.read(vault, name);
      const nowMs = clock.now();
      if (known.size >= maxKnown) known.delete(known.keys().next().value!);
      known.set(key, { secret, readAtMs: nowMs, nextAtMs: nowMs + cacheSeconds * 1000 });
      return secret;
    } catch (error) {
      // Whoever deleted or disabled a secret means it.
      if (error instanceof VaultError && error.final) known.delete(key);
      else if (before !== undefined && isOfUse(before)) {
        const reason = (error as Error).message;
        log.warn({ vault, name, reason }, 'a secret could not be looked up again; the last known value is used');
        known.set(key, pause(before));
        return before.secret;
      }
      throw error;
    }
  }

  /** A vault that hangs is to hold nobody up for as long as a value will do. */
  async function soon(key: string, before: Known, answer: Promise<VaultSecret>): Promise<VaultSecret> {
    const answered = new AbortController();
    const late = passed(patienceMs, undefined, { ref: false, signal: answered.signal }).then(() => {
      if (known.get(key) === before) known.set(key, pause(before));
      return before.secret;
    });
    late.catch(() => undefined);
    answer.catch(() => undefined); // it was logged, or nobody waits for it any more
    return Promise.race([answer, late]).finally(() => answered.abort());
  }

  return (vault, name) => {
    const key = `${vault.toLowerCase()}/${name}`;
    const found = known.get(key);
    if (found !== undefined && clock.now() < found.nextAtMs) return Promise.resolve(found.secret);
    const underway = reading.get(key);
    if (underway !== undefined) return underway;
    const answer = read(key, vault, name);
    const usable = found !== undefined && isOfUse(found);
    const mine = (usable ? soon(key, found, answer) : answer).finally(() => reading.delete(key));
    reading.set(key, mine);
    return mine;
  };
}
