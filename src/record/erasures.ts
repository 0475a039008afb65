// Erasures that every log of one state database has to follow: the key is gone for all of them at once, the id in their indexes is not.
import type { Clock } from '../base/clock.ts';
import type { Database } from '../state/database.ts';

export interface Erasures {
  /** How many other logs there are, whose records cannot be asked for from here. */
  others(): Promise<number>;
  announce(pseudonym: string): Promise<void>;
  /** Pseudonyms of those who were erased at this time or later. */
  since(fromMs: number): Promise<ReadonlySet<string>>;
}

/** @param verifierKey of the log of this process */
export function createErasures(
  verifierKey: string,
  { database, clock }: { readonly database: Database; readonly clock: Clock },
): Erasures {
  return {
    async others() {
      const rows = await database
        .selectFrom('audit_log')
        .select('origin')
        .where('verifier_key', '!=', verifierKey)
        .execute();
      return rows.length;
    },
    async announce(pseudonym) {
      const erased_at = clock.now();
      await database
        .insertInto('record_erasure')
        .values({ pseudonym, erased_at })
        .onConflict((conflict) => conflict.column('pseudonym').doUpdateSet({ erased_at }))
        .execute();
    },
    async since(fromMs) {
      const rows = await database
        .selectFrom('record_erasure')
        .select('pseudonym')
        .where('erased_at', '>=', fromMs)
        .execute();
      return new Set(rows.map(({ pseudonym }) => pseudonym));
    },
  };
}
