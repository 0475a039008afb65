// How far each sink has acknowledged the log of this Genkan, and which records it refuses: in tables `export_cursor` and `export_set_aside`.
import type { Selectable } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../state/database.ts';
import type { ExportTables } from '../../state/export-schema.ts';
import { withMark } from './marks.ts';
import type { Mark } from './marks.ts';

export interface Standing {
  /** Index of the last record that the sink needs no more; -1 before the first. */
  readonly acknowledged: number;
  /** Days since the Unix epoch, and the bytes of records acknowledged in it. */
  readonly day: number;
  readonly dayBytes: number;
  /** Attempts in a row that were not acknowledged. */
  readonly failures: number;
  readonly lastError?: string;
  /** When the next attempt is due; absent for at once. */
  readonly dueAtMs?: number;
  readonly deliveredAtMs?: number;
  /** Since when records wait longer than they should; absent while they do not. */
  readonly behindSinceMs?: number;
  /** Whether people were told so. */
  readonly told: boolean;
  /** Records that were acknowledged, by which the log is known again; the oldest first. */
  readonly marks: readonly Mark[];
}

export interface SetAside {
  readonly index: number;
  readonly reason: string;
  readonly atMs: number;
}

export interface Cursor {
  /** @param acknowledged where a sink begins that has no standing yet */
  open(acknowledged: () => number): Promise<Standing>;
  find(): Promise<Standing | undefined>;
  /**
   * Moves on, unless somebody else has moved it since.
   * @param bytes of the records that were acknowledged
   * @param mark the record that it moves to, where it is still there
   * @param refused records that the sink refuses, to be kept in mind
   * @returns whether it was moved
   */
  advance(from: Standing, to: number, bytes: number, mark?: Mark, refused?: readonly SetAside[]): Promise<boolean>;
  /** Moves back to before the records that were lost, unless somebody else has moved it since, and forgets which of them were refused. */
  goBack(from: number, to: number): Promise<void>;
  /** Moves it anywhere. */
  reset(acknowledged: number): Promise<void>;
  failed(reason: string, dueAtMs: number): Promise<void>;
  behind(sinceMs: number | undefined, told: boolean): Promise<void>;
  /** The oldest first. */
  setAside(limit: number): Promise<SetAside[]>;
  countSetAside(): Promise<number>;
  /** They were delivered after all, or are gone. */
  settle(indexes: readonly number[]): Promise<void>;
}

export const dayMs = 86_400_000;
export const dayOf = (atMs: number): number => Math.floor(atMs / dayMs);

export function createCursor(
  sink: string,
  log: string,
  { database, clock }: { readonly database: Database; readonly clock: Clock },
): Cursor {
  const own = () => database.selectFrom('export_cursor').selectAll().where('sink', '=', sink).where('log', '=', log);
  const change = () => database.updateTable('export_cursor').where('sink', '=', sink).where('log', '=', log);
  const aside = () => database.selectFrom('export_set_aside').where('sink', '=', sink).where('log', '=', log);

  async function find(): Promise<Standing | undefined> {
    const row = await own().executeTakeFirst();
    return row && standingOf(row);
  }

  return {
    find,
    async open(acknowledged) {
      const known = await find();
      if (known !== undefined) return known;
      await database
        .insertInto('export_cursor')
        .values({ sink, log, acknowledged: acknowledged(), day: 0, day_bytes: 0, failures: 0, told: 0, marks: '[]' })
        .onConflict((conflict) => conflict.columns(['sink', 'log']).doNothing())
        .execute();
      return (await find())!;
    },
    async advance({ acknowledged: from, marks }, to, bytes, mark, refused = []) {
      const nowMs = clock.now();
      const day = dayOf(nowMs);
      return database.transaction().execute(async (transaction) => {
        // One statement decides, so that of two processes the one that comes second finds it moved.
        const { numUpdatedRows } = await transaction
          .updateTable('export_cursor')
          .set(({ case: when, eb }) => ({
            acknowledged: to,
            ...(mark && { marks: JSON.stringify(withMark(marks, mark)) }),
            day_bytes: when()
              .when('day', '=', day)
              .then(eb('day_bytes', '+', bytes))
              .else(bytes)
              .end(),
            day,
            ...(bytes > 0 && { failures: 0, last_error: null, due_at: null, delivered_at: nowMs }),
          }))
          .where('sink', '=', sink)
          .where('log', '=', log)
          .where('acknowledged', '=', from)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        const rows = refused.map(({ index, reason, atMs }) => ({ sink, log, idx: index, reason, set_aside_at: atMs }));
        if (rows.length > 0)
          await transaction
            .insertInto('export_set_aside')
            .values(rows)
            .onConflict((conflict) => conflict.columns(['sink', 'log', 'idx']).doNothing())
            .execute();
        return true;
      });
    },
    async goBack(from, to) {
      const known = await find();
      const marks = JSON.stringify((known?.marks ?? []).filter(({ index }) => index <= to));
      await database.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('export_cursor')
          .set({ acknowledged: to, marks })
          .where('sink', '=', sink)
          .where('log', '=', log)
          .where('acknowledged', '=', from)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return;
        await transaction
          .deleteFrom('export_set_aside')
          .where('sink', '=', sink)
          .where('log', '=', log)
          .where('idx', '>', to)
          .execute();
      });
    },
    async reset(acknowledged) {
      const known = await find();
      const marks = JSON.stringify((known?.marks ?? []).filter(({ index }) => index <= acknowledged));
      await change().set({ acknowledged, marks, failures: 0, last_error: null, due_at: null }).execute();
    },
    async failed(reason, dueAtMs) {
      await change()
        .set(({ eb }) => ({ failures: eb('failures', '+', 1), last_error: reason, due_at: dueAtMs }))
        .execute();
    },
    async behind(sinceMs, told) {
      await change()
        .set({ behind_since: sinceMs ?? null, told: told ? 1 : 0 })
        .execute();
    },
    async setAside(limit) {
      const rows = await aside().select(['idx', 'reason', 'set_aside_at']).orderBy('idx').limit(limit).execute();
      return rows.map(({ idx, reason, set_aside_at }) => ({ index: idx, reason, atMs: set_aside_at }));
    },
    async countSetAside() {
      const { count } = await aside()
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    async settle(indexes) {
      if (indexes.length === 0) return;
      await database
        .deleteFrom('export_set_aside')
        .where('sink', '=', sink)
        .where('log', '=', log)
        .where('idx', 'in', indexes)
        .execute();
    },
  };
}

const standingOf = (row: Selectable<ExportTables['export_cursor']>): Standing => ({
  acknowledged: row.acknowledged,
  day: row.day,
  dayBytes: row.day_bytes,
  failures: row.failures,
  ...(row.last_error !== null && { lastError: row.last_error }),
  ...(row.due_at !== null && { dueAtMs: row.due_at }),
  ...(row.delivered_at !== null && { deliveredAtMs: row.delivered_at }),
  ...(row.behind_since !== null && { behindSinceMs: row.behind_since }),
  told: row.told === 1,
  marks: JSON.parse(row.marks) as Mark[],
});
