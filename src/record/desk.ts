// What administrators do with the record: read what was kept of a call, forget a person, hold on to records, and let old ones go on time.
import { Cron } from 'croner';
import type { Clock } from '../base/clock.ts';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Principal } from '../base/principal.ts';
import type { Leases } from '../state/leases.ts';
import type { DerivationWatch } from './derivation.ts';
import type { Erasures } from './erasures.ts';
import type { Hold, Holds, HoldWish } from './holds.ts';
import { keptUser } from './leaf.ts';
import type { AuditRecord, Erased } from './record.ts';
import type { PrunePlan } from './retention.ts';
import type { RetentionSettings } from './settings.ts';
import { isSomebody } from './subject.ts';

export interface RecordDesk {
  /** One record with what was kept of its call. @returns refusal `record_mfa`, `operation_not_found` */
  show(index: number, by: Principal): Promise<NonNullable<Awaited<ReturnType<AuditRecord['show']>>> | Refusal>;
  /** Forgets a person. @returns refusal `record_mfa`, `record_held`, `record_erase_self`, `operation_not_found` */
  erase(user: string, by: Principal): Promise<(Erased & { readonly others: number }) | Refusal>;
  readonly holds: {
    place(wish: HoldWish, by: Principal): Promise<Hold>;
    list(): Promise<readonly Hold[]>;
    /** Whether anything of somebody is in this log. */
    isOnRecord(user: string): boolean;
    /** @returns refusal `record_mfa`, `operation_not_found` */
    release(id: string, by: Principal): Promise<Hold | Refusal>;
  };
  /** Removes what is older than it has to be. */
  prune(): Promise<PrunePlan>;
  /** Begins to do so on schedule. */
  attend(): void;
  close(): Promise<void>;
}

export interface RecordDeskNeighbours {
  readonly record: Pick<AuditRecord, 'show' | 'erase' | 'first' | 'follow' | 'prune'>;
  readonly holds: Holds;
  readonly erasures: Erasures;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly derivation?: DerivationWatch;
  /** Index of the first record that somebody elsewhere is yet to get. */
  readonly keptFrom?: () => Promise<number | undefined>;
  /** Whether a sign-in proved a second factor; undefined where none is known. */
  readonly hasSecondFactor: ((principal: Principal) => boolean) | undefined;
  readonly log: Log;
}

// Whoever changes what is kept, or for how long, waits for whoever does so already.
const lease = 'record-upkeep';
const leaseMs = 60_000;
const followPattern = '* * * * *'; // and everything else that is done every minute
// Records are made for a while with a key that was destroyed elsewhere, and clocks differ.
const overlapMs = 5 * 60_000;

export function createRecordDesk(settings: RetentionSettings, neighbours: RecordDeskNeighbours): RecordDesk {
  const { record, holds, erasures, clock, leases, keptFrom, hasSecondFactor, derivation, log } = neighbours;
  let running: Promise<unknown> = Promise.resolve();
  let following: Promise<unknown> = Promise.resolve();
  let lookedAtMs = 0;
  const schedules: Cron[] = [];

  const lacking = (by: Principal): Refusal | undefined =>
    hasSecondFactor !== undefined && by.kind === 'user' && !hasSecondFactor(by) ? refuse('record_mfa') : undefined;
  const alone = <Value>(work: () => Promise<Value>): Promise<Value> => leases.hold(lease, work, { ttlMs: leaseMs });
  const prune = (): Promise<PrunePlan> => alone(async () => record.prune(await holds.list(), await keptFrom?.()));

  async function follow(): Promise<void> {
    const nowMs = clock.now();
    const erased = await erasures.since(lookedAtMs - overlapMs);
    if (erased.size > 0) await record.follow(erased);
    lookedAtMs = nowMs;
  }

  const every = (pattern: string, work: () => void): number =>
    schedules.push(new Cron(pattern, { timezone: 'UTC', mode: '5-part', unref: true, protect: true }, work));

  return {
    async show(index, by) {
      const refusal = lacking(by);
      if (refusal !== undefined) return refusal;
      return (await record.show(index)) ?? refuse('operation_not_found', { kind: 'audit record', name: index });
    },
    async erase(given, by) {
      const user = keptUser(given);
      const refusal = lacking(by);
      if (refusal !== undefined) return refusal;
      if (user === keptUser(by.id)) return refuse('record_erase_self');
      if (!isSomebody(user)) return refuse('operation_not_found', { kind: 'person on record', name: user });
      return alone(async () => {
        // The key is that of all logs, and what the others hold of the person cannot be asked from here.
        const others = await erasures.others();
        for (const hold of await holds.list())
          if ((hold.user ?? user) === user && (others > 0 || record.first({ ...hold, user }) !== undefined))
            return refuse('record_held', { user, hold: hold.id, reason: hold.reason });
        const erased = await record.erase(user, erasures.announce);
        return erased === undefined
          ? refuse('operation_not_found', { kind: 'person on record', name: user })
          : { ...erased, others };
      });
    },
    holds: {
      place: (wish, by) => alone(() => holds.place(wish, by.id)),
      list: () => holds.list(),
      isOnRecord: (user) => record.first({ user: keptUser(user) }) !== undefined,
      release: async (id, by) => lacking(by) ?? holds.release(id, by.id),
    },
    prune,
    attend() {
      const followed = (): void => {
        following = following.then(follow).catch((error: unknown) => {
          log.error({ err: error }, 'people who were erased by another process are still found by their ids');
        });
      };
      followed();
      every(followPattern, followed);
      every(followPattern, () => derivation?.look());
      every(settings.schedule, () => {
        running = prune().then(
          ({ before, oldest, heldBy }) => {
            if (before > oldest) log.info({ removed: before - oldest, heldBy }, 'old audit records were removed');
          },
          (error: unknown) => log.error({ err: error }, 'old audit records were not removed'),
        );
      });
    },
    async close() {
      for (const schedule of schedules) schedule.stop();
      await Promise.all([running, following]);
    },
  };
}
