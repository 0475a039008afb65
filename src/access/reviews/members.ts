// Since when people are in the groups that hold something: nobody else tells, so it is noted when they are first seen there.
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../state/database.ts';
import type { Assignment } from '../assignment.ts';
import { getOrPut } from '../places.ts';
import type { Person } from './candidates.ts';

/** When somebody was first seen in a group; 0 where they were in it when it was first looked at. */
export type JoinedAt = (group: string, person: string) => number | undefined;

export interface Members {
  /** Notes who has come and who has gone. */
  note(assignments: readonly Assignment[], people: readonly Person[]): Promise<JoinedAt>;
}

/** Of a group itself: it has been looked at. */
const itself = '';
/** SQLite takes so many values in one statement. */
const portion = 500;

export function createMembers({ database, clock }: { readonly database: Database; readonly clock: Clock }): Members {
  return {
    note: (assignments, people) =>
      database.transaction().execute(async (transaction) => {
        const known = new Map<string, Map<string, number>>();
        for (const { grp, principal, seen_at } of await transaction.selectFrom('review_member').selectAll().execute())
          getOrPut(known, grp, () => new Map<string, number>()).set(principal, seen_at);
        const nowMs = clock.now();
        const groups = new Set(assignments.flatMap(({ principal: { kind, id } }) => (kind === 'group' ? [id] : [])));
        for (const group of groups) {
          const before = getOrPut(known, group, () => new Map<string, number>());
          const seen_at = before.has(itself) ? nowMs : 0;
          const present = new Set([
            itself,
            ...people.filter((each) => each.groups.includes(group)).map(({ id }) => id),
          ]);
          const come = [...present].filter((principal) => !before.has(principal));
          const gone = [...before.keys()].filter((principal) => !present.has(principal));
          for (let at = 0; at < come.length; at += portion)
            await transaction
              .insertInto('review_member')
              .values(come.slice(at, at + portion).map((principal) => ({ grp: group, principal, seen_at })))
              .onConflict((conflict) => conflict.columns(['grp', 'principal']).doNothing())
              .execute();
          for (let at = 0; at < gone.length; at += portion)
            await transaction
              .deleteFrom('review_member')
              .where('grp', '=', group)
              .where('principal', 'in', gone.slice(at, at + portion))
              .execute();
          for (const principal of come) before.set(principal, seen_at);
        }
        return (group, person) => known.get(group)?.get(person);
      }),
  };
}
