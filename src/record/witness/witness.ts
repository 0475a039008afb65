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

/** A log has signed two histories that do not fit together. The two checkpoints prove it to anybody. */
export interface Fork {
  readonly origin: string;
  /** What we have cosigned. */
  readonly known: string;
  /** What was shown to us now, signed by the same log. */
  readonly shown: string;
}

export interface Witness {
  /** Carries out add-checkpoint. */
  addCheckpoint(body: Uint8Array): Promise<WitnessAnswer>;
  /** The checkpoint that we have cosigned last for a log. @param originHash SHA-256 of its origin, hexadecimal */
  checkpoint(originHash: string): Promise<string | undefined>;
}

export interface WitnessNeighbours {
  readonly cosigner: Cosigner;
  readonly database: Database;
  readonly clock: Clock;
  readonly onFork: (fork: Fork) => void;
}

const text = (status: WitnessAnswer['status'], body: string): WitnessAnswer => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${body}\n`,
});

/** @param verifierKeys of the logs; their names are the origins */
export function createWitness(verifierKeys: readonly string[], neighbours: WitnessNeighbours): Witness {
  const { cosigner, database, clock, onFork } = neighbours;
  const logs = Map.groupBy(verifierKeys.map(createVerifier), ({ name }) => name);
  const origins = new Map([...logs.keys()].map((origin) => [hashOf(origin), origin]));

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
      // A proof may just be wrong. Two roots for one size are beyond doubt, whoever sent them: only the log can sign.
      if (last !== undefined && shown.size === last.size && !shown.root.equals(earlier.root))
        onFork({ origin: shown.origin, known: last.note, shown: `${signedText}\n${line}` });
      return text(422, 'the checkpoint does not extend the one that was cosigned last');
    }
    const cosignature = cosigner.cosign(signedText, Math.floor(clock.now() / 1000));
    if (!(await keep(shown, `${signedText}\n${line}${cosignature}`, last))) return conflict(shown.origin);
    return { status: 200, type: 'text/plain; charset=utf-8', body: cosignature };
  }

  return {
    addCheckpoint,
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
