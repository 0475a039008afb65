// The directory behind the Entra stand-in: tenants, users, groups, and applications in the shape that Microsoft Graph gives them.
import { X509Certificate, randomUUID } from 'node:crypto';
import type { JSONWebKeySet } from 'jose';
import { addCertificate, addSecret } from './application-credentials.ts';

export const graphAppId = '00000003-0000-0000-c000-000000000000';
export const graphUri = 'https://graph.microsoft.com';
export const tokenExchangeAppId = 'fb60f99c-7a34-4190-8149-302f77469936';
export const tokenExchangeUri = 'api://AzureADTokenExchange';

export interface Credential {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly hint?: string;
  readonly customKeyIdentifier?: string | null;
  readonly type?: string;
  readonly usage?: string;
}

export interface FederatedCredential {
  readonly id: string;
  name: string;
  issuer: string;
  subject: string;
  audiences: readonly string[];
  description?: string;
}

/** As `GET /v1.0/applications` gives it. */
export interface GraphApplication {
  readonly id: string;
  readonly appId: string;
  displayName: string;
  identifierUris: string[];
  signInAudience: string;
  isFallbackPublicClient: boolean | null;
  groupMembershipClaims: string | null;
  web: { redirectUris: string[]; [key: string]: unknown };
  spa: { redirectUris: string[] };
  publicClient: { redirectUris: string[] };
  api: {
    requestedAccessTokenVersion: number | null;
    oauth2PermissionScopes: { id: string; value: string; isEnabled: boolean; [key: string]: unknown }[];
    preAuthorizedApplications: { appId: string; delegatedPermissionIds: string[] }[];
    [key: string]: unknown;
  };
  appRoles: { id: string; value: string; allowedMemberTypes: string[]; isEnabled: boolean; [key: string]: unknown }[];
  optionalClaims: Record<'idToken' | 'accessToken' | 'saml2Token', { name: string; [key: string]: unknown }[]> | null;
  requiredResourceAccess: { resourceAppId: string; resourceAccess: { id: string; type: string }[] }[];
  passwordCredentials: Credential[];
  keyCredentials: Credential[];
}

export interface Registration {
  readonly tenant: string;
  readonly clientId: string;
  /** Object id of its service principal: `oid` of a token that it gets for itself. */
  readonly servicePrincipalId: string;
  readonly identifierUri: string;
  readonly application: GraphApplication;
  /** By key id. */
  readonly secrets: Map<string, string>;
  readonly certificates: Map<string, X509Certificate>;
  readonly federated: FederatedCredential[];
  /** Keys of foreign issuers whose assertions are accepted. */
  readonly issuerKeys: Map<string, JSONWebKeySet>;
  /** Application permissions that an administrator granted: client id or URI of the resource → roles. */
  readonly permissions: Record<string, readonly string[]>;
  /** The qualified name of one of its scopes. */
  scope(name: string): string;
}

export interface AppWish {
  readonly clientId?: string;
  readonly displayName?: string;
  readonly tenant?: string;
  readonly identifierUri?: string;
  readonly scopes?: readonly string[];
  /** Roles that applications and people can hold there. */
  readonly appRoles?: readonly string[];
  readonly redirectUris?: readonly string[];
  readonly secret?: string;
  readonly secretEnds?: Date;
  readonly certificatePem?: string;
  readonly federated?: { issuer: string; subject: string; audience?: string; jwks?: JSONWebKeySet };
  /** `api.requestedAccessTokenVersion`; Entra's own default is 1. */
  readonly accessTokenVersion?: 1 | 2;
  readonly optionalClaims?: { readonly idToken?: readonly string[]; readonly accessToken?: readonly string[] };
  /** Redirects are native and no credential is asked for. */
  readonly public?: boolean;
  readonly multiTenant?: boolean;
  readonly groupMembershipClaims?: string | null;
  readonly permissions?: Readonly<Record<string, readonly string[]>>;
}

export interface UserWish {
  readonly oid?: string;
  readonly upn: string;
  readonly name: string;
  readonly groups?: readonly string[];
  /** Roles a resource: client id → values. */
  readonly appRoles?: Readonly<Record<string, readonly string[]>>;
  readonly mail?: string;
  readonly accountEnabled?: boolean;
  readonly tenant?: string;
  /** More of what Graph's `/me` says. */
  readonly profile?: Readonly<Record<string, unknown>>;
}

export interface User {
  readonly oid: string;
  readonly tid: string;
  upn: string;
  name: string;
  mail: string | null;
  groups: string[];
  appRoles: Record<string, readonly string[]>;
  accountEnabled: boolean;
  profile: Record<string, unknown>;
  /** Raised when every session of the person is revoked. */
  epoch: number;
}

export function createDirectory(homeTenant: string) {
  const tenants = new Map<string, { readonly id: string; readonly domain: string }>();
  const apps = new Map<string, Registration>();
  const users = new Map<string, User>();
  const groups = new Map<string, string>();

  function addTenant(id: string = randomUUID(), domain = `${id.slice(0, 8)}.example`): string {
    tenants.set(id, { id, domain });
    return id;
  }

  function addGroup(displayName: string, id: string = randomUUID()): string {
    groups.set(id, displayName);
    return id;
  }

  function addApp(wish: AppWish = {}): Registration {
    const clientId = wish.clientId ?? randomUUID();
    const identifierUri = wish.identifierUri ?? `api://${clientId}`;
    const redirects = (own: boolean) => ({ redirectUris: own ? [...(wish.redirectUris ?? [])] : [] });
    const optional = (names: readonly string[] = []) =>
      names.map((name) => ({ name, source: null, essential: false, additionalProperties: [] }));
    const application: GraphApplication = {
      id: randomUUID(),
      appId: clientId,
      displayName: wish.displayName ?? 'Genkan',
      identifierUris: [identifierUri],
      signInAudience: wish.multiTenant ? 'AzureADMultipleOrgs' : 'AzureADMyOrg',
      isFallbackPublicClient: wish.public ?? null,
      groupMembershipClaims: wish.groupMembershipClaims === undefined ? 'SecurityGroup' : wish.groupMembershipClaims,
      web: { homePageUrl: null, logoutUrl: null, ...redirects(!wish.public) },
      spa: { redirectUris: [] },
      publicClient: redirects(wish.public ?? false),
      api: {
        acceptMappedClaims: null,
        knownClientApplications: [],
        requestedAccessTokenVersion: wish.accessTokenVersion ?? 2,
        oauth2PermissionScopes: (wish.scopes ?? []).map((value) => permissionScope(value)),
        preAuthorizedApplications: [],
      },
      appRoles: (wish.appRoles ?? []).map((value) => ({
        id: randomUUID(),
        value,
        displayName: value,
        description: value,
        allowedMemberTypes: ['User', 'Application'],
        isEnabled: true,
      })),
      optionalClaims: {
        idToken: optional(wish.optionalClaims?.idToken),
        accessToken: optional(wish.optionalClaims?.accessToken),
        saml2Token: [],
      },
      requiredResourceAccess: [],
      passwordCredentials: [],
      keyCredentials: [],
    };
    const registration: Registration = {
      tenant: wish.tenant ?? homeTenant,
      clientId,
      servicePrincipalId: randomUUID(),
      identifierUri,
      application,
      secrets: new Map(),
      certificates: new Map(),
      federated: [],
      issuerKeys: new Map(),
      permissions: { ...wish.permissions },
      scope: (name) => `${application.identifierUris[0] ?? clientId}/${name}`,
    };
    if (wish.secret !== undefined) addSecret(registration, { secret: wish.secret, ends: wish.secretEnds });
    if (wish.certificatePem !== undefined) addCertificate(registration, new X509Certificate(wish.certificatePem));
    if (wish.federated !== undefined) {
      const { issuer, subject, audience = tokenExchangeUri, jwks } = wish.federated;
      registration.federated.push({ id: randomUUID(), name: 'workload', issuer, subject, audiences: [audience] });
      if (jwks !== undefined) registration.issuerKeys.set(issuer, jwks);
    }
    apps.set(clientId, registration);
    return registration;
  }

  function addUser(wish: UserWish): User {
    const user: User = {
      oid: wish.oid ?? randomUUID(),
      tid: wish.tenant ?? homeTenant,
      upn: wish.upn,
      name: wish.name,
      mail: wish.mail ?? wish.upn,
      groups: [...(wish.groups ?? [])],
      appRoles: { ...wish.appRoles },
      accountEnabled: wish.accountEnabled ?? true,
      profile: { ...wish.profile },
      epoch: 0,
    };
    users.set(user.oid, user);
    return user;
  }

  /** A resource by its client id or one of its identifier URIs. */
  function resource(name: string): Registration | undefined {
    return apps.get(name) ?? [...apps.values()].find(({ application }) => application.identifierUris.includes(name));
  }

  addTenant(homeTenant, 'contoso.example');
  const graph = addApp({
    clientId: graphAppId,
    displayName: 'Microsoft Graph',
    identifierUri: graphUri,
    scopes: [
      ...['User.Read', 'User.Read.All', 'User.ReadBasic.All', 'GroupMember.Read.All', 'Directory.Read.All'],
      ...['Application.ReadWrite.All', 'Policy.Read.All', 'Policy.ReadWrite.ConditionalAccess', 'Group.Read.All'],
      ...['Application.Read.All', 'email', 'openid', 'profile', 'offline_access', 'Mail.Read'],
    ],
    appRoles: [
      ...['User.Read.All', 'GroupMember.Read.All', 'Directory.Read.All', 'Application.ReadWrite.All'],
      ...['Application.ReadWrite.OwnedBy', 'Application.Read.All', 'Policy.Read.All', 'Group.Read.All'],
      ...['Policy.ReadWrite.ConditionalAccess', 'AuditLog.Read.All', 'Directory.ReadWrite.All'],
    ],
    accessTokenVersion: 1,
    multiTenant: true,
    groupMembershipClaims: null,
    optionalClaims: { accessToken: ['xms_cc', 'idtyp'] },
  });
  addApp({ clientId: tokenExchangeAppId, identifierUri: tokenExchangeUri, multiTenant: true });

  return { tenants, apps, users, groups, graph, addTenant, addGroup, addApp, addUser, resource };
}
export type Directory = ReturnType<typeof createDirectory>;

export const permissionScope = (value: string) => ({
  id: randomUUID(),
  value,
  type: 'User',
  isEnabled: true,
  adminConsentDisplayName: value,
  adminConsentDescription: value,
  userConsentDisplayName: value,
  userConsentDescription: value,
});
