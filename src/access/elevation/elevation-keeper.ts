// Sees to it that elevations end when they have to, and that every beginning and end is told: to the record, to people, and to what enforces them elsewhere.
import type { Clock } from '../../base/clock.ts';
import { correlationId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { announce } from '../../state/announce.ts';
import type { Leases } from '../../state/leases.ts';
import type { Revocations } from '../../state/revocations.ts';
import type { Eligibilities } from './eligibility.ts';
import { isWaiting } from './elevation.ts';
import type { Activator, Elevation, EndReason } from './elevation.ts';
import type { ElevationNotices } from './elevation-notices.ts';
import type { ElevationStore, KeptElevation } from './elevation-store.ts';
import { createOutside, longestWaitMs } from './outside.ts';
import type { Standing } from './standing.ts';

/** One audit record, as far as elevations fill it in. */
export interface ElevationEntry {
  readonly timestamp: number;
  readonly user: string;
  readonly action: string;
  readonly resource: string;
  readonly result: 'allowed' | 'failed';
  readonly details: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
  readonly sourceIP: string;
  readonly userAgent: string;
}

export interface ElevationKeeper {
  /**
   * Does what is to be done now. What cannot be done is logged and tried again: it follows from what is durable already.
   * @param id one of them alone, which nobody's trouble with another one holds up
   */
  look(id?: string): Promise<void>;
  /** Does what is to be done as soon as it is, until `close`. What ended while nothing ran is told now, with its true time. */
  attend(): void;
  close(): Promise<void>;
}

interface KeeperNeighbours {
  readonly store: ElevationStore;
  readonly eligibilities: Pick<Eligibilities, 'find'>;
  readonly revocations: Revocations;
  readonly leases: Leases;
  readonly standing: Pick<Standing, 'whyNot'>;
  readonly activator: Activator;
  readonly notices: ElevationNotices;
  readonly record: (entry: ElevationEntry) => Promise<unknown>;
  /** Ends what rests on a grant: the token that was given with a break-glass. */
  readonly endGrant: (grantId: string, cause: { readonly by: string; readonly reason: string }) => Promise<unknown>;
  /** Takes over what has changed of the policy. */
  readonly changed: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Groups change where nobody tells of it, e.g. at the next sign-in. */
const longestPauseMs = 15_000;
const retryMs = 2_000;

export function createElevationKeeper(neighbours: KeeperNeighbours): ElevationKeeper {
  const { store, standing, revocations, leases, notices, record, endGrant, changed, clock, log } = neighbours;
  const outside = createOutside(neighbours);
  let timer: NodeJS.Timeout | undefined;
  let attending = false;
  let last: Promise<unknown> = Promise.resolve();
  let tending: Promise<void> | undefined;

  async function whyEnd(elevation: Elevation, nowMs: number): Promise<EndReason | undefined> {
    const { startsAtMs, endsAtMs } = elevation;
    if (!isWaiting(elevation)) {
      if (endsAtMs <= nowMs) return 'time';
    } else if (startsAtMs + longestWaitMs <= nowMs) return 'activation';
    return standing.whyNot(elevation, nowMs);
  }

  async function endWhatIsOver({ elevation, ...kept }: KeptElevation): Promise<KeptElevation> {
    if (elevation.ended !== undefined) return { elevation, ...kept };
    const nowMs = clock.now();
    const reason = await whyEnd(elevation, nowMs);
    if (reason === undefined) return { elevation, ...kept };
    const { id, endsAtMs } = elevation;
    // By time it has ended when its time was over, whenever that was noticed.
    const ended = { atMs: reason === 'time' ? endsAtMs : nowMs, by: reason === 'time' ? '' : 'genkan', reason };
    await revocations.commit(async (transaction) => {
      const now = await store.find(id, transaction);
      if (reason === 'time' && now?.endsAtMs !== endsAtMs) return; // extended in the meantime
      await store.end(transaction, id, ended);
      const told = {
        kind: 'policy',
        subject: `elevation ${id}`,
        act: 'change',
        by: ended.by,
        reason: `ended by ${reason}`,
      } as const;
      await announce(transaction, told, clock);
    });
    // Read once more: a token may have been given with it in the meantime.
    return (await store.kept(id)) ?? { ...kept, elevation: (await store.find(id))! };
  }

  async function see(kept: KeptElevation): Promise<void> {
    const { elevation: standing, toldEndsAtMs, grantId } = await endWhatIsOver(kept);
    const { elevation, page } = await outside.begin(standing);
    if (isWaiting(elevation)) return;
    const { id, endsAtMs, ended, kind, enforcedBy } = elevation;
    const neverBegan = enforcedBy !== 'genkan' && elevation.outside?.untilMs === undefined;
    if (toldEndsAtMs !== endsAtMs && !neverBegan) {
      const action = toldEndsAtMs === undefined ? `${kind}.start` : `${kind}.extended`;
      if (toldEndsAtMs === undefined) await notices.started(elevation);
      await record(entryOf(elevation, action, clock.now()));
      await store.told(id, { endsAtMs });
    }
    if (ended === undefined) return;
    if (grantId !== undefined) await endGrant(grantId, { by: ended.by, reason: `${kind} ended` });
    if (!(await outside.end(elevation))) return;
    const over = (await store.find(id))!;
    await notices.ended(over, page);
    const failed = neverBegan && ended.reason === 'activation';
    await record(entryOf(over, failed ? `${kind}.start` : `${kind}.end`, clock.now()));
    await store.told(id, 'end');
  }

  const isResting = (elevation: Elevation): boolean => (outside.restsUntilMs(elevation) ?? 0) > clock.now();

  function needsCare({ elevation, toldEndsAtMs }: KeptElevation): boolean {
    const { ended, endsAtMs } = elevation;
    const isDue = ended !== undefined || outside.lags(elevation);
    if (isDue && isResting(elevation)) return ended === undefined && !isWaiting(elevation) && toldEndsAtMs !== endsAtMs;
    return isDue || toldEndsAtMs !== endsAtMs || endsAtMs <= clock.now();
  }

  /** When something is to be done about it next. */
  const wakesAtMs = ({ elevation }: KeptElevation): number => {
    const restsUntilMs = outside.restsUntilMs(elevation) ?? Infinity;
    return isWaiting(elevation) || elevation.ended ? restsUntilMs : Math.min(restsUntilMs, elevation.endsAtMs);
  };

  /** @returns whether it went well; one that cannot be told keeps no other from its end */
  function withoutFault(act: () => Promise<unknown>, elevation?: string): Promise<boolean> {
    return act().then(
      () => true,
      (error: unknown) => {
        log.error({ err: error, elevation }, 'elevations were not seen to in full; it is tried again');
        return false;
      },
    );
  }

  const tend = (each: KeptElevation): Promise<boolean> =>
    withoutFault(async () => {
      const { id } = each.elevation;
      if (!needsCare(each) && (await whyEnd(each.elevation, clock.now())) === undefined) return;
      await leases.hold(`elevation ${id}`, async () => {
        // Another process may have seen to it while this one waited.
        const kept = await store.kept(id);
        if (kept !== undefined) await see(kept);
      });
    }, each.elevation.id);

  async function all(): Promise<boolean> {
    const open = await store.unfinished();
    const isOwn = ({ elevation }: KeptElevation): boolean => elevation.enforcedBy === 'genkan';
    let isWell = true;
    for (const each of open.filter(isOwn)) isWell = (await tend(each)) && isWell;
    // Who is slow elsewhere keeps none of the others waiting.
    const others = await Promise.all(open.filter((each) => !isOwn(each)).map(tend));
    return isWell && !others.includes(false);
  }

  async function one(id: string): Promise<boolean> {
    const kept = await store.kept(id);
    return kept === undefined || (await tend(kept));
  }

  /** @returns whether all of it was done */
  async function once(id?: string): Promise<boolean> {
    let isWell = false;
    const isRead = await withoutFault(async () => {
      await changed(); // who is eligible, as the policy is now
      isWell = await (id === undefined ? all() : one(id));
    });
    return isRead && isWell;
  }

  /** One look at all of them at a time. */
  function onceInTurn(): Promise<boolean> {
    const mine = last.then(() => once());
    last = mine;
    return mine;
  }

  function arm(inMs: number): void {
    clearTimeout(timer);
    if (attending)
      timer = setTimeout(() => (tending = attentively()), Math.max(0, Math.min(inMs, longestPauseMs))).unref();
  }

  async function attentively(): Promise<void> {
    const isWell = await onceInTurn();
    const isRead = await withoutFault(async () => {
      const open = await store.unfinished();
      if (!isWell || open.some(needsCare)) return arm(retryMs);
      if (open.length > 0) arm(open.reduce((least, each) => Math.min(least, wakesAtMs(each)), Infinity) - clock.now());
    });
    if (!isRead) arm(retryMs);
  }

  revocations.follow(({ kind }) => {
    if (attending && (kind === 'policy' || kind === 'principal')) arm(0);
  });

  return {
    async look(id) {
      const isWell = await (id === undefined ? onceInTurn() : once(id));
      if (!isWell) arm(retryMs);
    },
    attend() {
      attending = true;
      arm(0);
    },
    async close() {
      attending = false;
      clearTimeout(timer);
      await tending;
      await last;
    },
  };
}

function entryOf(elevation: Elevation, action: string, nowMs: number): ElevationEntry {
  const { id, person, role, scope, justification, openedBy, approvedBy, enforcedBy, outside, ended } = elevation;
  const isEnd = ended !== undefined && (action.endsWith('.end') || ended.reason === 'activation');
  return {
    timestamp: nowMs,
    user: person.id,
    action,
    resource: scope,
    result: isEnd && !action.endsWith('.end') ? 'failed' : 'allowed',
    details: {
      elevation: id,
      person: person.name,
      role,
      justification,
      openedBy,
      ...(approvedBy !== undefined && { approvedBy }),
      enforcedBy,
      ...(outside !== undefined && { outside: outside.status }),
      startsAt: iso(elevation.startsAtMs),
      endsAt: iso(elevation.endsAtMs),
      ...(isEnd && { endedAt: iso(ended.atMs), endedBy: ended.by, reason: ended.reason }),
    },
    correlationId: correlationId(),
    sourceIP: '',
    userAgent: '',
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
