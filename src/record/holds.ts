// Legal holds: what they cover is neither removed by retention nor made unreadable by erasure until they are released.
import type { Clock } from '../base/clock.ts';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { correlationId } from '../base/ids.ts';
import { keptUser } from './leaf.ts';
import type { Database } from '../state/database.ts';
import type { RecordTables } from '../state/record-schema.ts';

export interface Hold {
  readonly id: string;
  readonly reason: string;
  /** Principal id; absent for everybody. */
  readonly user?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly placedBy: string;
  readonly placedAtMs: number;
}

export type HoldWish = Pick<Hold, 'reason' | 'user' | 'fromMs' | 'toMs'>;

export interface Holds {
  place(wish: HoldWish, by: string): Promise<Hold>;
  /** Those in force, the oldest first. */
  list(): Promise<readonly Hold[]>;
  /** @returns refusal `operation_not_found` */
  release(id: string, by: string): Promise<Hold | Refusal>;
}

export function createHolds({ database, clock }: { readonly database: Database; readonly clock: Clock }): Holds {
  return {
    async place(wish, by) {
      const user = wish.user === undefined ? {} : { user: keptUser(wish.user) };
      const hold: Hold = { ...wish, ...user, id: correlationId(), placedBy: by, placedAtMs: clock.now() };
      await database
        .insertInto('record_hold')
        .values({
          id: hold.id,
          reason: hold.reason,
          user: hold.user ?? null,
          from_at: hold.fromMs ?? null,
          to_at: hold.toMs ?? null,
          placed_by: by,
          placed_at: hold.placedAtMs,
          released_by: null,
          released_at: null,
        })
        .execute();
      return hold;
    },
    async list() {
      const rows = await database
        .selectFrom('record_hold')
        .selectAll()
        .where('released_at', 'is', null)
        .orderBy('placed_at')
        .orderBy('id')
        .execute();
      return rows.map(holdOf);
    },
    async release(id, by) {
      const row = await database
        .updateTable('record_hold')
        .set({ released_by: by, released_at: clock.now() })
        .where('id', '=', id)
        .where('released_at', 'is', null)
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? refuse('operation_not_found', { kind: 'legal hold', name: id }) : holdOf(row);
    },
  };
}

const holdOf = (row: RecordTables['record_hold']): Hold => ({
  id: row.id,
  reason: row.reason,
  ...(row.user !== null && { user: row.user }),
  ...(row.from_at !== null && { fromMs: row.from_at }),
  ...(row.to_at !== null && { toMs: row.to_at }),
  placedBy: row.placed_by,
  placedAtMs: row.placed_at,
});

export const covers = (
  { user, fromMs = -Infinity, toMs = Infinity }: Hold,
  record: { readonly user: string; readonly timestamp: number },
): boolean => (user ?? record.user) === record.user && record.timestamp >= fromMs && record.timestamp < toMs;
