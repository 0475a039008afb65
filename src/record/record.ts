// The audit record of one Genkan: appends durably, lists, proves and verifies what happened, forgets people, removes what is old.
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import { correlationId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { SubjectKeys } from '../state/subject-keys.ts';
import type { Forgotten } from './audit-log.ts';
import { createKeeping } from './contents.ts';
import type { Redact } from './contents.ts';
import type { AuditEntry, Contents, Recorder } from './entry.ts';
import { leaveGap, leftBehind, removeLeftGap } from './gap-file.ts';
import { createGapKeeper, gapRecord } from './gap.ts';
import type { Gap } from './gap.ts';
import type { Hold } from './holds.ts';
import { keptUser, prepareEntry } from './leaf.ts';
import type { PreparedEntry } from './leaf.ts';
import { createSigner } from './note.ts';
import { openReader } from './reader.ts';
import type { Reader } from './reader.ts';
import { planPrune } from './retention.ts';
import type { PrunePlan } from './retention.ts';
import type { Search } from './search/search.ts';
import { createSearching } from './search/searching.ts';
import type { RecordSettings } from './settings.ts';
import { isPublished, publishVerifierKey, signingKey } from './signing-key.ts';
import { isGenkansOwn, isPseudonym } from './subject.ts';
import type { Subject } from './subject.ts';
import { createSubjects } from './subjects.ts';
import type { Verification, VerifyOptions } from './verify.ts';
import type { VerifyStart } from './verify-thread.ts';
import { startWriter } from './writer.ts';
import type { WriterStatus } from './writer.ts';

export interface AuditRecord extends Recorder, Omit<Reader, 'close' | 'nextUser' | 'subjectsOf'> {
  /** Appends one record that must not be missing, whatever the settings let calls do without. */
  insist(entry: AuditEntry): Promise<number>;
  /** Appends what Genkan itself has to say: it concerns no person, and whoever verifies can read it. */
  note(said: Said): Promise<number>;
  /**
   * Verifies the whole log in a thread of its own.
   * @param options.keptCheckpoint one or more that were kept elsewhere, one after the other
   */
  verify(options?: Pick<VerifyOptions, 'keptCheckpoint' | 'published'>): Promise<Verification>;
  /** Answers a question in KQL, in a thread of its own. */
  readonly search: Search;
  /** Verifier key of the log, `name+hash+base64key`: what outsiders check checkpoints and proofs with. */
  publicKey(): string;
  /** For readiness and metrics. */
  status(): RecordStatus;
  /**
   * Makes whatever tells of a person unreadable for good by destroying their key. Hashes stay, and so does every proof.
   * `undefined` when there is nothing that could be.
   * @param announce tells other logs, before the key is gone
   */
  erase(user: string, announce?: (pseudonym: string) => Promise<void>): Promise<Erased | undefined>;
  /** Puts the pseudonyms of people who were erased elsewhere where their records are found. @returns in how many records */
  follow(erased: ReadonlySet<string>): Promise<number>;
  /**
   * Removes records that are older than the settings want them kept and that nobody holds.
   * @param keptFrom index of the first record that somebody elsewhere is yet to get
   */
  prune(holds: readonly Hold[], keptFrom?: number): Promise<PrunePlan>;
  /** Says how to mask what is secret in the contents of calls. */
  redactWith(redact: Redact): void;
  /** Makes durable what still waits, then ends the writer. Appends after it are refused. */
  close(): Promise<void>;
}

export type Said = Pick<AuditEntry, 'action' | 'resource' | 'result' | 'details'>;

export interface RecordStatus extends WriterStatus {
  /** Records that were not written and are not yet told of. */
  readonly gap?: Gap;
}

export interface Erased {
  /** What stands in the place of the person from now on. */
  readonly pseudonym: string;
  /** Records that tell nothing of the person any more. */
  readonly records: number;
  /** Records of a version without seals: they name the person until retention removes them. */
  readonly left: number;
}

/** Rows changed in one step between two commits: some milliseconds. */
const stepRows = 512;

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
    /** Keys of people; without them records are readable by whoever has the log, and nobody can be erased. */
    readonly subjectKeys?: SubjectKeys;
    /** Tells people outside that records cannot be written. */
    readonly alarm?: (gap: Gap) => void;
  },
): Promise<AuditRecord> {
  const { dataDirectory, keysDirectory, clock, log, subjectKeys } = neighbours;
  const { key, verifierKey } = openSigningKey(keysDirectory, settings.origin ?? neighbours.origin);
  const writer = await startWriter(
    { dataDirectory, signingKey: key, mayBegin: !isPublished(keysDirectory) },
    { maxQueue: settings.maxQueue, clock, log },
  );
  publishVerifierKey(keysDirectory, verifierKey);
  const subjects = subjectKeys && createSubjects(subjectKeys, clock);
  const reader = openReader(dataDirectory, subjects);
  const searching = createSearching(settings.search, { dataDirectory, subjectKeys, clock });
  let redact: Redact | undefined;
  const keep = createKeeping(settings.payloads, () => redact);
  let closing: Promise<void> | undefined;
  /** Records whose person's key is being looked up. */
  const lookingUp = new Set<Promise<unknown>>();

  function prepare(entry: AuditEntry, subject: Subject | undefined, contents?: Contents): PreparedEntry {
    try {
      const kept = subject === undefined || contents === undefined ? undefined : keep(subject, entry, contents);
      return prepareEntry(entry, settings.maxDetailsBytes, subject, kept);
    } catch (cause) {
      throw new GenkanError('record_unavailable', {}, { cause, detail: 'the record cannot be written as JSON' });
    }
  }

  async function write(entry: AuditEntry, contents?: Contents): Promise<number> {
    if (closing !== undefined) throw new GenkanError('record_unavailable', {}, { detail: 'the audit log is closed' });
    // Whoever verifies has to be able to read what Genkan did by itself, and there is nobody whom it would tell of.
    if (subjects === undefined || isGenkansOwn(entry.user)) return writer.append(prepare(entry, undefined));
    const user = keptUser(entry.user);
    const known = subjects.cached(user);
    if (known !== undefined) return writer.append(prepare(entry, known, contents));
    if (lookingUp.size >= settings.maxQueue)
      throw new GenkanError('record_unavailable', {}, { detail: 'too many records wait for keys' });
    const found = subjects.obtain(user).catch((cause: unknown) => {
      throw new GenkanError('record_unavailable', {}, { cause, detail: 'the key of a person cannot be had' });
    });
    const written = found.then((subject) => writer.append(prepare(entry, subject, contents)));
    // Closing waits until it is handed over, not until it is durable: that the writer itself sees to.
    const handedOver = found.catch(() => undefined);
    lookingUp.add(handedOver);
    void handedOver.finally(() => lookingUp.delete(handedOver));
    return written;
  }

  /** What Genkan says of its record itself: it concerns no person, and whoever verifies has to be able to read it. */
  const note = (said: Said, id?: string): Promise<number> =>
    writer.append(
      prepare(
        {
          timestamp: clock.now(),
          user: 'genkan',
          correlationId: id ?? correlationId(),
          sourceIP: '',
          userAgent: '',
          ...said,
        },
        undefined,
      ),
    );

  const gaps = createGapKeeper(settings.fail === 'open', {
    clock,
    log,
    note,
    alarm: neighbours.alarm ?? (() => undefined),
  });

  const left = leftBehind(dataDirectory, clock.now());
  if (left !== undefined)
    await note(gapRecord(left)).then(
      () => removeLeftGap(dataDirectory),
      (error: unknown) => log.error({ err: error }, 'what is missing in the record is told by the next start'),
    );

  async function forgetAll(user: string, pseudonym: string): Promise<{ renamed: number; left: number }> {
    let [renamed, left] = [0, 0];
    let after: Forgotten['next'] = { timestamp: -1, index: -1 };
    while (after !== undefined) {
      const done = (await writer.upkeep({ forget: { user, pseudonym, after, atMost: stepRows } })) as Forgotten;
      renamed += done.renamed;
      left += done.left;
      after = done.next;
    }
    return { renamed, left };
  }

  async function remove(plan: PrunePlan): Promise<void> {
    const { before, oldest, newestMs } = plan;
    const told = { action: 'record.prune', resource: '/', details: { before, records: before - oldest, newestMs } };
    const id = correlationId();
    // Durable before anything is gone: by this record whoever verifies knows that it was we who removed them.
    await note({ ...told, result: 'intent' }, id);
    let removed: number;
    do removed = (await writer.upkeep({ prune: { before, atMost: stepRows } })) as number;
    while (removed > 0);
    await note({ ...told, result: 'allowed' }, id);
  }

  return {
    append: (entry, contents) => (closing === undefined ? gaps.guard(write(entry, contents)) : write(entry, contents)),
    insist: (entry) => write(entry),
    note: (said) => note(said),
    list: reader.list,
    scan: reader.scan,
    after: reader.after,
    show: reader.show,
    outline: reader.outline,
    extent: reader.extent,
    derived: reader.derived,
    first: reader.first,
    proof: reader.proof,
    checkpoint: reader.checkpoint,
    consistency: reader.consistency,
    async verify(options = {}) {
      const module = new URL(import.meta.url.replace(/record(\.[jt]s)$/, 'verify-thread$1'));
      const whose = await subjects?.pseudonyms();
      const workerData: VerifyStart = { ...options, dataDirectory, verifierKey, ...(whose && { whose }) };
      const [verification] = (await once(new Worker(module, { workerData }), 'message')) as [Verification];
      return verification;
    },
    search: searching.search,
    publicKey: () => verifierKey,
    status() {
      const gap = gaps.gap();
      return { ...writer.status(), ...(gap && { gap }) };
    },
    async erase(given, announce) {
      const user = keptUser(given);
      const subject = await subjects?.find(user);
      if (subject === undefined) return undefined;
      const { pseudonym } = subject;
      await announce?.(pseudonym);
      // Under the pseudonym first: were the key gone and the work broken off, nobody could find what is left of it.
      const first = await forgetAll(user, pseudonym);
      await subjects!.destroy(user);
      const { renamed, left } = await forgetAll(user, pseudonym); // what was written meanwhile
      return { pseudonym, records: first.renamed + renamed, left };
    },
    async follow(erased) {
      let renamed = 0;
      for (let user = reader.nextUser(''); user !== undefined; user = reader.nextUser(user)) {
        // Whoever was erased more than once has records of an older pseudonym before those of a newer one.
        for (let step = isPseudonym(user) ? 0 : 1; step > 0; renamed += step) {
          const pseudonym = reader.subjectsOf(user).find((each) => erased.has(each));
          step = pseudonym === undefined ? 0 : (await forgetAll(user, pseudonym)).renamed;
        }
        await nextTurn();
      }
      return renamed;
    },
    async prune(holds, keptFrom = Infinity) {
      const { days } = settings.retention;
      const { oldest } = reader.extent();
      if (days === 'forever') return { before: oldest, oldest, newestMs: 0 };
      const plan = await planPrune(clock.now() - days * 86_400_000, holds, {
        outline: reader.outline,
        oldest: () => oldest,
        size: () => Math.min(reader.extent().size, keptFrom + 1),
        nextTurn,
      });
      if (plan.before > oldest) await remove(plan);
      return plan;
    },
    redactWith(mask) {
      redact = mask;
    },
    close() {
      closing ??= (async () => {
        await Promise.all(lookingUp);
        await gaps.close();
        await searching.close();
        reader.close(); // first, so that the writer leaves one whole file behind
        await writer.close();
        const gap = gaps.gap(); // what waited last may have failed as well
        try {
          if (gap !== undefined) leaveGap(dataDirectory, gap);
        } catch (error) {
          log.fatal({ err: error, ...gap }, 'that records are missing is not on record');
        }
      })();
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
