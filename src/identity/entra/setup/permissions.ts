// What Genkan asks Microsoft Graph for, by name: as little as works, and more only for what is wished for.
import type { Graph } from '../../conditional-access/directory.ts';

export const graphAppId = '00000003-0000-0000-c000-000000000000';

/** Things Genkan can do by itself at Entra ID, once an administrator has consented. */
export const abilities = ['check', 'conditional-access', 'rotate', 'use'] as const;
export type Ability = (typeof abilities)[number];

/** Application permissions for each. @see https://learn.microsoft.com/graph/permissions-reference */
const rolesFor: Readonly<Record<Ability, readonly string[]>> = {
  check: ['Application.Read.All', 'Policy.Read.All'],
  'conditional-access': ['Application.Read.All', 'GroupMember.Read.All', 'Policy.Read.All', 'User.Read.All'],
  rotate: ['Application.ReadWrite.OwnedBy'], // itself alone, as its own owner
  use: ['AuditLog.Read.All'],
};

/** Graph's ids are the same in every tenant; where Graph can be asked, it is. */
const knownScopes: Readonly<Record<string, string>> = { 'User.Read': 'e1fe6dd8-ba31-4d61-89e7-88639da4683d' };
const knownRoles: Readonly<Record<string, string>> = {
  'Application.Read.All': '9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30',
  'Application.ReadWrite.OwnedBy': '18a4783c-866b-4cc7-a460-3d5e5662c884',
  'AuditLog.Read.All': 'b0afded3-3588-46d8-8b3d-9842eff778da',
  'GroupMember.Read.All': '98830695-27a2-44e8-8c18-0c3ebc9698f6',
  'Policy.Read.All': '246dd0d5-5bd0-4def-940b-0421030a5b68',
  'User.Read.All': 'df021288-bdef-4463-88db-98f22de89214',
};

export interface Permission {
  readonly name: string;
  readonly id: string;
  /** `Scope`: in the name of a person. `Role`: as the application itself. */
  readonly type: 'Scope' | 'Role';
}

/** What is to be listed in the registration. `User.Read` also finds all groups of people who are in more than a token holds. */
export async function permissionsFor(wished: readonly Ability[], graph: Graph | undefined): Promise<Permission[]> {
  const found = graph === undefined ? undefined : await publishedBy(graph);
  const scope = {
    name: 'User.Read',
    type: 'Scope',
    id: found?.scopes.get('User.Read') ?? knownScopes['User.Read']!,
  } as const;
  const names = [...new Set(wished.flatMap((each) => rolesFor[each]))].sort();
  return [
    scope,
    ...names.map((name) => ({ name, type: 'Role' as const, id: found?.roles.get(name) ?? knownRoles[name]! })),
  ];
}

async function publishedBy(graph: Graph) {
  const path = `/v1.0/servicePrincipals(appId='${graphAppId}')?$select=id,appRoles,oauth2PermissionScopes`;
  const { appRoles = [], oauth2PermissionScopes = [] } = (await graph.request('GET', path)) as {
    appRoles?: { id: string; value: string }[];
    oauth2PermissionScopes?: { id: string; value: string }[];
  };
  const byName = (list: readonly { id: string; value: string }[]) => new Map(list.map(({ id, value }) => [value, id]));
  return { scopes: byName(oauth2PermissionScopes), roles: byName(appRoles) };
}
