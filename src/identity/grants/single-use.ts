// What may be used once: ids of assertions and proofs, remembered for all processes until they would be too old anyway.
import { hash } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../../state/database.ts';

export interface SingleUse {
  /**
   * Uses an id up.
   * @param parts who made it and the id, e.g. issuer and `jti`
   * @param untilMs when it can no longer be accepted for another reason
   * @param briefly it will be too old in a minute or two: a loss of power, and nothing less, may forget it, so that no request
   *   has to wait for the disk
   * @returns whether this was its first use, whichever process asks
   */
  claim(parts: readonly string[], untilMs: number, briefly?: boolean): Promise<boolean>;
}

const kind = 'SingleUse';

export function createSingleUse(database: Database): SingleUse {
  return {
    async claim(parts, untilMs, briefly = false) {
      // JSON keeps ["a","bc"] and ["ab","c"] apart. The insert decides: a look-up before it would let two come in at once.
      const id = hash('sha256', JSON.stringify(parts), 'base64url');
      const insert = async (among: Database): Promise<boolean> => {
        const { numInsertedOrUpdatedRows } = await among
          .insertInto('oidc_record')
          .values({ kind, id, payload: '{}', expires_at: untilMs })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows === 1n;
      };
      return briefly ? withoutWaiting(database, insert) : insert(database);
    },
  };
}

/** The connection is held alone, so that nothing else is written in this way. */
const withoutWaiting = <Value>(database: Database, write: (among: Database) => Promise<Value>): Promise<Value> =>
  database.connection().execute(async (alone) => {
    await sql`PRAGMA synchronous = NORMAL`.execute(alone);
    try {
      return await write(alone);
    } finally {
      await sql`PRAGMA synchronous = FULL`.execute(alone);
    }
  });
