// Takes checkpoints of our log out of reach of whoever may come to hold this machine: to every witness, about every minute.
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { oneLine } from '../../base/one-line.ts';
import type { Leases } from '../../state/leases.ts';
import { openCheckpoint } from '../checkpoint.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { verifyConsistency } from '../merkle.ts';
import type { Metrics } from '../metrics.ts';
import { createVerifier } from '../note.ts';
import type { TreeReader } from '../tiles/tree.ts';
import type { LogBook, Publication } from './log-book.ts';
import { NotKept } from './places/place.ts';
import type { Outgoing, Place } from './places/place.ts';

export interface PublisherSettings {
  readonly witnessQuorum?: number | undefined;
  readonly witnessEverySeconds: number;
  readonly witnessAlarmMinutes: number;
}

export interface Trouble {
  readonly witness: string;
  readonly sinceMs: number;
  readonly reason: string;
  /** Somebody outside has seen a history that ours does not continue: it was rewritten, cut, or put back from a copy. */
  readonly contradicts: boolean;
}

export interface WitnessState extends Publication {
  readonly type: string;
  /** Records that it has no checkpoint of. */
  readonly behind: number;
}

export interface Publisher {
  /** Publishes the newest checkpoint now. */
  publish(): Promise<readonly WitnessState[]>;
  list(): readonly WitnessState[];
  /** What keeps fewer witnesses than there should be up to date; for `/readyz`. */
  notes(): readonly string[];
  /** Begins to publish, again and again. */
  attend(): void;
  close(): Promise<void>;
}

export interface PublisherNeighbours {
  readonly verifierKey: string;
  readonly tree: Pick<TreeReader, 'head' | 'consistency'>;
  readonly places: ReadonlyMap<string, { readonly type: string; readonly place: Place }>;
  readonly book: Pick<LogBook, 'logs' | 'publications' | 'note' | 'published'>;
  readonly leases: Leases;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
  /** Tells people outside; of one trouble it is told once. */
  readonly alarm: (trouble: Trouble) => void;
}

const takesAtMostMs = 45_000;
const lastTakesAtMostMs = 5_000;

export function createPublisher(settings: PublisherSettings, neighbours: PublisherNeighbours): Publisher {
  const { verifierKey, tree, places, book, leases, clock, log, alarm } = neighbours;
  const quorum = Math.min(settings.witnessQuorum ?? places.size, places.size);
  const alarmMs = settings.witnessAlarmMinutes * 60_000;
  const verifier = createVerifier(verifierKey);
  const meters = createMeters(neighbours.metrics);
  const states = new Map<string, Publication>([...places.keys()].map((witness) => [witness, { witness, size: 0 }]));
  const told = new Set<string>();
  const stopping = new AbortController();
  let newestPublished: Checkpoint | undefined;
  let loaded: Promise<void> | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function load(): Promise<void> {
    for (const known of await book.publications(verifier.name))
      if (states.has(known.witness)) states.set(known.witness, known);
    const own = (await book.logs()).find(({ origin }) => origin === verifier.name);
    newestPublished = own?.published && openCheckpoint(verifier, own.published.note);
  }

  function outgoing(): Outgoing {
    const { note } = tree.head();
    const checkpoint = openCheckpoint(verifier, note);
    if (checkpoint === undefined) throw new NotKept('the newest checkpoint is not signed by the key of the log');
    const { size, root } = checkpoint;
    const continues = newestPublished === undefined || extendsIt(newestPublished, checkpoint);
    if (!continues)
      throw new NotKept(`the log does not continue what was published with ${newestPublished!.size} records`, {
        contradicts: true,
      });
    return { ...checkpoint, note, root, proofFrom: (from) => tree.consistency(from, size) ?? [] };
  }

  function extendsIt(earlier: Checkpoint, later: Checkpoint): boolean {
    const proof = tree.consistency(earlier.size, later.size);
    return proof !== undefined && verifyConsistency(earlier, later, proof);
  }

  async function keepAt(witness: string, next: Outgoing | NotKept): Promise<string | undefined> {
    const { place } = places.get(witness)!;
    const before = states.get(witness)!;
    const nowMs = clock.now();
    try {
      if (next instanceof NotKept) throw next;
      if (before.size === next.size && before.failingSinceMs === undefined && place.refreshes !== true)
        return undefined;
      // Clones and files may be those of other processes too.
      const { cosignature, size = next.size } = await leases.hold(`audit-witness:${witness}`, ({ signal }) =>
        place.keep(next, before.size, AbortSignal.any([signal, stopping.signal, AbortSignal.timeout(takesAtMostMs)])),
      );
      states.set(witness, { witness, size, takenAtMs: nowMs });
      if (before.failingSinceMs !== undefined) log.warn({ witness }, 'a witness takes checkpoints again');
      return cosignature ?? '';
    } catch (error) {
      meters.failed(witness);
      fail(witness, before, error, nowMs);
      return undefined;
    }
  }

  function fail(witness: string, before: Publication, error: unknown, nowMs: number): void {
    const reason = oneLine(error instanceof Error ? error.message : String(error)).slice(0, 500);
    const sinceMs = before.failingSinceMs ?? nowMs;
    if (before.failure !== reason) log.error({ witness, reason }, 'a witness took no checkpoint');
    states.set(witness, { ...before, failingSinceMs: sinceMs, failure: reason });
    const contradicts = error instanceof NotKept && error.contradicts;
    const once = `${witness}:${contradicts ? 'contradicts' : sinceMs}`;
    if (!(contradicts || nowMs - sinceMs >= alarmMs) || told.has(once)) return;
    if (told.size > 1000) told.clear();
    told.add(once);
    alarm({ witness, sinceMs, reason, contradicts });
  }

  async function round(): Promise<void> {
    await (loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    }));
    const next = attempt(outgoing);
    const lines = await Promise.all([...places.keys()].map((witness) => keepAt(witness, next)));
    const taken = lines.filter((line) => line !== undefined);
    if (!(next instanceof NotKept) && taken.length > 0) {
      const cosignatures = taken.join('');
      newestPublished = next;
      const checkpoint = { note: next.note + cosignatures, size: next.size };
      await book.published(verifier.name, checkpoint, cosignatures !== '', clock.now());
    }
    for (const state of states.values()) await book.note(verifier.name, state);
    meters.measure(list(), clock.now());
  }

  function publish(): Promise<void> {
    const mine = running.then(round, round);
    running = mine.catch(() => undefined);
    return mine;
  }

  function list(): WitnessState[] {
    const { size } = tree.head();
    return [...states.values()].map((state) => ({
      type: places.get(state.witness)!.type,
      ...state,
      behind: Math.max(0, size - state.size),
    }));
  }

  const holds = ({ takenAtMs, failingSinceMs }: Publication): boolean =>
    takenAtMs !== undefined && (failingSinceMs === undefined || clock.now() - failingSinceMs < alarmMs);

  return {
    async publish() {
      await publish();
      return list();
    },
    list,
    notes() {
      const holding = [...states.values()].filter(holds).length;
      return holding >= quorum ? [] : [`audit: ${holding} of ${quorum} witnesses have lately taken a checkpoint`];
    },
    attend() {
      if (places.size === 0) return;
      const again = (): void =>
        void publish().catch((error: unknown) => log.error({ err: error }, 'checkpoints were not published'));
      timer = setInterval(again, settings.witnessEverySeconds * 1000).unref();
      again();
    },
    async close() {
      clearInterval(timer);
      if (timer === undefined) return void (await running);
      // What was recorded since the last minute goes out as well, if that can be done soon.
      const late = setTimeout(() => stopping.abort(new NotKept('Genkan is stopping')), lastTakesAtMostMs);
      await publish().catch((error: unknown) => log.error({ err: error }, 'the last checkpoint was not published'));
      clearTimeout(late);
    },
  };
}

function attempt(make: () => Outgoing): Outgoing | NotKept {
  try {
    return make();
  } catch (error) {
    return error instanceof NotKept ? error : new NotKept('the log cannot be read', { cause: error });
  }
}

function createMeters(metrics: Metrics) {
  const size = metrics.gauge('genkan_audit_witness_size', 'Records of which a witness has a checkpoint.', ['witness']);
  const behind = metrics.gauge('genkan_audit_witness_behind', 'Records of which a witness has no checkpoint yet.', [
    'witness',
  ]);
  const lag = metrics.gauge(
    'genkan_audit_witness_lag_seconds',
    'Time since a witness took a checkpoint, while it lacks records; 0 while it lacks none.',
    ['witness'],
  );
  const failures = metrics.counter('genkan_audit_witness_failures_total', 'Checkpoints that a witness did not take.', [
    'witness',
  ]);
  return {
    failed: (witness: string) => failures.with(witness).add(),
    measure(states: readonly WitnessState[], nowMs: number) {
      for (const { witness, behind: lacking, takenAtMs, failingSinceMs, ...state } of states) {
        size.with(witness).set(state.size);
        behind.with(witness).set(lacking);
        const sinceMs = takenAtMs ?? failingSinceMs ?? nowMs;
        lag.with(witness).set(lacking === 0 ? 0 : Math.max(0, nowMs - sinceMs) / 1000);
      }
    },
  };
}
