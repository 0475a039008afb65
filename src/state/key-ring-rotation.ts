// Rotating the key ring while everything goes on: a new key is made and proved, then seals; every data key is wrapped anew; the old key goes.
import { randomBytes } from 'node:crypto';
import { setImmediate as letOthersGo } from 'node:timers/promises';
import { GenkanError } from '../base/errors.ts';
import { ringLease } from './key-ring.ts';
import type { KeyRing, RingNeighbours, SourceKey } from './key-ring.ts';
import { keyBytes } from './seal.ts';
import { placeOfDataKey } from './data-keys.ts';

interface KeyRow {
  readonly id: string;
  /** `unused`: kept where the keys are, but Genkan has not begun to use it. */
  readonly state: 'sealing' | 'opening' | 'retired' | 'unused';
  /** Whether it is where the keys are kept. */
  readonly present: boolean;
  /** How many data keys are wrapped by it. */
  readonly dataKeys: number;
  readonly addedAtMs?: number;
  readonly retiredAtMs?: number;
}

interface Rotation {
  /** The key that seals now. */
  readonly key: string;
  readonly rewrapped: number;
  /** Data keys that were lost: abandoned, or damaged. */
  readonly lost: number;
  readonly retired: readonly string[];
  /** Retired keys that Genkan could not take away itself. */
  readonly leftBehind: readonly string[];
}

export interface KeyRotation {
  /** Where the keys are kept, for people. */
  readonly source: string;
  /** @throws GenkanError `state_keys_unavailable` */
  list(): Promise<readonly KeyRow[]>;
  /**
   * Begins to seal with another key: one that was put where the keys are kept and is not used yet, or else a new one.
   * @param abandonMissing gives up what was sealed with keys that are not there any more
   * @throws GenkanError `state_keys_unavailable`, `state_key_missing`, `state_lease_busy`
   */
  rotate(options?: { readonly abandonMissing?: boolean }): Promise<Rotation>;
  /** Goes on with a rotation that a process did not live to finish. @returns undefined when there is none */
  resume(): Promise<Rotation | undefined>;
}

const batchSize = 100;

export function createKeyRotation(
  keys: KeyRing,
  { database, source, leases, clock, log }: RingNeighbours,
): KeyRotation {
  const known = () => database.selectFrom('sealing_key').selectAll().orderBy('added_at', 'desc').execute();
  const alone = <Value>(work: () => Promise<Value>): Promise<Value> => leases.hold(ringLease, work);

  async function held(): Promise<readonly SourceKey[]> {
    try {
      return await source.read();
    } catch (error) {
      if (error instanceof GenkanError) throw error;
      const reason = (error as Error).message;
      throw new GenkanError('state_keys_unavailable', { source: source.name, reason }, { cause: error });
    }
  }

  /** Create and verify: a key that cannot be read back must not seal anything. */
  async function nextKey(): Promise<string> {
    const rows = await known();
    const unused = (await held()).find(({ id }) => !rows.some((row) => row.id === id));
    if (unused !== undefined) return unused.id;
    const made = await source.add(randomBytes(keyBytes));
    const stored = (await held()).find(({ id }) => id === made.id);
    if (stored === undefined || !stored.key.equals(made.key)) {
      const reason = 'the new key cannot be read back';
      throw new GenkanError('state_keys_unavailable', { source: source.name, reason });
    }
    return made.id;
  }

  /** From its commit on, no process can make a data key with the earlier one. */
  async function seal(id: string): Promise<void> {
    await database.transaction().execute(async (transaction) => {
      await transaction.updateTable('sealing_key').set({ state: 'opening' }).where('state', '=', 'sealing').execute();
      await transaction
        .insertInto('sealing_key')
        .values({ id, state: 'sealing', added_at: clock.now(), retired_at: null })
        .execute();
    });
  }

  async function abandon(): Promise<number> {
    // In this order: a key that came into use meanwhile is not known here, rather than known and thought missing.
    const rows = await known();
    const present = new Set((await held()).map(({ id }) => id));
    let lost = 0;
    for (const { id, state } of rows) {
      if (state === 'retired' || present.has(id)) continue;
      const { numDeletedRows } = await database.deleteFrom('data_key').where('wrapped_by', '=', id).executeTakeFirst();
      log.error(
        { key: id, dataKeys: Number(numDeletedRows) },
        'a key is missing and was abandoned; what it sealed is lost',
      );
      lost += Number(numDeletedRows);
    }
    return lost;
  }

  /** Wraps every data key anew, a few at a time, so that whoever asks meanwhile waits for a few only. */
  async function rewrap(): Promise<{ rewrapped: number; lost: number }> {
    const sealing = await keys.sealing();
    let [rewrapped, lost, last] = [0, 0, ''];
    for (;;) {
      const rows = await database
        .selectFrom('data_key')
        .selectAll()
        .where('wrapped_by', '!=', sealing.id)
        .where('id', '>', last)
        .orderBy('id')
        .limit(batchSize)
        .execute();
      if (rows.length === 0) return { rewrapped, lost };
      last = rows.at(-1)!.id;
      const changes: { id: string; before: string; after: string | undefined }[] = [];
      for (const row of rows) {
        const key = await keys.find(row.wrapped_by);
        if (key === undefined) continue; // missing: it may come back, and keeps its data keys until it is abandoned
        const opened = key.open(row.wrapped, placeOfDataKey(row));
        const after = opened === undefined ? undefined : sealing.seal.seal(opened, placeOfDataKey(row));
        changes.push({ id: row.id, before: row.wrapped, after });
        if (after === undefined)
          log.error({ owner: row.owner, key: row.wrapped_by }, 'a data key was damaged and is lost');
      }
      await database.transaction().execute(async (transaction) => {
        for (const { id, before, after } of changes) {
          // Only what is still as it was read: its owner may have been removed meanwhile. And only with the key that seals
          // at this very moment: of a process that stood still, another one may have retired the key and taken it away.
          if (after === undefined) {
            await transaction.deleteFrom('data_key').where('id', '=', id).where('wrapped', '=', before).execute();
            lost++;
          } else {
            const { numUpdatedRows } = await transaction
              .updateTable('data_key')
              .set({ wrapped: after, wrapped_by: sealing.id })
              .where('id', '=', id)
              .where('wrapped', '=', before)
              .where(({ exists, selectFrom }) =>
                exists(
                  selectFrom('sealing_key').select('id').where('id', '=', sealing.id).where('state', '=', 'sealing'),
                ),
              )
              .executeTakeFirst();
            rewrapped += Number(numUpdatedRows);
          }
        }
      });
      await letOthersGo();
    }
  }

  /** Retires the keys by which nothing is wrapped any more, and takes them away from where they are kept. */
  async function retire(): Promise<{ retired: string[]; leftBehind: string[] }> {
    const retired = await database
      .updateTable('sealing_key')
      .set({ state: 'retired', retired_at: clock.now() })
      .where('state', '=', 'opening')
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('data_key').select('data_key.id').whereRef('wrapped_by', '=', 'sealing_key.id'))),
      )
      .returning('id')
      .execute();
    const present = new Set((await held()).map(({ id }) => id));
    const leftBehind: string[] = [];
    for (const { id, state } of await known()) {
      if (state === 'retired' && present.has(id) && !(await source.remove(id))) leftBehind.push(id);
    }
    return { retired: retired.map(({ id }) => id), leftBehind };
  }

  async function finish(abandoned: number): Promise<Rotation> {
    await keys.reread();
    const { rewrapped, lost } = await rewrap();
    const { retired, leftBehind } = await retire();
    await keys.reread();
    const { id: key } = await keys.sealing();
    log.info({ key, rewrapped, lost: lost + abandoned, retired, leftBehind }, 'the key ring was rotated');
    return { key, rewrapped, lost: lost + abandoned, retired, leftBehind };
  }

  return {
    source: source.name,
    async list() {
      const present = new Set((await held()).map(({ id }) => id));
      const counted = await database
        .selectFrom('data_key')
        .select(['wrapped_by', ({ fn }) => fn.countAll<number>().as('count')])
        .groupBy('wrapped_by')
        .execute();
      const dataKeys = new Map(counted.map(({ wrapped_by, count }) => [wrapped_by, Number(count)]));
      const rows = await known();
      const unused = [...present].filter((id) => !rows.some((row) => row.id === id));
      return [
        ...unused.map((id) => ({ id, state: 'unused', present: true, dataKeys: 0 }) as const),
        ...rows.map(({ id, state, added_at: addedAtMs, retired_at: retiredAtMs }) => ({
          id,
          state,
          present: present.has(id),
          dataKeys: dataKeys.get(id) ?? 0,
          addedAtMs,
          ...(retiredAtMs === null ? {} : { retiredAtMs }),
        })),
      ];
    },
    async rotate({ abandonMissing = false } = {}) {
      // Nothing is changed as long as it is unclear what becomes of what the present key sealed.
      if (!abandonMissing) await keys.sealing();
      return alone(async () => {
        if (!abandonMissing) await keys.reread();
        await seal(await nextKey());
        return finish(abandonMissing ? await abandon() : 0);
      });
    },
    async resume() {
      if (!(await known()).some(({ state }) => state === 'opening')) return undefined;
      return alone(() => finish(0));
    },
  };
}
