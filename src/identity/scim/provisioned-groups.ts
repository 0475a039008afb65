// The groups of a person as the directory provisions them, laid over those that the sign-in stated.
import type { Database } from '../../state/database.ts';

/** @returns the groups that count now */
export type GroupsOf = (person: string, stated: readonly string[]) => Promise<string[]>;

/**
 * For a group that the directory provisions, its word counts and not that of an older sign-in; for all others the sign-in's.
 * @param adds whether it also gives groups that the sign-in did not state
 */
export function createProvisionedGroups(database: Database, adds: boolean): GroupsOf {
  return async (person, stated) => {
    const user = await database.selectFrom('scim_user').select('id').where('person', '=', person).executeTakeFirst();
    if (user === undefined) return [...stated];
    const memberships = database.selectFrom('scim_member').select('group_id').where('user_id', '=', user.id);
    const named = database.selectFrom('scim_group').select('name');
    const gone = await named
      .where('name', 'in', [...stated])
      .where('id', 'not in', memberships)
      .execute();
    const given = adds ? await named.where('id', 'in', memberships).execute() : [];
    const away = new Set(gone.map(({ name }) => name));
    return [...new Set([...stated.filter((group) => !away.has(group)), ...given.map(({ name }) => name)])];
  };
}
