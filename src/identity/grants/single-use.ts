// What may be used once: ids of assertions and proofs, remembered for all processes until they would be too old anyway.
import { hash } from 'node:crypto';
import type { Database } from '../../state/database.ts';

export interface SingleUse {
  /**
   * Uses an id up.
   * @param parts who made it and the id, e.g. issuer and `jti`
   * @param untilMs when it can no longer be accepted for another reason
   * @returns whether this was its first use, whichever process asks
   */
  claim(parts: readonly string[], untilMs: number): Promise<boolean>;
}

const kind = 'SingleUse';

export function createSingleUse(database: Database): SingleUse {
  return {
    async claim(parts, untilMs) {
      // JSON keeps ["a","bc"] and ["ab","c"] apart. The insert decides: a look-up before it would let two come in at once.
      const id = hash('sha256', JSON.stringify(parts), 'base64url');
      const { numInsertedOrUpdatedRows } = await database
        .insertInto('oidc_record')
        .values({ kind, id, payload: '{}', expires_at: untilMs })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },
  };
}
