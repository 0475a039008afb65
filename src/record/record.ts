// The audit record of one Genkan: appends durably, lists, proves and verifies what happened.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Recorder } from './entry.ts';
import { prepareEntry } from './leaf.ts';
import { createSigner } from './note.ts';
import { openReader } from './reader.ts';
import type { Reader } from './reader.ts';
import type { RecordSettings } from './settings.ts';
import { isPublished, publishVerifierKey, signingKey } from './signing-key.ts';
import type { Verification } from './verify.ts';
import type { VerifyStart } from './verify-thread.ts';
import { startWriter } from './writer.ts';
import type { WriterStatus } from './writer.ts';

export interface AuditRecord extends Recorder, Omit<Reader, 'close'> {
  /** Verifies the whole log in a thread of its own. */
  verify(options?: { readonly keptCheckpoint?: string }): Promise<Verification>;
  /** Verifier key of the log, `name+hash+base64key`: what outsiders check checkpoints and proofs with. */
  publicKey(): string;
  /** For readiness and metrics. */
  status(): WriterStatus;
  /** Makes durable what still waits, then ends the writer. Appends after it are refused. */
  close(): Promise<void>;
}

/**
 * Opens (creating it if need be) the audit record of a data directory. On return, every intent that a crash left without
 * outcome has got the outcome `unknown`.
 * @throws GenkanError `record_unavailable`, also when another process records into the same directory, or when the log is
 *   gone although its verifier key was published
 */
export async function createRecord(
  settings: RecordSettings,
  neighbours: {
    readonly dataDirectory: string;
    readonly keysDirectory: string;
    /** Name of a new log, used unless the settings give one. */
    readonly origin: string;
    readonly clock: Clock;
    readonly log: Log;
  },
): Promise<AuditRecord> {
  const { dataDirectory, keysDirectory, clock, log } = neighbours;
  const { key, verifierKey } = openSigningKey(keysDirectory, settings.origin ?? neighbours.origin);
  const writer = await startWriter(
    { dataDirectory, signingKey: key, mayBegin: !isPublished(keysDirectory) },
    { maxQueue: settings.maxQueue, clock, log },
  );
  publishVerifierKey(keysDirectory, verifierKey);
  const reader = openReader(dataDirectory);
  let closing: Promise<void> | undefined;

  return {
    async append(entry) {
      let prepared;
      try {
        prepared = prepareEntry(entry, settings.maxDetailsBytes);
      } catch (cause) {
        throw new GenkanError('record_unavailable', {}, { cause, detail: 'the record cannot be written as JSON' });
      }
      return writer.append(prepared);
    },
    list: reader.list,
    scan: reader.scan,
    proof: reader.proof,
    checkpoint: reader.checkpoint,
    consistency: reader.consistency,
    async verify(options = {}) {
      const module = new URL(import.meta.url.replace(/record(\.[jt]s)$/, 'verify-thread$1'));
      const workerData: VerifyStart = { ...options, dataDirectory, verifierKey };
      const [verification] = (await once(new Worker(module, { workerData }), 'message')) as [Verification];
      return verification;
    },
    publicKey: () => verifierKey,
    status: writer.status,
    close() {
      if (closing === undefined) {
        reader.close(); // first, so that the writer leaves one whole file behind
        closing = writer.close();
      }
      return closing;
    },
  };
}

function openSigningKey(keysDirectory: string, origin: string): { key: string; verifierKey: string } {
  try {
    const key = signingKey(keysDirectory, origin);
    return { key, verifierKey: createSigner(key).verifierKey };
  } catch (cause) {
    throw new GenkanError(
      'record_unavailable',
      {},
      { cause, detail: 'the signing key of the audit log is not usable' },
    );
  }
}
