// What people hold at Entra ID: their tokens and what their next sign-in has to bring, sealed, and changed by one process at a time.
import type { ICachePlugin } from '@azure/msal-node';
import { z } from 'zod';
import type { Leases } from '../../state/leases.ts';
import type { SealedStore } from '../../state/sealed-store.ts';

const holding = z.object({
  /** MSAL's cache of this person. Without it they have to sign in again. */
  tokens: z.string().optional(),
  /** Claims that were demanded, for the next sign-in. */
  demanded: z.string().optional(),
  /** Scopes for which no token is to be had before that sign-in. */
  refused: z.array(z.string()).default([]),
});
export type Holding = z.infer<typeof holding>;

export interface Held {
  readonly now: Holding;
  change(to: Partial<Holding>): Promise<void>;
}

export interface Holdings {
  read(person: string): Promise<Holding>;
  /** Works with what a person holds; nobody else changes it meanwhile. @throws GenkanError `state_lease_busy` */
  alone<Value>(person: string, work: (held: Held) => Promise<Value>): Promise<Value>;
}

const name = 'entra';
const nothing: Holding = { refused: [] };

export function createHoldings(store: SealedStore, leases: Leases): Holdings {
  async function read(person: string): Promise<Holding> {
    const text = await store.get(person, name);
    return text === undefined ? nothing : (holding.safeParse(JSON.parse(text)).data ?? nothing);
  }
  return {
    read,
    alone: (person, work) =>
      leases.hold(`entra ${person}`, async () => {
        let now = await read(person);
        return work({
          get now() {
            return now;
          },
          async change(to) {
            const next = { ...now, ...to };
            // Who was removed meanwhile is not brought back by what was still under way.
            if (now !== nothing && (await read(person)) === nothing) return;
            await store.put(person, name, JSON.stringify(next));
            now = next;
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
