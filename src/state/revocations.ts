// What was ended, as every process of this installation hears of it: durable first, then told, in one order for all.
import { setImmediate as turn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { Log } from '../base/log.ts';
import type { Revocation } from './announce.ts';
import type { Database } from './database.ts';
import type { RevocationTables } from './revocation-schema.ts';

type Row = RevocationTables['revocation'];

export interface Revocations {
  /**
   * Makes changes, all or none, together with the rows that tell of them; resolves once they are durable and this process
   * has acted on them. Other processes hear of them on their own.
   */
  commit<Value>(change: (transaction: Database) => Promise<Value>): Promise<Value>;
  /** @param act on each revocation in turn, our own ones among them; must not fail */
  follow(act: (revocation: Revocation) => void): void;
  /** Acts on whatever was made durable by now. */
  catchUp(): Promise<void>;
  close(): Promise<void>;
}

/** Tells when there may be something new. For a database on a server this is its own notification, e.g. LISTEN. */
type Bell = (ring: () => Promise<void>) => () => void;

interface RevocationsNeighbours {
  readonly database: Database;
  readonly log: Log;
  readonly bell?: Bell;
}

/** Half of the second that others may take to hear of it. */
const pollMs = 250;
/** At once; the rest follows. */
const portion = 500;

export async function createRevocations({ database, log, bell }: RevocationsNeighbours): Promise<Revocations> {
  const followers: ((revocation: Revocation) => void)[] = [];
  let seen = await newest(database);
  let under: Promise<void> | undefined;
  let closed = false;

  async function read(): Promise<void> {
    for (;;) {
      const rows = await database
        .selectFrom('revocation')
        .selectAll()
        .where('sequence', '>', seen)
        .orderBy('sequence')
        .limit(portion)
        .execute();
      for (const row of rows) tell(row);
      if (rows.length < portion) return;
      await turn(); // a directory may have changed thousands of people at once, and others have requests
    }
  }

  function tell({ sequence, kind, subject, act, by, reason }: Selectable<Row>): void {
    seen = sequence;
    for (const follower of followers) {
      try {
        follower({ kind, subject, act, by, reason } as Revocation);
      } catch (error) {
        log.error({ err: error, kind, act }, 'a revocation was not acted on in full');
      }
    }
  }

  // Whoever asks while rows are being read cannot know whether their own are among them.
  async function catchUp(): Promise<void> {
    while (under !== undefined) await under.catch(() => undefined);
    if (closed) return;
    under = read().finally(() => (under = undefined));
    await under;
  }

  const silence = (bell ?? pollOf(database, log))(catchUp);

  return {
    async commit(change) {
      const value = await database.transaction().execute(async (transaction) => {
        // The lock of all writers at once: what reads before it writes would fail when another process has written between.
        await transaction.deleteFrom('revocation').where('sequence', '<', 0).execute();
        return change(transaction);
      });
      await catchUp();
      return value;
    },
    follow: (act) => void followers.push(act),
    catchUp,
    async close() {
      silence();
      await under?.catch(() => undefined);
      closed = true;
    },
  };
}

/** Removes rows that every process has long acted on. */
export async function forgetOldRevocations(database: Database, nowMs: number): Promise<void> {
  await database
    .deleteFrom('revocation')
    .where('at', '<', nowMs - 30 * 86_400_000)
    .execute();
}

async function newest(database: Database): Promise<number> {
  const { sequence } = await database
    .selectFrom('revocation')
    .select((row) => row.fn.coalesce(row.fn.max('sequence'), sql<number>`0`).as('sequence'))
    .executeTakeFirstOrThrow();
  return sequence;
}

// SQLite rings for nobody, but tells at next to no cost whether another connection has changed the file.
const pollOf =
  (database: Database, log: Log): Bell =>
  (ring) => {
    let version: number | undefined;
    let asking = false;
    const ask = async (): Promise<void> => {
      const { rows } = await sql<{ data_version: number }>`PRAGMA data_version`.execute(database);
      const now = rows[0]?.data_version;
      if (now === version) return;
      await ring();
      version = now; // only then: what could not be read is asked for again
    };
    const timer = setInterval(() => {
      if (asking) return;
      asking = true;
      ask()
        .catch((error: unknown) => log.error({ err: error }, 'revocations cannot be read'))
        .finally(() => (asking = false));
    }, pollMs).unref();
    return () => clearInterval(timer);
  };
