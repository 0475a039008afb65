// The key ring: keys that wrap the data keys of the sealed store. One seals, all of them open; the database says which is which.
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Database } from './database.ts';
import type { Leases } from './leases.ts';
import { createSeal, keyBytes } from './seal.ts';
import type { Seal } from './seal.ts';

/** Where the keys are kept: a file, Azure Key Vault, the operating system's store. */
export interface KeySource {
  /** For people, e.g. the path of the file. */
  readonly name: string;
  /** Every key that can be used, the newest first. */
  read(): Promise<readonly SourceKey[]>;
  /** Puts another key there. Nobody else does so meanwhile. */
  add(key: Buffer): Promise<SourceKey>;
  /** Takes a key away for good. @returns false where Genkan may not do that itself */
  remove(id: string): Promise<boolean>;
}

export interface SourceKey {
  readonly id: string;
  readonly key: Buffer;
}

interface RingKey {
  readonly id: string;
  readonly seal: Seal;
}

export interface KeyRing {
  /**
   * The key that seals.
   * @throws GenkanError `state_keys_unavailable`, `state_key_missing`
   */
  sealing(): Promise<RingKey>;
  /**
   * A key that opens. One that is not known yet is looked for where the keys are kept, since another process may have added it.
   * @returns undefined for a key that is retired or gone
   * @throws GenkanError `state_keys_unavailable`, `state_key_missing`
   */
  find(id: string): Promise<Seal | undefined>;
  /** Learns anew which keys there are. */
  reread(): Promise<void>;
}

export interface RingNeighbours {
  readonly database: Database;
  readonly source: KeySource;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Log;
}

/** Held while the keys themselves are changed. */
export const ringLease = 'key-ring';

/** How long a source that failed, or did not have a key, is not asked again. */
const pauseMs = 5_000;
const maxAbsent = 1000;
const maxReadings = 3;

interface Loaded {
  readonly sealing: RingKey;
  readonly keys: ReadonlyMap<string, Seal>;
}

/** Opens a key ring without reading it yet. */
export function createKeyRing({ database, source, leases, clock, log }: RingNeighbours): KeyRing {
  let loaded: Loaded | undefined;
  let loading: Promise<Loaded> | undefined;
  let failed: { readonly error: unknown; readonly untilMs: number } | undefined;
  const absent = new Map<string, number>();

  const states = (): Promise<{ id: string; state: string }[]> =>
    database.selectFrom('sealing_key').select(['id', 'state']).execute();

  const read = async (): Promise<readonly SourceKey[]> => {
    try {
      return await source.read();
    } catch (error) {
      if (error instanceof GenkanError) throw error;
      const reason = (error as Error).message;
      throw new GenkanError('state_keys_unavailable', { source: source.name, reason }, { cause: error });
    }
  };

  async function load(): Promise<Loaded> {
    if (!(await states()).some(({ state }) => state === 'sealing')) await begin();
    for (let attempt = 1; ; attempt++) {
      const [held, known] = [await read(), await states()];
      const usable = new Set(known.filter(({ state }) => state !== 'retired').map(({ id }) => id));
      const keys = new Map(held.filter(({ id }) => usable.has(id)).map(({ id, key }) => [id, createSeal(key)]));
      const id = known.find(({ state }) => state === 'sealing')?.id ?? '';
      const seal = keys.get(id);
      if (seal !== undefined) return { sealing: { id, seal }, keys };
      // A rotation may have come between the two readings. Otherwise any other key in its place would seal what is
      // written from now on with a key that was perhaps given up for good reason.
      if (attempt >= maxReadings) throw new GenkanError('state_key_missing', { key: id, source: source.name });
    }
  }

  /** The first key of a new database; a key that is there already and was never used will do. */
  const begin = (): Promise<void> =>
    leases.hold(ringLease, async () => {
      const known = await states();
      if (known.some(({ state }) => state === 'sealing')) return;
      const unused = (await read()).find(({ id }) => !known.some((row) => row.id === id));
      const first = unused ?? (await source.add(randomBytes(keyBytes)));
      // Unless another process was faster after all, whose key counts then.
      const { numInsertedOrUpdatedRows } = await database
        .insertInto('sealing_key')
        .columns(['id', 'state', 'added_at', 'retired_at'])
        .expression(
          database
            .selectNoFrom([
              sql.val(first.id).as('id'),
              sql.lit('sealing').as('state'),
              sql.val(clock.now()).as('added_at'),
              sql.lit(null).as('retired_at'),
            ])
            .where(({ not, exists, selectFrom }) =>
              not(exists(selectFrom('sealing_key').select('id').where('state', '=', 'sealing'))),
            ),
        )
        .executeTakeFirst();
      if ((numInsertedOrUpdatedRows ?? 0n) > 0n)
        log.info({ key: first.id, source: source.name }, 'this key seals what has to be kept secret');
    });

  /** One reading at a time; whoever comes meanwhile gets its result. */
  function reload(): Promise<Loaded> {
    if (failed !== undefined && clock.now() < failed.untilMs) return Promise.reject(failed.error as Error);
    loading ??= load().then(
      (fresh) => {
        [loaded, failed, loading] = [fresh, undefined, undefined];
        return fresh;
      },
      (error: unknown) => {
        // Whoever has keys wants to learn of a rotation, and would keep people waiting for it.
        if (loaded === undefined) failed = { error, untilMs: clock.now() + pauseMs };
        loading = undefined;
        throw error;
      },
    );
    return loading;
  }

  return {
    sealing: async () => (loaded ?? (await reload())).sealing,
    async find(id) {
      const known = (loaded ?? (await reload())).keys.get(id);
      if (known !== undefined || (absent.get(id) ?? 0) > clock.now()) return known;
      const found = (await reload()).keys.get(id);
      if (found === undefined) {
        if (absent.size >= maxAbsent) absent.clear();
        absent.set(id, clock.now() + pauseMs);
      }
      return found;
    },
    async reread() {
      failed = undefined;
      await loading?.catch(() => undefined); // it may have begun before what has to be seen
      absent.clear();
      await reload();
    },
  };
}
