// How much one person may hold for a while, and how often they may sound the alarm: beyond that nobody watches any more.
import { GenkanError } from '../../base/errors.ts';
import type { Database } from '../../state/database.ts';
import type { Elevation } from './elevation.ts';
import type { ElevationStore } from './elevation-store.ts';

const maxHeld = 20;
/** One for each line of `access.breakGlass`: whoever needs more places takes the one above them. */
const maxOfOneEmergency = 1;
const maxEmergenciesADay = 20;
const dayMs = 86_400_000;

/**
 * Asked in the transaction that begins it, so that many at once do not pass together.
 * @throws GenkanError `access_elevation_active`, `access_elevation_too_many`
 */
export async function refuseTooMany(
  transaction: Database,
  store: Pick<ElevationStore, 'held' | 'emergenciesSince'>,
  { kind, person, role, scope, eligibility, startsAtMs: nowMs }: Elevation,
): Promise<void> {
  const tooMany = (limit: number): GenkanError => new GenkanError('access_elevation_too_many', { limit });
  const held = await store.held(transaction, person.id, nowMs);
  const same = held.find((each) => each.role === role && each.scope === scope);
  if (same !== undefined)
    throw new GenkanError('access_elevation_active', { until: new Date(same.endsAtMs).toISOString() });
  const alike = held.filter((each) => each.kind === kind);
  if (alike.length >= maxHeld) throw tooMany(maxHeld);
  if (kind !== 'break-glass') return;
  if (alike.some((each) => each.eligibility === eligibility)) throw tooMany(maxOfOneEmergency);
  if ((await store.emergenciesSince(transaction, person.id, nowMs - dayMs)) >= maxEmergenciesADay)
    throw tooMany(maxEmergenciesADay);
}
