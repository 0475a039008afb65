// Notices that wait to be delivered, in table `notice_delivery`: each is tried by one process at a time.
import type { Selectable } from 'kysely';
import type { Clock } from '../base/clock.ts';
import { unguessableId } from '../base/ids.ts';
import type { Database } from '../state/database.ts';
import type { NoticeTables } from '../state/notice-schema.ts';
import type { Outgoing } from './channels/channel.ts';

export interface Delivery {
  readonly id: string;
  readonly channel: string;
  readonly kind: string;
  readonly severity: Outgoing['severity'];
  readonly state: 'waiting' | 'delivered' | 'given-up';
  readonly content: Omit<Outgoing, 'id'>;
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly dueAtMs: number;
  readonly deliveredAtMs?: number;
  readonly lastError?: string;
}

export interface Outbox {
  /** Keeps messages, all or none; those that a channel has had already are left out. */
  add(
    notice: string,
    messages: readonly { readonly channel: string; readonly content: Omit<Outgoing, 'id'> }[],
  ): Promise<void>;
  /** Takes one that is due, the most severe first, for a while; undefined when none is. Nobody else gets it meanwhile. */
  take(channels: readonly string[]): Promise<Delivery | undefined>;
  /** When the next one is due. */
  nextDueMs(channels: readonly string[]): Promise<number | undefined>;
  delivered(id: string): Promise<void>;
  /** @param againAtMs undefined to give up */
  failed(id: string, error: string, againAtMs: number | undefined): Promise<void>;
  /** Newest first. */
  list(query: { readonly state?: Delivery['state']; readonly limit: number }): Promise<Delivery[]>;
  /** Removes what was over before one moment, and what waits since before another one for channels that are no more. */
  sweep(channels: readonly string[], overBeforeMs: number, waitingBeforeMs: number): Promise<void>;
}

/** Longer than any attempt takes: a process that dies in the middle leaves the message to the others. */
export const takenMs = 60_000;

export function createOutbox(database: Database, clock: Clock): Outbox {
  const waiting = (channels: readonly string[]) =>
    database.selectFrom('notice_delivery').where('state', '=', 'waiting').where('channel', 'in', channels);

  return {
    async add(notice, messages) {
      if (messages.length === 0) return;
      const nowMs = clock.now();
      const rows = messages.map(({ channel, content }) => ({
        id: unguessableId(),
        channel,
        notice,
        kind: content.kind,
        severity: content.severity,
        content: JSON.stringify(content),
        state: 'waiting' as const,
        created_at: nowMs,
        due_at: nowMs,
        attempts: 0,
        last_error: null,
        delivered_at: null,
      }));
      await database
        .insertInto('notice_delivery')
        .values(rows)
        .onConflict((conflict) => conflict.columns(['channel', 'notice']).doNothing())
        .execute();
    },
    async take(channels) {
      if (channels.length === 0) return undefined;
      for (;;) {
        const nowMs = clock.now();
        const row = await waiting(channels)
          .selectAll()
          .where('due_at', '<=', nowMs)
          .orderBy(({ case: when }) => when('severity').when('critical').then(0).when('warning').then(1).else(2).end())
          .orderBy('due_at')
          .limit(1)
          .executeTakeFirst();
        if (row === undefined) return undefined;
        // Of two processes that saw it, the one whose change comes second finds it moved on.
        const { numUpdatedRows } = await database
          .updateTable('notice_delivery')
          .set({ due_at: nowMs + takenMs, attempts: row.attempts + 1 })
          .where('id', '=', row.id)
          .where('state', '=', 'waiting')
          .where('attempts', '=', row.attempts)
          .executeTakeFirst();
        if (numUpdatedRows > 0n) return { ...deliveryOf(row), attempts: row.attempts + 1 };
      }
    },
    async nextDueMs(channels) {
      if (channels.length === 0) return undefined;
      const row = await waiting(channels).select('due_at').orderBy('due_at').limit(1).executeTakeFirst();
      return row?.due_at;
    },
    async delivered(id) {
      await database
        .updateTable('notice_delivery')
        .set({ state: 'delivered', delivered_at: clock.now(), last_error: null })
        .where('id', '=', id)
        .execute();
    },
    async failed(id, error, againAtMs) {
      await database
        .updateTable('notice_delivery')
        .set({
          last_error: error,
          ...(againAtMs === undefined ? { state: 'given-up' as const } : { due_at: againAtMs }),
        })
        .where('id', '=', id)
        .execute();
    },
    async list({ state, limit }) {
      const rows = await database
        .selectFrom('notice_delivery')
        .selectAll()
        .$if(state !== undefined, (query) => query.where('state', '=', state!))
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(deliveryOf);
    },
    async sweep(channels, overBeforeMs, waitingBeforeMs) {
      await database
        .deleteFrom('notice_delivery')
        .where('state', '!=', 'waiting')
        .where('created_at', '<', overBeforeMs)
        .execute();
      await database
        .deleteFrom('notice_delivery')
        .where('state', '=', 'waiting')
        .where('created_at', '<', waitingBeforeMs)
        .$if(channels.length > 0, (query) => query.where('channel', 'not in', channels))
        .execute();
    },
  };
}

function deliveryOf(row: Selectable<NoticeTables['notice_delivery']>): Delivery {
  return {
    id: row.id,
    channel: row.channel,
    kind: row.kind,
    severity: row.severity,
    state: row.state,
    content: JSON.parse(row.content) as Delivery['content'],
    attempts: row.attempts,
    createdAtMs: row.created_at,
    dueAtMs: row.due_at,
    ...(row.delivered_at !== null && { deliveredAtMs: row.delivered_at }),
    ...(row.last_error !== null && { lastError: row.last_error }),
  };
}
