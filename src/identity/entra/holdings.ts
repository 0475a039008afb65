// What people hold at Entra ID: their tokens and for what they have to sign in anew, sealed, and changed by one process at a time.
import type { ICachePlugin } from '@azure/msal-node';
import { z } from 'zod';
import { GenkanError } from '../../base/errors.ts';
import type { Leases } from '../../state/leases.ts';
import type { SealedStore } from '../../state/sealed-store.ts';

const holding = z.object({
  /** MSAL's cache of this person. Without it they have to sign in again. */
  tokens: z.string().optional(),
  signedInAtMs: z.number().optional(),
  /** Scopes for which no token is to be had before the next sign-in, with what Entra ID wants it to bring. */
  refused: z.record(z.string(), z.object({ claims: z.string().optional() })).catch({}),
});
export type Holding = z.infer<typeof holding>;

export interface Held {
  readonly now: Holding;
  /** @throws GenkanError `state_lease_busy` when somebody else has changed it after all */
  change(to: Partial<Holding>): Promise<void>;
}

export interface Holdings {
  read(person: string): Promise<Holding>;
  /** Works with what a person holds; nobody else changes it meanwhile. @throws GenkanError `state_lease_busy` */
  alone<Value>(person: string, work: (held: Held) => Promise<Value>): Promise<Value>;
}

const name = 'entra';
const nothing: Holding = { refused: {} };

/** @param isDisabled who may not come in holds nothing, whatever still lies there or comes in for them */
export function createHoldings(
  store: SealedStore,
  leases: Leases,
  isDisabled: (person: string) => Promise<boolean>,
): Holdings {
  const parsed = (text: string | undefined): Holding =>
    text === undefined ? nothing : (holding.safeParse(JSON.parse(text)).data ?? nothing);
  return {
    read: async (person) => ((await isDisabled(person)) ? nothing : parsed(await store.get(person, name))),
    alone: (person, work) =>
      leases.hold(`entra ${person}`, async () => {
        let before = await store.get(person, name);
        let now = (await isDisabled(person)) ? nothing : parsed(before);
        return work({
          get now() {
            return now;
          },
          async change(to) {
            if (await isDisabled(person)) return;
            const next = { ...now, ...to };
            const text = JSON.stringify(next);
            // A process that stood still is late, and others have worked with it since: theirs counts.
            if (!(await store.replace(person, name, before, text))) {
              // Who was removed meanwhile is not brought back by what was still under way.
              if ((await store.get(person, name)) === undefined) return;
              throw new GenkanError('state_lease_busy', { name: `entra ${person}` });
            }
            [before, now] = [text, next];
          },
        });
      }),
  };
}

/**
 * Lets MSAL work on the tokens of one person, and makes what it was given durable before it goes on.
 * @param keep called with every new state of them
 */
export function tokensOf(tokens: string | undefined, keep: (tokens: string) => Promise<void>): ICachePlugin {
  let kept = tokens;
  return {
    beforeCacheAccess({ tokenCache }) {
      if (kept !== undefined) tokenCache.deserialize(kept);
      return Promise.resolve();
    },
    async afterCacheAccess({ tokenCache, cacheHasChanged }) {
      if (!cacheHasChanged) return;
      const next = tokenCache.serialize();
      if (next === kept) return;
      kept = next;
      await keep(next);
    },
  };
}
