// The exchange of a credential that is under way, as the database remembers it: whoever finds it after a crash knows how far it came.
import type { Database } from '../../../state/database.ts';

/**
 * `creating`: Entra ID was or is asked for a new one. `created`: it is there, and sealed here. `switching`: it has signed in, and is being put
 * where the configuration points. `switched`: it is in use, the old one waits to be deleted. `undoing`: it is being taken back.
 */
type RotationStep = 'creating' | 'created' | 'switching' | 'switched' | 'undoing';

export interface RotationRow {
  readonly clientId: string;
  readonly kind: 'secret' | 'certificate';
  readonly step: RotationStep;
  /** Name that the new one has at Entra ID, by which it is found again. */
  readonly marker: string;
  readonly newKey: string | undefined;
  /** Key id of the one that is to go; undefined where it could not be told which it is. */
  readonly oldKey: string | undefined;
  readonly validUntilMs: number;
  readonly keepSeconds: number;
  readonly switchedAtMs: number | undefined;
  readonly deleteAtMs: number | undefined;
  readonly by: string;
  readonly startedAtMs: number;
}

interface RotationRows {
  find(): Promise<RotationRow | undefined>;
  add(row: RotationRow): Promise<void>;
  change(
    to: Partial<Pick<RotationRow, 'step' | 'newKey' | 'switchedAtMs' | 'deleteAtMs' | 'keepSeconds'>>,
  ): Promise<void>;
  remove(): Promise<void>;
}

export function createRotationRows(database: Database, clientId: string): RotationRows {
  return {
    async find() {
      const row = await database
        .selectFrom('credential_rotation')
        .selectAll()
        .where('client_id', '=', clientId)
        .executeTakeFirst();
      return (
        row && {
          clientId,
          kind: row.kind,
          step: row.step as RotationStep,
          marker: row.marker,
          newKey: row.new_key ?? undefined,
          oldKey: row.old_key ?? undefined,
          validUntilMs: row.valid_until,
          keepSeconds: row.keep_seconds,
          switchedAtMs: row.switched_at ?? undefined,
          deleteAtMs: row.delete_at ?? undefined,
          by: row.started_by,
          startedAtMs: row.started_at,
        }
      );
    },
    async add(row) {
      const { kind, step, marker, newKey, oldKey, validUntilMs, keepSeconds, by, startedAtMs } = row;
      await database
        .insertInto('credential_rotation')
        .values({
          client_id: clientId,
          kind,
          step,
          marker,
          new_key: newKey ?? null,
          old_key: oldKey ?? null,
          valid_until: validUntilMs,
          keep_seconds: keepSeconds,
          switched_at: null,
          delete_at: null,
          started_by: by,
          started_at: startedAtMs,
        })
        .execute();
    },
    async change({ step, newKey, switchedAtMs, deleteAtMs, keepSeconds }) {
      await database
        .updateTable('credential_rotation')
        .set({
          ...(step !== undefined && { step }),
          ...(newKey !== undefined && { new_key: newKey }),
          ...(switchedAtMs !== undefined && { switched_at: switchedAtMs }),
          ...(deleteAtMs !== undefined && { delete_at: deleteAtMs }),
          ...(keepSeconds !== undefined && { keep_seconds: keepSeconds }),
        })
        .where('client_id', '=', clientId)
        .execute();
    },
    async remove() {
      await database.deleteFrom('credential_rotation').where('client_id', '=', clientId).execute();
    },
  };
}
