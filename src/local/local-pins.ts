// The pins of one person's local servers: one book for all processes, opened with the first server that introduces itself.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import { correlationId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { noNotifier } from '../base/notice.ts';
import type { PinDesk } from '../inspect/pins/pin-desk.ts';
import type { PinKeeper, PinNeighbours, Pins } from '../inspect/pins/pins.ts';
import type { PinSettings } from '../inspect/pins/settings.ts';
import type { Recorder } from '../record/entry.ts';
import { lockFolder } from '../state/folder-lock.ts';

/** Ten seconds. */
const maxAttempts = 400;
const pauseMs = 25;

interface LocalPinNeighbours extends Pick<PinNeighbours, 'suspects'> {
  /** Data directory of the person. */
  readonly root: string;
  readonly servers: () => readonly string[];
  readonly record: Recorder;
  readonly clock: Clock;
  readonly log: Log;
}

interface Opened {
  readonly pins: PinKeeper;
  readonly desk: PinDesk;
  close(): Promise<void>;
}

/** A person alone decides for themselves, by the rights that they have over the files. */
export async function openLocalPins(settings: PinSettings, neighbours: LocalPinNeighbours): Promise<Opened> {
  const { root, record, clock, log } = neighbours;
  const [{ openDatabase }, { createRevocations }, { createPins }, { createPinDesk }] = await Promise.all([
    import('../state/database.ts'),
    import('../state/revocations.ts'),
    import('../inspect/pins/pins.ts'),
    import('../inspect/pins/pin-desk.ts'),
  ]);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const release = await alone(root, 'pins.lock');
  const database = await openDatabase(path.join(root, 'pins.db')).finally(release);
  const revocations = await createRevocations({ database, log });
  const pins = await createPins(settings, {
    ...neighbours,
    database,
    revocations,
    notifier: noNotifier, // the refused call tells the one person that there is
    record: (entry) =>
      record.append({
        timestamp: clock.now(),
        user: '',
        ...entry,
        correlationId: correlationId(),
        sourceIP: '',
        userAgent: '',
      }),
    programOf: () => undefined,
    count: () => undefined,
  });
  const desk = createPinDesk(pins, { database, revocations, hasSecondFactor: () => false, mfaKnown: false, clock });
  return {
    pins,
    desk,
    async close() {
      await revocations.close();
      await database.destroy();
    },
  };
}

/** Of several processes that start at once, one makes the book. */
export async function alone(root: string, lock: string): Promise<() => void> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const release = lockFolder(root, lock);
    if (release !== undefined) return release;
    await pause(pauseMs);
  }
  throw new GenkanError('record_unavailable');
}

/** Opens the book meanwhile: no start waits for it, only what a server shows. */
export function openPinsLater(settings: PinSettings, neighbours: LocalPinNeighbours): Pins & AsyncDisposable {
  let opened: Opened | undefined;
  let closed = false;
  const watched = new Set<() => void>();
  const opening = openLocalPins(settings, neighbours).then((open) => {
    opened = open;
    if (!closed) for (const watch of watched) watch();
    return open;
  });
  opening.catch(() => undefined); // whoever waits for it hears of it
  return {
    observe: async (...shown) => (await opening).pins.observe(...shown),
    introduce: async (...said) => (await opening).pins.introduce(...said),
    // Nothing is used before its server has introduced itself, and that waits for the book.
    withheld: (...asked) => opened?.pins.withheld(...asked),
    approvedByPerson: (...asked) => opened?.pins.approvedByPerson(...asked) === true,
    holds: (...asked) => opened?.pins.holds(...asked) === true,
    names: (...asked) => opened?.pins.names(...asked) ?? [],
    watch(server, act) {
      let stop: (() => void) | undefined;
      const watch = (): void => void (stop = opened!.pins.watch(server, act));
      if (opened === undefined) watched.add(watch);
      else watch();
      return () => {
        watched.delete(watch);
        stop?.();
      };
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      await (await opening.catch(() => undefined))?.close();
    },
  };
}
