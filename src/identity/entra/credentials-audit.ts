// The credentials of applications, ours or any: how old each is, when it ends, what may be done with it, and when it was used last.
import { GenkanError } from '../../base/errors.ts';
import type { Graph } from '../conditional-access/directory.ts';
import type { KeyEntry, SecretEntry } from './credentials/own-keys.ts';

export type Concern = 'old' | 'expired' | 'expires soon' | 'long-lived' | 'high privilege' | 'unused';

interface AuditedCredential {
  readonly app: string;
  readonly appName: string;
  readonly kind: 'secret' | 'certificate' | 'federated';
  readonly id: string;
  readonly name: string;
  readonly ageDays: number | undefined;
  readonly expiresAtMs: number | undefined;
  /** Application permissions; undefined where they may not be read. */
  readonly rights: readonly string[] | undefined;
  readonly lastUsedAtMs: number | undefined;
  readonly concerns: readonly Concern[];
}

export interface CredentialsAudit {
  readonly credentials: readonly AuditedCredential[];
  /** What could not be seen, and why. */
  readonly unseen: readonly string[];
}

interface GraphApplication {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly passwordCredentials?: readonly SecretEntry[];
  readonly keyCredentials?: readonly KeyEntry[];
}

const dayMs = 86_400_000;
const oldDays = 180;
const soonDays = 30;
const longDays = 730;
const unusedDays = 90;
const maxApplications = 2000;
const fields = 'id,appId,displayName,passwordCredentials,keyCredentials';
/** Permissions that change what others own, or read everything of everybody. `OwnedBy` is about oneself. */
const powerful =
  /ReadWrite(?!\.OwnedBy)|FullControl|AccessAsUser|\.Send|RoleManagement|^Directory\.|^Mail\.|^Files\.Read\.All/;

/**
 * @param app client id; `all` for every application of the tenant
 * @throws GenkanError when Graph cannot be asked
 */
export async function auditCredentials(graph: Graph, app: string, nowMs: number): Promise<CredentialsAudit> {
  const unseen = new Map<string, string>();
  const seen = async <Value>(what: string, work: () => Promise<Value>): Promise<Value | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GenkanError)) throw error;
      if (!unseen.has(what)) unseen.set(what, error.message);
      return undefined;
    }
  };
  const filter = app === 'all' ? '&$top=100' : `&$filter=appId%20eq%20'${app}'`;
  const applications = await everything<GraphApplication>(graph, `/v1.0/applications?$select=${fields}${filter}`);
  if (app !== 'all' && applications.length === 0)
    throw new GenkanError('operation_not_found', { kind: 'application', name: app });
  const roleNames = new Map<string, Promise<Map<string, string>>>();
  const uses = (await seen('when credentials were used last', () => lastUses(graph, app))) ?? new Map<string, number>();
  const credentials: AuditedCredential[] = [];
  for (const { id, appId, displayName, passwordCredentials = [], keyCredentials = [] } of applications) {
    const federated =
      (await seen('federated credentials', () =>
        everything<{ id: string; name: string }>(graph, `/v1.0/applications/${id}/federatedIdentityCredentials`),
      )) ?? [];
    if (passwordCredentials.length + keyCredentials.length + federated.length === 0) continue;
    const rights = await seen('what applications may do', () => rightsOf(graph, appId, roleNames));
    const add = (
      kind: AuditedCredential['kind'],
      entry: SecretEntry | KeyEntry | { id: string; name: string },
    ): void => {
      const times =
        'keyId' in entry ? { from: Date.parse(entry.startDateTime), until: Date.parse(entry.endDateTime) } : undefined;
      const key = 'keyId' in entry ? entry.keyId : entry.id;
      const ageDays = times && Math.max(0, Math.floor((nowMs - times.from) / dayMs));
      const lastUsedAtMs = uses.get(key);
      credentials.push({
        app: appId,
        appName: displayName,
        kind,
        id: key,
        name: ('keyId' in entry ? entry.displayName : entry.name) ?? '',
        ageDays,
        expiresAtMs: times?.until,
        rights,
        lastUsedAtMs,
        concerns: [
          ...(ageDays !== undefined && ageDays > oldDays ? (['old'] as const) : []),
          ...(times === undefined ? [] : endConcerns(times, nowMs)),
          ...(rights?.some((right) => powerful.test(right)) ? (['high privilege'] as const) : []),
          ...(lastUsedAtMs !== undefined && nowMs - lastUsedAtMs > unusedDays * dayMs ? (['unused'] as const) : []),
        ],
      });
    };
    for (const each of passwordCredentials) add('secret', each);
    for (const each of keyCredentials) add('certificate', each);
    for (const each of federated) add('federated', each);
  }
  return { credentials, unseen: [...unseen].map(([what, why]) => `${what}: ${why}`) };
}

function endConcerns({ from, until }: { from: number; until: number }, nowMs: number): Concern[] {
  if (until <= nowMs) return ['expired'];
  return [
    ...(until - nowMs < soonDays * dayMs ? (['expires soon'] as const) : []),
    ...(until - from > longDays * dayMs ? (['long-lived'] as const) : []),
  ];
}

async function rightsOf(
  graph: Graph,
  appId: string,
  roleNames: Map<string, Promise<Map<string, string>>>,
): Promise<string[]> {
  const [principal] = await everything<{ id: string }>(
    graph,
    `/v1.0/servicePrincipals?$select=id&$filter=appId%20eq%20'${appId}'`,
  );
  if (principal === undefined) return [];
  const granted = await everything<{ appRoleId: string; resourceId: string; resourceDisplayName: string }>(
    graph,
    `/v1.0/servicePrincipals/${principal.id}/appRoleAssignments`,
  );
  const names = granted.map(async ({ appRoleId, resourceId, resourceDisplayName }) => {
    const known = roleNames.get(resourceId) ?? namesOf(graph, resourceId);
    roleNames.set(resourceId, known);
    const name = (await known).get(appRoleId) ?? appRoleId;
    return resourceDisplayName === 'Microsoft Graph' ? name : `${resourceDisplayName}: ${name}`;
  });
  return (await Promise.all(names)).sort();
}

async function namesOf(graph: Graph, resourceId: string): Promise<Map<string, string>> {
  const path = `/v1.0/servicePrincipals/${resourceId}?$select=appRoles`;
  const { appRoles = [] } = (await graph.request('GET', path)) as { appRoles?: { id: string; value: string }[] };
  return new Map(appRoles.map(({ id, value }) => [id, value]));
}

/** @see https://learn.microsoft.com/graph/api/reportroot-list-appcredentialsigninactivities, which is beta */
async function lastUses(graph: Graph, app: string): Promise<Map<string, number>> {
  const filter = app === 'all' ? '' : `?$filter=appId%20eq%20'${app}'`;
  const found = await everything<{ keyId?: string; signInActivity?: { lastSignInDateTime?: string } }>(
    graph,
    `/beta/reports/appCredentialSignInActivities${filter}`,
  );
  return new Map(
    found.flatMap(({ keyId, signInActivity }) => {
      const at = Date.parse(signInActivity?.lastSignInDateTime ?? '');
      return keyId === undefined || Number.isNaN(at) ? [] : [[keyId, at] as const];
    }),
  );
}

async function everything<Item>(graph: Graph, first: string): Promise<Item[]> {
  const found: Item[] = [];
  for (let path: string | undefined = first; path !== undefined && found.length < maxApplications;) {
    const answer = (await graph.request('GET', path)) as { value?: Item[]; '@odata.nextLink'?: string };
    found.push(...(answer.value ?? []));
    const next: string | undefined = answer['@odata.nextLink'];
    path = next === undefined ? undefined : next.slice(new URL(next).origin.length);
  }
  return found;
}
