// Which logs there are among the processes of one state database, and how far each of them is published.
import { GenkanError } from '../../base/errors.ts';
import type { Database } from '../../state/database.ts';

export interface KnownLog {
  readonly origin: string;
  readonly verifierKey: string;
  /** On the machine of the process that writes it. */
  readonly dataDirectory: string;
  /** The newest checkpoint that somebody outside has. */
  readonly published?: { readonly note: string; readonly size: number; readonly atMs: number };
  /** The newest one that a witness has cosigned. */
  readonly cosigned?: { readonly note: string; readonly size: number };
}

export interface Publication {
  readonly witness: string;
  /** How many records it has a checkpoint of; 0 before the first. */
  readonly size: number;
  readonly takenAtMs?: number;
  readonly failingSinceMs?: number;
  readonly failure?: string;
}

export interface LogBook {
  /**
   * Enters the log of this process.
   * @throws GenkanError `record_unavailable` when another log has its name
   */
  enter(log: Pick<KnownLog, 'origin' | 'verifierKey' | 'dataDirectory'>): Promise<void>;
  logs(): Promise<KnownLog[]>;
  /** @param cosigned whether a witness is among those who took it */
  published(
    origin: string,
    checkpoint: { readonly note: string; readonly size: number },
    cosigned: boolean,
    atMs: number,
  ): Promise<void>;
  publications(origin: string): Promise<Publication[]>;
  note(origin: string, publication: Publication): Promise<void>;
}

export function createLogBook(database: Database): LogBook {
  return {
    async enter({ origin, verifierKey, dataDirectory }) {
      await database
        .insertInto('audit_log')
        .values({
          origin,
          verifier_key: verifierKey,
          data_directory: dataDirectory,
          published: null,
          published_size: 0,
          published_at: null,
          cosigned: null,
          cosigned_size: 0,
        })
        .onConflict((conflict) =>
          conflict
            .column('origin')
            .doUpdateSet({ data_directory: dataDirectory })
            .where('audit_log.verifier_key', '=', verifierKey),
        )
        .execute();
      const { verifier_key } = await database
        .selectFrom('audit_log')
        .select('verifier_key')
        .where('origin', '=', origin)
        .executeTakeFirstOrThrow();
      // Two histories under one name are what witnesses are there to find.
      if (verifier_key !== verifierKey)
        throw new GenkanError(
          'record_unavailable',
          {},
          { detail: `another log is called ${origin}; give each process a record.origin of its own, or none` },
        );
    },
    async logs() {
      const rows = await database.selectFrom('audit_log').selectAll().orderBy('origin').execute();
      return rows.map((row) => ({
        origin: row.origin,
        verifierKey: row.verifier_key,
        dataDirectory: row.data_directory,
        ...(row.published !== null && {
          published: { note: row.published, size: row.published_size, atMs: row.published_at ?? 0 },
        }),
        ...(row.cosigned !== null && { cosigned: { note: row.cosigned, size: row.cosigned_size } }),
      }));
    },
    async published(origin, { note, size }, cosigned, atMs) {
      await database
        .updateTable('audit_log')
        .set({
          published: note,
          published_size: size,
          published_at: atMs,
          ...(cosigned && { cosigned: note, cosigned_size: size }),
        })
        .where('origin', '=', origin)
        .execute();
    },
    async publications(origin) {
      const rows = await database.selectFrom('audit_publication').selectAll().where('origin', '=', origin).execute();
      return rows.map(({ witness, size, taken_at, failing_since, failure }) => ({
        witness,
        size,
        ...(taken_at !== null && { takenAtMs: taken_at }),
        ...(failing_since !== null && { failingSinceMs: failing_since, failure: failure ?? '' }),
      }));
    },
    async note(origin, { witness, size, takenAtMs = null, failingSinceMs = null, failure = null }) {
      const row = { size, taken_at: takenAtMs, failing_since: failingSinceMs, failure };
      await database
        .insertInto('audit_publication')
        .values({ origin, witness, ...row })
        .onConflict((conflict) => conflict.columns(['origin', 'witness']).doUpdateSet(row))
        .execute();
    },
  };
}
