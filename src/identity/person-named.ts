// The one person with a sign-in name: whom the directory names, where there is one to ask, else whoever has signed in with it.
import { guid } from '../base/guid.ts';
import type { Log } from '../base/log.ts';
import type { Database } from '../state/database.ts';
import { fold } from './conditional-access/directory.ts';
import type { Graph } from './conditional-access/directory.ts';
import type { IdentitySettings } from './settings.ts';

interface PeopleNeighbours {
  readonly database: Database;
  readonly graph?: Graph | undefined;
  readonly log: Pick<Log, 'warn'>;
}

/** @returns what finds a person's id; undefined for a name of nobody, or of several, or that cannot be looked up now */
export function createPersonNamed(
  provider: IdentitySettings['provider'],
  { database, graph, log }: PeopleNeighbours,
): (name: string) => Promise<string | undefined> {
  if ('tenant' in provider) {
    const { tenant } = provider;
    return async (name) => {
      if (graph === undefined) return undefined;
      const filter = encodeURIComponent(`userPrincipalName eq '${name.replaceAll("'", "''")}'`); // OData: a quote is written twice
      const found = await graph
        .request('GET', `/v1.0/users?$select=id&$top=2&$filter=${filter}`)
        .catch((error: unknown) => {
          log.warn({ err: error, name }, 'the name of an approver could not be looked up');
          return {};
        });
      const { value } = found as { value?: unknown };
      const ids = Array.isArray(value) ? value.map(({ id }: { id?: unknown }) => id) : [];
      const [id] = ids;
      return ids.length === 1 && typeof id === 'string' && guid.test(id)
        ? `${id.toLowerCase()}@${tenant.toLowerCase()}`
        : undefined;
    };
  }
  return async (name) => {
    const rows = await database.selectFrom('account').select(['id', 'name']).execute();
    const named = rows.filter((row) => fold(row.name) === fold(name));
    return named.length === 1 ? named[0]!.id : undefined;
  };
}
