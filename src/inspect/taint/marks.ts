// What conversations have read, in the database: whichever process a call comes to, and also after a restart.
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../state/database.ts';
import { readings } from './settings.ts';
import type { Reading } from './settings.ts';

/** One conversation. */
export interface Talk {
  /** Principal id. */
  readonly person: string;
  /** Empty where all that a person does is one conversation. */
  readonly client: string;
}

/** What was read where. */
export interface Source {
  readonly server: string;
  readonly name: string;
  /** Of the call, by which its record is found. */
  readonly correlationId: string;
}

export interface Mark extends Talk, Source {
  readonly reads: Reading;
  readonly readAtMs: number;
  readonly usedAtMs: number;
}

export interface Marks {
  /** What a conversation has read, the latest first. */
  of(talk: Talk): Promise<readonly Mark[]>;
  /** Durable before it resolves. */
  put(talk: Talk, reads: readonly Reading[], source: Source): Promise<void>;
  /** The conversation goes on. */
  touch(talk: Talk): Promise<void> | undefined;
  list(limit: number, person?: string): Promise<readonly Mark[]>;
  /** @returns what was forgotten */
  clear(person: string): Promise<readonly Mark[]>;
}

const maxTouched = 10_000;
const maxName = 512;

export function createMarks(
  database: Database,
  { idleMs, longestMs }: { readonly idleMs: number; readonly longestMs: number },
  clock: Clock,
): Marks {
  // That a conversation goes on is written down only so often; what is not written yet, it is given.
  const slackMs = idleMs / 8;
  const touched = new Map<string, number>();
  let sweptAtMs = -Infinity;

  const standing = () => {
    const now = clock.now();
    return database
      .selectFrom('taint')
      .selectAll()
      .where('used_at', '>', Math.floor(now - idleMs - slackMs))
      .where('read_at', '>', now - longestMs)
      .orderBy('read_at', 'desc');
  };

  async function of({ person, client }: Talk): Promise<Mark[]> {
    return (await standing().where('person', '=', person).where('client', '=', client).execute()).map(markOf);
  }

  async function sweep(now: number): Promise<void> {
    if (now < sweptAtMs + slackMs) return;
    sweptAtMs = now;
    await database
      .deleteFrom('taint')
      .where((is) =>
        is.or([is('used_at', '<=', Math.floor(now - idleMs - slackMs)), is('read_at', '<=', now - longestMs)]),
      )
      .execute();
  }

  return {
    of,
    async put(talk, reads, { server, name, correlationId }) {
      const now = clock.now();
      const known = await of(talk);
      // A conversation reads again and again from the same place.
      const isFresh = (reading: Reading): boolean =>
        known.some((mark) => mark.server === server && mark.reads === reading && mark.readAtMs > now - slackMs);
      const missing = reads.filter((reading) => !isFresh(reading));
      if (missing.length === 0) return;
      await sweep(now);
      const values = { name: name.slice(0, maxName), correlation_id: correlationId, read_at: now, used_at: now };
      for (const reading of missing)
        await database
          .insertInto('taint')
          .values({ ...talk, reads: reading, server, ...values })
          .onConflict((conflict) => conflict.columns(['person', 'client', 'reads', 'server']).doUpdateSet(values))
          .execute();
    },
    touch(talk) {
      const { person, client } = talk;
      const key = JSON.stringify([person, client]);
      const now = clock.now();
      if ((touched.get(key) ?? -Infinity) > now - slackMs) return undefined;
      touched.delete(key);
      if (touched.size >= maxTouched) touched.delete(touched.keys().next().value!);
      touched.set(key, now);
      return database
        .updateTable('taint')
        .set({ used_at: now })
        .where('person', '=', person)
        .where('client', '=', client)
        .where('used_at', '>', Math.floor(now - idleMs - slackMs)) // what is over does not begin again
        .execute()
        .then(() => undefined);
    },
    async list(limit, person) {
      const all = standing().limit(limit);
      return (await (person === undefined ? all : all.where('person', '=', person)).execute()).map(markOf);
    },
    async clear(person) {
      const known = (await standing().where('person', '=', person).execute()).map(markOf);
      await database.deleteFrom('taint').where('person', '=', person).execute();
      return known;
    },
  };
}

interface Row extends Talk {
  readonly reads: string;
  readonly server: string;
  readonly name: string;
  readonly correlation_id: string;
  readonly read_at: number;
  readonly used_at: number;
}

const markOf = ({ person, client, reads, server, name, correlation_id, read_at, used_at }: Row): Mark => ({
  person,
  client,
  reads: readings.find((reading) => reading === reads) ?? 'private',
  server,
  name,
  correlationId: correlation_id,
  readAtMs: read_at,
  usedAtMs: used_at,
});
