// Elevations that something else enforces as well: begun once it has begun there, over here when it cannot, and ended there too.
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { announce } from '../../state/announce.ts';
import type { Revocations } from '../../state/revocations.ts';
import type { Eligibilities } from './eligibility.ts';
import type { Activator, Elevation, Progress } from './elevation.ts';
import type { ElevationNotices } from './elevation-notices.ts';
import type { ElevationStore } from './elevation-store.ts';

export interface Outside {
  /** When it is asked again of one; undefined where there is nothing to wait for. */
  restsUntilMs(elevation: Elevation): number | undefined;
  /** Whether it holds there for less long than here. */
  lags(elevation: Elevation): boolean;
  /** Has it begun, or carried on. @returns it as it is afterwards, and where the person can do something about a refusal */
  begin(elevation: Elevation): Promise<{ readonly elevation: Elevation; readonly page?: string }>;
  /** Has it ended. @returns whether there is nothing left to do */
  end(elevation: Elevation): Promise<boolean>;
}

interface OutsideNeighbours {
  readonly store: ElevationStore;
  readonly eligibilities: Pick<Eligibilities, 'find'>;
  readonly revocations: Revocations;
  readonly activator: Activator;
  readonly notices: Pick<ElevationNotices, 'waiting'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** As long as requests wait for their approval at Azure. */
export const longestWaitMs = 24 * 3_600_000;

const maxRests = 10_000;

export function createOutside(neighbours: OutsideNeighbours): Outside {
  const { store, eligibilities, revocations, activator, notices, clock, log } = neighbours;
  /** Let go of when it is done; one process asks of few at a time. */
  const rests = new Map<string, number>();
  const rest = (elevation: Elevation, untilMs: number): void => {
    if (rests.size >= maxRests) rests.clear(); // asked once too often
    rests.set(keyOf(elevation), untilMs);
  };
  const keyOf = ({ id, endsAtMs, ended }: Elevation): string => `${id} ${ended === undefined ? endsAtMs : 'end'}`;

  const lags = ({ enforcedBy, ended, outside, endsAtMs }: Elevation): boolean =>
    enforcedBy !== 'genkan' && ended === undefined && (outside?.untilMs ?? -Infinity) < endsAtMs;

  /** What fails unforeseen is asked again with the next look. */
  async function reaches<Value>(
    act: () => Promise<Value>,
    elevation: Elevation,
  ): Promise<{ value: Value } | undefined> {
    rests.delete(keyOf(elevation));
    try {
      return { value: await act() };
    } catch (error) {
      const { id, enforcedBy } = elevation;
      log.error({ err: error, elevation: id, enforcedBy }, 'an elevation was not made known; it is tried again');
      return undefined;
    }
  }

  async function keep(elevation: Elevation, progress: Progress): Promise<void> {
    const { id, enforcedBy, endsAtMs, outside, eligibility } = elevation;
    const { status } = progress;
    await revocations.commit(async (transaction) => {
      const told = (reason: string): Promise<void> =>
        announce(
          transaction,
          { kind: 'policy', subject: `elevation ${id}`, act: 'change', by: enforcedBy, reason },
          clock,
        );
      if (progress.state === 'pending') return store.outside(transaction, id, { status });
      if (progress.state === 'refused') {
        await store.outside(transaction, id, { status });
        await store.end(transaction, id, { atMs: clock.now(), by: enforcedBy, reason: 'activation' });
        return told('not activated');
      }
      const { fromMs, untilMs } = progress;
      if (outside?.untilMs === undefined) {
        const latestMs = eligibilities.find(eligibility)?.endsAtMs ?? Infinity;
        await store.begun(transaction, id, { startsAtMs: fromMs, endsAtMs: Math.min(untilMs, latestMs) });
      }
      // Parts of a second are none of its.
      const reached = untilMs + 1000 > endsAtMs ? Math.max(untilMs, endsAtMs) : untilMs;
      await store.outside(transaction, id, { status, untilMs: outside?.untilMs === undefined ? untilMs : reached });
      return told(`activated by ${enforcedBy}`);
    });
  }

  return {
    lags,
    restsUntilMs: (elevation) => rests.get(keyOf(elevation)),

    async begin(elevation) {
      if (!lags(elevation) || (rests.get(keyOf(elevation)) ?? 0) > clock.now()) return { elevation };
      const reached = await reaches(() => activator.activate(elevation), elevation);
      if (reached === undefined) return { elevation };
      const { value: progress } = reached;
      if (progress.state === 'pending') rest(elevation, progress.againAtMs);
      const isNews = progress.state !== 'pending' || progress.status !== elevation.outside?.status;
      if (isNews) await keep(elevation, progress);
      if (isNews && progress.state === 'pending' && progress.forSomebody === true)
        await notices.waiting({ ...elevation, outside: { status: progress.status } });
      const now = (await store.find(elevation.id))!;
      return {
        elevation: now,
        ...(progress.state === 'refused' && progress.page !== undefined && { page: progress.page }),
      };
    },

    async end(elevation) {
      const { id, enforcedBy, ended } = elevation;
      // It is over because there was nothing there.
      if (enforcedBy === 'genkan' || ended?.by === enforcedBy) return true;
      if ((rests.get(keyOf(elevation)) ?? 0) > clock.now()) return false;
      const reached = await reaches(() => activator.deactivate(elevation), elevation);
      if (reached === undefined) return false;
      const { value: left } = reached;
      if (left === undefined) return true;
      if (left.state === 'pending') {
        rest(elevation, left.againAtMs);
        return false;
      }
      log.error(
        { elevation: id, enforcedBy, reason: left.status },
        'an elevation stays as it is where it is enforced as well',
      );
      await revocations.commit((transaction) => store.outside(transaction, id, { status: `left: ${left.status}` }));
      return true;
    },
  };
}
