// Whether somebody may have a role for a while as things are now: they may come in, and are eligible.
import { GenkanError } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import type { Database } from '../../state/database.ts';
import { isFor, isInTime } from './eligibility.ts';
import type { Eligibilities, Eligibility } from './eligibility.ts';
import type { Elevation, EndReason } from './elevation.ts';

/** A person who may come in, with the groups that count; undefined for all others. @param reader the transaction in which that has to hold */
export type PersonOf = (id: string, reader?: Database) => Promise<Pick<Principal, 'groups'> | undefined>;

export interface Standing {
  /** Why they may not, or no longer. */
  whyNot(of: Pick<Elevation, 'person' | 'eligibility'>, nowMs: number): Promise<EndReason | undefined>;
  /** What lets them, read within a transaction. @throws GenkanError `access_elevation_not_eligible` */
  demand(transaction: Database, of: Pick<Elevation, 'person' | 'eligibility'>, nowMs: number): Promise<Eligibility>;
}

export function createStanding(eligibilities: Pick<Eligibilities, 'find'>, personOf: PersonOf): Standing {
  async function look(
    { person: { id }, eligibility }: Pick<Elevation, 'person' | 'eligibility'>,
    nowMs: number,
    reader?: Database,
  ): Promise<Eligibility | EndReason> {
    const [held, who] = [eligibilities.find(eligibility), await personOf(id, reader)];
    if (who === undefined) return 'person';
    const stands =
      held !== undefined && held.inactive === undefined && isInTime(held, nowMs) && isFor(held, { id, ...who });
    return stands ? held : 'eligibility';
  }

  return {
    async whyNot(of, nowMs) {
      const found = await look(of, nowMs);
      return typeof found === 'string' ? found : undefined;
    },
    async demand(transaction, of, nowMs) {
      const found = await look(of, nowMs, transaction);
      if (typeof found !== 'string') return found;
      const { role = '', scope = '' } = eligibilities.find(of.eligibility) ?? {};
      throw new GenkanError('access_elevation_not_eligible', { role, scope });
    },
  };
}
