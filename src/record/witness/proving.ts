// What can be shown to others: that a record stands in the log, and that the logs of all processes hold.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { formatProof, readCheckpoint, readKept, verifyProof } from '../checkpoint.ts';
import { logFile } from '../log-file.ts';
import { createVerifier, splitNote } from '../note.ts';
import { storedVerifierKey } from '../signing-key.ts';
import type { TreeReader } from '../tiles/tree.ts';
import type { Verification, VerifyOptions } from '../verify.ts';
import type { KnownLog } from './log-book.ts';
import { keyFor } from './policy.ts';
import type { Cosigned, Policy } from './policy.ts';

/** The proof of a record (c2sp.org/tlog-proof), against the newest checkpoint that witnesses have cosigned, if that covers it. */
export function proveRecord(
  tree: Pick<TreeReader, 'head' | 'inclusion'>,
  index: number,
  cosigned?: KnownLog['cosigned'],
): string | undefined {
  const head = tree.head();
  const at = cosigned !== undefined && cosigned.size > index && cosigned.size <= head.size ? cosigned : head;
  const found = tree.inclusion(index, at.size);
  return found && formatProof(found.leaf, index, found.path, at.note);
}

export interface JudgedProof {
  readonly ok: boolean;
  readonly problems: readonly { readonly reason: string }[];
  readonly origin: string;
  /** Of the checkpoint. */
  readonly size: number;
  readonly root: string;
  readonly index: number;
  /** The record as it was hashed. */
  readonly record: string;
  readonly cosigned: readonly Cosigned[];
}

/**
 * Judges a proof with nothing but keys.
 * @param keys verifier keys of the logs that are accepted
 */
export function judgeProof(proof: string, keys: readonly string[], policy?: Policy): JudgedProof {
  const note = proof.slice(proof.indexOf('\n\n') + 2);
  const claimed = readCheckpoint(splitNote(note)?.text ?? '');
  const key = claimed && keyFor(claimed.origin, keys);
  const proven = key === undefined ? undefined : verifyProof(proof, key);
  const { enough, cosigned } = policy?.judge(note) ?? { enough: true, cosigned: [] };
  const problems = [
    ...(claimed === undefined ? ['this is no proof'] : []),
    ...(claimed !== undefined && key === undefined ? [`the log ${claimed.origin} is not one of those accepted`] : []),
    ...(key !== undefined && proven === undefined
      ? ['the record does not stand in the log that the key has signed']
      : []),
    ...(enough ? [] : ['fewer witnesses have cosigned the checkpoint than the policy wants']),
  ];
  return {
    ok: problems.length === 0,
    problems: problems.map((reason) => ({ reason })),
    origin: claimed?.origin ?? '',
    size: claimed?.size ?? 0,
    root: claimed?.root.toString('base64') ?? '',
    index: proven?.index ?? 0,
    record: proven?.leaf.toString() ?? '',
    cosigned,
  };
}

export interface OtherLog {
  readonly origin: string;
  /** `elsewhere`: it lies on another machine, or there is none of its key any more. */
  readonly state: 'holds' | 'does not hold' | 'elsewhere';
  readonly size: number;
}

export interface Verified extends Verification {
  readonly origin: string;
  /** How many checkpoints that the caller has kept elsewhere it was held against. */
  readonly against: number;
  /** Records of the newest checkpoint that our own database knows to be outside; it was held against that as well. */
  readonly published?: number;
  /** Logs of other processes on the same state database. */
  readonly others: readonly OtherLog[];
}

export interface OwnLog {
  readonly verifierKey: string;
  readonly verify: (options: Omit<VerifyOptions, 'verifierKey'>) => Verification | Promise<Verification>;
}

/**
 * Verifies a log against what was published of it and what the caller has kept, and those of other processes that can be
 * reached from here.
 * @param verifyAt verifies a log in another data directory
 */
export async function verifyAll(
  own: OwnLog,
  kept: string | undefined,
  logs: readonly KnownLog[],
  verifyAt: (dataDirectory: string, options: VerifyOptions) => Verification | Promise<Verification>,
): Promise<Verified> {
  const origin = own.verifierKey.split('+', 1)[0]!;
  const published = logs.find((log) => log.verifierKey === own.verifierKey)?.published;
  const found = await own.verify({ keptCheckpoint: kept, published: published?.note });
  const problems = [...found.problems];
  const others: OtherLog[] = [];
  for (const log of logs) {
    if (log.verifierKey === own.verifierKey) continue;
    if (!liesHere(log)) {
      others.push({ origin: log.origin, state: 'elsewhere', size: log.published?.size ?? 0 });
      continue;
    }
    const {
      ok,
      size,
      problems: wrong,
    } = await verifyAt(log.dataDirectory, {
      verifierKey: log.verifierKey,
      published: log.published?.note,
    });
    others.push({ origin: log.origin, state: ok ? 'holds' : 'does not hold', size });
    problems.push(...wrong.map((problem) => ({ ...problem, reason: `${log.origin}: ${problem.reason}` })));
  }
  const against = kept === undefined ? 0 : readKept(createVerifier(own.verifierKey), kept).checkpoints.length;
  const more = published && { published: published.size };
  return { ...found, ok: problems.length === 0, problems, origin, against, ...more, others };
}

function liesHere({ dataDirectory, verifierKey }: KnownLog): boolean {
  try {
    const keys = path.join(dataDirectory, 'keys');
    return existsSync(logFile(dataDirectory)) && storedVerifierKey(keys) === verifierKey;
  } catch {
    return false;
  }
}
