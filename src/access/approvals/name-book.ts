// Sign-in names of approvers, and whom each of them meant when it was first known: what is found is kept, whoever takes the name later.
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../state/database.ts';
import type { FindPerson } from './approvers.ts';

interface NameNeighbours {
  readonly database: Database;
  /** Asks who has a name now: the directory where there is one, else those who have signed in. */
  readonly lookUp: FindPerson;
  readonly clock: Clock;
}

/** Policies name few people, and whoever lists them must not make us ask the directory each time. */
const missedMs = 30_000;

/** A name of nobody, or of several, is asked for again later. */
export function createNameBook({ database, lookUp, clock }: NameNeighbours): FindPerson {
  const kept = async (name: string): Promise<string | undefined> =>
    (await database.selectFrom('approver_name').select('person').where('name', '=', name).executeTakeFirst())?.person;
  const missedAtMs = new Map<string, number>();
  return async (name) => {
    const known = await kept(name);
    if (known !== undefined) return known;
    if (clock.now() < (missedAtMs.get(name) ?? -Infinity) + missedMs) return undefined;
    const person = await lookUp(name);
    if (person === undefined) {
      missedAtMs.set(name, clock.now());
      return undefined;
    }
    missedAtMs.delete(name);
    // Two may have asked at once: the first answer counts, for both.
    await database
      .insertInto('approver_name')
      .values({ name, person, resolved_at: clock.now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return kept(name);
  };
}
