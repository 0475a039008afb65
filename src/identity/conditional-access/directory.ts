// Names in policies and whom they mean: object ids that Microsoft Graph has told once, or names as another provider states them.
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Principal } from '../../base/principal.ts';
import type { Database } from '../../state/database.ts';
import type { Policy } from './policy.ts';

export type Named = (principal: Principal) => boolean;
export type Side = 'include' | 'exclude';
type NameKind = 'user' | 'group' | 'application';

/** What names mean. Of an exclusion only what is certain counts; of an inclusion everything that is possible. */
export interface Names {
  user(name: string, side: Side): Named;
  group(name: string, side: Side): Named;
  /** Whether an application is Genkan itself, another one, or not known. */
  application(name: string): 'genkan' | 'another' | undefined;
}

/** Microsoft Graph, asked with the credentials of Genkan itself. */
export interface Graph {
  /**
   * @param path below the address of Graph, with its version: `/v1.0/groups?…`
   * @throws GenkanError when it cannot be reached or refuses
   */
  request(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<unknown>;
}

/** A name and what it was found to mean; no ids where it means nobody, `undefined` where it was never found out. */
export interface ResolvedName {
  readonly kind: NameKind;
  readonly name: string;
  readonly ids: readonly string[] | undefined;
}

export interface Directory {
  readonly names: Names;
  /** Every name that the policies use, and its meaning. */
  list(): readonly ResolvedName[];
  /** Reads what was found before. */
  load(): Promise<void>;
  /** Asks Graph again. @returns whether anything has another meaning now */
  refresh(): Promise<boolean>;
}

interface DirectoryNeighbours {
  /** Whether people come from Entra ID, where groups and people are object ids. */
  readonly entra: boolean;
  readonly clientId: string;
  readonly policies: readonly Policy[];
  readonly database: Database;
  readonly graph?: Graph;
  readonly clock: Clock;
  readonly log: Log;
}

export const everybody: Named = () => true;
export const nobody: Named = () => false;

export const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const words: ReadonlySet<string> = new Set([
  'All',
  'None',
  'GuestsOrExternalUsers',
  'Office365',
  'MicrosoftAdminPortals',
]);

export function createDirectory(neighbours: DirectoryNeighbours): Directory {
  const { entra, clientId, database, graph, clock, log } = neighbours;
  const asked = entra ? namesIn(neighbours.policies) : [];
  const known = new Map<string, readonly string[]>();
  const idsOf = (kind: NameKind, name: string): readonly string[] | undefined =>
    guid.test(name) ? [name.toLowerCase()] : known.get(keyOf(kind, name));

  const names: Names = {
    user(name, side) {
      if (!entra) return statedUser(name, side);
      const ids = idsOf('user', name);
      return certain(ids, side) ?? (({ id }) => ids!.some((each) => id.toLowerCase().startsWith(`${each}@`)));
    },
    group(name, side) {
      if (!entra) return statedGroup(name, side);
      const ids = idsOf('group', name);
      return (
        certain(ids, side) ??
        ((principal) => groupsOn(principal, side).some((group) => ids!.includes(group.toLowerCase())))
      );
    },
    application(name) {
      const ids = entra ? idsOf('application', name) : undefined;
      if (ids === undefined || ids.length === 0) return undefined;
      return ids.includes(clientId.toLowerCase()) ? 'genkan' : 'another';
    },
  };

  async function ask({ kind, name }: Pick<ResolvedName, 'kind' | 'name'>): Promise<readonly string[]> {
    const { path, id } = questions[kind];
    const found = (await graph!.request('GET', path(name))) as { value?: unknown };
    const rows = Array.isArray(found.value) ? (found.value as Record<string, unknown>[]) : [];
    return rows
      .map((row) => row[id])
      .flatMap((value) => (typeof value === 'string' && guid.test(value) ? [value.toLowerCase()] : []));
  }

  return {
    names,
    list: () => asked.map(({ kind, name }) => ({ kind, name, ids: known.get(keyOf(kind, name)) })),
    async load() {
      for (const row of await database.selectFrom('directory_name').selectAll().execute())
        known.set(keyOf(row.kind as NameKind, row.name), JSON.parse(row.ids) as string[]);
    },
    async refresh() {
      if (graph === undefined) return false;
      let changed = false;
      for (const each of asked) {
        try {
          const ids = JSON.stringify(await ask(each));
          const key = keyOf(each.kind, each.name);
          if (ids === '[]')
            log.warn(
              { kind: each.kind, name: each.name },
              'a name in a conditional access policy is not in the directory: its policy concerns everybody it could',
            );
          if (JSON.stringify(known.get(key)) === ids) continue;
          const values = { ids, resolved_at: clock.now() };
          await database
            .insertInto('directory_name')
            .values({ kind: each.kind, name: each.name, ...values })
            .onConflict((conflict) => conflict.columns(['kind', 'name']).doUpdateSet(values))
            .execute();
          known.set(key, JSON.parse(ids) as string[]);
          changed = true;
        } catch (error) {
          // What was known stays known: an outage of the directory changes nobody's obligations.
          const { kind, name } = each;
          const why = error instanceof GenkanError ? { code: error.code, reason: error.message } : { err: error };
          const rule = known.has(keyOf(kind, name))
            ? 'what is known of it holds'
            : 'its policy concerns everybody it could';
          log.warn({ ...why, kind, name }, `a name in a conditional access policy could not be looked up: ${rule}`);
        }
      }
      return changed;
    },
  };
}

// A name of nobody may be misspelt or renamed, so it counts as one that is not known.
const certain = (ids: readonly string[] | undefined, side: Side): Named | undefined =>
  ids !== undefined && (side === 'exclude' ? ids.length === 1 : ids.length > 0)
    ? undefined
    : side === 'include'
      ? everybody
      : nobody;

const statedUser =
  (name: string, side: Side): Named =>
  (principal) =>
    principal.id === name ||
    principal.id.endsWith(`#${name}`) ||
    // A sign-in name may be one's own to choose: it can add to what is asked of somebody, never spare them anything.
    (side === 'include' && fold(principal.name) === fold(name));

const statedGroup = (name: string, side: Side): Named => {
  if (side === 'exclude') return (principal) => groupsOn(principal, side).includes(name);
  const folded = fold(name);
  return (principal) => groupsOn(principal, side).some((group) => fold(group) === folded);
};

/** Where sign-in and directory disagree, somebody is included by the word of either and excluded by that of both. */
export const groupsOn = ({ groups, disputedGroups }: Principal, side: Side): readonly string[] =>
  (side === 'include' ? disputedGroups?.either : disputedGroups?.both) ?? groups;

/** Two ways of writing one name: letter case, width, and what cannot be seen make no difference. */
export const fold = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .replace(/\s+/gu, ' ')
    .trim()
    .toLowerCase();

const keyOf = (kind: NameKind, name: string): string => `${kind} ${name}`;

/** OData: a quote within a literal is written twice. */
const literal = (text: string): string => encodeURIComponent(`'${text.replaceAll("'", "''")}'`);
const questions: Readonly<Record<NameKind, { readonly path: (name: string) => string; readonly id: string }>> = {
  user: { path: (name) => `/v1.0/users?$select=id&$top=5&$filter=userPrincipalName%20eq%20${literal(name)}`, id: 'id' },
  group: { path: (name) => `/v1.0/groups?$select=id&$top=5&$filter=displayName%20eq%20${literal(name)}`, id: 'id' },
  application: {
    path: (name) => `/v1.0/servicePrincipals?$select=appId&$top=5&$filter=displayName%20eq%20${literal(name)}`,
    id: 'appId',
  },
};

function namesIn(policies: readonly Policy[]): Pick<ResolvedName, 'kind' | 'name'>[] {
  const found = new Map<string, Pick<ResolvedName, 'kind' | 'name'>>();
  for (const { conditions } of policies) {
    const { users, applications } = conditions;
    const lists: [NameKind, readonly string[] | null | undefined][] = [
      ['user', users?.includeUsers],
      ['user', users?.excludeUsers],
      ['group', users?.includeGroups],
      ['group', users?.excludeGroups],
      ['application', applications?.includeApplications],
      ['application', applications?.excludeApplications],
    ];
    for (const [kind, list] of lists)
      for (const name of list ?? [])
        if (!guid.test(name) && !words.has(name) && !name.startsWith('/')) found.set(keyOf(kind, name), { kind, name });
  }
  return [...found.values()];
}
