// Mutual exclusion between processes through the control database: one at a time for each name, and nobody's death blocks the others.
import { setTimeout as passed } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import { unguessableId } from '../base/ids.ts';
import type { Database } from './database.ts';

export interface Lease {
  /** Aborted when the lease was lost, e.g. to a process that went on while this one stood still; it may hear of it late. */
  readonly signal: AbortSignal;
}

export interface LeaseOptions {
  /** How long a holder that says nothing any more keeps the others waiting. */
  readonly ttlMs?: number;
  /** How long to wait for others. */
  readonly waitMs?: number;
}

export interface Leases {
  /**
   * Does the work while nobody else holds the name, in this process or in another. A process that is stopped for longer than
   * its lease goes on beside the next one: what must not be overwritten is written over what was read alone.
   * @throws GenkanError `state_lease_busy` when the others did not finish within `waitMs`; the work was not begun then
   */
  hold<Value>(name: string, work: (lease: Lease) => Promise<Value>, options?: LeaseOptions): Promise<Value>;
}

const firstPauseMs = 5;
const longestPauseMs = 100;
/** Names are many, and of those that nobody has used for so long the rows go. */
const keptMs = 86_400_000;

export function createLeases({ database, clock }: { readonly database: Database; readonly clock: Clock }): Leases {
  const queues = new Map<string, Promise<unknown>>();
  let sweptAtMs = 0;

  /** Those of one process queue here, so that at most one of them asks the database. */
  function inTurn<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
    const mine = (queues.get(name) ?? Promise.resolve()).then(work, work);
    queues.set(name, mine);
    const done = (): void => {
      if (queues.get(name) === mine) queues.delete(name);
    };
    mine.then(done, done);
    return mine;
  }

  /** One statement decides, so two processes cannot both find the name free. */
  async function take(name: string, holder: string, ttlMs: number): Promise<boolean> {
    const nowMs = clock.now();
    const { numInsertedOrUpdatedRows } = await database
      .insertInto('lease')
      .values({ name, holder, expires_at: nowMs + ttlMs })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet({ holder, expires_at: nowMs + ttlMs })
          .where('lease.expires_at', '<=', nowMs),
      )
      .executeTakeFirst();
    return (numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  /** @returns whether the lease was the holder's until now */
  async function change(name: string, holder: string, to: { holder?: string; expires_at: number }): Promise<boolean> {
    const { numUpdatedRows } = await database
      .updateTable('lease')
      .set(to)
      .where('name', '=', name)
      .where('holder', '=', holder)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async function sweep(): Promise<void> {
    const nowMs = clock.now();
    if (nowMs < sweptAtMs + keptMs) return;
    sweptAtMs = nowMs;
    await database
      .deleteFrom('lease')
      .where('expires_at', '<', nowMs - keptMs)
      .execute();
  }

  return {
    hold(name, work, { ttlMs = 15_000, waitMs = 30_000 } = {}) {
      const patientUntilMs = clock.now() + waitMs;
      return inTurn(name, async () => {
        await sweep();
        const holder = unguessableId();
        await acquire(name, holder, ttlMs, patientUntilMs);
        const lost = new AbortController();
        const heartbeat = setInterval(() => {
          // A database that cannot be written now may be so again before the lease is over.
          const renewed = change(name, holder, { expires_at: clock.now() + ttlMs }).catch(() => true);
          void renewed.then((mine) => mine || lost.abort(new GenkanError('state_lease_busy', { name })));
        }, ttlMs / 3);
        try {
          return await work({ signal: lost.signal });
        } finally {
          clearInterval(heartbeat);
          // Where this fails, expiry does it.
          await change(name, holder, { holder: '', expires_at: 0 }).catch(() => false);
        }
      });
    },
  };

  async function acquire(name: string, holder: string, ttlMs: number, untilMs: number): Promise<void> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      if (await take(name, holder, ttlMs)) return;
      if (clock.now() >= untilMs) throw new GenkanError('state_lease_busy', { name });
      await passed(pauseMs * (0.5 + Math.random() / 2)); // uneven, so that those who wait do not come all at once
    }
  }
}
