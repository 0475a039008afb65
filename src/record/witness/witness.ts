// Ourselves as a witness for the logs of others (c2sp.org/tlog-witness): we cosign that a log has only grown since we last did.
import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../state/database.ts';
import { readCheckpoint } from '../checkpoint.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { emptyRoot, verifyConsistency } from '../merkle.ts';
import { createVerifier, splitNote } from '../note.ts';
import type { Verifier } from '../note.ts';
import type { Cosigner } from './cosignature.ts';
import { readSubmission } from './submission.ts';

export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly type: string;
  readonly body: string;
}

/** A checkpoint that a log has signed and that was not shown to continue what we have cosigned. */
export interface Refused {
  readonly origin: string;
  /** What we have cosigned. */
  readonly known: string;
  /** What was shown to us now, signed by the same log. */
  readonly shown: string;
  /** The two have one size and two roots: together they prove to anybody that the log shows two histories. */
  readonly fork: boolean;
}

export interface Followed {
  readonly origin: string;
  readonly size: number;
  readonly cosignedAtMs?: number;
}

export interface Witness {
  /** Carries out add-checkpoint. */
  addCheckpoint(body: Uint8Array): Promise<WitnessAnswer>;
  /** The checkpoint that we have cosigned last for a log. @param originHash SHA-256 of its origin, hexadecimal */
  checkpoint(originHash: string): Promise<string | undefined>;
  /** The logs that we are a witness for, and what we have cosigned of them. */
  list(): Promise<Followed[]>;
}

export interface WitnessNeighbours {
  readonly cosigner: Cosigner;
  readonly database: Database;
  readonly clock: Clock;
  /** Told at most once a minute for each log. */
  readonly onRefused: (refused: Refused) => void;
}

const tellEveryMs = 60_000;

const text = (status: WitnessAnswer['status'], body: string): WitnessAnswer => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${body}\n`,
});

/** @param verifierKeys of the logs; their names are the origins */
export function createWitness(verifierKeys: readonly string[], neighbours: WitnessNeighbours): Witness {
  const { cosigner, database, clock, onRefused } = neighbours;
  const logs = Map.groupBy(verifierKeys.map(createVerifier), ({ name }) => name);
  const origins = new Map([...logs.keys()].map((origin) => [hashOf(origin), origin]));

  const toldAtMs = new Map<string, number>(); // two for each log at most

  const known = (origin: string) =>
    database.selectFrom('witnessed_log').selectAll().where('origin', '=', origin).executeTakeFirst();

  /** One statement decides, so of two requests that were checked against the same tree only one is cosigned. */
  async function keep(next: Checkpoint, note: string, since: { size: number; root: string } | undefined) {
    const row = {
      origin: next.origin,
      size: next.size,
      root: next.root.toString('base64'),
      note,
      cosigned_at: clock.now(),
    };
    if (since === undefined) {
      const { numInsertedOrUpdatedRows } = await database
        .insertInto('witnessed_log')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (numInsertedOrUpdatedRows ?? 0n) > 0n;
    }
    const { numUpdatedRows } = await database
      .updateTable('witnessed_log')
      .set(row)
      .where('origin', '=', next.origin)
      .where('size', '=', since.size)
      .where('root', '=', since.root)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** Anybody may send a checkpoint that is public with a proof that is none; two roots for one size only the log can make. */
  function tell(shown: Checkpoint, last: { size: number; note: string }, note: string, knownRoot: Buffer): void {
    const fork = shown.size === last.size && !shown.root.equals(knownRoot);
    const key = `${shown.origin} ${fork}`;
    const nowMs = clock.now();
    if (nowMs - (toldAtMs.get(key) ?? -Infinity) < tellEveryMs) return;
    toldAtMs.set(key, nowMs);
    onRefused({ origin: shown.origin, known: last.note, shown: note, fork });
  }

  async function conflict(origin: string): Promise<WitnessAnswer> {
    return { status: 409, type: 'text/x.tlog.size', body: `${(await known(origin))?.size ?? 0}\n` };
  }

  async function addCheckpoint(body: Uint8Array): Promise<WitnessAnswer> {
    const submission = readSubmission(decode(body) ?? '');
    const shown = submission && readCheckpoint(splitNote(submission.note)?.text ?? '');
    if (submission === undefined || shown === undefined) return text(400, 'malformed request');
    const verifiers = logs.get(shown.origin);
    if (verifiers === undefined) return text(404, 'unknown log');
    const line = signedLine(submission.note, verifiers);
    if (line === undefined) return text(403, 'no signature of a trusted key');
    if (submission.oldSize > shown.size) return text(400, 'the old size is beyond the checkpoint');
    const last = await known(shown.origin);
    if (submission.oldSize !== (last?.size ?? 0)) return conflict(shown.origin);

    const signedText = splitNote(submission.note)!.text;
    const earlier = { size: last?.size ?? 0, root: last === undefined ? emptyRoot : Buffer.from(last.root, 'base64') };
    const extendsIt = verifyConsistency(earlier, shown, submission.proof);
    if (!extendsIt || (shown.size === 0 && !shown.root.equals(emptyRoot))) {
      if (last !== undefined) tell(shown, last, `${signedText}\n${line}`, earlier.root);
      return text(422, 'the checkpoint does not extend the one that was cosigned last');
    }
    const cosignature = cosigner.cosign(signedText, Math.floor(clock.now() / 1000));
    if (!(await keep(shown, `${signedText}\n${line}${cosignature}`, last))) return conflict(shown.origin);
    return { status: 200, type: 'text/plain; charset=utf-8', body: cosignature };
  }

  return {
    addCheckpoint,
    async list() {
      const rows = await database.selectFrom('witnessed_log').select(['origin', 'size', 'cosigned_at']).execute();
      const seen = new Map(rows.map((row) => [row.origin, row]));
      return [...logs.keys()].map((origin) => {
        const row = seen.get(origin);
        return { origin, size: row?.size ?? 0, ...(row !== undefined && { cosignedAtMs: row.cosigned_at }) };
      });
    },
    async checkpoint(originHash) {
      const origin = origins.get(originHash);
      return origin === undefined ? undefined : (await known(origin))?.note;
    },
  };
}

/** The line by which a key that we trust has signed; `undefined` if none has, or the signature of one does not hold. */
function signedLine(note: string, verifiers: readonly Verifier[]): string | undefined {
  const { signatures } = splitNote(note)!;
  const lines: string[] = [];
  for (const verifier of verifiers) {
    const own = signatures.find(
      ({ name, bytes }) => name === verifier.name && bytes.subarray(0, 4).equals(verifier.id),
    );
    if (own === undefined) continue;
    if (verifier.open(note) === undefined) return undefined; // c2sp.org/signed-note: such a note is malformed
    lines.push(own.line);
  }
  return lines.length === 0 ? undefined : lines.join('');
}

const hashOf = (origin: string): string => createHash('sha256').update(origin).digest('hex');

function decode(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}
