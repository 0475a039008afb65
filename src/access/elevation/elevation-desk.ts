// Everything of elevation, connected: who is eligible, what is held, the keeper of its ends, and the reviews of emergencies.
import type { Notifier } from '../../base/notice.ts';
import type { Principal } from '../../base/principal.ts';
import type { Database } from '../../state/database.ts';
import type { Approver } from '../approvals/approval.ts';
import type { Assignment } from '../assignment.ts';
import { createEligibilities } from './eligibility.ts';
import type { Eligibilities, Eligibility, EligibilityItem } from './eligibility.ts';
import { isActive, noActivator } from './elevation.ts';
import type { Activator } from './elevation.ts';
import { createElevationKeeper } from './elevation-keeper.ts';
import type { ElevationEntry, ElevationKeeper } from './elevation-keeper.ts';
import { createElevationNotices } from './elevation-notices.ts';
import { createElevationStore } from './elevation-store.ts';
import { createElevations } from './elevations.ts';
import type { ElevationNeighbours, Elevations } from './elevations.ts';
import { createEmergencies } from './emergencies.ts';
import type { Emergencies } from './emergencies.ts';
import type { Role } from '../role.ts';
import { covers, parseScope } from '../scope.ts';
import type { BreakGlassSettings, ElevationSettings } from './settings.ts';
import { createStanding } from './standing.ts';

export interface ElevationDesk extends Elevations, Pick<ElevationKeeper, 'look' | 'attend' | 'close'> {
  readonly checkEligibility: Eligibilities['check'];
  readonly emergencies: Emergencies;
  /** Ends all that are held at a place that is gone, or below it. */
  endAt(scope: string, by: Pick<Principal, 'id'>): Promise<void>;
  /**
   * A token was made for a break-glass: it ends with it.
   * @returns whether it may be given; where the break-glass is over by now, the token is as well
   */
  keepGrant(id: string, grantId: string): Promise<boolean>;
}

interface DeskNeighbours extends Omit<ElevationNeighbours, 'store' | 'tell' | 'activator' | 'standing'> {
  readonly database: Database;
  readonly leases: Parameters<typeof createElevationKeeper>[0]['leases'];
  /** As they are now. */
  readonly roles: () => readonly Role[];
  /** Eligibilities made while running. */
  readonly items: () => readonly EligibilityItem[];
  readonly readFile: (file: string) => string;
  readonly notifier: Notifier;
  readonly record: (entry: ElevationEntry) => Promise<unknown>;
  readonly endGrant: (grantId: string, cause: { readonly by: string; readonly reason: string }) => Promise<unknown>;
  /** Takes over what this process has just changed, for its next decision. */
  readonly changed: () => Promise<void>;
  readonly activator?: Activator;
  readonly log: Parameters<typeof createElevationKeeper>[0]['log'];
}

/**
 * @param settings the parts `elevation` and `breakGlass` of the configuration
 * @throws GenkanError for a mistake of the configuration
 */
export function createElevationDesk(
  settings: { readonly elevation: ElevationSettings; readonly breakGlass: BreakGlassSettings },
  neighbours: DeskNeighbours,
): ElevationDesk {
  const { database, notifier, publicUrl, activator = noActivator, revocations, endGrant, clock, log } = neighbours;
  const { elevation, breakGlass } = settings;
  const store = createElevationStore(database);
  const eligibilities = createEligibilities(elevation, breakGlass, neighbours);
  const standing = createStanding(eligibilities, neighbours.person);
  const emergencies = createEmergencies(breakGlass.reviewers, { ...neighbours, store });
  const reviewers = async (): Promise<readonly Approver[]> => (await emergencies.reviewers()).approvers;
  const notices = createElevationNotices(notifier, publicUrl, reviewers);
  const keeper = createElevationKeeper({ ...neighbours, store, eligibilities, standing, notices, activator });
  const look = async (id?: string): Promise<void> => {
    await keeper.look(id);
    await neighbours.changed().catch((error: unknown) => log.error({ err: error }, 'a change is read later'));
  };
  const elevations = createElevations(
    { minimumJustification: elevation.minimumJustification, eligibilities },
    { ...neighbours, store, standing, activator, tell: look },
  );
  return {
    ...elevations,
    ...keeper,
    look,
    emergencies,
    checkEligibility: eligibilities.check,
    async endAt(scope, by) {
      for (const { elevation } of await store.unfinished())
        if (elevation.ended === undefined && isWithin(scope, elevation.scope))
          await elevations.end(elevation.id, by, 'administrator'); // refused where it has ended by itself by now
    },
    async keepGrant(id, grantId) {
      // Whoever ends it looks for a grant after that is durable: one of the two finds what the other has written.
      const elevation = await revocations.commit(async (transaction) => {
        await store.keepGrant(transaction, id, grantId);
        return store.find(id, transaction);
      });
      if (elevation !== undefined && isActive(elevation, clock.now())) return true;
      await endGrant(grantId, { by: 'genkan', reason: 'break-glass ended' });
      return false;
    },
  };
}

const isWithin = (scope: string, place: string): boolean => {
  const [outer, inner] = [parseScope(scope, 'patterns'), parseScope(place, 'patterns')];
  return outer !== undefined && inner !== undefined && covers(outer, inner);
};

/** What somebody could request, as assignments that grant nothing yet: refusals tell of them. */
export const eligibleAssignments = (eligible: readonly Eligibility[]): Assignment[] =>
  eligible
    .filter(({ kind, inactive }) => kind === 'elevation' && inactive === undefined)
    .map(({ id, principal, role, scope, startsAtMs, endsAtMs }) => ({
      id,
      principal,
      role,
      scope,
      source: 'elevation',
      ...(startsAtMs !== undefined && { startsAtMs }),
      ...(endsAtMs !== undefined && { endsAtMs }),
    }));
