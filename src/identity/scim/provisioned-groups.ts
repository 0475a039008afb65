// The groups of a person as the directory provisions them, laid over those that the sign-in stated.
import type { DisputedGroups } from '../../base/principal.ts';
import type { Database } from '../../state/database.ts';

export interface CountedGroups {
  /** The groups that count now. */
  readonly groups: readonly string[];
  readonly disputedGroups?: DisputedGroups;
}

export type GroupsOf = (person: string, stated: readonly string[], reader?: Database) => Promise<CountedGroups>;

/**
 * For a group that the directory provisions, its word counts and not that of an older sign-in; for all others the sign-in's.
 * @param adds whether it also gives groups that the sign-in did not state
 */
export function createProvisionedGroups(database: Database, adds: boolean): GroupsOf {
  return async (person, stated, reader = database) => {
    const user = await reader.selectFrom('scim_user').select('id').where('person', '=', person).executeTakeFirst();
    if (user === undefined) return { groups: [...stated] };
    const memberships = reader.selectFrom('scim_member').select('group_id').where('user_id', '=', user.id);
    const named = reader.selectFrom('scim_group').select('name');
    const gone = await named
      .where('name', 'in', [...stated])
      .where('id', 'not in', memberships)
      .execute();
    const given = (await named.where('id', 'in', memberships).execute()).map(({ name }) => name);
    const away = new Set(gone.map(({ name }) => name));
    const both = stated.filter((group) => !away.has(group));
    const groups = adds ? [...new Set([...both, ...given])] : both;
    const either = [...new Set([...stated, ...given])];
    // A directory gives and takes rights; what a policy asks of somebody it does not lift.
    return either.length === both.length ? { groups } : { groups, disputedGroups: { either, both } };
  };
}
