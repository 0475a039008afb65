// The body of add-checkpoint (c2sp.org/tlog-witness): written by a log, read by a witness.
import { strictBase64 } from '../note.ts';

export interface Submission {
  /** Size that the log believes the witness to have cosigned last. */
  readonly oldSize: number;
  /** Consistency proof from there (RFC 6962 §2.1.2). */
  readonly proof: readonly Buffer[];
  /** The checkpoint with its signatures. */
  readonly note: string;
}

const mostProofLines = 63;

/** A size as checkpoints write it; `undefined` for any other spelling, and beyond what is exact. */
export function sizeIn(written: string): number | undefined {
  const size = /^(?:0|[1-9][0-9]{0,15})$/.test(written) ? Number(written) : undefined;
  return size !== undefined && Number.isSafeInteger(size) ? size : undefined;
}

export const writeSubmission = ({ oldSize, proof, note }: Submission): string =>
  [`old ${oldSize}`, ...proof.map((hash) => hash.toString('base64')), '', note].join('\n');

/** `undefined` when it is malformed. */
export function readSubmission(body: string): Submission | undefined {
  const end = body.indexOf('\n\n');
  const [old = '', ...lines] = body.slice(0, Math.max(end, 0)).split('\n', mostProofLines + 2);
  const oldSize = old.startsWith('old ') ? sizeIn(old.slice(4)) : undefined;
  if (end < 0 || oldSize === undefined || lines.length > mostProofLines) return undefined;
  const proof = lines.map(strictBase64);
  if (!proof.every((hash) => hash?.length === 32)) return undefined;
  return { oldSize, proof: proof as Buffer[], note: body.slice(end + 2) };
}
